# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts that fail: why they do is told in libxl's own words, and nothing is left of the guest."""
import os
import subprocess

from e2e import disks
from e2e.story import story

FAILING = '/run/guest/vif-fails'
SILENT = 'it only names its log'
MAC = '00:16:3e:72:00:01'


def fails(host, step, what, guest, *words, xml=None):
    """Two points: the guest is refused with all of these words, and nothing is left of it."""
    with open(guest.file, 'w', encoding='utf-8') as file:
        file.write(xml or guest.xml())
    before = host.traces()
    with step(f'{what}: it says so', needed=False, differs=SILENT):
        done = host.virsh('create', guest.file, expect=None, timeout_s=150)
        host.equal(done.status, 1, "virsh's exit status")
        missing = [word for word in words if word not in done.err]
        host.check(not missing, f'no word of {missing}: {done.err}')
    with step(f'{what}: nothing is left', needed=False):
        host.wait_traces(before)
        host.equal(host.virsh('list', '--name', '--all').split(), ['Domain-0'], 'the list')


def with_devices(host, *devices, **how):
    return host.guest('pv', 'broken', channels=[host.channel_xml('a')], devices=''.join(devices), **how)


@story('starts that fail', long=True, seconds=400)
def failures(host, step):
    guest = with_devices(host)
    fails(host, step, 'no kernel', guest, 'no-such-kernel',
          xml=guest.xml().replace('/run/guest/vmlinux', '/run/guest/no-such-kernel'))
    fails(host, step, 'no disk', with_devices(host, disks.disk_xml('xvda', '/run/guest/no-such-disk')), 'no-such-disk')
    image = disks.make_raw('wrong', 'no qcow2 image')
    fails(host, step, 'a disk that the device model cannot open',
          with_devices(host, disks.disk_xml('xvda', image, image='qcow2')), "'xvda'", 'not in qcow2 format')
    os.remove(image)
    fails(host, step, 'no memory', with_devices(host, memory_mib=64 << 10), 'not enough memory')
    fails(host, step, 'no folder for the socket of a channel', host.guest(
        'pv', 'broken', channels=[host.channel_xml('a', '/run/no-such-folder/a.sock')]), 'no-such-folder')


@story('starts that fail in a hotplug script', long=True, seconds=400)
def hotplug(host, step):
    with open(FAILING, 'w', encoding='ascii') as file:
        file.write('#!/bin/sh\n[ "$1" = offline ] && exit 0\necho "this script fails" >&2\nexit 1\n')
    os.chmod(FAILING, 0o755)
    fails(host, step, 'no bridge', with_devices(host, disks.interface_xml(MAC, bridge='nobridge0')), 'nobridge0')
    fails(host, step, 'a script that fails', with_devices(host, disks.interface_xml(MAC, script=FAILING)), FAILING)
    fails(host, step, 'no script', with_devices(host, disks.interface_xml(MAC, script='/run/guest/no-such-script')),
          'no-such-script')
    os.remove(FAILING)
    missing = disks.disk_xml('xvda', '/dev/no-such-device', driver='phy')
    fails(host, step, 'no block device', with_devices(host, missing), '/dev/no-such-device')


@story('a channel that has gone before its guest was whole', long=True, seconds=90)
def channel_lost(host, step):
    """As if libxl could not have added it, which it does not tell."""
    guest = host.guest('pvh', 'lost', channels=[host.channel_xml('a.kept'), host.channel_xml('a.lost')])
    remover = subprocess.Popen(['/bin/sh', '-c', '''
        while :; do
            for id in $(xenstore-list /local/domain); do
                [ "$(xenstore-read "/local/domain/$id/device/console/2/name" 2>/dev/null)" = a.lost ] || continue
                xenstore-rm "/local/domain/$id/device/console/2"
                xenstore-rm "/libxl/$id/device/console/2"
                xenstore-rm "/local/domain/0/backend/console/$id/2"
            done
        done'''], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        fails(host, step, 'a channel is not there', guest, 'a.lost')
    finally:
        remover.kill()
        remover.wait()
