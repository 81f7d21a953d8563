# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest is defined, lives and dies, as its administrator or itself will."""
from e2e.dumps import MISSING_MIB
from e2e.story import story


@story('a guest is defined, lives, and is destroyed', kinds=('pv', 'pvh'), long_kinds=('hvm',), seconds=400)
def life(host, step, kind):
    guest = host.guest(kind)
    events = host.watch()

    def names():
        return [event for name, event in events if name == guest.name]
    with step('it is defined'):
        host.virsh('define', guest.file)
        host.equal(host.state(guest), 'shut off', 'its state')
    with step('it starts paused'):
        host.virsh('start', '--paused', guest.name)
        host.equal(host.virsh('domstate', '--reason', guest.name), 'paused (user)', 'its state')
    with step('it runs when it is resumed, and boots'):
        host.virsh('resume', guest.name)
        host.equal(host.state(guest), 'running', 'its state')
        guest.wait_up()
    with step('it is known as Xen knows it', needed=False):
        host.equal(host.virsh('domid', guest.name), str(guest.domid()), 'its id')
        host.equal(host.virsh('domname', guest.uuid), guest.name, 'its name')
        host.check(guest.name in host.virsh('list', '--name').split(), 'it is not in the list')
        told = dict(line.split(':', 1) for line in host.virsh('dominfo', guest.name).splitlines() if ':' in line)
        host.equal(told['CPU(s)'].strip(), '1', 'its number of CPUs')
        given_back_mib = guest.memory_mib - int(told['Used memory'].split()[0]) // 1024
        host.check(0 <= given_back_mib <= (MISSING_MIB if kind == 'hvm' else 0), f'its memory: {told["Used memory"]}')
        host.equal(int(told['Max memory'].split()[0]) // 1024, guest.max_memory_mib, 'its maximum of memory')
        host.equal(told['OS Type'].strip(), {'pv': 'xen', 'pvh': 'xenpvh', 'hvm': 'hvm'}[kind], 'its type')
        host.check(float(told['CPU time'].strip().rstrip('s')) > 0, f'its CPU time: {told["CPU time"]}')
    with step('it is suspended, and Xen says so too', needed=False):
        host.virsh('suspend', guest.name)
        host.equal(host.state(guest), 'paused', 'its state')
        host.equal(host.xl_state(guest), '--p---', 'what xl says')
        host.virsh('resume', guest.name)
        host.equal(host.state(guest), 'running', 'its state')
    old = guest.domid()
    with step('a reboot makes it a new domain of Xen, which boots'):
        guest.forget_console()
        host.virsh('reboot', guest.name)
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 30 * host.slow)
        guest.wait_up()
        host.wait_state(guest, 'running')
        host.equal(host.virsh('domid', guest.name), str(guest.domid()), 'its id')
    with step('a shutdown ends it'):
        host.virsh('shutdown', guest.name)
        guest.wait_gone()
        host.wait_state(guest, 'shut off', 10)
        host.equal(host.virsh('domstate', '--reason', guest.name), 'shut off (shutdown)', 'its state')
    with step('it starts again and is destroyed'):
        host.virsh('start', guest.name)
        host.virsh('destroy', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')
        host.equal(host.virsh('domstate', '--reason', guest.name), 'shut off (destroyed)', 'its state')
    with step('clients heard of all that', needed=False, differs='a start in pause is no event of suspension there'):
        order = ['Defined', 'Started', 'Suspended', 'Resumed', 'Suspended', 'Resumed', 'Stopped', 'Started', 'Stopped']
        host.wait_for(lambda: len([name for name in names() if name in order]) >= len(order), f'events: {names()}', 5)
        host.check(names()[0] == 'Defined' and names()[-1] == 'Stopped', f'events: {names()}')
        for name in set(order):
            host.check(names().count(name) >= order.count(name), f'events: {names()}')


@story('a guest powers itself off', kinds=('pv', 'pvh', 'hvm'), long=True)
def poweroff_is_seen(host, step, kind):
    guest = host.guest(kind, 'off')
    events = host.watch()
    with step('it starts without being defined'):
        host.virsh('create', guest.file)
        guest.wait_up()
    with step('when it powers itself off, it is gone'):
        guest.type('poweroff -f')
        guest.wait_gone()
        host.wait_for(lambda: guest.name not in host.virsh('list', '--all', '--name').split(), 'it is no longer listed')
    with step('clients heard of it', needed=False):
        host.wait_for(lambda: (guest.name, 'Stopped') in events, f'events: {events}', 5)
