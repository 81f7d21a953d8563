# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt-python does to consoles and channels, each a function of a domain, whatever runs it: guests in memory
(test_channels.py) or on a real Xen (tests/e2e). The guest's ends echo unless a function says otherwise.
"""
import hashlib
import os
import subprocess
import sys
import threading
import time

import libvirt

WAIT_S = 120
PIECE = 64 * 1024


class Opened:
    """A console or channel of DOMAIN that is open. Its calls block, and are of one thread, as is all that goes over a
    connection here: libvirt's client (9.0) may forget to wake a thread up that waits for another one's call."""

    def __init__(self, domain, name, flags=0, console=False):
        self.stream = domain.connect().newStream(0)
        if console:
            domain.openConsole(name, self.stream, flags)
        else:
            domain.openChannel(name, self.stream, flags)

    def send(self, data):
        view = memoryview(data)
        while view:
            view = view[self.stream.send(bytes(view[:PIECE])):]

    def receive(self, length):
        """LENGTH bytes, or fewer when the stream has ended."""
        parts = []
        while length > 0:
            part = self.stream.recv(min(length, PIECE))
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b''.join(parts)

    def finish(self):
        self.stream.finish()

    def abort(self):
        self.stream.abort()


def payload(length, seed=0):
    """LENGTH bytes, all values among them, that are the same for a SEED."""
    block = b''.join(hashlib.sha256(f'{seed} {n}'.encode()).digest() for n in range(min(2048, length // 32 + 1)))
    return (block * (length // len(block) + 1))[:length]


def exchange(opened, data):
    """Sends DATA, and reads as much; what came. While it sends, libvirt's client reads, too."""
    opened.send(data)
    return opened.receive(len(data))


def echo(domain, name, length, console=False, seed=0):
    """Whether LENGTH bytes come back through the channel NAME as they went; closes it."""
    data = payload(length, seed)
    opened = Opened(domain, name, console=console)
    came = exchange(opened, data)
    opened.finish()
    return hashlib.sha256(came).digest() == hashlib.sha256(data).digest()


def echo_all(uri, domain_name, names, length, wait_s=WAIT_S):
    """The same through all channels NAMES at once, over one connection; what went wrong. It is a process of its own with
    one thread, for libvirt's client (9.0) does not always survive several that talk over streams."""
    done = subprocess.run([sys.executable, os.path.abspath(__file__), uri, domain_name, str(length), str(wait_s), *names],
                          capture_output=True, text=True, timeout=3 * wait_s, check=False)
    return [] if done.returncode == 0 else [done.stdout, done.stderr]


def settle(domain, name, wait_s=WAIT_S, turn=lambda: time.sleep(0.02)):
    """Whether the guest's end of NAME comes to echo each byte once, which it does not before its terminal is raw: the
    driver attaches long before that. What was left in the channel is read. TURN lets libvirt's event loop go on, which
    does so by itself when it runs in another thread."""
    stream = domain.connect().newStream(libvirt.VIR_STREAM_NONBLOCK)
    domain.openChannel(name, stream, 0)
    end = time.monotonic() + wait_s
    number, came = 0, None
    while came != b'settle %d' % number and time.monotonic() < end:
        number += 1
        stream.send(b'settle %d' % number)
        came, quiet = b'', time.monotonic() + 1
        while time.monotonic() < quiet:
            part = stream.recv(PIECE)
            if isinstance(part, bytes):
                came += part
            else:
                turn()
    stream.abort()
    return came == b'settle %d' % number


def destroy_soon(uri, domain_name, after_s):
    """Destroys the domain after a while, over a connection of its own; the thread that does."""
    def destroy():
        connection = libvirt.open(uri)
        connection.lookupByName(domain_name).destroy()
        connection.close()

    timer = threading.Timer(after_s, destroy)
    timer.start()
    return timer


