# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real qemu-guest-agent in a Xen guest, through virsh: found out when it answers, asked for all that it can tell,
killed, hung, and obeyed. And one that lies."""
import base64
import hashlib
import json
import os
import re
import struct
import time

import libvirt
import libvirt_qemu

from e2e import initramfs
from e2e.bytestream import echoes, open_pty
from e2e.shell import run
from e2e.story import story

CHANNEL, OTHER = 'org.qemu.guest_agent.0', 'org.example.other'
CONNECTED, DISCONNECTED = 1, 2
BY_START, BY_CHANNEL = 1, 2
CAME, WENT = (CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL)
PAM = {'/etc/pam.d/chpasswd': b'password required pam_unix.so yescrypt\n',
       '/etc/shadow': b'root:*:19000:0:99999:7:::\n'}
CHPASSWD = ('/usr/sbin/chpasswd', '/lib/x86_64-linux-gnu/security/pam_unix.so')
DISK, DISK_MIB = '/run/guest/agent-disk.img', 16
MEMORY_GROWTH_KIB = 32 * 1024  # of the daemon, while an agent tries to fill it


def watch_agents(host, guest):
    """Notes what is told of agents from here on; a function that waits until the last events of the guest are those
    that it is given, as (state, reason)."""
    seen = []

    def hear(_conn, domain, state, reason, _data):
        seen.append((domain.name(), state, reason))
    host.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, hear, None)

    def told(*wanted):
        host.wait_for(lambda: [event[1:] for event in seen if event[0] == guest.name][-len(wanted):] == list(wanted),
                      f'{wanted} is told: {seen}', 60 * host.slow)
    return told


def ask(host, guest, name, **arguments):
    """What the agent's command NAME returns, through virsh qemu-agent-command."""
    command = {'execute': name, **({'arguments': arguments} if arguments else {})}
    return json.loads(host.virsh('qemu-agent-command', '--timeout', '20', guest.name, json.dumps(command)))['return']


def write_file(call, path, data):
    """As one does who sets a guest up: CALL(name, **arguments) runs a command of the agent."""
    handle = call('guest-file-open', path=path, mode='w+')
    written = call('guest-file-write', **{'handle': handle, 'buf-b64': base64.b64encode(data).decode()})
    call('guest-file-close', handle=handle)
    return written['count']


def read_file(call, path):
    handle = call('guest-file-open', path=path, mode='r')
    data = base64.b64decode(call('guest-file-read', handle=handle, count=65536)['buf-b64'])
    call('guest-file-close', handle=handle)
    return data


def quick(domain):
    """The same call over libvirt-python, for what a test needs on its way."""
    def call(name, **arguments):
        command = json.dumps({'execute': name, **({'arguments': arguments} if arguments else {})})
        return json.loads(libvirt_qemu.qemuAgentCommand(domain, command, 30, 0))['return']
    return call


def poll(host, guest):
    """Polls as CloudStack does, until the agent answers; how often it did not."""
    end, polls = time.monotonic() + 120 * host.slow, 0
    while host.virsh('qemu-agent-command', '--timeout', '2', guest.name, '{"execute":"guest-ping"}',
                     expect=None).status:
        polls += 1
        host.check(time.monotonic() < end, f'no answer to {polls} polls')
        time.sleep(2)  # a guest boots sooner when dom0 leaves it the processor
    return polls


def is_unresponsive(host, done):
    host.check(done.status != 0 and 'Guest agent is not responding' in done.err, done.told)


