#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Consoles and channels of guests in memory, through libvirt-python, virsh and Sys::Virt."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time

import libvirt

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import channel_client as client  # noqa: E402
import daemon_fixture  # noqa: E402
from daemon_fixture import tap  # noqa: E402

LARGE = 10 * 1000 * 1000
MANY = 16
ROUNDS = int(os.environ.get('CHANNEL_ROUNDS', '1000'))


def channel(name, kind):
    return f"<channel type='{kind}'><target type='xen' name='{name}'/></channel>"


def definition(name, number, channels):
    return (f"<domain type='xen'><name>{name}</name><uuid>6c2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c{number:04x}</uuid>"
            f"<memory unit='KiB'>262144</memory><vcpu>2</vcpu><os><type>linux</type><kernel>/boot/guest</kernel></os>"
            f"<devices><console type='pty'/>{''.join(channels)}</devices></domain>")


def start(connection, name, number, channels):
    domain = connection.defineXML(definition(name, number, channels))
    domain.create()
    return domain


def test_names(domain):
    bad = libvirt.VIR_ERR_INVALID_ARG
    for name in ('org.example.socket', 'org.example.pty', 'channel0', 'channel1', None):
        tap.ok(client.echo(domain, name, 1000), f'channel {name}')
    tap.ok(client.error_of(client.Opened, domain, 'org.example.other') == bad, 'a channel that is not there')
    tap.ok(client.error_of(client.Opened, domain, 'console0') == bad, 'a console is no channel')
    for name in (None, 'console0', 'org.example.socket', 'channel1'):
        tap.ok(client.echo(domain, name, 1000, console=True), f'console {name}')
    tap.ok(client.error_of(client.Opened, domain, 'serial0', console=True) == bad, 'a serial port that is not there')
    tap.ok(client.error_of(client.Opened, domain, None, 1 << 9) == bad, 'an unknown flag')


def test_bytes(domain):
    tap.ok(client.echo(domain, 'org.example.socket', LARGE), '10 MB through a socket, each way at once')
    tap.ok(client.echo(domain, 'org.example.pty', LARGE), '10 MB through a pty, each way at once')
    tap.ok(client.echo(domain, None, 100000, console=True), '100 kB through the console')


def test_exclusive(domain, console):
    name = None if console else 'org.example.pty'
    force = libvirt.VIR_DOMAIN_CONSOLE_FORCE if console else libvirt.VIR_DOMAIN_CHANNEL_FORCE
    what = 'console' if console else 'channel'
    first = client.Opened(domain, name, console=console)
    tap.ok(client.exchange(first, b'one') == b'one', f'{what}: the first has it')
    tap.ok(client.error_of(client.Opened, domain, name, console=console) == libvirt.VIR_ERR_OPERATION_FAILED,
           'the second is refused')
    if console:
        tap.ok(client.error_of(client.Opened, domain, name, libvirt.VIR_DOMAIN_CONSOLE_SAFE, True) ==
               libvirt.VIR_ERR_OPERATION_FAILED, 'also when it asks to be safe')
    tap.ok(client.exchange(first, b'two') == b'two', 'the first has it still')
    second = client.Opened(domain, name, force, console)
    tap.ok(client.exchange(second, b'three') == b'three', 'by force the second gets it')
    tap.ok(client.error_of(first.receive, 1) == libvirt.VIR_ERR_OPERATION_ABORTED, "the first's stream ends with an error")
    second.finish()
    third = client.Opened(domain, name, libvirt.VIR_DOMAIN_CONSOLE_SAFE if console else 0, console)
    tap.ok(client.exchange(third, b'four') == b'four', 'then it is free')
    third.abort()
    tap.ok(client.is_free_soon(domain, name) if not console else True, 'also after an abort')


def test_left(daemon, domain):
    """A client that goes away without a word leaves nothing open."""
    other = libvirt.open(daemon.uri())
    opened = client.Opened(other.lookupByName(domain.name()), 'org.example.pty')
    client.exchange(opened, b'hello')
    other.close()
    del opened
    tap.ok(client.is_free_soon(domain, 'org.example.pty'), 'a client that left has let the channel go')


