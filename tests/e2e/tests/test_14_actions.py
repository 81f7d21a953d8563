# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is done with a guest that has come to its end: <on_poweroff>, <on_reboot>, <on_crash>."""
import glob
import os

from e2e.dumps import take_dump
from e2e.story import story

ACTIONS = '<on_poweroff>%s</on_poweroff><on_reboot>%s</on_reboot><on_crash>%s</on_crash>'
DUMPS, DUMP = '/var/lib/libvirt/libxl/dump', '/run/guest/core'


def starts(host, guest):
    host.virsh('create', guest.file)
    guest.wait_up()


def restarts(host, guest, end):
    """Failure unless the guest is started anew after END(); its former id."""
    old = guest.domid()
    guest.forget_console()
    end()
    wait_restarted(host, guest, old)
    return old


def wait_restarted(host, guest, old):
    host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 60 * host.slow)
    guest.wait_up()


def dump_of(host, guest):
    """The path of the one dump that was made of the guest."""
    found = glob.glob(f'{DUMPS}/{guest.name}-*')
    host.equal(len(found), 1, f'the number of dumps ({found})')
    return found[0]


@story('actions: restart, and preserve', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=200)
def restarted_preserved(host, step, kind):
    guest = host.guest(kind, 'ends', elements=ACTIONS % ('restart', 'destroy', 'destroy'))
    events = host.watch(details=True)
    with step('it starts'):
        starts(host, guest)
    with step('when it powers itself off, it is started again'):
        restarts(host, guest, lambda: guest.type('poweroff -f'))
        host.equal(host.state(guest), 'running', 'its state')
        expected = ['Started Booted', 'Shutdown', 'Stopped Shutdown', 'Started Booted']
        host.wait_for(lambda: host.events_of(events, guest) == expected, f'events: {events}', 5)
    with step('when it crashes, which now means that it is preserved, it stays, and is called crashed',
              differs='it is called shut off'):
        host.virsh('set-lifecycle-action', guest.name, 'crash', 'preserve', '--live')
        guest.crash()
        host.wait_for(lambda: host.xl_state(guest) == '---sc-', 'Xen says so', 30 * host.slow)
        host.wait_state(guest, 'crashed', 10)
        host.wait_for(lambda: host.events_of(events, guest)[-1] == 'Crashed', f'events: {events}', 5)
    with step('until it is destroyed'):
        host.virsh('destroy', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')
        host.wait_for(lambda: host.events_of(events, guest)[-1] == 'Stopped Destroyed', f'the last event: {events}', 5)


@story('actions: destroy upon a reboot, preserve upon a poweroff', kinds=(), long_kinds=('pv', 'pvh', 'hvm'),
       seconds=400)
def destroyed_preserved(host, step, kind):
    guest = host.guest(kind, 'stays', elements=ACTIONS % ('preserve', 'destroy', 'destroy'))
    with step('it starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    with step('when it reboots itself, it is gone'):
        guest.type('reboot -f')
        guest.wait_gone()
        host.wait_state(guest, 'shut off')
    with step('when it powers itself off, it stays'):
        guest.forget_console()
        host.virsh('start', guest.name)
        guest.wait_up()
        guest.type('poweroff -f')
        host.wait_for(lambda: host.xl_state(guest) == '---s--', 'it has shut down', 30 * host.slow)
        host.wait_state(guest, 'in shutdown')
        for verb in ('start', 'suspend', 'shutdown'):
            host.equal(host.virsh(verb, guest.name, expect=None).status, 1, f'the status of {verb}')
    if kind == 'pv':  # of the others it takes minutes
        with step('its memory can still be had', needed=False):
            host.virsh('dump', guest.name, DUMP)
            take_dump(DUMP, guest.memory_mib)
    with step('until it is destroyed, and can be started again'):
        host.virsh('destroy', guest.name)
        host.virsh('start', '--paused', guest.name)
        host.virsh('destroy', guest.name)


@story('actions: rename-restart', kinds=(), long_kinds=('pv', 'pvh', 'hvm'), peer='it cannot rename', seconds=400)
def renamed(host, step, kind):
    guest = host.guest(kind, 'renamed', elements=ACTIONS % ('destroy', 'restart', 'rename-restart'))
    with step('it starts'):
        starts(host, guest)
    with step('when it crashes, another is started in its place'):
        old = restarts(host, guest, guest.crash)
        host.equal(host.state(guest), 'running', 'its state')
    with step('the crashed one is still there, under another name'):
        kept = f'{guest.name}-1'
        host.equal(host.domains().get(kept), old, f'the id of {kept}')
        told = host.virsh('domid', kept), host.virsh('domstate', kept)
        host.equal(told, (str(old), 'crashed'), 'what is told of it')
    with step('also when the daemon has started anew', needed=False):
        host.disconnect()
        host.daemon.restart()
        told = host.virsh('domid', kept), host.virsh('domstate', kept)
        host.equal(told, (str(old), 'crashed'), 'what is told of it')
        host.equal(host.state(guest), 'running', "the other one's state")
    with step('it is destroyed'):
        host.virsh('destroy', kept)
        host.equal(set(host.domains()), {'Domain-0', guest.name}, 'what Xen has')
        host.check(kept not in host.virsh('list', '--all', '--name').split(), 'it is still listed')
    host.virsh('destroy', guest.name)


@story('actions: coredump-restart, and coredump-destroy', kinds=(), long_kinds=('pv',), seconds=400)
def coredump(host, step, kind):
    guest = host.guest(kind, 'dumped', elements=ACTIONS % ('destroy', 'restart', 'coredump-restart'))
    with step('it starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    with step('when it crashes, its memory is kept, and it is started again'):
        restarts(host, guest, guest.crash)
        take_dump(dump_of(host, guest), guest.memory_mib)
    with step('while the daemon is dead, it crashes: the same is done when it comes back'):
        old = guest.domid()
        host.disconnect()
        host.daemon.kill()
        guest.crash()
        host.wait_for(lambda: host.xl_state(guest) == '---sc-', 'Xen says so', 30 * host.slow)
        guest.forget_console()
        host.daemon.start()
        wait_restarted(host, guest, old)
        take_dump(dump_of(host, guest), guest.memory_mib)
    with step('with coredump-destroy, it is gone then'):
        host.virsh('set-lifecycle-action', guest.name, 'crash', 'coredump-destroy', '--live')
        guest.crash()
        guest.wait_gone(60)
        host.wait_state(guest, 'shut off')
        host.equal(host.virsh('domstate', '--reason', guest.name), 'shut off (crashed)', 'its state')
        take_dump(dump_of(host, guest), guest.memory_mib)
    os.rmdir(DUMPS)
