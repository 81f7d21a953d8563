# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks and interfaces: each by the backend that its definition asks for, and plugged into a running guest."""
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree

import libvirt

from e2e import disks
from e2e.guest import BZIMAGE, INITRAMFS
from e2e.shell import run
from e2e.story import story

GRUB_CFG = '''set timeout=0
menuentry "The guest" {
    linux /boot/vmlinuz console=hvc0 quiet vx.from=%s
    initrd /boot/initramfs
}
'''
MAC, PLUGGED_MAC = '00:16:3e:70:00:01', '00:16:3e:70:00:02'
HOST_ADDRESS, GUEST_ADDRESS = '10.7.0.1', '10.7.0.2/24'
FILE = '/run/guest/device.xml'


def backends(host, guest):
    """Which backend serves which disk, as Xen's own tool has it: {'xvda': 'qdisk'}."""
    found = {}
    for line in host.xl('block-list', guest.name).splitlines()[1:]:
        number, path = line.split()[0], line.split()[-1]
        found[f'xvd{chr(ord("a") + ((int(number) & 0xff) >> 4))}'] = path.split('/')[-3]
    return found


def reads(host, guest, device, pattern):
    host.wait_for(lambda: pattern in guest.does(f'head -c {len(pattern)} /dev/{device}; echo'),
                  f'/dev/{device} begins with {pattern}', 20 * host.slow)


def writes(host, guest, device, path):
    word = f'written to {device}'
    guest.does(f'echo {word} | dd of=/dev/{device} bs={disks.BLOCK} seek={disks.WRITTEN_AT} conv=sync,fsync')
    host.equal(disks.written(path), word, f'what is in {path}')


def pings(host, guest):
    told = guest.does(f'ping -c 3 -i 0.2 {HOST_ADDRESS}', 40 * host.slow)
    host.check(re.search(r' [1-3] packets received', told), told)


def interfaces(host, guest):
    """The names of the host's ends by MAC address, as clients see them."""
    lines = [line.split() for line in host.virsh('domiflist', guest.name).splitlines()]
    return {fields[4]: fields[0] for fields in lines}


def device_file(text):
    with open(FILE, 'w', encoding='utf-8') as out:
        out.write(text)
    return FILE


def watch_devices(host):
    """Notes what comes to guests and leaves them."""
    seen = []

    def heard(_conn, domain, alias, what):
        seen.append((domain.name(), what, alias))
    for kind, what in ((libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, 'added'),
                       (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, 'removed')):
        host.conn.domainEventRegisterAny(None, kind, heard, what)
    return seen


@story('disks and interfaces, from the start and plugged', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=400)
def devices(host, step, kind):
    raw, phy = disks.make_raw('a', 'THE-RAW-FILE'), disks.make_raw('c', 'THE-BLOCK-DEVICE')
    qcow2, plugged = disks.make_qcow2('b', 'THE-QCOW2-FILE'), disks.make_raw('d', 'PLUGGED-IN')
    with disks.loop_device(phy) as loop:
        guest = host.guest(kind, 'devices', arguments=f'vx.ip={GUEST_ADDRESS}', devices=''.join((
            disks.disk_xml('xvda', raw), disks.disk_xml('xvdb', qcow2, image='qcow2'),
            disks.disk_xml('xvdc', loop, driver='phy'), disks.interface_xml(MAC))))
        devices_steps(host, step, guest, {'raw': raw, 'phy': loop, 'plugged': plugged})
    for path in (raw, phy, qcow2, plugged):
        os.remove(path)


