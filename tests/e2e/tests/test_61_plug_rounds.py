# SPDX-License-Identifier: LGPL-2.1-or-later
"""A channel comes and goes many times, while bytes pass through another one without end."""
import random
import re
import threading
import time

from e2e.bytestream import open_socket
from e2e.plugging import Plugs
from e2e.story import story

STEADY, PLUGGED = 'org.virtxl.steady', 'org.virtxl.plugged'
STEADY_SOCKET, PLUGGED_SOCKET = '/run/guest/steady.sock', '/run/guest/plugged.sock'
BLOCK_BYTES = 700
ECHO_S = 60
PROGRESS_ROUNDS = 50  # a machine of which nothing is heard for minutes is ended


class Traffic(threading.Thread):
    """Bytes that nobody can guess go to the guest and have to come back, each in its place."""

    def __init__(self):
        super().__init__(daemon=True)
        self._random = random.Random(4)
        self._over = threading.Event()
        self.wrong, self.bytes = None, 0

    def run(self):
        with open_socket(STEADY_SOCKET) as stream:
            while not self._over.is_set() and not self.wrong:
                block = self._random.randbytes(BLOCK_BYTES)
                stream.write(block)
                back = stream.read(len(block), ECHO_S)
                if back != block:
                    self.wrong = f'after {self.bytes} bytes, {block!r} came back as {back!r}'
                self.bytes += len(block)

    def end(self):
        """What was wrong, or None."""
        self._over.set()
        self.join()
        return self.wrong


def in_guest(guest):
    """What the guest has of devices and names."""
    told = guest.does('ls /dev/hvc* /dev/xen-channel /sys/bus/xen/devices /sys/bus/xen/drivers/xenconsole')
    return sorted(set(re.findall(r'/dev/hvc\d+|console-\d+|org\.[\w.]+', told)))


def wait_equal(host, guest, devices):
    """The guest has DEVICES once its kernel and udev have done their part."""
    try:
        host.wait_for(lambda: in_guest(guest) == devices, 'it has what it had', 20 * host.slow, every=1)
    except host.Failure:
        host.equal(in_guest(guest), devices, 'what the guest has')


def round_trip(plugs, xml):
    plugs.attach(xml)
    plugs.detach(xml)


def rounds(host, step, kind, number):
    guest = host.guest(kind, 'rounds', channels=[host.channel_xml(STEADY, STEADY_SOCKET)], arguments='vx.udev')
    kinds = (host.channel_xml(PLUGGED), host.channel_xml(PLUGGED, PLUGGED_SOCKET))
    with step('a guest with one channel starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    plugs = Plugs(host, guest)
    before, devices = plugs.marks(), in_guest(guest)
    traffic = Traffic()
    traffic.start()
    with step(f'a pty or a socket is plugged in and out {number} times'):
        started = time.monotonic()
        for i in range(number):
            round_trip(plugs, kinds[i % 2])
            if i % PROGRESS_ROUNDS == PROGRESS_ROUNDS - 1:
                print(f'#   {i + 1} rounds', flush=True)
        print(f'#   {(time.monotonic() - started) / number:.2f} s a round, {traffic.bytes} bytes meanwhile', flush=True)
    with step('all bytes of the other channel came back', needed=False):
        host.check(not traffic.end(), traffic.wrong)
        host.check(traffic.bytes > BLOCK_BYTES * number // 4, f'only {traffic.bytes} bytes')
    with step('nothing is left in xenstore, in the device model, in libxl\'s records', needed=False):
        host.equal(plugs.marks(), before, 'what there is')
    with step('nor in the guest', needed=False):
        wait_equal(host, guest, devices)
    host.virsh('destroy', guest.name)


@story('twenty rounds', kinds=('pv',), long_kinds=('pvh',), seconds=400, peer='it cannot')
def twenty(host, step, kind):
    rounds(host, step, kind, 20)


@story('two hundred rounds', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=1200, peer='it cannot')
def two_hundred(host, step, kind):
    rounds(host, step, kind, 200)
