# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests with an agent, for tests: the real qemu-ga, or one that answers as it is told, behind the channel of a guest of
the memory hypervisor. What Xen's backend is on a host, Line is here: it stays when the agent goes."""
import base64
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

QEMU_GA = shutil.which('qemu-ga') or shutil.which('/usr/sbin/qemu-ga')
# What would change the machine that the test runs on.
DANGEROUS = ['guest-set-time', 'guest-fsfreeze-freeze', 'guest-fsfreeze-freeze-list', 'guest-fstrim', 'guest-shutdown',
             'guest-suspend-disk', 'guest-suspend-ram', 'guest-suspend-hybrid', 'guest-set-user-password',
             'guest-set-vcpus', 'guest-ssh-add-authorized-keys', 'guest-ssh-remove-authorized-keys']


class RealAgent:
    """The qemu-ga of this machine, on a socket of its own."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'ga')
        if os.path.exists(self.path):
            os.unlink(self.path)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [QEMU_GA, '-m', 'unix-listen', '-p', self.path, '-t', folder, '-f', os.path.join(folder, 'ga.pid'),
             '-b', ','.join(DANGEROUS)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def connect(self):
        end = time.monotonic() + 30
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.path)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > end:
                    sys.exit('qemu-ga does not listen')
                time.sleep(0.02)

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.kill()
        self.process.wait()


class FakeAgent:
    """Answers commands from a table: a value to be returned, an exception whose text is the error, a function of the
    arguments, or bytes to be sent as they are. It keeps what it was asked."""

    def __init__(self, answers=None):
        self.answers = {'guest-ping': {}, **(answers or {})}
        self.asked = []
        self.is_silent = False
        self.ends = []

    def connect(self):
        ours, theirs = socket.socketpair()
        self.ends.append(ours)
        threading.Thread(target=self._serve, args=(ours,), daemon=True).start()
        return theirs

    def end(self):
        for end in self.ends:
            end.close()

    def _serve(self, connection):
        data = b''
        try:
            while more := connection.recv(65536):
                data += more
                while b'\n' in data:
                    line, data = data.split(b'\n', 1)
                    if not self.is_silent:
                        self._answer(connection, json.loads(line.rpartition(b'\xff')[2]))
        except (OSError, ValueError):
            pass

    def _answer(self, connection, command):
        name, arguments = command['execute'], command.get('arguments')
        if name.startswith('guest-sync'):
            connection.sendall((b'\xff' if 'delimited' in name else b'') +
                               json.dumps({'return': arguments['id']}).encode() + b'\n')
            return
        self.asked.append((name, arguments))
        answer = self.answers.get(name, KeyError)
        if callable(answer) and not isinstance(answer, type):
            answer = answer(arguments)
        if answer is None:
            return
        if isinstance(answer, bytes):
            connection.sendall(answer)
            return
        if answer is KeyError:
            reply = {'error': {'class': 'CommandNotFound', 'desc': f'The command {name} has not been found'}}
        elif isinstance(answer, Exception):
            reply = {'error': {'class': 'GenericError', 'desc': str(answer)}}
        else:
            reply = {'return': answer}
        connection.sendall(json.dumps(reply).encode() + b'\n')


class Line:
    """Between the host's end of a channel, which is opened at .path, and an agent, which comes and goes. As in a Xen
    ring, what nobody reads waits."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        self.agent = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.wake, self.woken = socket.socketpair()
        self.host = None
        threading.Thread(target=self._run, daemon=True).start()

    def set_agent(self, agent):
        """AGENT (None: nobody) is there from now on."""
        self.agent = agent.connect() if agent else None
        self.wake.send(b'.')

    def close_host(self):
        """The backend goes."""
        if self.host:
            self.host.shutdown(socket.SHUT_RDWR)

    def _run(self):
        while True:
            self.host, _ = self.listener.accept()
            try:
                self._pump()
            except OSError:
                pass
            self.host.close()

    def _pump(self):
        while True:
            agent = self.agent
            ready, _, _ = select.select([self.woken, *([agent, self.host] if agent else [])], [], [], 0.5)
            if self.woken in ready:
                self.woken.recv(1)
            if agent and self.host in ready:
                data = self.host.recv(65536)
                if not data:
                    return
                try:
                    agent.sendall(data)
                except OSError:
                    self._lose(agent)
            if agent and agent in ready:
                try:
                    data = agent.recv(65536)
                except OSError:
                    data = b''
                if data:
                    self.host.sendall(data)
                else:
                    self._lose(agent)

    def _lose(self, agent):
        if self.agent is agent:
            self.agent = None


def guest_xml(name, number, line, devices=''):
    return f"""<domain type='xen'>
  <name>{name}</name>
  <uuid>5b2f6ae1-2a5c-4c4a-9d3a-3f1f0a6d{number:04x}</uuid>
  <memory unit='MiB'>64</memory>
  <vcpu>2</vcpu>
  <os><type>xenpvh</type><kernel>/boot/vmlinuz</kernel></os>
  <devices>
    <channel type='unix'><source mode='bind' path='{line.path if line else '/nowhere'}'/>
      <target type='xen' name='org.qemu.guest_agent.0'/></channel>
    {devices}
  </devices>
</domain>
"""


def text_of(answer):
    """What guest-file-read or guest-exec-status says."""
    return base64.b64decode(answer).decode()
