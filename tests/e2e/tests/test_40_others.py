# SPDX-License-Identifier: LGPL-2.1-or-later
"""What others do on the same host: xl starts a guest of its own, or ends one of ours."""
import re
import xml.etree.ElementTree as ElementTree

import libvirt

from e2e.story import story

LOST, CHANNEL = 'org.example.lost', 'org.example.xl'  # xl 4.17 numbers the first as the console, so that it never exists
CONFIG = '''name = "%s"
uuid = "%s"
type = "%s"
memory = 128
vcpus = 1
kernel = "/run/guest/vmlinux"
ramdisk = "/run/guest/initramfs"
extra = "console=hvc0 quiet"
channel = [ "name=%s,connection=pty", "name=%s,connection=pty" ]
'''
NOT_LISTED = 'it does not list them'


def xl_config(guest):
    path = f'/run/guest/{guest.name}.cfg'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(CONFIG % (guest.name, guest.uuid, guest.kind, LOST, CHANNEL))
    return path


def is_described(host, guest):
    """Failure unless the guest, which xl has made, is listed and described as it is."""
    domain = host.conn.lookupByUUIDString(guest.uuid)
    host.equal((domain.name(), domain.ID()), (guest.name, guest.domid()), 'name and id')
    host.equal((domain.isPersistent(), domain.state()[0]), (0, libvirt.VIR_DOMAIN_RUNNING), 'persistence and state')
    host.equal((domain.info()[1] >> 10, domain.info()[2] >> 10, domain.info()[3]), (128, 128, 1), 'memory and vcpus')
    host.check(domain.info()[4] > 0, 'it has no CPU time')
    tree = ElementTree.fromstring(domain.XMLDesc())
    host.equal((tree.get('id'), tree.findtext('uuid')), (str(guest.domid()), guest.uuid), 'id and UUID of its XML')
    host.equal((tree.findtext('os/kernel'), tree.findtext('os/type')),
               ('/run/guest/vmlinux', {'pv': 'linux', 'pvh': 'xenpvh'}[guest.kind]), 'kernel and type of its XML')
    host.equal(tree.find('devices/console').get('tty'), guest.node('console/tty'), 'the pty of its console')
    channels = {channel.find('target').get('name'): channel for channel in tree.iterfind('devices/channel')}
    host.equal({name: channel.get('type') for name, channel in channels.items()}, {LOST: 'pty', CHANNEL: 'pty'},
               'its channels')
    host.equal(channels[CHANNEL].find('source').get('path'), guest.node('device/console/1/tty'), 'the path of its channel')
    host.check(channels[LOST].find('source') is None, 'a path of a channel that does not exist')


@story('a guest started by xl', kinds=('pv',), long_kinds=('pvh',), seconds=200)
def foreign(host, step, kind):
    guest = host.guest(kind, 'foreign')
    path = xl_config(guest)
    events = host.watch(details=True)
    with step('xl starts it'):
        host.xl('create', '-q', path)
        guest.wait_up()
    with step('it is listed and described as it is', needed=False, differs=NOT_LISTED):
        is_described(host, guest)
        host.wait_for(lambda: (guest.name, 'Started Booted') in events, f'events: {events}', 5)
    with step('another guest cannot have its name, or its UUID', needed=False, differs='it finds that out later'):
        before = host.traces()
        twin = guest.xml().replace(guest.uuid, '0c0ffee0-0000-4000-8000-000000000001')
        renamed = guest.xml().replace(f'<name>{guest.name}<', '<name>another<')
        for xml in (twin, renamed):
            with open(guest.file, 'w', encoding='utf-8') as file:
                file.write(xml)
            done = host.virsh('create', guest.file, expect=None)
            host.check(done.status == 1 and guest.name in done.err, done.told)
        host.wait_traces(before)
    with step('the daemon starts again, and neither forgets it nor touches it', differs=NOT_LISTED):
        domid = guest.domid()
        host.disconnect()
        host.daemon.restart()
        host.equal(guest.domid(), domid, 'its id')
        host.wait_for(lambda: guest.name in host.ids(), 'it is listed', 10)
        is_described(host, guest)
    with step('when it powers off, that is left to xl'):
        events = host.watch(details=True)
        guest.type('poweroff -f')
        guest.wait_gone()
    with step('and it is no longer listed', needed=False, differs=NOT_LISTED):
        host.wait_for(lambda: guest.name not in host.virsh('list', '--all', '--name').split(), 'it is gone', 10)
        host.wait_for(lambda: (guest.name, 'Stopped Shutdown') in events, f'events: {events}', 5)


