# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a running guest can be asked for or done to, in each of the ways there are."""
import re

import libvirt

from e2e.bytestream import open_pty
from e2e.daemons import URI
from e2e.dumps import take_dump
from e2e.story import story

DUMP = '/run/guest/core'
DUMP_S = 600  # libxc tries every page of the 4 GiB that a PVH or HVM guest might have


def refused(host, code, call, *arguments):
    """Failure unless the call fails with that code; the message."""
    try:
        call(*arguments)
    except libvirt.libvirtError as error:
        host.equal(error.get_error_code(), code, f'the code of "{error}"')
        return str(error)
    raise host.Failure('it was not refused')


@story('a guest is dumped, interrupted, put to sleep, and reset', kinds=('pv', 'pvh', 'hvm'), long=True,
       seconds=800, peer='it has no inject-nmi')
def asked(host, step, kind):
    guest = host.guest(kind, 'asked')
    with step('it starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    events = host.watch(details=True)
    boot, domain = guest.boot(), host.conn.lookupByName(guest.name)
    with step('its memory is dumped, while it waits'):
        host.virsh('dump', guest.name, DUMP, timeout_s=DUMP_S)
        take_dump(DUMP, guest.memory_mib)
        host.equal(domain.state()[0], libvirt.VIR_DOMAIN_RUNNING, 'its state')
        expected = ['Suspended Paused', 'Resumed Unpaused']
        host.wait_for(lambda: host.events_of(events, guest) == expected, f'events: {events}', 5)
    with step('it gets an NMI, and says so', needed=False):
        domain.injectNMI()
        # where there is no port to ask for the reason, as on PVH, all its bits are set
        host.wait_for(lambda: re.search(r'NMI received|NMI: PCI system error', guest.does('dmesg | tail -n 20')), 'its log')
    sleep_steps(host, step, guest, events)
    with step('it has noticed nothing else', needed=False):
        host.equal(guest.boot(), boot, 'its boot')
    with step('a reset makes it boot anew, without asking it'):
        old = guest.domid()
        guest.forget_console()
        host.virsh('reset', guest.name)
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 30 * host.slow)
        guest.wait_up()
        host.check(guest.boot() != boot, 'it is the same boot')
    with step('destroyed gracefully, it is gone'):
        host.virsh('destroy', '--graceful', guest.name)
        host.check(guest.domid() is None, 'Xen still has it')


def sleep_steps(host, step, guest, events):
    with step('it is put to sleep, and stands still'):
        del events[:]
        host.virsh('dompmsuspend', guest.name, '--target', 'mem')
        host.equal(host.state(guest), 'pmsuspended', 'its state')
        host.equal(host.xl_state(guest), '---ss-', 'what xl says')
    with step('asleep, it is neither resumed nor put to sleep again', needed=False):
        domain = host.conn.lookupByName(guest.name)
        refused(host, libvirt.VIR_ERR_OPERATION_INVALID, domain.resume)
        refused(host, libvirt.VIR_ERR_OPERATION_INVALID, domain.pMSuspendForDuration,
                libvirt.VIR_NODE_SUSPEND_TARGET_MEM, 0)
    with step('it is woken up, and goes on'):
        host.virsh('dompmwakeup', guest.name)
        host.equal(host.virsh('domstate', '--reason', guest.name), 'running (event wakeup)', 'its state')
        guest.does('echo awake')
    with step('clients heard of its sleep', needed=False):
        expected = ['PMSuspended', 'Started Wakeup']
        host.wait_for(lambda: host.events_of(events, guest) == expected, f'events: {events}', 5)
    with step('to disk, or for a while, it is not put to sleep, and told why', needed=False):
        done = host.virsh('dompmsuspend', guest.name, '--target', 'disk', expect=None)
        host.check(done.status == 1 and 'memory' in done.err, done.told)
        done = host.virsh('dompmsuspend', guest.name, '--target', 'mem', '--duration', '5', expect=None)
        host.check(done.status == 1 and 'duration' in done.err, done.told)


