# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels through the API: streams, their exclusiveness and ends, states, and virtxl channel."""
import json
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import channel_client as client
import libvirt

from e2e.story import story
from e2e.tools import Piped, in_terminal

NAMES = ('org.virtxl.socket', 'org.virtxl.pty')
MANY = 16
REACHABLE = 7  # of which Linux makes a device: it has room for 8 of them, and one is the console
ROUNDS = {NAMES[0]: 950, NAMES[1]: 50}  # the device model looks once a second whether somebody has opened a pty
TOLD_APART = 9  # Linux goes by the last digit of a console's number: it leaves console 10 alone
LARGE = 10 * 1000 * 1000
STALLED = 6 * 1000 * 1000  # more than is under way at most: what the daemon, the client and their sockets keep
WAITING, LINES = 1500 * 1000, 200 * 1000  # more than a ring and a socket take
CUT_OFF = 300 * 1000  # of a client that dies; all of it comes back to nobody first
URI = 'xen:///system'


def start(host, kind, label, channels):
    """A guest of these channels that is up, and its domain."""
    guest = host.guest(kind, label, channels=channels)
    host.virsh('create', guest.file)
    guest.wait_up()
    return guest, host.conn.lookupByName(guest.name)


def tool(host, *arguments, stdin=b'', status=0):
    done = subprocess.run(['virtxl', 'channel', *arguments], input=stdin, capture_output=True, timeout=60 * host.slow,
                          check=False)
    host.equal(done.returncode, status, f'the exit status of {arguments}: {done.stderr.decode()}')
    return done.stdout


def pair(host, kind):
    return [host.channel_xml(NAMES[0], f'/run/guest/streams-{kind}.sock'), host.channel_xml(NAMES[1])]


def connect(guest, name, *more):
    return Piped('virtxl', 'channel', 'connect', guest.name, name, *more)


def at_terminals(host, step, guest):
    """As a person uses a channel; ^] is what ends it."""
    talk = [(b'hello-1', b'hello-2'), (b'hello-2', b'\x1d')]
    with step('virsh console takes a channel by its name', needed=False):
        status = in_terminal(['virsh', '-c', URI, 'console', guest.name, '--devname', NAMES[1]],
                             [(b'Escape character', b'hello-1'), *talk], 60 * host.slow)
        host.equal(status, 0, 'the exit status')
    with step('so does virtxl channel connect', needed=False):
        status = in_terminal(['virtxl', 'channel', 'connect', guest.name, NAMES[0]], [(b'^]', b'hello-1'), *talk],
                             60 * host.slow)
        host.equal(status, 0, 'the exit status')


def cut_off(host, step, guest, domain):
    data = client.payload(STALLED)
    for name in NAMES:
        with step(f'{name}: a client that dies in mid-stream lets it go'):
            with connect(guest, name) as dead:
                dead.pump(data[:CUT_OFF], 1 * host.slow, read=False)
                host.check(dead.n_sent > 0, 'nothing was sent')
            host.check(client.is_free_soon(domain, name), 'it is not free')
            host.check(client.settle(domain, name, 60 * host.slow), 'no echo comes any more')
    with step('no more is taken than there is room for while the guest does not read'):
        guest.does('killall -STOP cat')
        first, second = (connect(guest, name, '--linger=-1') for name in NAMES)
        for one in (first, second):
            one.pump(data, 3 * host.slow, read=False)
            host.check(0 < one.n_sent < STALLED, f'{one.n_sent} of {STALLED} bytes were taken')
        guest.does('killall -CONT cat')
    with step('a guest that is destroyed in mid-stream ends both cleanly'):
        for one in (first, second):
            host.wait_for(lambda one=one: one.pump(data, 1, limit_s=0.5) or one.came, 'bytes come back', 30 * host.slow)
        host.xl('destroy', guest.name)
        for one in (first, second):
            host.equal(one.finish(60 * host.slow), (0, ''), 'exit status and complaints')
            host.check(0 < len(one.came) <= one.n_sent and data.startswith(one.came),
                       f'of {one.n_sent} bytes {len(one.came)} came, or others')
            one.kill()
        guest.wait_gone()


def console_is_a_stream(host, step, domain):
    with step('the console is a stream', needed=False):
        console = client.Opened(domain, None, libvirt.VIR_DOMAIN_CONSOLE_SAFE, console=True)
        console.send(b'echo con""sole\n')
        said = b''
        while b'console' not in said and len(said) < 4096:
            said += console.receive(1)
        console.finish()
        host.check(b'console' in said, repr(said))