@story('a guest of xl that nobody waits for', kinds=(), long_kinds=('pv', 'pvh'), peer=NOT_LISTED, seconds=400)
def untouched(host, step, kind):
    guest = host.guest(kind, 'untouched')
    with step('xl starts it, and waits no longer'):
        host.xl('create', '-q', '-e', xl_config(guest))
        guest.wait_up()
    host.wait_for(lambda: guest.name in host.ids(), 'it is listed', 10)
    with step('when it powers off, it stays as xl has left it'):
        domid = guest.domid()
        guest.type('poweroff -f')
        host.wait_for(lambda: host.xl_state(guest) == '---s--', 'it has shut down', 30 * host.slow)
        host.wait_state(guest, 'in shutdown', 10)
        host.disconnect()
        host.daemon.restart()
        host.wait_for(lambda: guest.name in host.ids(), 'it is listed', 10)
        host.equal((guest.domid(), host.xl_state(guest)), (domid, '---s--'), 'id and state')
    with step('until somebody asks for its end'):
        host.virsh('destroy', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')


@story('a guest of ours destroyed by xl', kinds=('pv',), long_kinds=('pvh', 'hvm'))
def destroyed_by_xl(host, step, kind):
    guest = host.guest(kind, 'taken')
    events = host.watch(details=True)
    with step('it starts, paused'):
        host.virsh('define', guest.file)
        host.virsh('start', '--paused', guest.name)
    with step('it is unpaused by xl, which is seen', needed=False, differs='it asks nobody'):
        host.xl('unpause', guest.name)
        host.wait_state(guest, 'running', 5)
    with step('it is shut off when xl has destroyed it'):
        host.xl('destroy', guest.name)
        host.wait_state(guest, 'shut off', 10)
        host.equal(host.virsh('domstate', '--reason', guest.name), 'shut off (destroyed)', 'its state')
    with step('clients heard of it', needed=False):
        host.wait_for(lambda: (guest.name, 'Stopped Destroyed') in events, f'events: {events}', 5)
    with step('it starts once more'):
        host.virsh('start', guest.name)
        host.equal(host.state(guest), 'running', 'its state')
        host.virsh('destroy', guest.name)


@story('the host as a domain')
def domain_zero(host, step):
    domain = host.conn.lookupByID(0)
    with step('Domain-0 is running, with what Xen says of it', needed=False):
        host.equal((domain.name(), domain.state()[0]), ('Domain-0', libvirt.VIR_DOMAIN_RUNNING), 'name and state')
        fields = host.xl('list', 'Domain-0').splitlines()[-1].split()
        host.equal((domain.info()[2] >> 10, domain.info()[3]), (int(fields[2]), int(fields[3])), 'memory and vcpus')
        tree = ElementTree.fromstring(domain.XMLDesc())
        host.equal((tree.get('type'), tree.get('id'), tree.findtext('os/type')), ('xen', '0', 'linux'), 'its XML')
    with step('it can be neither ended nor changed', needed=False):
        for verb in ('destroy', 'shutdown', 'reboot', 'undefine'):
            done = host.virsh(verb, 'Domain-0', expect=None)
            host.check(done.status == 1 and re.search('error: .*(Domain-0|domain 0|host)', done.err, re.I), done.told)