def devices_steps(host, step, guest, paths):
    with step('it starts'):
        host.virsh('create', guest.file, timeout_s=150)
        guest.wait_up()
    domain = host.conn.lookupByName(guest.name)
    with step('each disk is served by what its definition asks for', needed=False):
        host.equal(backends(host, guest), {'xvda': 'qdisk', 'xvdb': 'qdisk', 'xvdc': 'vbd'}, 'the backends')
    with step('the guest reads what is in them', needed=False):
        for device, pattern in (('xvda', 'THE-RAW-FILE'), ('xvdb', 'THE-QCOW2-FILE'), ('xvdc', 'THE-BLOCK-DEVICE')):
            reads(host, guest, device, pattern)
    with step('it writes to those it may write to', needed=False):
        writes(host, guest, 'xvda', paths['raw'])
        writes(host, guest, 'xvdc', paths['phy'])
    with step('its counters tell what the guest has read and written', needed=False):
        before = domain.blockStats('xvdc')
        guest.does('dd if=/dev/xvdc of=/dev/null bs=64k count=16 iflag=direct')
        host.wait_for(lambda: domain.blockStats('xvdc')[1] >= before[1] + (1 << 20), 'bytes that were read', 10)
        host.check(before[2] >= 1 and before[3] >= disks.BLOCK, f'writes: {before}')
    network_steps(host, step, guest, domain)
    plug_steps(host, step, guest, paths['plugged'])
    with step('it is destroyed'):
        host.virsh('destroy', guest.name)


def network_steps(host, step, guest, domain):
    vif = f'vif{guest.domid()}.0'
    with step('the guest reaches the host over its bridge'):
        host.check(os.path.exists(f'/sys/class/net/xenbr0/brif/{vif}'), f'{vif} is not in the bridge')
        pings(host, guest)
    with step("clients see the host's end of it, and its counters", needed=False):
        host.equal(interfaces(host, guest), {MAC: vif}, 'interfaces')
        tree = ElementTree.fromstring(domain.XMLDesc())
        host.equal([target.get('dev') for target in tree.iterfind('devices/interface/target')], [vif], 'the live XML')
        received, sent = (domain.interfaceStats(vif)[number] for number in (1, 5))
        host.check(received >= 1 and sent >= 1, f'{received} packets received, {sent} sent')
        stats = host.conn.domainListGetStats([domain])[0][1]
        host.equal((stats['net.count'], stats['net.0.name']), (1, vif), 'domstats')
        host.equal((stats['block.count'], stats['block.2.name']), (3, 'xvdc'), 'domstats')
        host.check(stats['block.2.rd.bytes'] > 0 and stats['net.0.tx.pkts'] >= sent, str(stats))


def plug_steps(host, step, guest, path):
    heard = watch_devices(host)
    before = host.traces()
    with step('a file is plugged in as libxl likes best, read-only, and the guest reads it'):
        host.virsh('attach-device', guest.name, device_file(disks.disk_xml('xvdd', path, driver=None, readonly=True)),
                   '--live', timeout_s=150)
        reads(host, guest, 'xvdd', 'PLUGGED-IN')
        host.equal(backends(host, guest).get('xvdd'), 'vbd', 'its backend')
        told = guest.does('cat /sys/block/xvda/ro /sys/block/xvdd/ro')
        host.check(re.search(r'^0\n1$', told, re.M), told)
        host.check(path in host.virsh('domblklist', guest.name), 'it is not in domblklist')
    with step('and taken out'):
        host.virsh('detach-disk', guest.name, 'xvdd', '--live', timeout_s=150)
        host.check('xvdd' not in host.virsh('domblklist', guest.name), 'it is still in domblklist')
        host.wait_for(lambda: 'none' in guest.does('[ -e /sys/block/xvdd ] || echo no"ne"'), 'the guest has lost it')
    with step('one that the device model cannot open is not plugged in, and its words say why', needed=False):
        wrong = disks.disk_xml('xvde', path, image='qcow2')
        done = host.virsh('attach-device', guest.name, device_file(wrong), '--live', expect=None, timeout_s=150)
        host.check(done.status == 1 and 'not in qcow2 format' in done.err, done.told)
        host.check('xvde' not in backends(host, guest), 'Xen has it')
        host.check('xvde' not in host.virsh('domblklist', guest.name), 'it is in domblklist')
    with step('an interface is plugged in, and taken out'):
        host.virsh('attach-interface', guest.name, 'bridge', 'xenbr0', '--mac', PLUGGED_MAC, '--live', timeout_s=150)
        vif = f'vif{guest.domid()}.1'
        host.equal(interfaces(host, guest).get(PLUGGED_MAC), vif, 'its name')
        host.check(os.path.exists(f'/sys/class/net/xenbr0/brif/{vif}'), f'{vif} is not in the bridge')
        host.wait_for(lambda: PLUGGED_MAC in guest.does('cat /sys/class/net/eth1/address'), 'the guest has it')
        host.virsh('detach-interface', guest.name, 'bridge', '--mac', PLUGGED_MAC, '--live', timeout_s=150)
        host.check(PLUGGED_MAC not in interfaces(host, guest), 'it is still listed')
    with step('nothing is left of what was taken out', needed=False):
        host.wait_traces(before)
    with step('clients heard of each device', needed=False):
        expected = ['added', 'removed'] * 2
        host.wait_for(lambda: [what for name, what, _ in heard if name == guest.name] == expected,
                      f'events: {heard}', 5)


