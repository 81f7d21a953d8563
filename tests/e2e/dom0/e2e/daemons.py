# SPDX-License-Identifier: LGPL-2.1-or-later
"""What serves xen:///system: virtxld, or its peer, libvirtd with its Xen driver."""
import glob
import os
import signal
import subprocess

from e2e.shell import Run, check, run, wait_for

URI = 'xen:///system'
START_S = {'plain': 20, 'valgrind': 120}
STOP_S = {'plain': 15, 'valgrind': 60}
LOG_TAIL_LINES = 40


class Daemon:
    name = socket = log = None
    speed = 'plain'

    def __init__(self):
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self, wait=True):
        """Starts it; WAIT until it answers on its socket."""
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        with open(self.log, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.environment()})
        if wait:
            wait_for(self._ready, f'{self.name} answers', START_S[self.speed])

    def _ready(self):
        check(self.process.poll() is None,
              lambda: f'{self.name} ended with {self.process.returncode}:\n{self.log_tail()}')
        return os.path.exists(self.socket) and subprocess.run(
            ['virsh', '-c', URI, 'version', '--daemon'], capture_output=True, check=False,
            timeout=60).returncode == 0

    def stop(self):
        """As an administrator does. Returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def _end(self, number):
        self.process.send_signal(number)
        try:
            return self.process.wait(STOP_S[self.speed])
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return 'timeout'

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def restart(self):
        self.stop()
        self.start()

    def log_tail(self, lines=LOG_TAIL_LINES):
        try:
            with open(self.log, encoding='utf-8', errors='replace') as file:
                return ''.join(file.readlines()[-lines:])
        except FileNotFoundError:
            return ''

    def complaints(self):
        """What a sanitizer or valgrind said; text, empty if nothing."""
        return ''


class Virtxld(Daemon):
    """HOW: None, or 'asan', 'valgrind'."""
    name, socket, log = 'virtxld', '/run/libvirt/virtxend-sock', '/var/log/virtxl/virtxld.log'
    _REPORTS = '/var/log/virtxl/reports'

    def __init__(self, how=None):
        super().__init__()
        self._how = how
        self.speed = 'valgrind' if how == 'valgrind' else 'plain'
        os.makedirs(self._REPORTS, exist_ok=True)

    def command(self):
        # Of libxl's children, which have none of the other threads, all that those hold would be lost.
        valgrind = ['valgrind', '--quiet', '--leak-check=full', '--show-leak-kinds=definite',
                    '--errors-for-leak-kinds=definite', '--num-callers=30', '--sim-hints=lax-ioctls',
                    '--child-silent-after-fork=yes', f'--log-file={self._REPORTS}/%p']
        return [*(valgrind if self._how == 'valgrind' else []), 'virtxld', '--verbose']

    def environment(self):
        return {'G_SLICE': 'always-malloc',
                'ASAN_OPTIONS': f'detect_leaks=1:log_path={self._REPORTS}/asan',
                'UBSAN_OPTIONS': f'print_stacktrace=1:log_path={self._REPORTS}/ubsan'}

    def complaints(self):
        texts = []
        for name in sorted(os.listdir(self._REPORTS)):
            with open(os.path.join(self._REPORTS, name), encoding='utf-8', errors='replace') as file:
                texts.append(file.read())
        return ''.join(texts)


class Libvirtd(Daemon):
    name, socket, log = 'libvirtd', '/run/libvirt/libvirt-sock', '/var/log/libvirt/libvirtd.log'
    _DRIVERS = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/*.so'
    _CONFIG = '/etc/libvirt/libvirtd.conf'

    def __init__(self):
        super().__init__()
        for folder in ('/etc/libvirt', os.path.dirname(self.log)):
            os.makedirs(folder, exist_ok=True)
        with open(self._CONFIG, 'w', encoding='ascii') as file:
            file.write('auth_unix_ro = "none"\nauth_unix_rw = "none"\nlog_level = 3\nlog_outputs = "3:stderr"\n')
        for path in glob.glob(self._DRIVERS):  # QEMU's fails to start here, and all of them with it
            if not path.endswith('_libxl.so'):
                os.remove(path)
        if Run(['pgrep', '-x', 'virtlogd']).status != 0:
            run('virtlogd', '-d')

    def command(self):
        return ['libvirtd', '-f', self._CONFIG]

    def environment(self):
        return {'LD_PRELOAD': '/e2e/peer-shim.so'}