@story('the agent of a guest', kinds=('pv',), long_kinds=('pvh',), seconds=400, peer='its Xen driver knows no agents')
def agent(host, step, kind):
    path = None if kind == 'pv' else f'/run/guest/agent-{kind}.sock'
    guest = host.guest(kind, 'agent', vcpus=2, arguments=f'vx.agent={CHANNEL}',
                       channels=[host.channel_xml(OTHER), host.channel_xml(CHANNEL, path)])
    told = watch_agents(host, guest)
    with step('a guest starts, whose agent is polled with guest-ping until it answers'):
        host.virsh('create', guest.file)
        host.check(poll(host, guest) > 0, 'it answered before it can have been there')
    with step('clients heard that it came', needed=False):
        told((DISCONNECTED, BY_START), CAME)
    guest.wait_up()
    domain = host.conn.lookupByName(guest.name)
    with step('files are written as a new system VM gets them', needed=False):
        data = b'name=v-2-VM type=consoleproxy\n' + bytes(range(256)) * 40
        count = write_file(lambda name, **arguments: ask(host, guest, name, **arguments), '/tmp/cmdline', data)
        host.equal(count, len(data), 'bytes written')
        # And what the next steps need. The agent sets the clock chip, too, which a Xen guest does not have, by a
        # program that this guest does not have.
        said = guest.does('md5sum /tmp/cmdline; hostname of-the-guest; ip link set lo up; '
                          r"ip addr add 127.0.0.1/8 dev lo; printf '#!/bin/sh\n' >/sbin/hwclock; chmod +x /sbin/hwclock")
        host.check(hashlib.md5(data).hexdigest() in said, f'the file is not what was written: {said}')
    with step('it tells of its guest', needed=False):
        said = host.virsh(f'domhostname {guest.name} --source agent; domifaddr {guest.name} --source agent; '
                          f'guestinfo {guest.name}')
        for what in (r'^of-the-guest$', r' lo .* 127\.0\.0\.1/8', r'os\.kernel-release +: \d',
                     r'hostname +: of-the-guest'):
            host.check(re.search(what, said, re.M), f'no {what}: {said}')
    with step('its clock is read and set', needed=False):
        said = host.virsh(f'domtime {guest.name} --time 1900000000; domtime {guest.name}')
        host.check(0 <= int(said.split()[-1]) - 1900000000 < 60 * host.slow, said)
    with step('a virtual CPU is taken offline in the guest, and back', needed=False):
        host.equal(host.virsh(f'vcpucount {guest.name} --guest; setvcpus {guest.name} 1 --guest; '
                              f'vcpucount {guest.name} --guest').split(), ['2', '1'], 'CPUs in use')
        host.check(re.search(r'^0$', guest.does('cat /sys/devices/system/cpu/online'), re.M), guest.console())
        host.equal(host.virsh(f'guestvcpus {guest.name} --enable --cpulist 1; vcpucount {guest.name} --guest').split(),
                   ['2'], 'CPUs in use')
    with step('hung, it is told to be so in time, and nobody else waits'):
        domain.agentSetResponseTimeout(2)
        guest.does('killall -STOP qemu-ga')
        begin = time.monotonic()
        is_unresponsive(host, host.virsh('qemu-agent-command', '--timeout', '2', guest.name, '{"execute":"guest-ping"}',
                                         expect=None))
        host.check(time.monotonic() - begin < 15 * host.slow, 'it took too long')
        host.equal(domain.state()[0], libvirt.VIR_DOMAIN_RUNNING, 'its state')
        told(CAME, WENT)
        guest.does('killall -CONT qemu-ga')
        told(WENT, CAME)
    with step('killed, it is gone, and a new one is found'):
        guest.does('killall -9 qemu-ga')
        is_unresponsive(host, host.virsh('domhostname', guest.name, expect=None))
        told(CAME, WENT)
        guest.does('(qemu-ga -m isa-serial -p /dev/hvc2 -t /run >/dev/null 2>&1 &)')
        told(WENT, CAME)
        domain.agentSetResponseTimeout(libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK)
        host.equal(quick(domain)('guest-ping'), {}, 'its answer')
    with step('it shuts its guest down'):
        guest.does(r"printf '#!/bin/sh\npoweroff -f\n' >/sbin/shutdown; chmod +x /sbin/shutdown")
        host.virsh('shutdown', guest.name, '--mode', 'agent')
        guest.wait_gone()
    with step('with it, the agent goes', needed=False):
        told(CAME, WENT)


# ---- users, file systems, addresses ----

def login_record(user, tty='pts/3'):
    """An entry of utmp(5)."""
    return struct.pack('<hxxi32s4s32s256shhiii16x20x', 7, 1, tty.encode(), b'3', user.encode(), b'', 0, 0, 1,
                       1700000000, 0)


def make_disk():
    """A block device with an ext4 file system, on a file of which nothing is allocated that is not used."""
    with open(DISK, 'wb') as file:
        file.truncate(DISK_MIB << 20)
    run('mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', DISK)
    return run('losetup', '--find', '--show', DISK)


def users_and_passwords(host, step, guest, call):
    with step('it lists the users who are logged in', needed=False):
        guest.does('mkdir -p /var/run')
        write_file(call, '/var/run/utmp', login_record('alice') + login_record('bob', 'tty1'))
        said = host.virsh('guestinfo', guest.name, '--user')
        host.check(re.search(r'user\.count +: 2', said) and re.search(r'name +: alice', said) and
                   re.search(r'login-time +: 1700000000', said), said)
    with step('it sets passwords, plain and encrypted ones', needed=False):
        import crypt  # pylint: disable=import-outside-toplevel,deprecated-module # dom0's Python has it
        ready = crypt.crypt('other words', crypt.mksalt(crypt.METHOD_SHA512))
        for arguments, password in ((['a secret'], 'a secret'), ([ready, '--encrypted'], 'other words')):
            host.virsh('set-user-password', guest.name, 'root', *arguments)
            stored = read_file(call, '/etc/shadow').decode().split(':')[1]
            host.equal(crypt.crypt(password, stored), stored, f'the password {password!r}, encrypted again')
    with step('and tells why it cannot', needed=False):
        done = host.virsh('set-user-password', guest.name, 'nobody-here', 'x', expect=None)
        host.check(done.status != 0 and 'guest-set-user-password' in done.err, done.told)