def make_boot_disk(word):
    """An image with a kernel, an initramfs and grub's menu, which has WORD."""
    tree, path = '/run/guest/bootable', '/run/guest/bootable.raw'
    os.makedirs(f'{tree}/boot/grub')
    for name, source in (('vmlinuz', BZIMAGE), ('initramfs', INITRAMFS)):
        shutil.copy(source, f'{tree}/boot/{name}')
    with open(f'{tree}/boot/grub/grub.cfg', 'w', encoding='ascii') as file:
        file.write(GRUB_CFG % word)
    run('mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree, path, '48M')
    shutil.rmtree(tree)
    return path


@story('a boot loader finds the kernel on the guest\'s disk', kinds=(), long_kinds=('pv', 'pvh'), seconds=400)
def bootloader(host, step, kind):
    image = make_boot_disk('grub')
    guest = host.guest(kind, 'grub', bootloader='pygrub', devices=disks.disk_xml('xvda', image))
    with step('it starts, and boots from there'):
        host.virsh('create', guest.file, timeout_s=150)
        guest.wait_up()
        host.check('vx.from=grub' in guest.does('cat /proc/cmdline'), guest.console())
    with step('it reboots from there as well'):
        old = guest.domid()
        guest.forget_console()
        host.virsh('reboot', guest.name)
        host.wait_for(lambda: guest.domid() not in (old, None), 'it has another id', 60 * host.slow)
        guest.wait_up()
    host.virsh('destroy', guest.name)
    with step('of a disk without a kernel, the error says what the boot loader says'):
        before = host.traces()
        with open(image, 'r+b') as file:
            file.write(bytes(1 << 20))
        done = host.virsh('create', guest.file, expect=None, timeout_s=150)
        host.check(done.status == 1 and 'bootloader failed' in done.err and 'nable to find' in done.err, done.told)
        host.wait_traces(before)
    os.remove(image)


@story('the medium of a CD-ROM drive is changed', kinds=(), long_kinds=('hvm',), seconds=400)
def cdrom(host, step, kind):
    first, second = disks.make_raw('first', 'FIRST-MEDIUM'), disks.make_raw('second', 'SECOND-MEDIUM')
    guest = host.guest(kind, 'cdrom', arguments='vx.emulated',
                       devices=disks.disk_xml('hdc', first, device='cdrom', bus='ide', readonly=True))
    with step('the guest reads the first one'):
        host.virsh('create', guest.file)
        guest.wait_up()
        reads(host, guest, 'sr0', 'FIRST-MEDIUM')
    with step('it is taken out'):
        host.virsh('change-media', guest.name, 'hdc', '--eject', '--live')
        host.check('FIRST' not in guest.does('head -c 12 /dev/sr0'), guest.console())
        host.check(re.search(r'^ *hdc +-$', host.virsh('domblklist', guest.name), re.M), 'it is in domblklist')
    with step('the guest reads the second one'):
        host.virsh('change-media', guest.name, 'hdc', second, '--insert', '--live')
        reads(host, guest, 'sr0', 'SECOND-MEDIUM')
        host.check(second in host.virsh('dumpxml', guest.name), 'it is not in the XML')
    host.virsh('destroy', guest.name)
    for path in (first, second):
        os.remove(path)
