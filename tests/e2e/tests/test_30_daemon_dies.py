# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon may be killed and started at any time: its guests do not notice, and it misses nothing."""
from e2e.bytestream import echoes, open_socket
from e2e.story import story

SOCKET = '/run/guest/survivor.sock'


@story('the daemon is killed while guests run', kinds=('pv',), long_kinds=('pvh',), seconds=400)
def killed(host, step, kind):
    guest = host.guest(kind, 'survivor', channels=[host.channel_xml('a.b', SOCKET), host.channel_xml('c.d')],
                       elements='<on_poweroff>restart</on_poweroff>')
    other = host.guest(kind, 'victim')
    with step('two guests run'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        host.virsh('create', other.file)
        guest.wait_up()
        other.wait_up()
    xml, domid = host.virsh('dumpxml', guest.name), guest.domid()
    with step('while the daemon is dead, one goes on and its channel carries bytes'):
        host.disconnect()
        host.daemon.kill()
        with open_socket(SOCKET) as stream:
            echoes(stream, b'nobody watches')
    with step('the daemon comes back, and knows it as before'):
        host.xl('destroy', other.name)
        host.daemon.start()
        host.equal(host.state(guest), 'running', 'its state')
        host.equal(host.virsh('domid', guest.name), str(domid), 'its id')
        host.equal(host.virsh('dumpxml', guest.name), xml, 'its live XML')
    with step('the one that died meanwhile is no longer listed', needed=False):
        host.wait_for(lambda: other.name not in host.virsh('list', '--all', '--name').split(), 'it is gone', 10)
    with step('what shall happen on poweroff still does'):
        guest.forget_console()
        guest.type('poweroff -f')
        host.wait_for(lambda: guest.domid() not in (domid, None), 'it has another id', 30 * host.slow)
        guest.wait_up()
    with step('it is shut down'):
        host.virsh('destroy', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')


@story('autostart', seconds=200)
def autostart(host, step):
    guest = host.guest('pvh', 'auto')
    with step('a guest is marked'):
        host.virsh('define', guest.file)
        host.virsh('autostart', guest.name)
    with step('it starts with the daemon'):
        host.disconnect()
        host.daemon.stop()
        host.forget_autostart()
        host.daemon.start()
        host.wait_state(guest, 'running', 30)
        host.check(guest.domid() is not None, 'Xen has no such domain')
    with step('it is not started a second time'):
        domid = guest.domid()
        host.disconnect()
        host.daemon.restart()
        host.equal(host.state(guest), 'running', 'its state')
        host.equal(guest.domid(), domid, 'its id')
    with step('it is forgotten'):
        host.virsh('destroy', guest.name)
        host.virsh('undefine', guest.name)
