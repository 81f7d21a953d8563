#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtxl channel list, connect and serve, with guests in memory."""
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time

import libvirt

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import channel_client as client  # noqa: E402
import daemon_fixture  # noqa: E402
from daemon_fixture import tap  # noqa: E402

WAIT_S = 60
GOOD, REFUSED, USAGE, IO = range(4)


def definition(name, number, channels):
    devices = ''.join(f"<channel type='{kind}'><target type='xen' name='{channel}'/></channel>"
                      for channel, kind in channels)
    return (f"<domain type='xen'><name>{name}</name><uuid>7c2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c{number:04x}</uuid>"
            f"<memory unit='KiB'>262144</memory><vcpu>1</vcpu><os><type>linux</type><kernel>/boot/guest</kernel></os>"
            f"<devices><console type='pty'/>{devices}</devices></domain>")


class Tool:
    """virtxl channel with a daemon."""

    def __init__(self, daemon):
        self.daemon = daemon

    def command(self, verb, *arguments):
        return [os.environ['VIRTXL'], 'channel', '--connect', self.daemon.uri(), verb, *arguments]

    def run(self, verb, *arguments, stdin=b''):
        return subprocess.run(self.command(verb, *arguments), input=stdin, capture_output=True, timeout=WAIT_S,
                              check=False)

    def start(self, verb, *arguments, **more):
        return subprocess.Popen(self.command(verb, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def ended(process, wait_s=WAIT_S):
    """Its exit status, output and errors."""
    try:
        out, err = process.communicate(timeout=wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return 'no end', out, err
    return process.returncode, out, err


def test_list(tool, domain):
    done = tool.run('list', 'guest')
    lines = done.stdout.decode().splitlines()
    tap.ok(done.returncode == GOOD and lines[0].split() == ['NAME', 'TYPE', 'STATE', 'BACKEND', 'PATH'], 'list', repr(done))
    tap.ok([line.split()[:2] for line in lines[1:]] == [['org.example.0', 'unix'], ['org.example.1', 'pty']],
           'each channel has a line', lines)
    tool.daemon.control('disconnect guest org.example.0')
    rows = {row['name']: row for row in json.loads(tool.run('list', 'guest', '--json').stdout)}
    tap.ok(rows['org.example.0']['state'] == 'disconnected', 'JSON has the state', repr(rows))
    tool.daemon.control('connect guest org.example.0')
    rows = {row['name']: row for row in json.loads(tool.run('list', domain.UUIDString(), '--json').stdout)}
    tap.ok(rows['org.example.0']['state'] == 'connected' and rows['org.example.0']['backend'] == '0', 'as it is now')
    for arguments, status in ((['list', 'nobody'], REFUSED), (['list'], USAGE), (['lst', 'guest'], USAGE),
                              (['list', 'guest', '--no'], USAGE), (['connect', 'guest'], USAGE),
                              (['connect', 'guest', 'other'], REFUSED), (['serve', 'guest', 'org.example.0'], USAGE),
                              (['serve', 'guest', 'org.example.0', '/nowhere/file'], IO),
                              (['serve', 'guest', 'org.example.0', 'file', '--', 'true'], USAGE)):
        done = tool.run(*arguments)
        tap.ok(done.returncode == status and done.stderr.startswith(b'virtxl channel: '), ' '.join(arguments), repr(done))
    done = subprocess.run([os.environ['VIRTXL'], 'channel', '-c', 'xen+unix:///system?socket=/nowhere/sock', 'list', 'a'],
                          capture_output=True, check=False, timeout=WAIT_S)
    tap.ok(done.returncode == IO, 'no daemon', repr(done))


def test_pipe(tool):
    for name in ('org.example.0', 'org.example.1'):
        data = client.payload(3000000)
        done = tool.run('connect', 'guest', name, '--linger=2', stdin=data)
        tap.ok(done.returncode == GOOD and done.stdout == data, f'connect in a pipe: {name}',
               f'{done.returncode} {len(done.stdout)} {done.stderr}')
    start = time.monotonic()
    done = tool.run('connect', 'guest', 'org.example.0', '--linger=0.2', stdin=b'')
    tap.ok(done.returncode == GOOD and done.stdout == b'' and time.monotonic() - start < 20, 'no input, no answer: it ends')
    holder = tool.start('connect', 'guest', 'org.example.0', stdin=subprocess.PIPE)
    holder.stdin.write(b'mine')
    holder.stdin.flush()
    tap.ok(holder.stdout.read(4) == b'mine', 'one has it')
    done = tool.run('connect', 'guest', 'org.example.0', stdin=b'x')
    tap.ok(done.returncode == REFUSED and b'open for another client' in done.stderr, 'the next is refused', repr(done))
    done = tool.run('connect', 'guest', 'org.example.0', '--force', '--linger=0.5', stdin=b'now mine')
    tap.ok(done.returncode == GOOD and done.stdout == b'now mine', 'but for force', repr(done))
    holder.stdin.close()
    holder.stdin = None
    status, _, err = ended(holder)
    tap.ok(status == REFUSED and b'another client has taken' in err, 'which the first is told', f'{status} {err}')


def read_until(fd, wanted):
    text = b''
    end = time.monotonic() + WAIT_S
    while wanted not in text and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                text += os.read(fd, 4096) or b'[end]'
            except OSError:
                break
    return text


def test_terminal(tool):
    process, terminal = pty.fork()
    if process == 0:
        command = tool.command('connect', 'guest', 'org.example.1')
        os.execv(command[0], command)
    tap.ok(b'Escape character' in read_until(terminal, b'\n'), 'connect on a terminal')
    os.write(terminal, b'keys\x03')
    tap.ok(b'keys\x03' in read_until(terminal, b'keys\x03'), 'keys go to the guest, control characters too')
    os.write(terminal, b'\x1d')
    read_until(terminal, b'no such text')
    os.close(terminal)
    tap.ok(os.waitpid(process, 0)[1] == 0, '^] ends it')


class GuestEnd:
    """The end of GUEST of a channel, here."""

    def __init__(self, daemon, guest, channel):
        path = os.path.join(daemon.folder, 'guest-end-' + channel)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        self.listener.settimeout(WAIT_S)
        daemon.control(f'behind {guest} {channel} {path}')

    def accept(self):
        end = self.listener.accept()[0]
        end.settimeout(WAIT_S)
        return end


def take(end, length):
    text = b''
    while len(text) < length:
        part = end.recv(length - len(text))
        if not part:
            break
        text += part
    return text


def test_serve(tool, connection):
    """For a guest that nobody has defined yet, at each of its starts, with what the file holds then."""
    name = 'org.example.boot'
    path = os.path.join(tool.daemon.folder, 'answer')
    guest_end = GuestEnd(tool.daemon, 'booting', name)
    with open(path, 'wb') as file:
        file.write(b'first answer\n')
    server = tool.start('serve', 'booting', name, path)
    time.sleep(0.5)
    domain = connection.defineXML(definition('booting', 2, [(name, 'unix')]))
    domain.create()
    end = guest_end.accept()
    tap.ok(take(end, 13) == b'first answer\n', 'serve: the first start is answered')
    tap.ok(server.stdout.readline() == b'booting: sent 13 bytes\n', 'and it says so')
    with open(path, 'wb') as file:
        file.write(b'second answer\n')
    domain.destroy()
    domain.create()
    end = guest_end.accept()
    tap.ok(take(end, 14) == b'second answer\n', 'the next start, too')
    end.settimeout(1)
    try:
        more = end.recv(1)
    except TimeoutError:
        more = None
    tap.ok(more is None, 'once for each', repr(more))
    server.send_signal(signal.SIGTERM)
    tap.ok(ended(server)[0] == GOOD, 'SIGTERM ends it')
    server = tool.start('serve', 'booting', name, '--once', '--', 'sh', '-c', 'echo "$VIRTXL_DOMAIN $VIRTXL_CHANNEL"')
    end = guest_end.accept()
    tap.ok(take(end, 25) == b'booting org.example.boot\n', 'a command answers')
    tap.ok(ended(server)[0] == GOOD, 'with --once it ends then')
    done = tool.run('serve', 'booting', name, '--once', '--', 'false')
    tap.ok(done.returncode == REFUSED and b'failed' in done.stderr, 'a command that fails gives none', repr(done))
    large = client.payload(2000000)
    with open(path, 'wb') as file:
        file.write(large)
    server = tool.start('serve', 'booting', name, path, '--once')
    time.sleep(1)
    end = guest_end.accept()
    while end.recv(1, socket.MSG_PEEK) == b'':
        end = guest_end.accept()
    tap.ok(take(end, len(large)) == large and ended(server)[0] == GOOD, 'a large answer to a slow guest')
    return domain, guest_end


def test_request(tool, guest_end):
    server = tool.start('serve', 'booting', 'org.example.boot', '--on-request', '--',
                        'sh', '-c', 'read what; echo "you said $what"')
    end = guest_end.accept()
    end.sendall(b'config')
    time.sleep(0.2)
    end.sendall(b' please\n')
    tap.ok(take(end, 23) == b'you said config please\n', 'on request: each line is answered')
    end.sendall(b'x' * 100000 + b'\nagain\n')
    tap.ok(take(end, 15) == b'you said again\n', 'one that is too long is not')
    server.send_signal(signal.SIGINT)
    tap.ok(ended(server)[0] == GOOD, 'SIGINT ends it')


def test_waiting(tool, connection, domain, guest_end):
    """A guest whose driver has not attached yet is waited for."""
    name = 'org.example.boot'
    tool.daemon.control(f'disconnect {domain.name()} {name}')
    done = tool.run('serve', domain.name(), name, '--once', '--timeout=2', '--', 'echo', 'early')
    tap.ok(done.returncode == REFUSED and b'within 2 seconds' in done.stderr, 'not before it has attached', repr(done))
    server = tool.start('serve', domain.name(), name, '--once', '--', 'echo', 'in time')
    time.sleep(1)
    tool.daemon.control(f'connect {domain.name()} {name}')
    tap.ok(take(guest_end.accept(), 8) == b'in time\n' and ended(server)[0] == GOOD, 'but then')
    domain.destroy()
    domain.undefine()
    tap.ok(connection.isAlive(), 'the daemon is well')


def main():
    daemon = daemon_fixture.Daemon(memory=True)
    connection = libvirt.open(daemon.uri())
    domain = connection.defineXML(definition('guest', 1, [('org.example.0', 'unix'), ('org.example.1', 'pty')]))
    domain.create()
    tool = Tool(daemon)
    test_list(tool, domain)
    test_pipe(tool)
    test_terminal(tool)
    booting, guest_end = test_serve(tool, connection)
    test_request(tool, guest_end)
    test_waiting(tool, connection, booting, guest_end)
    domain.destroy()
    connection.close()
    daemon.finish()
    tap.finish()


main()
