# SPDX-License-Identifier: LGPL-2.1-or-later
"""virsh console on a terminal, as a person uses it."""
import os
import pty
import subprocess
from contextlib import contextmanager

from e2e.bytestream import Stream
from e2e.daemons import URI
from e2e.shell import check
from e2e.story import story

ESCAPE = b'\x1d'  # Ctrl-]


class Terminal:
    """virsh console in a terminal of its own."""

    def __init__(self, guest, *options):
        self._master, slave = pty.openpty()
        self.stream = Stream(self._master)
        self._virsh = subprocess.Popen(['virsh', '-c', URI, 'console', *options, guest.name], stdin=slave,
                                       stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)

    def connected(self, seconds=20):
        """Waits until virsh is about to make the terminal raw."""
        told = self.stream.until(b'Escape character', seconds)
        check(b'Escape character' in told, f'virsh says {told!r}')

    def answers(self, times=8):
        """Whether a shell answers there. What is typed until virsh has made the terminal raw is lost."""
        for _ in range(times):
            self.stream.write(b'\necho $((6 * 7))"th"\n')
            if b'42th' in self.stream.until(b'42th', 4):
                return True
        return False

    def end(self, seconds=15):
        """virsh's exit status, and what it said at last; None if it does not end."""
        try:
            status = self._virsh.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        return status, self.stream.until(b'\0', 0.3).decode('utf-8', 'replace')

    def close(self):
        if self._virsh.poll() is None:
            self._virsh.kill()
        self._virsh.wait()
        os.close(self._master)


@contextmanager
def terminal(guest, *options):
    opened = Terminal(guest, *options)
    try:
        yield opened
    finally:
        opened.close()


@story('a console on a terminal', kinds=('pv',), long_kinds=('pvh', 'hvm'), seconds=200)
def console(host, step, kind):
    guest = host.guest(kind, 'console', arguments='console=ttyS0' if kind == 'hvm' else '')
    with step('it starts'):
        host.virsh('create', guest.file)
        if kind != 'hvm':
            guest.wait_up()
    with terminal(guest) as first:
        with step('a shell answers there'):
            first.connected()
            if kind == 'hvm':
                first.stream.until(b'GUEST-UP', 90 * host.slow)
            host.check(first.answers(), 'nothing came back')
        with step('a second one is refused, and the first one goes on'):
            for options in ((), ('--safe',)):
                with terminal(guest, *options) as second:
                    status, told = second.end()
                    host.check(status == 1 and 'error' in told, f'exit status {status}: {told}')
            host.check(first.answers(), 'nothing came back')
        with step('with --force, the second one gets it, and the first one ends', needed=False):
            with terminal(guest, '--force') as second:
                second.connected()
                host.check(second.answers(), 'nothing came back')
                status, told = first.end()
                host.check(status is not None, 'the first one goes on')
                second.stream.write(ESCAPE)
                host.equal(second.end()[0], 0, "the second one's exit status")
    if kind == 'hvm':
        with step('the serial port is found by its alias', needed=False):
            with terminal(guest, '--devname', 'serial0') as named:
                named.connected()
                host.check(named.answers(), 'nothing came back')
    with terminal(guest) as last:
        with step('when the guest goes, so does its console', needed=False):
            last.connected()
            host.check(last.answers(), 'nothing came back')
            host.virsh('destroy', guest.name)
            host.check(last.end()[0] is not None, 'it does not end')
