# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest is defined, lives and dies, as its administrator or itself will."""
from e2e.story import story


@story('a guest is defined, lives, and is destroyed', kinds=('pv', 'pvh'), long_kinds=('hvm',), seconds=150)
def life(host, step, kind):
    guest = host.guest(kind, vcpus=2)
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
        host.equal(told['CPU(s)'].strip(), '2', 'its number of CPUs')
        host.equal(int(told['Used memory'].split()[0]) // 1024, guest.memory_mib, 'its memory')
        host.equal(int(told['Max memory'].split()[0]) // 1024, guest.max_memory_mib, 'its maximum of memory')
        host.equal(told['OS Type'].strip(), {'pv': 'xen', 'pvh': 'xenpvh', 'hvm': 'hvm'}[kind], 'its type')
        host.check(float(told['CPU time'].strip().rstrip('s')) > 0, f'its CPU time: {told["CPU time"]}')
    with step('it is suspended, and Xen says so too', needed=False):
        host.virsh('suspend', guest.name)
        host.equal(host.state(guest), 'paused', 'its state')
        host.check('--p---' in host.xl('list', guest.name), host.xl('list', guest.name))
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


ACTIONS = '<on_poweroff>%s</on_poweroff><on_reboot>%s</on_reboot><on_crash>%s</on_crash>'


@story('a guest powers itself off', kinds=('pv', 'pvh'))
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


@story('actions: a guest that powers off is restarted, one that reboots is not', kinds=('pv',), long_kinds=('pvh',))
def actions_turned_round(host, step, kind):
    guest = host.guest(kind, 'turned', elements=ACTIONS % ('restart', 'destroy', 'destroy'))
    with step('it starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    old = guest.domid()
    with step('when it powers itself off, it is started again'):
        guest.forget_console()
        guest.type('poweroff -f')
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 30 * host.slow)
        guest.wait_up()
    with step('when it reboots itself, it is destroyed'):
        guest.type('reboot -f')
        guest.wait_gone()
        host.check(guest.name not in host.virsh('list', '--all', '--name').split(), 'it is still listed')


@story('actions: a guest that crashes is preserved', kinds=('pv',), long_kinds=('pvh', 'hvm'))
def crash_preserved(host, step, kind):
    guest = host.guest(kind, 'crash', elements=ACTIONS % ('destroy', 'restart', 'preserve'))
    events = host.watch()
    with step('it starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    with step('when it crashes, it stays as it is, and is called crashed', differs='it is called shut off'):
        guest.type('echo c >/proc/sysrq-trigger')
        host.wait_for(lambda: 'c' in host.xl('list', guest.name).split()[-2], 'Xen says so', 30 * host.slow)
        host.wait_state(guest, 'crashed', 10)
        host.check(guest.domid() is not None, 'it is gone')
    with step('clients heard of it', needed=False):
        host.wait_for(lambda: any(name == guest.name and event in ('Crashed', 'Stopped') for name, event in events),
                      f'events: {events}', 5)
    with step('it can be destroyed'):
        host.virsh('destroy', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')


@story('actions: a guest that crashes is restarted, its first body kept under another name', kinds=(),
       long_kinds=('pv', 'pvh'), peer='it cannot rename')
def crash_rename(host, step, kind):
    guest = host.guest(kind, 'renamed', elements=ACTIONS % ('destroy', 'restart', 'rename-restart'))
    with step('it starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    old = guest.domid()
    with step('when it crashes, another is started'):
        guest.forget_console()
        guest.type('echo c >/proc/sysrq-trigger')
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 40 * host.slow)
        guest.wait_up()
    with step('the crashed one is still there, under another name'):
        host.check(old in host.domains().values(), f'domains: {host.domains()}')


@story('a start that fails')
def failed_start(host, step):
    guest = host.guest('pv', 'broken', channels=[host.channel_xml('a')])
    xml = guest.xml().replace('/run/guest/vmlinux', '/run/guest/no-such-kernel')
    with open(guest.file, 'w', encoding='utf-8') as file:
        file.write(xml)
    before = host.traces()
    done = host.virsh('create', guest.file, expect=None)
    with step('it is refused'):
        host.equal(done.status, 1, "virsh's exit status")
    with step('the error names the file that is missing', needed=False, differs='it only names its log'):
        host.check('no-such-kernel' in done.err, done.err)
    with step('it leaves nothing behind'):
        host.wait_traces(before)
        host.equal(host.virsh('list', '--name', '--all').split(), ['Domain-0'], 'the list')
