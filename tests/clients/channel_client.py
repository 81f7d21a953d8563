# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt-python does to consoles and channels, each a function of a domain, whatever runs it: guests in memory
(test_channels.py) or on a real Xen (tests/e2e). The guest's ends echo unless a function says otherwise.
"""
import hashlib
import os
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
    block = b''.join(hashlib.sha256(f'{seed} {n}'.encode()).digest() for n in range(2048))
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


def echo_all(uri, domain_name, names, length):
    """The same through all channels NAMES at once, each over a connection of its own; those that failed."""
    bad = []

    def one(index, name):
        try:
            connection = libvirt.open(uri)
            if not echo(connection.lookupByName(domain_name), name, length, seed=index):
                bad.append(f'{name}: other bytes came back')
            connection.close()
        except libvirt.libvirtError as error:
            bad.append(f'{name}: {error}')

    threads = [threading.Thread(target=one, args=item, daemon=True) for item in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    return bad + ['not finished'] * sum(thread.is_alive() for thread in threads)


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
    good = 0
    for number in range(n):
        good += echo(domain, name, length, seed=number)
    return good


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
