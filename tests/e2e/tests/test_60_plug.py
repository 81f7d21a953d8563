# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels that come to and leave a running guest."""
import os
import re
import stat

import libvirt

from e2e.plugging import CONFIG, LIVE, Plugs, check_refused
from e2e.shell import Run
from e2e.story import story

FIRST, PTY, SOCKET, OTHER = 'org.virtxl.first', 'org.virtxl.pty', 'org.virtxl.socket', 'org.virtxl.other'
FOLDER = '/var/lib/libvirt/libxl/channel/target'
GUESTS_OWN = {'port', 'ring-ref', 'state'}  # nodes that a guest may write
SAVED = '/run/guest/plug.saved'


def device_file(text):
    file = '/run/guest/device.xml'
    with open(file, 'w', encoding='utf-8') as out:
        out.write(text)
    return file


def check_permissions(host, guest, number):
    """Each node of channel NUMBER: who may write it is who owns it."""
    domid = guest.domid()
    for folder in (f'/local/domain/{domid}/device/console', f'/local/domain/0/backend/console/{domid}',
                   f'/libxl/{domid}/device/console'):
        lines = Run(['xenstore-ls', '-fp', f'{folder}/{number}']).out.splitlines()
        host.check(lines, f'{folder} is empty')
        for line in lines:
            path, granted = re.match(r'(\S+) = ".*" +\(([^)]*)\)$', line).groups()
            is_guests = '/device/console/' in path and path.startswith('/local') and path.split('/')[-1] in GUESTS_OWN
            others = f'r{domid}' if not is_guests else 'r0'
            wanted = f'n{domid},{others}' if is_guests else f'n0,{others}'
            host.check(granted == (wanted if path.startswith('/local') else 'n0'), f'{path}: {granted}, not {wanted}')


def lie(plugs, number):
    """The guest tries to say what its channel is called, whose it is and where its bytes go."""
    at = f'device/console/{number}'
    words = ' '.join(f'{at}/{name}' for name in ('name', 'tty', 'output', 'backend', 'backend-id', 'new'))
    told = plugs.guest.does(f'for n in {words}; do xenstore-write $n /etc/shadow 2>/dev/null || echo REFUSED; '
                                   f'done; xenstore-rm {at} 2>/dev/null || echo REFUSED')
    plugs.host.equal(len(re.findall('^REFUSED', told, re.M)), 7, f'{told}: the number of refusals')


def check_saved(host, step, plugs):
    """The guest is saved and restored."""
    guest = plugs.guest
    with step('saved and restored, the guest still has what was plugged'):
        host.virsh('save', guest.name, SAVED)
        host.virsh('restore', SAVED)
        os.remove(SAVED)
        host.equal(sorted(plugs.live()), sorted([FIRST, PTY, SOCKET]), 'the live channels')
        host.equal(plugs.kept(), sorted([FIRST, PTY, SOCKET]), "libxl's own records")
    for name in (PTY, SOCKET):
        with step(f'{name} works there', needed=False):
            host.wait_for(lambda: echoes_by_now(host, plugs, name), 'an echo', 30 * host.slow, every=0.5)


def echoes_by_now(host, plugs, name):
    """A guest that has just been restored opens its end anew."""
    try:
        plugs.echo(name)
    except (host.Failure, OSError):
        return False
    return True


