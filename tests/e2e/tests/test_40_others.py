# SPDX-License-Identifier: LGPL-2.1-or-later
"""What others do on the same host: xl starts a guest of its own, or ends one of ours."""
from e2e.story import story

CONFIG = '''name = "%s"
uuid = "%s"
type = "%s"
memory = 128
vcpus = 1
kernel = "/run/guest/vmlinux"
ramdisk = "/run/guest/initramfs"
extra = "console=hvc0 quiet"
'''


@story('a guest started by xl', kinds=('pv',), long_kinds=('pvh',))
def foreign(host, step, kind):
    guest = host.guest(kind, 'foreign')
    path = f'/run/guest/{guest.name}.cfg'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(CONFIG % (guest.name, guest.uuid, kind))
    with step('xl starts it'):
        host.xl('create', '-q', path)
        guest.wait_up()
    with step('it is not taken for one of ours, and left alone'):
        host.virsh('list', '--all')
        host.check(guest.domid() is not None, 'it is gone')
    with step('the daemon starts again, and leaves it alone'):
        host.disconnect()
        host.daemon.restart()
        domid = guest.domid()
        host.virsh('list', '--all')
        host.check(domid is not None and guest.domid() == domid, 'it is gone')
    with step('it shuts down for xl'):
        host.xl('shutdown', '-w', guest.name)
        guest.wait_gone()


@story('a guest of ours destroyed by xl', kinds=('pv',), long_kinds=('pvh', 'hvm'))
def destroyed_by_xl(host, step, kind):
    guest = host.guest(kind, 'taken')
    events = host.watch()
    with step('it starts, paused'):
        host.virsh('define', guest.file)
        host.virsh('start', '--paused', guest.name)
    with step('it is unpaused by xl, which is seen', needed=False, differs='it asks nobody'):
        host.xl('unpause', guest.name)
        host.wait_state(guest, 'running', 5)
    with step('it is shut off when xl has destroyed it'):
        host.xl('destroy', guest.name)
        host.wait_state(guest, 'shut off', 10)
    with step('clients heard of it', needed=False):
        host.wait_for(lambda: (guest.name, 'Stopped') in events, f'events: {events}', 5)
    with step('it starts once more'):
        host.virsh('start', guest.name)
        host.equal(host.state(guest), 'running', 'its state')
        host.virsh('destroy', guest.name)