def flood(opened, seconds):
    """Sends for SECONDS, whether anybody listens or not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        opened.send(b'x' * 4096)


def rounds(domain, name, n, length=16):
    """Opens NAME, has LENGTH bytes echoed, and closes it, N times; how often they came back."""
    return sum(echo(domain, name, length, seed=number) for number in range(n))


def echo_beside_loop(domain, name, data, wait_s):
    """What comes back of DATA through NAME, within a while; closes it. For a program whose event loop runs in another
    thread, beside which a blocking call may wait for ever (see Opened)."""
    stream = domain.connect().newStream(libvirt.VIR_STREAM_NONBLOCK)
    domain.openChannel(name, stream, 0)
    stream.send(data)
    came, end = b'', time.monotonic() + wait_s
    while len(came) < len(data) and time.monotonic() < end:
        part = stream.recv(PIECE)
        if isinstance(part, bytes):
            came += part
        else:
            time.sleep(0.002)
    stream.finish()
    return came


def rounds_beside_loop(domain, name, n, length=16, wait_s=WAIT_S):
    """The same as rounds there; ends when once something else came back, and says what."""
    for number in range(n):
        data = payload(length, seed=number)
        came = echo_beside_loop(domain, name, data, wait_s)
        if came != data:
            return f'{number}, then of {data!r} came {came!r}'
    return n


def error_of(function, *args, **more):
    """The code of the libvirtError that FUNCTION raises; None: none."""
    try:
        function(*args, **more)
    except libvirt.libvirtError as error:
        return error.get_error_code()
    return None


def is_free_soon(domain, name):
    """Whether NAME can be opened, within a while, without force; closes it again."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            Opened(domain, name).finish()
            return True
        except libvirt.libvirtError:
            time.sleep(0.01)
    return False


def states(domain):
    """The states of the channels in DOMAIN's live XML, by name."""
    from xml.etree import ElementTree  # pylint: disable=import-outside-toplevel
    tree = ElementTree.fromstring(domain.XMLDesc())
    return {target.get('name'): target.get('state') for target in tree.findall('devices/channel/target')}


def stats_states(domain):
    """The same of domstats."""
    stats = domain.connect().domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_VM)[0][1]
    return {stats[f'channel.{n}.name']: stats.get(f'channel.{n}.state') for n in range(stats['channel.count'])}


def wait_for_state(domain, name, state, wait_s=WAIT_S):
    end = time.monotonic() + wait_s
    while states(domain).get(name) != state:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def open_files(process_id):
    return len(os.listdir(f'/proc/{process_id}/fd'))


class EchoOfMany:
    """A channel that is one of many at once."""

    WINDOW = 8192  # bytes that are under way

    def __init__(self, domain, name, length, seed):
        self.name, self.data, self.came, self.n_sent = name, payload(length, seed), b'', 0
        self.stream = domain.connect().newStream(libvirt.VIR_STREAM_NONBLOCK)
        domain.openChannel(name, self.stream, 0)

    def is_done(self):
        return len(self.came) >= len(self.data)

    def go_on(self):
        part = self.stream.recv(PIECE)
        if isinstance(part, bytes):
            self.came += part
        room = self.WINDOW - (self.n_sent - len(self.came))
        if room > 0 and self.n_sent < len(self.data):
            n = self.stream.send(self.data[self.n_sent:self.n_sent + room])
            self.n_sent += max(n, 0)


def main(uri, domain_name, length, wait_s, *names):
    """For echo_all: exit status 0 if all came back."""
    libvirt.virEventRegisterDefaultImpl()
    libvirt.virEventAddTimeout(20, lambda *_: None, None)
    domain = libvirt.open(uri).lookupByName(domain_name)
    bad = [f'{name}: no echo' for name in names
           if not settle(domain, name, float(wait_s), libvirt.virEventRunDefaultImpl)]
    echoes = [EchoOfMany(domain, name, int(length), seed) for seed, name in enumerate(names) if not bad]
    end = time.monotonic() + float(wait_s)
    while not all(one.is_done() for one in echoes) and time.monotonic() < end:
        for one in echoes:
            one.go_on()
        libvirt.virEventRunDefaultImpl()
    bad += [f'{one.name}: {len(one.came)} bytes came back of {one.n_sent}' for one in echoes if one.came != one.data]
    print('\n'.join(bad))
    return bool(bad)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
