# SPDX-License-Identifier: LGPL-2.1-or-later
"""All channels of a definition exist in the guest and carry bytes, whatever their kind and however many."""
import os
import xml.etree.ElementTree as ElementTree

from e2e.bytestream import echoes, open_pty, open_socket
from e2e.story import story

SOCKET = '/run/guest/%s.sock'
NAMES = ('org.virtxl.first', 'org.virtxl.second', 'third one')


def live_channels(host, guest):
    """The channels of the live XML, by name."""
    tree = ElementTree.fromstring(host.virsh('dumpxml', guest.name))
    return {channel.find('target').get('name'): channel for channel in tree.iter('channel')}


@story('channels', kinds=('pv', 'pvh'), long_kinds=('hvm',), seconds=150)
def channels(host, step, kind):
    socket_path = SOCKET % kind
    guest = host.guest(kind, 'chan', channels=[host.channel_xml(NAMES[0]), host.channel_xml(NAMES[1], socket_path),
                                               host.channel_xml(NAMES[2])])
    with step('a guest with two ptys and a socket starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    domid = guest.domid()
    with step('each has a frontend of its name', needed=False):
        for number, name in enumerate(NAMES, 1):
            host.equal(host.xenstore(f'/local/domain/{domid}/device/console/{number}/name'), name, f'channel {number}')
    found = live_channels(host, guest)
    with step('the live XML shows the paths'):
        host.equal(sorted(found), sorted(NAMES), 'the names')
        for number in (1, 3):
            path = found[NAMES[number - 1]].find('source').get('path')
            tty = host.xenstore(f'/local/domain/{domid}/device/console/{number}/tty')
            host.equal(path, tty, f'the pty of channel {number}')
        host.equal(found[NAMES[1]].find('source').get('path'), socket_path, 'the socket')
    for name in (NAMES[0], NAMES[2]):
        with step(f'the pty of {name!r} carries bytes', needed=False):
            with open_pty(found[name].find('source').get('path')) as stream:
                echoes(stream, b'hello ' + name.encode())
    with step('the socket carries bytes', needed=False):
        with open_socket(socket_path) as stream:
            echoes(stream, b'hello socket')
    with step('the socket takes a new connection after one has gone', needed=False):
        with open_socket(socket_path) as stream:
            echoes(stream, b'again')
    with step('a channel carries all bytes of a kibibyte', needed=False):
        with open_socket(socket_path) as stream:
            echoes(stream, bytes(range(256)) * 4)
    with step('the socket is gone with the guest'):
        host.virsh('destroy', guest.name)
        host.wait_for(lambda: not os.path.exists(socket_path), f'{socket_path} is gone')