def file_systems(host, step, guest, domain):
    with step('it lists the file system of its disk', needed=False):
        said = host.virsh('domfsinfo', guest.name)
        host.check(re.search(r'^ */mnt +xvda +ext4', said, re.M), said)
    with step('frozen, nothing is written there, and thawed, it is', needed=False):
        host.equal(domain.fsFreeze(), 1, 'the number of frozen file systems')
        said = guest.does("(echo 'la'te >/mnt/file; echo 'WRIT'TEN) & sleep 1")
        host.check('WRITTEN' not in said, f'a file was written to a frozen file system: {said}')
        host.virsh('domfsthaw', guest.name)
        host.check(re.search('^late$', guest.does('wait; cat /mnt/file'), re.M), guest.console())
        host.virsh(f'domfsfreeze {guest.name} --mountpoint /mnt; domfsthaw {guest.name}')
    with step('trimmed, the host has back what the guest freed', needed=False):
        guest.does('dd if=/dev/urandom of=/mnt/large bs=1M count=6 2>/dev/null; sync')
        used = os.stat(DISK).st_blocks // 2
        guest.does('rm /mnt/large; sync')
        host.virsh('domfstrim', guest.name)
        run('sync', DISK)
        host.wait_for(lambda: os.stat(DISK).st_blocks // 2 < used - 5000,
                      f'of {used} KiB of the disk, {os.stat(DISK).st_blocks // 2} are left', 20)


@story("the agent and its guest's users, disks and addresses", kinds=('pv', 'pvh'), long=True, seconds=300,
       peer='its Xen driver knows no agents')
def inside(host, step, kind):
    device = make_disk()
    try:
        tell_inside(host, step, host.guest(
            kind, 'inside', channels=[host.channel_xml(CHANNEL)], arguments=f'vx.agent={CHANNEL} vx.ip=10.7.0.2/24',
            initramfs=initramfs.make('passwords', CHPASSWD, PAM),
            devices=f'<disk type="block" device="disk"><driver name="phy"/><source dev="{device}"/>'
                    '<target dev="xvda" bus="xen"/></disk>'
                    '<interface type="bridge"><source bridge="xenbr0"/></interface>'))
    finally:
        run('losetup', '--detach', device, check=False)


