# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels that come to and leave a running guest."""
import os
import re
import time

from e2e.bytestream import echoes, open_pty, open_socket
from e2e.shell import Run
from e2e.story import story

FIRST, PLUGGED = 'org.virtxl.first', 'org.virtxl.plugged'
SOCKET = '/run/guest/plugged.sock'


def device_file(host, name, path=None):
    file = '/run/guest/device.xml'
    with open(file, 'w', encoding='utf-8') as out:
        out.write(host.channel_xml(name, path))
    return file


def attach(host, guest, name, path=None, *flags, expect=0):
    return host.virsh('attach-device', guest.name, device_file(host, name, path), *(flags or ('--live',)), expect=expect)


def detach(host, guest, name, path=None, *flags, expect=0):
    return host.virsh('detach-device', guest.name, device_file(host, name, path), *(flags or ('--live',)), expect=expect)


def nodes(domid):
    """All that xenstore has of the guest's consoles."""
    found = []
    for folder in (f'/libxl/{domid}/device/console', f'/local/domain/{domid}/device/console',
                   f'/local/domain/0/backend/console/{domid}'):
        found += [f'{folder}/{number}' for number in Run(['xenstore-list', folder]).out.split()]
    return sorted(found)


def chardevs(host, guest):
    """The names of the device model's character devices."""
    told = host.xl('qemu-monitor-command', guest.name, 'info chardev')
    return sorted(line.split(':')[0] for line in told.splitlines() if ':' in line)


def live_path(host, guest, name):
    match = re.search(rf"<channel type='\w+'[^>]*>((?!</channel>).)*name='{re.escape(name)}'.*?</channel>",
                      host.virsh('dumpxml', guest.name), re.S)
    host.check(match, f'no channel {name} in the live XML')
    return re.search(r"path='([^']*)'", match[0])[1]


def echo_of(host, guest, name, path=None):
    """Bytes go there and back."""
    opened = open_socket(path) if path else open_pty(live_path(host, guest, name))
    with opened as stream:
        echoes(stream, f'hello {name} {time.monotonic()}\n'.encode())


@story('a channel is plugged in and out', kinds=('pv', 'pvh'), long_kinds=('hvm',), seconds=240, peer='it cannot')
def plug(host, step, kind):
    guest = host.guest(kind, 'plug', channels=[host.channel_xml(FIRST)], arguments='vx.udev')
    with step('a guest with one channel starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    before, models = nodes(guest.domid()), chardevs(host, guest)
    for what, path in (('a pty', None), ('a socket', SOCKET)):
        with step(f'{what} is attached'):
            attach(host, guest, PLUGGED, path)
        with step(f'{what}: the guest has its name', needed=False):
            host.wait_for(lambda: '/hvc' in guest.does(f'readlink /dev/xen-channel/{PLUGGED}'), 'the link')
        with step(f'{what}: bytes go there and back', needed=False):
            echo_of(host, guest, PLUGGED, path)
        with step(f'{what}: xl sees it', needed=False):
            listed = host.xl('channel-list', guest.name)
            host.check(re.search(r'^1 .*\b4\b', listed, re.M), listed)
        with step(f'{what}: it is detached'):
            detach(host, guest, PLUGGED, path)
        with step(f'{what}: nothing is left of it', needed=False):
            host.equal(nodes(guest.domid()), before, 'xenstore')
            host.equal(chardevs(host, guest), models, "the device model's character devices")
            host.check(not os.path.exists(SOCKET), 'the socket is left')
            host.check(PLUGGED not in host.virsh('dumpxml', guest.name), 'it is in the XML')
        with step(f'{what}: its name is gone in the guest', needed=False):
            host.wait_for(lambda: PLUGGED not in guest.does('ls /dev/xen-channel'), 'the link is gone')
        with step(f'{what}: the first channel goes on', needed=False):
            echo_of(host, guest, FIRST)
    host.virsh('destroy', guest.name)