def test_locks(daemon, domain):
    folder = os.path.join(daemon.folder, 'run', 'lock')
    if "<source path='/dev/pts/" not in domain.XMLDesc():
        tap.skip('lock files', 'the live XML does not say which pty it is')
        return
    opened = client.Opened(domain, 'org.example.pty')
    names = os.listdir(folder)
    text = open(os.path.join(folder, names[0]), encoding='ascii').read() if names else ''
    tap.ok(len(names) == 1 and re.fullmatch(r'LCK\.\._pts_\d+', names[0]), 'an open pty has a lock file', str(names))
    tap.ok(text == f'{daemon.process.pid:10d}\n', 'it names the process', repr(text))
    opened.finish()
    tap.ok(not os.listdir(folder), 'which goes with the stream')
    with open(os.path.join(folder, names[0]), 'w', encoding='ascii') as file:
        file.write(f'{os.getpid():10d}\n')
    tap.ok(client.error_of(client.Opened, domain, 'org.example.pty') == libvirt.VIR_ERR_OPERATION_FAILED,
           'what another process has locked is refused')
    with open(os.path.join(folder, names[0]), 'w', encoding='ascii') as file:
        file.write(f'{2**22 + 1:10d}\n')
    tap.ok(client.echo(domain, 'org.example.pty', 10), 'unless that process is no more')


def test_states(daemon, domain):
    name = 'org.example.socket'
    for state in ('disconnected', 'connected', 'disconnected', 'connected'):
        daemon.control(f'{state.removesuffix("ed")} {domain.name()} {name}')
        tap.ok(client.states(domain).get(name) == state, f'live XML: {state}', str(client.states(domain)))
        tap.ok(client.stats_states(domain).get(name) == state, f'domstats: {state}')
    inactive = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    tap.ok('state=' not in inactive, 'the definition has no state', inactive)


def test_killed(uri, connection, kind):
    """What was on its way arrives, then the stream ends cleanly."""
    domain = start(connection, f'killed-{kind}', 2, [channel('org.example.0', kind)])
    opened = client.Opened(domain, 'org.example.0')
    client.exchange(opened, client.payload(100000))
    killer = client.destroy_soon(uri, domain.name(), 0.2)
    rest = opened.receive(1)
    killer.join()
    tap.ok(rest == b'', f'{kind}: a guest that is destroyed ends the stream', repr(rest))
    tap.ok(client.error_of(opened.finish) is None, 'cleanly')
    domain.create()
    tap.ok(client.echo(domain, 'org.example.0', 1000), 'the next start has a channel of its own')
    opened = client.Opened(domain, 'org.example.0')
    killer = client.destroy_soon(uri, domain.name(), 0.2)
    client.flood(opened, 1)
    came = opened.receive(1 << 40)
    killer.join()
    tap.ok(came.count(b'x') == len(came) > 0, 'a flood ends with its guest', str(len(came)))
    tap.ok(client.error_of(opened.finish) is None, 'cleanly, too')
    tap.ok(client.error_of(client.Opened, domain, 'org.example.0') == libvirt.VIR_ERR_OPERATION_INVALID,
           'what does not run has no channel to open')
    domain.undefine()


def test_many(uri, connection):
    names = [f'org.example.{n}' for n in range(MANY)]
    domain = start(connection, 'many', 3, [channel(name, ('pty', 'unix')[n % 2]) for n, name in enumerate(names)])
    bad = client.echo_all(uri, 'many', names, 500000)
    tap.ok(not bad, f'{MANY} channels at once', bad)
    domain.destroy()


def read_until(fd, wanted, wait_s=60):
    text = b''
    end = time.monotonic() + wait_s
    while wanted not in text and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                part = os.read(fd, 4096)
            except OSError:
                break
            if not part:
                break
            text += part
    return text


