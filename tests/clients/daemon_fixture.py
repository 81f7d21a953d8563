# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private virtxld for a test: its own sockets and folders, ended and looked after at the end. It is offline, or has
guests in memory (tests/driver/virtxld_memory.c).

The environment, which meson sets: VIRTXLD and VIRTXLD_MEMORY name the programs.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402

START_S = 60  # under a sanitizer on a busy machine
COMPLAINT = re.compile(r'^\S+ \S+ error: |Sanitizer|runtime error|CRITICAL|GLib-')


class Daemon:
    """Runs from start() to stop(); .folder is its own, .socket and .socket_ro are where it listens."""

    def __init__(self, config='', environment=None, memory=False):
        self.command = [os.environ['VIRTXLD_MEMORY']] if memory else [os.environ['VIRTXLD'], '--offline']
        self.folder = tempfile.mkdtemp(prefix='virtxld-')
        os.chmod(self.folder, 0o755)  # other users are to reach the sockets
        self.environment = {**os.environ, **(environment or {})}
        self.socket = os.path.join(self.folder, 's', 'virtxend-sock')
        self.socket_ro = self.socket + '-ro'
        self.config = os.path.join(self.folder, 'virtxld.conf')
        self.log = os.path.join(self.folder, 'log')
        self.definitions = os.path.join(self.folder, 'state', 'config')
        self.process = None
        self.write_config(config)
        self.start()

    def write_config(self, text):
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(text)

    def start(self):
        with open(self.log, 'ab') as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                [*self.command, '--config', self.config, '--verbose',
                 '--socket-dir', os.path.dirname(self.socket), '--state-dir', os.path.join(self.folder, 'state'),
                 '--run-dir', os.path.join(self.folder, 'run')], stdout=log, stderr=log, env=self.environment)
        end = time.monotonic() + START_S
        while not os.path.exists(self.socket_ro):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit('virtxld does not start:\n' + self.log_text())
            time.sleep(0.02)

    def control(self, line):
        """Has LINE done by the memory hypervisor; what comes of it has been told to the driver then."""
        done = os.path.join(self.folder, 'run', 'control.done')
        before = os.path.getsize(done) if os.path.exists(done) else 0
        with open(os.path.join(self.folder, 'run', 'control'), 'w', encoding='utf-8') as fifo:
            fifo.write(line + '\n')
        end = time.monotonic() + START_S
        while not os.path.exists(done) or os.path.getsize(done) == before:
            if time.monotonic() > end:
                sys.exit(f'the memory hypervisor does not do: {line}')
            time.sleep(0.01)

    def uri(self, socket=None, scheme='xen+unix'):
        return f'{scheme}:///system?socket={socket or self.socket}'

    def log_text(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def wait_for_log(self, pattern, count=1):
        """Waits until COUNT lines of the log fit; whether they came."""
        end = time.monotonic() + START_S
        while len(re.findall(pattern, self.log_text())) < count:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to stop; its exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            return 'no end within 60 s'

    def finish(self):
        """The last points of a test: it stops as it should, and has complained about nothing."""
        status = self.stop()
        text = self.log_text()
        tap.ok(status == 0, 'virtxld ends with exit status 0 when asked to', f'{status}\n{text[-3000:]}')
        tap.ok(not os.listdir(os.path.dirname(self.socket)), 'and its sockets are gone')
        bad = [line for line in text.splitlines() if COMPLAINT.search(line)]
        tap.ok(not bad, 'and its log has no complaint about itself', bad[:20])
        shutil.rmtree(self.folder, ignore_errors=True)
