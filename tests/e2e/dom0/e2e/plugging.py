# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels that come to and leave running guests: the calls, and all the places where a channel leaves its marks."""
import os
import re
import time
import xml.etree.ElementTree as ElementTree

import libvirt

from e2e import xen
from e2e.bytestream import echoes, open_pty, open_socket
from e2e.shell import Failure, check, equal, wait_for

LIVE, CONFIG = 1, 2  # VIR_DOMAIN_AFFECT_*


class Plugs:
    """The channels of one running guest."""

    def __init__(self, host, guest):
        self.host, self.guest = host, guest
        self._domain = self._conn = None
        self.seen = []  # of device events: ('added', 'channel1')

    @property
    def domain(self):
        """libvirt's, of the daemon that runs now."""
        if self._conn is not self.host.conn:
            self._conn = self.host.conn
            self._domain = self._conn.lookupByName(self.guest.name)
        return self._domain

    def attach(self, xml, flags=LIVE):
        self.domain.attachDeviceFlags(xml, flags)

    def detach(self, xml, flags=LIVE):
        self.domain.detachDeviceFlags(xml, flags)

    def watch(self):
        """Notes the device events from here on, in .seen."""
        for number, word in ((libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, 'added'),
                             (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, 'removed'),
                             (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, 'removal failed')):
            self.host.conn.domainEventRegisterAny(
                self.domain, number, lambda _conn, _domain, alias, word: self.seen.append((word, alias)), word)

    def wait_seen(self, *wanted):
        """Failure unless these device events have come, and no others; they are forgotten."""
        wait_for(lambda: len(self.seen) >= len(wanted), f'events {wanted}', 10 * self.host.slow)
        equal(self.seen, list(wanted), 'the device events')
        self.seen.clear()

    # What there is of them.

    def nodes(self):
        """All that xenstore has of the guest's consoles."""
        domid = self.guest.domid()
        found = []
        for folder in (f'/libxl/{domid}/device/console', f'/local/domain/{domid}/device/console',
                       f'/local/domain/0/backend/console/{domid}', f'/libxl/{domid}/plugging'):
            found += [f'{folder}/{number}' for number in xen.listed(folder)]
        return sorted(re.sub(rf'/{domid}(?=/)', '/ID', path) for path in found)  # a restored guest has another one

    def chardevs(self):
        """The names of the device model's character devices."""
        told = self.host.xl('qemu-monitor-command', self.guest.name, 'info chardev')
        return sorted(line.split(':')[0] for line in told.splitlines() if ':' in line)

    def marks(self):
        """All of it: what is there after a channel has gone must be what was there before it came."""
        others = tuple(f'{name}-' for name in self.host.domains() if name != self.guest.name)
        return {'xenstore': self.nodes(), 'device model': self.chardevs(),
                'live XML': sorted(self.live()), 'libxl': self.kept(),
                'sockets': sorted(path for path in sockets() if not os.path.basename(path).startswith(others))}

    def kept(self):
        """The names in the configuration that libxl keeps."""
        told = self.host.xl('list', '-l', self.guest.name)
        return sorted(re.findall(r'"name": "(org\.[^"]*)"', told))

    def live(self):
        """The channels of the live XML, by name."""
        tree = ElementTree.fromstring(self.domain.XMLDesc(0))
        return {channel.find('target').get('name'): channel for channel in tree.iter('channel')}

    def config(self):
        """The names in the persistent definition."""
        tree = ElementTree.fromstring(self.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        return sorted(channel.find('target').get('name') for channel in tree.iter('channel'))

    def path(self, name):
        check(name in self.live(), f'no channel {name} in the live XML')
        return self.live()[name].find('source').get('path')

    def number(self, name):
        """N of console-N."""
        domid = self.guest.domid()
        for number in xen.listed(f'/libxl/{domid}/device/console'):
            if self.host.xenstore(f'/libxl/{domid}/device/console/{number}/name') == name:
                return number
        raise Failure(f'xenstore has no channel {name}')

    def echo(self, name):
        """Bytes go there and back."""
        channel = self.live()[name]
        path = channel.find('source').get('path')
        with (open_socket if channel.get('type') == 'unix' else open_pty)(path) as stream:
            echoes(stream, f'hello {name} {time.monotonic()}\n'.encode())

    def wait_unnamed(self, *names):
        """Failure, with what the guest knows of its channels, unless these names go from its /dev/xen-channel."""
        try:
            wait_for(lambda: not set(names) & set(self.guest.does('ls -1 /dev/xen-channel').split()), 'names')
        except Failure as why:
            raise Failure(f'{why}\n' + self.guest.does('ls -l /dev/xen-channel /run/xen-channel /sys/bus/xen/devices; '
                                                       'ps; dmesg | tail -n 20')) from None

    def qemu(self):
        """The process that serves them."""
        return int(self.guest.node('image/device-model-pid'))


def refused(call, *arguments):
    """The libvirtError with which CALL fails; Failure if it does not."""
    try:
        call(*arguments)
    except libvirt.libvirtError as why:
        return why
    raise Failure(f'{call.__name__} of {arguments} is not refused')


def check_refused(code, words, call, *arguments):
    """CALL fails with this code, in one sentence that has these words."""
    why = refused(call, *arguments)
    check(why.get_error_code() == code and words in str(why) and '\n' not in str(why),
          f'{why.get_error_code()}, not {code}, or no {words!r}: {why}')
    return str(why)


def sockets():
    """Those of channels, wherever tests and the daemon put them."""
    found = []
    for folder in ('/run/guest', '/var/lib/libvirt/libxl/channel/target'):
        if os.path.isdir(folder):
            found += [os.path.join(folder, name) for name in os.listdir(folder) if not name.endswith('.xml')]
    return [path for path in found if path.rsplit('/', 1)[1] not in ('vmlinux', 'vmlinuz', 'initramfs')]
