# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is told of a running guest is what Xen says, and what is set reaches Xen."""
import os
import re
import socket
import xml.etree.ElementTree as ElementTree

import libvirt

from e2e.story import story

MIB = 1024
LESS_MIB = 24  # by which memory is taken away
VIDEO_MIB = 8  # of an HVM guest's memory, which libxl keeps from it: its balloon driver gives it back when it begins


def xl_vcpus(host, guest):
    """What xl says of each vcpu: (state, CPU it is on, seconds it ran, hard affinity)."""
    found = {}
    for line in host.xl('vcpu-list', guest.name).splitlines()[1:]:
        fields = re.sub(r' / .*', '', line).split()
        found[int(fields[2])] = (fields[4], fields[3], float(fields[5]), fields[6])
    return found


def credit(host, guest):
    """Weight and cap, as xl says."""
    scheduler = re.search(r'^xen_scheduler +: (\w+)', host.xl('info'), re.M)[1]
    told = host.xl(f'sched-{scheduler}', '-d', guest.name).splitlines()[-1].split()
    return int(told[2]), int(told[3])


def mib_of(host, guest):
    """The guest's memory, as xl says."""
    return int(host.xl('list', guest.name).splitlines()[1].split()[2])


@story('what is told and set of CPUs and memory', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=400,
       peer='it has no domstats')
def truth(host, step, kind):
    guest = host.guest(kind, 'truth', vcpus=2)
    with step('it starts'):
        host.virsh('create', guest.file)
        guest.wait_up()
    domain = host.conn.lookupByName(guest.name)
    vcpu_steps(host, step, guest, domain)
    memory_steps(host, step, guest, domain)
    scheduler_steps(host, step, guest, domain)
    stats_steps(host, step, guest, domain)
    xml_steps(host, step, guest, domain)
    with step('it is destroyed'):
        host.virsh('destroy', guest.name)


def vcpu_steps(host, step, guest, domain):
    with step('each vcpu is where Xen has it, and its time is what Xen counts', needed=False):
        before = xl_vcpus(host, guest)
        told, maps = domain.vcpus()
        after = xl_vcpus(host, guest)
        host.equal([number for number, *_ in told], [0, 1], 'the vcpus')
        for number, state, nanoseconds, _ in told:
            host.check(state in (libvirt.VIR_VCPU_RUNNING, libvirt.VIR_VCPU_BLOCKED), f'state of {number}: {state}')
            host.check(before[number][2] - 0.1 <= nanoseconds / 1e9 <= after[number][2] + 0.1,
                       f'time of {number}: {nanoseconds}, xl: {before[number]}, {after[number]}')
        host.equal([list(cpus) for cpus in maps], [[True] * os.cpu_count()] * 2, 'where they may run')
        total = domain.info()[4] / 1e9
        host.check(sum(vcpu[2] for vcpu in before.values()) - 0.2 <= total, f'CPU time: {total}, xl: {before}')
    if os.cpu_count() > 1:
        with step('a vcpu is pinned, which Xen does', needed=False):
            domain.pinVcpuFlags(1, (True, False), libvirt.VIR_DOMAIN_AFFECT_LIVE)
            host.equal([vcpu[3] for _, vcpu in sorted(xl_vcpus(host, guest).items())], ['all', '0'], 'what xl says')
            host.equal([list(cpus) for cpus in domain.vcpus()[1]], [[True, True], [True, False]], 'what is told')
    if guest.kind == 'hvm':
        with step('no vcpu can be taken away from it, and that is said', needed=False):
            done = host.virsh('setvcpus', guest.name, '1', '--live', expect=None)
            host.check(done.status == 1 and 'HVM guest' in done.err, done.told)
            host.equal(domain.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_LIVE), 2, 'their number')
        return
    with step('a vcpu is taken away from the guest, and given back', needed=False):
        domain.setVcpusFlags(1, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        host.wait_for(lambda: domain.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_LIVE) == 1, 'one is left', 20 * host.slow)
        host.equal(xl_vcpus(host, guest)[1][0], '--p', 'the state of the other one')
        told = guest.does('cat /sys/devices/system/cpu/online')
        host.equal(re.search(r'^0.*$', told, re.M)[0], '0', 'what the guest has')
        host.equal(domain.vcpus()[0][1][1] if len(domain.vcpus()[0]) > 1 else libvirt.VIR_VCPU_OFFLINE,
                   libvirt.VIR_VCPU_OFFLINE, 'its state')
        domain.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        online = 'echo 1 >/sys/devices/system/cpu/cpu1/online; cat /sys/devices/system/cpu/online'  # udev's work
        host.wait_for(lambda: '0-1' in guest.does(online), 'both are back', 20 * host.slow)
        host.equal(domain.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_LIVE), 2, 'their number')


def own_mib(guest):
    """What a guest has that nothing was taken from."""
    return guest.memory_mib - (VIDEO_MIB if guest.kind == 'hvm' else 0)