@story('channels are streams', kinds=('pv',), long_kinds=('pvh', 'hvm'), seconds=400, peer='its streams have no states')
def streams(host, step, kind):
    with step('a guest with a socket and a pty starts'):
        guest, domain = start(host, kind, 'stream', pair(host, kind))
    with step('the guest attaches to both, which the live XML and domstats say'):
        for name in NAMES:
            host.check(client.wait_for_state(domain, name, 'connected', 30 * host.slow), f'{name}: {client.states(domain)}')
        host.equal(client.stats_states(domain), dict.fromkeys(NAMES, 'connected'), 'domstats')
    with step('and its program follows'):
        host.check(all([client.settle(domain, name, 30 * host.slow) for name in NAMES]), 'no echo')
    for name in NAMES:
        with step(f'{name}: bytes come back as they went', needed=False):
            host.check(client.echo(domain, name, 100000), 'other bytes came back')
        with step(f'{name}: opened, used and closed ten times', needed=False):
            host.equal(client.rounds_beside_loop(domain, name, 10), 10, 'how often it went well')
        with step(f'{name}: a second client is refused, but for force', needed=False):
            first = client.Opened(domain, name)
            host.equal(client.error_of(client.Opened, domain, name), libvirt.VIR_ERR_OPERATION_FAILED, 'the code')
            second = client.Opened(domain, name, libvirt.VIR_DOMAIN_CHANNEL_FORCE)
            host.equal(client.exchange(second, b'mine now'), b'mine now', 'what came back')
            host.equal(client.error_of(first.receive, 1), libvirt.VIR_ERR_OPERATION_ABORTED, 'the code for the first')
            second.finish()
    if kind != 'hvm':  # whose first console is a serial port, at which its kernel says nothing here
        console_is_a_stream(host, step, domain)
    with step('virtxl channel lists them', needed=False):
        rows = {row['name']: row for row in json.loads(tool(host, 'list', guest.name, '--json'))}
        host.equal({name: row['state'] for name, row in rows.items()}, dict.fromkeys(NAMES, 'connected'), 'the states')
        tty = ElementTree.fromstring(domain.XMLDesc()).find('devices/channel[@type="pty"]/source').get('path')
        host.equal(rows[NAMES[1]]['path'], tty, 'the path of the pty')
    with step('virtxl channel connect works in a pipe', needed=False):
        data = client.payload(20000)
        host.check(tool(host, 'connect', guest.name, NAMES[0], '--linger=5', stdin=data) == data, 'other bytes came back')
    with step('virtxl channel serve gives its answer', needed=False):
        tool(host, 'serve', guest.name, NAMES[0], '--once', '--timeout=30', '--', 'echo', 'hostname=web1')
    at_terminals(host, step, guest)
    cut_off(host, step, guest, domain)


@story('ten megabytes, a thousand rounds', kinds=('pv', 'pvh'), long=True, seconds=1500, peer=False)
def load(host, step, kind):
    with step('a guest starts'):
        guest, domain = start(host, kind, 'load', pair(host, kind))
        for name in NAMES:
            client.wait_for_state(domain, name, 'connected', 30 * host.slow)
            host.check(client.settle(domain, name, 30 * host.slow), f'no echo over {name}')
    for name in NAMES:
        with step(f'{name}: what waits for a guest that does not read arrives when it does', needed=False):
            data = client.payload(WAITING)
            guest.does('killall -STOP cat')
            with connect(guest, name) as one:
                one.pump(data, 3 * host.slow, read=False)
                guest.does('killall -CONT cat')
                one.pump(data, 60 * host.slow)
                host.check(one.came == data, f'{len(one.came)} bytes came, of which some are others')
        with step(f'{name}: what waits for a client that does not read arrives when it does', needed=False):
            wanted = ''.join(f'{number}\n' for number in range(1, LINES + 1)).encode()
            with connect(guest, name) as one:
                one.pump(b'x', 5 * host.slow)
                one.process.send_signal(signal.SIGSTOP)
                guest.does(f'(seq 1 {LINES} >/dev/hvc{1 + NAMES.index(name)}) & true')
                time.sleep(5)
                host.check(client.is_free_soon(domain, NAMES[1 - NAMES.index(name)]), 'the other channel cannot be opened')
                one.process.send_signal(signal.SIGCONT)
                one.came, one.n_sent = b'', len(wanted)
                one.pump(wanted, 60 * host.slow)
                host.check(one.came == wanted, f'{len(one.came)} of {len(wanted)} bytes came, of which some are others')
        with step(f'{name}: 10 MB each way', needed=False):
            host.check(client.echo(domain, name, LARGE), 'other bytes came back')
        with step(f'{name}: {ROUNDS[name]} times opened, used and closed', needed=False):
            host.equal(client.rounds_beside_loop(domain, name, ROUNDS[name]), ROUNDS[name], 'how often it went well')
    with step('it ends'):
        host.virsh('destroy', guest.name)


def start_many(host, kind, names):
    guest, domain = start(host, kind, f'many{len(names)}', [host.channel_xml(name, f'/run/guest/{name}.sock' if number % 2 else None)
                                                            for number, name in enumerate(names)])
    for name in names[:TOLD_APART]:
        host.check(client.wait_for_state(domain, name, 'connected', 60 * host.slow), str(client.states(domain)))
    return guest


@story('sixteen channels in a guest, seven at once', kinds=('pvh',), long=True, seconds=240, peer=False)
def many(host, step, kind):
    names = [f'org.virtxl.many.{number}' for number in range(MANY)]
    with step('a guest has sixteen, and attaches to those that Linux tells apart'):
        guest = start_many(host, kind, names)
        host.equal(list(client.states(host.conn.lookupByName(guest.name))), names, 'the channels')
        host.virsh('destroy', guest.name)
    with step('one with as many as it has devices for starts'):
        guest = start_many(host, kind, names[:REACHABLE])
    with step('all carry bytes at the same time', needed=False):
        bad = client.echo_all(URI, guest.name, names[:REACHABLE], 20000, 45 * host.slow)
        host.check(not bad, '\n'.join(bad))
    with step('it ends'):
        host.virsh('destroy', guest.name)