@story('a dump that ends the guest', kinds=(), long_kinds=('pv',), seconds=400)
def crash_dump(host, step, kind):
    guest = host.guest(kind, 'dumped')
    events = host.watch(details=True)
    with step('it starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    with step('it is dumped while it runs on', needed=False):
        del events[:]
        host.virsh('dump', '--live', '--memory-only', guest.name, DUMP)
        take_dump(DUMP, guest.memory_mib)
        host.equal((host.events_of(events, guest), host.state(guest)), ([], 'running'), 'events and state')
    with step('another dump is its last, and it is called crashed'):
        host.virsh('dump', '--crash', guest.name, DUMP)
        take_dump(DUMP, guest.memory_mib)
        host.check(guest.domid() is None, 'Xen still has it')
        host.equal(host.virsh('domstate', '--reason', guest.name), 'shut off (crashed)', 'its state')
        host.wait_for(lambda: host.events_of(events, guest)[-1:] == ['Stopped Crashed'], f'events: {events}', 5)
    with step('what cannot be written to is refused, and the guest runs on'):
        host.virsh('start', guest.name)
        done = host.virsh('dump', guest.name, '/run/no-such-folder/core', expect=None)
        host.check(done.status == 1 and 'no-such-folder' in done.err, done.told)
        host.equal(host.state(guest), 'running', 'its state')
    with step('--paused it starts and stays so; --force-boot is no harm without a managed save'):
        host.virsh('destroy', guest.name)
        guest.forget_console()
        host.virsh('start', '--paused', '--force-boot', guest.name)
        host.equal(host.virsh('domstate', '--reason', guest.name), 'paused (user)', 'its state')
        host.virsh('resume', guest.name)
        guest.wait_up()  # a kernel that has not begun cannot be asked to suspend itself
        host.virsh('managedsave', guest.name)
        guest.forget_console()
        host.virsh('start', '--force-boot', guest.name)
        guest.wait_up()
        host.check('Managed save:   no' in host.virsh('dominfo', guest.name), host.virsh('dominfo', guest.name))
        host.virsh('destroy', guest.name)


@story('a guest goes with its client', kinds=('pv', 'pvh'), long=True, seconds=90)
def autodestroy(host, step, kind):
    guest, defined = host.guest(kind, 'owned'), host.guest(kind, 'defined')
    host.virsh('define', defined.file)
    with step('a client creates one guest and starts another, to go with it'):
        client = libvirt.open(URI)
        client.createXML(guest.xml(), libvirt.VIR_DOMAIN_START_AUTODESTROY | libvirt.VIR_DOMAIN_START_PAUSED)
        client.lookupByName(defined.name).createWithFlags(libvirt.VIR_DOMAIN_START_AUTODESTROY)
        host.check(None not in (guest.domid(), defined.domid()), 'Xen has not got both')
    with step('when another client leaves, they stay', needed=False):
        host.virsh('domstate', guest.name)
        host.check(None not in (guest.domid(), defined.domid()), 'Xen has not got both')
    with step('when it leaves, they go'):
        client.close()
        guest.wait_gone()
        defined.wait_gone()
        host.wait_state(defined, 'shut off')
        host.check(guest.name not in host.virsh('list', '--all', '--name').split(), 'it is still listed')


@story('a guest is asked to shut down and to reboot, by each way there is', kinds=(), long_kinds=('pv', 'pvh', 'hvm'),
       seconds=400)
def modes(host, step, kind):
    guest = host.guest(kind, 'modes', arguments='vx.emulated')
    host.virsh('define', guest.file)
    events = host.watch(details=True)

    def starts():
        guest.forget_console()
        host.virsh('start', guest.name)
        guest.wait_up()
    with step('it is shut down by PV control'):
        starts()
        host.virsh('shutdown', '--mode', 'paravirt', guest.name)
        guest.wait_gone()
        host.wait_state(guest, 'shut off')
        host.wait_for(lambda: host.events_of(events, guest)[-2:] == ['Shutdown', 'Stopped Shutdown'], f'events: {events}', 5)
    with step('it is rebooted by PV control'):
        starts()
        old = guest.domid()
        guest.forget_console()
        host.virsh('reboot', '--mode', 'paravirt', guest.name)
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 30 * host.slow)
        guest.wait_up()
    if kind != 'hvm':
        with step('it has no button, which the error says', differs='it says that it has pressed it'):
            for verb in ('shutdown', 'reboot'):
                done = host.virsh(verb, '--mode', 'acpi', guest.name, expect=None)
                host.check(done.status == 1 and 'button' in done.err, done.told)
            host.equal(host.state(guest), 'running', 'its state')
        host.virsh('destroy', guest.name)
        return
    with step('it is rebooted by its power button'):
        old = guest.domid()
        guest.forget_console()
        host.virsh('reboot', '--mode', 'acpi', guest.name)
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 60 * host.slow)
        guest.wait_up()
    with step('it is shut down by its power button'):
        host.virsh('shutdown', '--mode', 'acpi', guest.name)
        guest.wait_gone(60)
        host.wait_state(guest, 'shut off')


@story('a guest without drivers of Xen is shut down by its button', kinds=(), long_kinds=('hvm',), seconds=400)
def no_drivers(host, step, kind):
    guest = host.guest(kind, 'bare', arguments='vx.emulated xen_nopv console=ttyS0')
    with step('it boots'):
        host.virsh('create', guest.file)
        with open_pty(guest.node('serial/0/tty')) as serial:
            said = serial.until(b'GUEST-UP', 90 * host.slow)
        host.check(b'GUEST-UP' in said, f'its serial port said {said[-500:]!r}')
    with step('it is asked in the one way there is, and goes'):
        host.virsh('shutdown', guest.name)
        guest.wait_gone(60)