def memory_steps(host, step, guest, domain):
    less = own_mib(guest) - LESS_MIB
    with step('memory is taken from the guest, as Xen sees', needed=False):
        host.wait_for(lambda: mib_of(host, guest) == own_mib(guest), 'xl says what it has', 20 * host.slow)
        host.equal(domain.info()[2] // MIB, own_mib(guest), 'what it has')
        domain.setMemoryFlags((guest.memory_mib - LESS_MIB) * MIB, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        host.wait_for(lambda: domain.info()[2] // MIB == less, f'{less} MiB', 20 * host.slow)
        host.equal(mib_of(host, guest), less, 'what xl says')
        host.equal(domain.memoryStats()['actual'] // MIB, less, 'dommemstat')
        host.equal(domain.info()[1] // MIB, guest.max_memory_mib, 'the maximum')
    with step('and given back', needed=False):
        domain.setMemory(guest.memory_mib * MIB)
        host.wait_for(lambda: domain.info()[2] // MIB == own_mib(guest), 'all of it', 20 * host.slow)
        host.equal(mib_of(host, guest), own_mib(guest), 'what xl says')
    with step('more than the maximum is refused', needed=False):
        done = host.virsh('setmem', guest.name, f'{guest.max_memory_mib * 2}M', '--live', expect=None)
        host.check(done.status == 1 and 'error' in done.err, done.told)


def scheduler_steps(host, step, guest, domain):
    with step("the scheduler's weight and cap are read and set as xl has them", needed=False):
        told = domain.schedulerParameters()
        host.equal((told['weight'], told['cap']), credit(host, guest), 'what is told at first')
        host.virsh('schedinfo', guest.name, '--live', '--set', 'weight=512', '--set', 'cap=50')
        host.equal(credit(host, guest), (512, 50), 'what xl says')
        host.equal(domain.schedulerParameters(), {'weight': 512, 'cap': 50}, 'what is told')
        domain.setSchedulerParameters({'cap': 0})
        host.equal(credit(host, guest), (512, 0), 'what xl says')


def stats_steps(host, step, guest, domain):
    stats = host.conn.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL |
                                         libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_VCPU)[0][1]
    with step('domstats tells the same in one call', needed=False):
        expected = {'state.state': libvirt.VIR_DOMAIN_RUNNING, 'state.reason': libvirt.VIR_DOMAIN_RUNNING_BOOTED,
                    'vcpu.current': 2, 'vcpu.maximum': 2}
        host.equal({key: stats.get(key) for key in expected}, expected, 'domstats')
        host.equal((stats['balloon.current'] // MIB, stats['balloon.maximum'] // MIB),
                   (own_mib(guest), guest.max_memory_mib), 'its memory')
        times = [stats[f'vcpu.{number}.time'] for number in range(2)]
        host.check(0 < sum(times) <= domain.info()[4], f'times of vcpus: {times}')
        host.check({f'vcpu.{number}.state' for number in range(2)} <= set(stats), str(stats))
    with step('CPU time goes on', needed=False):
        guest.does('i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done')
        after = host.conn.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_CPU_TOTAL)[0][1]['cpu.time']
        host.check(0 < stats['cpu.time'] < after, f'{stats["cpu.time"]} ns, then {after} ns')


def xml_steps(host, step, guest, domain):
    with step('the live XML has the id and the pty that Xen has', needed=False):
        tree = ElementTree.fromstring(domain.XMLDesc())
        host.equal(tree.get('id'), str(guest.domid()), 'the id')
        console, node = tree.find('devices/console'), 'serial/0/tty' if guest.kind == 'hvm' else 'console/tty'
        host.equal((console.get('tty'), console.find('source').get('path')), (guest.node(node),) * 2, 'the pty')
        host.equal(host.virsh('ttyconsole', guest.name), guest.node(node), 'ttyconsole')
    with step('what another guest can be made from has neither', needed=False):
        tree = ElementTree.fromstring(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        host.equal((tree.get('id'), tree.find('devices/console').get('tty')), (None, None), 'id and pty')


VNC = '<graphics type="vnc" port="-1" autoport="yes" listen="127.0.0.1"/>'
VFB = '<input type="mouse" bus="xen"/><input type="keyboard" bus="xen"/>'


@story('a display', kinds=(), long_kinds=('pv', 'hvm'))
def display(host, step, kind):
    video = '<video><model type="vga"/></video>' if kind == 'hvm' else VFB
    guests = [host.guest(kind, 'display', devices=VNC + video) for _ in range(2)]
    with step('two guests with a display each start'):
        for guest in guests:
            host.virsh('create', guest.file)
    ports = []
    for guest in guests:
        with step(f'{guest.name}: its port is the one that answers', needed=False):
            tree = ElementTree.fromstring(host.virsh('dumpxml', guest.name))
            ports.append(int(tree.find('devices/graphics').get('port')))
            host.check(ports[-1] >= 5900, f'port {ports[-1]}')
            host.equal(host.virsh('vncdisplay', guest.name), f'127.0.0.1:{ports[-1] - 5900}', 'vncdisplay')
            with socket.create_connection(('127.0.0.1', ports[-1]), 10) as connection:
                host.equal(connection.recv(4), b'RFB ', 'what it says')
    with step('each has a port of its own', needed=False):
        host.equal(len(set(ports)), 2, f'ports {ports}')
    for guest in guests:
        host.virsh('destroy', guest.name)
