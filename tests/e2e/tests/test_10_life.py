# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest is defined, lives and dies."""
from e2e.story import story


@story('a guest is defined, starts, and is destroyed', kinds=('pv', 'pvh'), long_kinds=('hvm',))
def define_start_destroy(host, step, kind):
    guest = host.guest(kind)
    with step('it is defined'):
        host.virsh('define', guest.file)
        host.equal(host.state(guest), 'shut off', 'its state')
    with step('it starts'):
        host.virsh('start', guest.name)
        host.equal(host.state(guest), 'running', 'its state')
    with step('it boots'):
        guest.wait_up()
    with step('its id is that of Xen', needed=False):
        host.equal(host.virsh('domid', guest.name), str(guest.domid()), 'its id')
        host.check(guest.name in host.virsh('list', '--name').split(), 'it is not in the list')
    with step('it is destroyed'):
        host.virsh('destroy', guest.name)
        guest.wait_gone(10)
        host.equal(host.state(guest), 'shut off', 'its state')