def wait_until_raw(terminal, wait_s=60):
    """Until then keys would be the terminal's to echo, and ^] one among several when virsh comes to read them."""
    end = time.monotonic() + wait_s
    while termios.tcgetattr(terminal)[3] & termios.ICANON and time.monotonic() < end:
        time.sleep(0.02)


def test_virsh(daemon, domain, *more):
    virsh = shutil.which('virsh')
    if not virsh:
        tap.skip('virsh console', 'there is no virsh')
        return
    process, terminal = pty.fork()
    if process == 0:
        os.execv(virsh, ['virsh', '-c', daemon.uri(), 'console', domain.name(), *more])
    what = ' '.join(['virsh console', *more])
    text = read_until(terminal, b'Escape character')
    tap.ok(b'Escape character' in text, what, repr(text))
    wait_until_raw(terminal)
    os.write(terminal, b'hello guest')
    text = read_until(terminal, b'hello guest')
    tap.ok(b'hello guest' in text, 'and the guest answers', repr(text))
    os.write(terminal, b'\x1d')
    read_until(terminal, b'no such text', 20)
    os.close(terminal)  # which ends it, too, if it has not ended yet
    tap.ok(os.waitpid(process, 0)[1] == 0, 'and ^] ends it')


PERL = r'''
use strict; use warnings; use Sys::Virt;
my $connection = Sys::Virt->new(uri => $ARGV[0]);
my $domain = $connection->get_domain_by_name($ARGV[1]);
my $stream = $connection->new_stream();
$domain->open_channel($stream, $ARGV[2]);
my ($text, $came) = ("from perl\n", "");
$stream->send($text, length $text);
while (length $came < length $text) { my $part; my $n = $stream->recv($part, 100); last if $n <= 0; $came .= $part; }
$stream->finish();
print $came;
'''


def test_perl(daemon, domain):
    if subprocess.run(['perl', '-MSys::Virt', '-e', '1'], capture_output=True, check=False).returncode != 0:
        tap.skip('Sys::Virt', 'it is not installed')
        return
    done = subprocess.run(['perl', '-e', PERL, daemon.uri(), domain.name(), 'org.example.pty'], capture_output=True,
                          timeout=client.WAIT_S, check=False)
    tap.ok(done.returncode == 0 and done.stdout == b'from perl\n', 'Sys::Virt', repr(done))


def test_read_only(daemon, domain):
    reader = libvirt.openReadOnly(daemon.uri(daemon.socket_ro))
    same = reader.lookupByName(domain.name())
    tap.ok(client.error_of(client.Opened, same, None) == libvirt.VIR_ERR_OPERATION_DENIED,
           'a read-only client opens no channel')
    tap.ok(client.states(same) == client.states(domain), 'but sees their states')
    reader.close()


def main():
    daemon = daemon_fixture.Daemon(memory=True)
    connection = libvirt.open(daemon.uri())
    domain = start(connection, 'guest', 1, [channel('org.example.socket', 'unix'), channel('org.example.pty', 'pty')])
    test_names(domain)
    test_bytes(domain)
    test_exclusive(domain, True)
    test_exclusive(domain, False)
    test_left(daemon, domain)
    test_locks(daemon, domain)
    test_states(daemon, domain)
    test_virsh(daemon, domain)
    test_virsh(daemon, domain, '--devname', 'org.example.socket')
    test_virsh(daemon, domain, '--safe')
    test_perl(daemon, domain)
    test_read_only(daemon, domain)
    files = client.open_files(daemon.process.pid)
    for name in ('org.example.socket', 'org.example.pty'):
        n = ROUNDS // 2
        tap.ok(client.rounds(domain, name, n) == n, f'{n} times opened, used and closed: {name}')
    left = client.open_files(daemon.process.pid) - files
    tap.ok(left <= 1, 'no file stays open', f'{left} more than before')
    test_killed(daemon.uri(), connection, 'unix')
    test_killed(daemon.uri(), connection, 'pty')
    test_many(daemon.uri(), connection)
    domain.destroy()
    connection.close()
    daemon.finish()
    tap.finish()


main()
