# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest's state goes to a file, and the guest goes on from there."""
import os
import re

from e2e.bytestream import open_socket
from e2e.story import story

FILE, BROKEN = '/run/guest/saved', '/run/guest/broken'
SOCKET = '/run/guest/saved.sock'
CUT_BYTES = 1 << 20


def answers(stream):
    stream.write(b'x')
    return stream.read(1, 1)


def cut_short():
    """A copy of the file without its end, as of a disk that was full."""
    with open(FILE, 'rb') as whole, open(BROKEN, 'wb') as broken:
        broken.write(whole.read(os.path.getsize(FILE) - CUT_BYTES))


@story('a guest is saved, and restored', kinds=('pv', 'pvh'), long=True, seconds=400)
def saved(host, step, kind):
    guest = host.guest(kind, 'saved', channels=[host.channel_xml('a.b', SOCKET)], arguments='vx.udev')
    with step('it runs'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    boot = guest.boot()
    with step('it is saved to a file'):
        host.virsh('save', guest.name, FILE)
        host.check(guest.domid() is None, 'Xen still has it')
        host.equal(host.state(guest), 'shut off', 'its state')
    before = host.traces()
    with step('from a file that was cut short it is not restored, and told so'):
        cut_short()
        done = host.virsh('restore', BROKEN, expect=None)
        host.check(done.status == 1 and 'error' in done.err and 'End of file' not in done.err, done.told)
        host.wait_traces(before)
        host.equal(host.state(guest), 'shut off', 'its state')
    with step('from the whole one it is, and has not booted anew'):
        host.virsh('restore', FILE)
        host.equal(host.state(guest), 'running', 'its state')
        host.equal(guest.boot(), boot, 'its boot')
    with step('its channel works when the guest has opened it again, which Linux hung up', needed=False):
        with open_socket(SOCKET) as stream:
            host.wait_for(lambda: answers(stream), 'an echo', 20 * host.slow)
    with step('a managed save is found by the next start'):
        host.virsh('managedsave', guest.name)
        told = host.virsh('dominfo', guest.name)
        host.check(re.search(r'Managed save: +yes', told), told)
        host.virsh('start', guest.name)
        host.equal(guest.boot(), boot, 'its boot')
    with step('and used once'):
        told = host.virsh('dominfo', guest.name)
        host.check(re.search(r'Managed save: +no', told), told)
        host.virsh('destroy', guest.name)
    for path in (FILE, BROKEN):
        os.remove(path)