@story('a channel is plugged in and out', kinds=('pv', 'pvh'), long_kinds=('hvm',), seconds=400, peer='it cannot')
def plug(host, step, kind):
    guest = host.guest(kind, 'plug', channels=[host.channel_xml(FIRST)], arguments='vx.udev')
    pty, socket = host.channel_xml(PTY), host.channel_xml(SOCKET, '')
    with step('a guest with one channel starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    plugs = Plugs(host, guest)
    plugs.watch()
    before = plugs.marks()
    with step('a pty is attached with --live'):
        host.virsh('attach-device', guest.name, device_file(pty), '--live')
        plugs.wait_seen(('added', 'channel1'))
        host.equal(plugs.config(), [FIRST], 'the persistent channels')
    number = plugs.number(PTY)
    with step('xenstore lets the guest write its state and its ring, and nothing else', needed=False):
        check_permissions(host, guest, number)
    with step('the guest cannot rename it, point it elsewhere, or take it away', needed=False):
        lie(plugs, number)
    with step('a socket is attached with --live --config, where the daemon chooses', needed=False):
        host.virsh('attach-device', guest.name, device_file(socket), '--live', '--config')
        plugs.wait_seen(('added', 'channel2'))
        host.equal(plugs.config(), [FIRST, SOCKET], 'the persistent channels')
        host.equal(plugs.path(SOCKET), f'{FOLDER}/{guest.name}-{SOCKET}', 'its path')
    with step('it is root\'s alone, in a folder that only lets pass', needed=False):
        for path, mode in ((plugs.path(SOCKET), 0o600), (FOLDER, 0o711)):
            status = os.lstat(path)
            host.equal((stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid), (mode, 0, 0), path)
    for name in (PTY, SOCKET):
        with step(f'the guest finds {name} by its name, and bytes go there and back', needed=False):
            host.wait_for(lambda: '/hvc' in guest.does(f'readlink /dev/xen-channel/{name}'), 'the link')
            plugs.echo(name)
    with step('xl sees them', needed=False):
        listed = host.xl('channel-list', guest.name)
        host.equal(len(re.findall(r'^[012] .*\b4\b', listed, re.M)), 3, listed)
        host.equal(plugs.kept(), sorted([FIRST, PTY, SOCKET]), "libxl's own records")
    with step('a name or a path that is taken is refused', needed=False):
        marks = plugs.marks()
        check_refused(libvirt.VIR_ERR_INVALID_ARG, 'with that name already', plugs.attach, pty)
        path = plugs.path(SOCKET)
        check_refused(libvirt.VIR_ERR_OPERATION_FAILED, f'another process serves the socket \'{path}\'', plugs.attach,
                      host.channel_xml(OTHER, path))
        check_refused(libvirt.VIR_ERR_INVALID_ARG, 'with that name already', plugs.attach, socket, LIVE | CONFIG)
        host.equal(plugs.marks(), marks, 'what there is')
    with step('with --config alone, the guest gets nothing', needed=False):
        marks = plugs.marks()
        plugs.attach(host.channel_xml(OTHER), CONFIG)
        host.equal(plugs.config(), [FIRST, OTHER, SOCKET], 'the persistent channels')
        host.equal(plugs.marks(), marks, 'what there is')
        plugs.detach(host.channel_xml(OTHER), CONFIG)
    if kind == 'pv':
        check_saved(host, step, plugs)
    with step('both are detached, with --live and with --persistent', needed=False):
        host.virsh('detach-device', guest.name, device_file(pty), '--live')
        host.virsh('detach-device', guest.name, device_file(socket), '--persistent')
        plugs.wait_seen(('removed', 'channel1'), ('removed', 'channel1'))
        host.equal(plugs.config(), [FIRST], 'the persistent channels')
    with step('nothing is left of them', needed=False):
        host.equal(plugs.marks(), before, 'what there is')
        plugs.wait_unnamed(PTY, SOCKET)
    with step('the first channel goes on', needed=False):
        host.wait_for(lambda: echoes_by_now(host, plugs, FIRST), 'an echo', 20 * host.slow)
    with step('the guest is destroyed while it has a plugged one'):
        plugs.attach(host.channel_xml(OTHER, '/run/guest/plugged.sock'))
        host.virsh('destroy', guest.name)
        host.check(not os.path.exists('/run/guest/plugged.sock'), 'the socket is left')


@story('what was plugged is saved', kinds=('pvh',), long=True, seconds=500, peer='it cannot')
def saved(host, step, kind):
    guest = host.guest(kind, 'plug', channels=[host.channel_xml(FIRST)], arguments='vx.udev')
    with step('a guest gets two channels'):
        host.virsh('create', guest.file)
        guest.wait_up()
        plugs = Plugs(host, guest)
        plugs.attach(host.channel_xml(PTY))
        plugs.attach(host.channel_xml(SOCKET, ''))
    check_saved(host, step, plugs)
    host.virsh('destroy', guest.name)


@story('a guest without a device model', kinds=('pv', 'pvh'), seconds=200, long=True, peer='it cannot')
def without(host, step, kind):
    guest = host.guest(kind, 'bare')
    with step('it runs'):
        host.virsh('define', guest.file)
        host.virsh('start', '--paused', guest.name)
    plugs = Plugs(host, guest)
    with step('it cannot get a channel, and is told how it could'):
        told = check_refused(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, 'runs without a device model', plugs.attach,
                             host.channel_xml(PTY))
        host.check('--config and start the guest anew' in told, told)
        host.equal([node for node in plugs.nodes() if not node.endswith('/0')], [], 'the nodes of channels')
    with step('as it says, it can be done'):
        plugs.attach(host.channel_xml(PTY), CONFIG)
        host.virsh('destroy', guest.name)
        host.virsh('start', '--paused', guest.name)
        plugs.attach(host.channel_xml(OTHER))
        host.equal(sorted(plugs.live()), [OTHER, PTY], 'the live channels')
        host.virsh('destroy', guest.name)
