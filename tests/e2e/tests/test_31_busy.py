# SPDX-License-Identifier: LGPL-2.1-or-later
"""While something takes long, nothing else waits; what was under way when the daemon was killed comes to its end."""
import os
import subprocess
import time

import libvirt

from e2e.hold import held
from e2e.daemons import URI
from e2e.story import story

AT_ONCE_S = 3  # with a processor that is emulated, and busy
JOB_WAIT_S = 30
STATUS = '/run/libvirt/libxl'
IMAGE = '/run/guest/killed-while-saved'


def background(*arguments):
    return subprocess.Popen(['virsh', '-q', '-c', URI, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def quickly(host, what, call):
    """Failure unless the call returns at once."""
    begin = time.monotonic()
    found = call()
    took = time.monotonic() - begin
    host.check(took < AT_ONCE_S * host.slow, f'{what} took {took:.1f} s')
    return found


def pending(guest, what):
    """Whether the daemon has noted that this is under way."""
    try:
        with open(f'{STATUS}/{guest.name}.xml', encoding='utf-8') as file:
            return f"<pending action='{what}'/>" in file.read()
    except FileNotFoundError:
        return False


@story('while a start takes long, nothing else waits', kinds=('pv', 'pvh'), long=True, seconds=400)
def start_takes_long(host, step, kind):
    other = host.guest(kind, 'other')
    with held() as holder:
        guest = host.guest(kind, 'held', devices=holder.xml)
        for one in (guest, other):
            host.virsh('define', one.file)
        start = background('start', guest.name)
        conn = host.conn
        with step('its start is held up'):
            holder.wait_reached()
        with step('lists and questions are answered at once', needed=False):
            quickly(host, 'the list', lambda: conn.listAllDomains(0))
            quickly(host, 'the list of who runs', lambda: conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING))
            domain = quickly(host, 'looking it up', lambda: conn.lookupByName(guest.name))
            for what, call in (('its state', domain.state), ('its info', domain.info), ('its XML', domain.XMLDesc)):
                quickly(host, what, call)
            host.equal(domain.jobInfo()[0], libvirt.VIR_DOMAIN_JOB_UNBOUNDED, 'the kind of its job')
        with step('another guest is started meanwhile, and destroyed'):
            begin = time.monotonic()
            host.virsh('start', other.name)
            host.virsh('destroy', other.name)
            host.check(start.poll() is None, 'the first one was not held up so long')
            host.check(time.monotonic() - begin < 20 * host.slow, 'that took long')
        with step('it starts when it can'):
            holder.let_go()
            told = start.communicate(timeout=60 * host.slow)
            host.equal(start.returncode, 0, f'its exit status ({told})')
            host.equal(host.state(guest), 'running', 'its state')
        before_last = host.traces()
        with step('destroyed while it starts, it is gone, and whoever started it is told'):
            host.virsh('destroy', guest.name)
            holder.hold_again()
            start = background('start', guest.name)
            holder.wait_reached()
            host.virsh('destroy', guest.name)
            told = start.communicate(timeout=60 * host.slow)[1]
            host.check(start.returncode == 1 and 'destroyed while it was starting' in told, told)
            host.wait_for(lambda: guest.domid() is None, 'it is gone', 30)
            host.equal(host.state(guest), 'shut off', 'its state')
            host.check(not {line for line in host.traces() - before_last if 'domain ' in line}, 'Xen has it')


@story('a domain that is busy with one job', long=True, seconds=400)
def busy(host, step):
    guest = host.guest('pv', 'busy')
    with step('it is being saved, to somebody who does not read'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
        os.mkfifo(IMAGE)
        save = background('save', guest.name, IMAGE)
        reader = open(IMAGE, 'rb')  # pylint: disable=consider-using-with # it is read much later
        host.wait_for(lambda: pending(guest, 'save'), 'the save is noted')
    with step('it answers a second job after a while, with a timeout that names the first'):
        begin = time.monotonic()
        try:
            host.conn.lookupByName(guest.name).setMemoryFlags(64 << 10, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
            raise host.Failure('it was done')
        except libvirt.libvirtError as error:
            host.equal(error.get_error_code(), libvirt.VIR_ERR_OPERATION_TIMEOUT, f'the code of "{error}"')
            host.check('cannot acquire state change lock' in str(error) and "'save'" in str(error), str(error))
        host.check(JOB_WAIT_S - 1 <= time.monotonic() - begin < JOB_WAIT_S + 10, 'it took another time')
    with step('and goes on with the first'):
        while reader.read(1 << 20):
            pass
        told = save.communicate(timeout=60)
        host.equal(save.returncode, 0, f'its exit status ({told})')
        host.equal(host.state(guest), 'shut off', 'its state')
    reader.close()
    os.remove(IMAGE)


def kill_and_start(host, between=lambda: None):
    host.disconnect()
    host.daemon.kill()
    between()
    host.daemon.start()


@story('the daemon is killed in the middle of something', kinds=('pv', 'pvh'), long=True, seconds=400)
def killed_midway(host, step, kind):
    before = host.traces()
    with held() as holder:
        guest = host.guest(kind, 'midway', devices=holder.xml)
        host.virsh('define', guest.file)
        with step('while a guest starts'):
            start = background('start', guest.name)
            holder.wait_reached()
            host.check(pending(guest, 'start'), 'it has noted no start')
            kill_and_start(host)
            start.communicate(timeout=20)
            holder.let_go()
            host.wait_state(guest, 'shut off')
            guest.wait_gone()
        with step('nothing is left of that guest', needed=False):
            host.wait_traces(before | {f'file {path}' for path in ('/run/guest/go',)})
    host.virsh('undefine', guest.name)
    guest = host.guest(kind, 'midway')
    host.virsh('define', guest.file)
    shutdown_steps(host, step, guest)
    save_steps(host, step, guest)


def shutdown_steps(host, step, guest):
    with step('while a guest shuts down'):
        host.virsh('start', guest.name)
        guest.wait_up()
        guest.does("sed -i '2i sleep 2' /sbin/poweroff")  # it takes its time
        host.virsh('shutdown', guest.name)
        kill_and_start(host, lambda: host.wait_for(lambda: host.xl_state(guest) == '---s--', 'it has shut down', 30))
        host.wait_state(guest, 'shut off')
        host.check(guest.domid() is None, 'Xen still has it')


def save_steps(host, step, guest):
    with step('while it is saved: it goes on as if nothing had been'):
        guest.forget_console()
        host.virsh('start', guest.name)
        guest.wait_up()
        boot, domid = guest.boot(), guest.domid()
        os.mkfifo(IMAGE)  # nobody reads all of it, so that the save stays in its middle
        save = background('save', guest.name, IMAGE)
        with open(IMAGE, 'rb') as reader:
            reader.read(1 << 16)
            host.wait_for(lambda: pending(guest, 'save'), 'the save is noted')
            host.wait_for(lambda: host.xl_state(guest) == '---ss-', 'it is suspended')
            kill_and_start(host)
        os.remove(IMAGE)
        save.communicate(timeout=20)
        host.wait_state(guest, 'running')
        host.equal((guest.domid(), guest.boot()), (domid, boot), 'its id and its boot')
        host.check(not pending(guest, 'save'), 'the save is still noted')
    with step('it is shut down as ever'):
        host.virsh('shutdown', guest.name)
        guest.wait_gone()
        host.wait_state(guest, 'shut off')