def tell_inside(host, step, guest):
    told = watch_agents(host, guest)
    with step('a guest with a disk and an interface starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
        told((DISCONNECTED, BY_START), CAME)
        guest.does('mkdir -p /mnt; mount -t ext4 /dev/xvda /mnt')
    domain = host.conn.lookupByName(guest.name)
    call = quick(domain)
    with step('it tells the address', needed=False):
        said = host.virsh('domifaddr', guest.name, '--source', 'agent')
        host.check(re.search(r'^ eth0 .* 10\.7\.0\.2/24', said, re.M), said)
    users_and_passwords(host, step, guest, call)
    file_systems(host, step, guest, domain)
    with step('it reboots its guest, and the next one answers'):
        guest.does('umount /mnt')
        guest.does(r"printf '#!/bin/sh\nreboot -f\n' >/sbin/shutdown; chmod +x /sbin/shutdown")
        guest.forget_console()
        domid = guest.domid()
        host.virsh('reboot', guest.name, '--mode', 'agent')
        host.wait_for(lambda: guest.domid() not in (None, domid), 'it has another id', 60 * host.slow)
        guest.wait_up()
        told(WENT, (DISCONNECTED, BY_START), CAME)
    host.virsh('destroy', guest.name)


# ---- lies ----

UNENDING = '#!/bin/sh\\nyes lie | tr -d "\\\\n"\\n'
# What an agent that answers guest-sync says to the command, as printf writes it, and what the client gets.
LIES = [
    ('a list', '{"return": [1, 2]}\\n', 'INTERNAL_ERROR'),
    ('nothing', '{}\\n', 'INTERNAL_ERROR'),
    ('a number for a name', '{"return": {"host-name": 5}}\\n', 'INTERNAL_ERROR'),
    ('what is not UTF-8', '{"return": {"host-name": "\\377\\376"}}\\n', 'INTERNAL_ERROR'),
    ('an error that is none', '{"error": [[]]}\\n', 'INTERNAL_ERROR'),
    ('half an answer', '{"return": {"host-na', 'AGENT_UNRESPONSIVE'),
]


def failure_of(call):
    """The name of the code, without VIR_ERR_, and the text of the libvirtError that CALL raises; (None, what it returned)
    if it raises none."""
    try:
        return None, repr(call())
    except libvirt.libvirtError as error:
        names = [name[8:] for name in dir(libvirt) if name.startswith('VIR_ERR_')]
        return next(name for name in names if getattr(libvirt, f'VIR_ERR_{name}') == error.get_error_code()), str(error)


def memory_kib(host):
    with open(f'/proc/{host.daemon.process.pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1])


def others_go_on(host, guest, friend):
    """The daemon and whoever has nothing to do with the agent are served in time."""
    begin = time.monotonic()
    host.check(guest.name in [domain.name() for domain in host.conn.listAllDomains()], 'the guest is not listed')
    tty = host.xenstore(f'/local/domain/{guest.domid()}/device/console/1/tty')
    with open_pty(tty) as stream:
        echoes(stream, b'the other channel', 30 * host.slow)
    if friend:
        host.equal(quick(friend)('guest-ping'), {}, "another guest's agent")
    host.check(time.monotonic() - begin < 20 * host.slow, 'they had to wait')


@story('an agent that lies', kinds=('pv', 'pvh'), long=True, seconds=300, peer='its Xen driver knows no agents')
def liar(host, step, kind):
    """In long runs another guest has an honest agent meanwhile."""
    channels = [host.channel_xml(OTHER), host.channel_xml(CHANNEL)]
    guest, honest = host.guest(kind, 'liar', channels=channels), None
    told = watch_agents(host, guest)
    with step('a guest starts, which echoes all that is sent to its agent'):
        host.virsh('create', guest.file)
        guest.wait_up()
        if kind == 'pv':
            honest = host.guest(kind, 'honest', channels=channels, arguments=f'vx.agent={CHANNEL}')
            host.virsh('create', honest.file)
            honest.wait_up()
    domain = host.conn.lookupByName(guest.name)
    friend = host.conn.lookupByName(honest.name) if honest else None
    host.virsh('guest-agent-timeout', guest.name, '--timeout', '3')
    with step('its own words are no answer', needed=False):
        code, text = failure_of(domain.hostname)
        host.equal(code, 'AGENT_UNSYNCED', f'the code of {text!r}')
        others_go_on(host, guest, friend)
    with step('one that answers to guest-sync is there'):
        guest.does('for p in $(pidof cat); do [ "$(readlink /proc/$p/fd/3)" != /dev/hvc2 ] || kill $p; done')
        guest.does('echo "{}" >/tmp/lie; (liar /dev/hvc2 >/dev/null 2>&1 &)')
        host.wait_for(lambda: failure_of(domain.hostname)[0] == 'INTERNAL_ERROR', 'it answers', 60 * host.slow)
        told(CAME)
    for what, lie, wanted in LIES:
        with step(f'{what} is refused', needed=False):
            guest.does(f"printf '{lie}' >/tmp/lie")
            code, text = failure_of(domain.hostname)
            host.equal(code, wanted, f'the code of {text!r}')
    with step('brackets without end are refused', needed=False):
        guest.does("(yes '[' | head -n 20000 | tr -d '\\n'; echo) >/tmp/lie")
        code, text = failure_of(domain.hostname)
        host.equal(code, 'INTERNAL_ERROR', f'the code of {text!r}')
        others_go_on(host, guest, friend)
    with step('a line without end is given up in time, and costs nobody memory or time', needed=False):
        guest.does(f"printf '{UNENDING}' >/tmp/lie; chmod +x /tmp/lie")
        before, begin = memory_kib(host), time.monotonic()
        for _ in range(2):
            code, text = failure_of(domain.hostname)
            host.check(code in ('AGENT_UNRESPONSIVE', 'AGENT_UNSYNCED', 'INTERNAL_ERROR'), f'{code}: {text}')
            others_go_on(host, guest, friend)
        host.check(time.monotonic() - begin < 40 * host.slow, 'it took too long')
        grown = memory_kib(host) - before
        host.check(grown < MEMORY_GROWTH_KIB or host.slow > 1, f'the daemon grew by {grown} KiB')
        told(CAME, WENT)
    with step('when an honest one comes in its place, it is found'):
        guest.does('killall liar; killall yes tr; (qemu-ga -m isa-serial -p /dev/hvc2 -t /run >/dev/null 2>&1 &)')
        told(WENT, CAME)
        host.equal(quick(domain)('guest-ping'), {}, 'its answer')
    for name in filter(None, (guest, honest)):
        host.virsh('destroy', name.name)
