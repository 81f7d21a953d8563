# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real qemu-guest-agent in a Xen guest, through virsh: found out when it answers, asked for all that it can tell,
killed, hung, and obeyed."""
import base64
import json
import re
import time

import libvirt

from e2e.story import story

CHANNEL = 'org.qemu.guest_agent.0'
CONNECTED, DISCONNECTED = 1, 2
BY_START, BY_CHANNEL = 1, 2


def watch_agents(host):
    """Notes what is told of agents from here on: (name, state, reason)."""
    seen = []
    host.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
                                     lambda _conn, domain, state, reason, _data: seen.append((domain.name(), state, reason)),
                                     None)
    return seen


def ask(host, guest, name, **arguments):
    """What the agent's command NAME returns, through virsh qemu-agent-command."""
    command = {'execute': name, **({'arguments': arguments} if arguments else {})}
    return json.loads(host.virsh('qemu-agent-command', '--timeout', '20', guest.name, json.dumps(command)))['return']


def write_file(host, guest, path, data):
    handle = ask(host, guest, 'guest-file-open', path=path, mode='w+')
    for start in range(0, len(data), 2048):
        part = data[start:start + 2048]
        written = ask(host, guest, 'guest-file-write', **{'handle': handle, 'buf-b64': base64.b64encode(part).decode()})
        host.equal(written['count'], len(part), 'bytes written')
    ask(host, guest, 'guest-file-close', handle=handle)


def read_file(host, guest, path, length):
    handle = ask(host, guest, 'guest-file-open', path=path, mode='r')
    data = base64.b64decode(ask(host, guest, 'guest-file-read', handle=handle, count=length)['buf-b64'])
    ask(host, guest, 'guest-file-close', handle=handle)
    return data


def type_once(guest, line):
    """Types LINE, and waits until it is done."""
    guest.forget_console()
    guest.type(f'{line}; echo DO''NE-$((6*7))')
    guest.wait_console('DONE-42')


@story('the agent of a guest', kinds=('pv', 'pvh'), seconds=240, peer='its Xen driver knows no agents')
def agent(host, step, kind):
    path = None if kind == 'pv' else f'/run/guest/agent-{kind}.sock'
    guest = host.guest(kind, 'agent', vcpus=2, arguments=f'vx.agent={CHANNEL}',
                       channels=[host.channel_xml('org.example.other'), host.channel_xml(CHANNEL, path)])
    events = watch_agents(host)

    def told(*wanted):
        host.wait_for(lambda: [event[1:] for event in events if event[0] == guest.name][-len(wanted):] == list(wanted),
                      f'{wanted} is told: {events}', 40 * host.slow)

    with step('a guest starts, whose agent is polled with guest-ping until it answers'):
        host.virsh('create', guest.file)
        end = time.monotonic() + 60 * host.slow
        polls = 0
        while host.virsh('qemu-agent-command', '--timeout', '2', guest.name, '{"execute":"guest-ping"}',
                         expect=None).status != 0:
            polls += 1
            host.check(time.monotonic() < end, f'no answer to {polls} polls')
            time.sleep(0.5)
        host.check(polls > 0, 'it answered before it can have been there')
    with step('clients heard that it came', needed=False):
        told((DISCONNECTED, BY_START), (CONNECTED, BY_CHANNEL))
    guest.wait_up()
    with step('files are written as a new system VM gets them', needed=False):
        for name, data in (('cmdline', b'name=v-2-VM type=consoleproxy\n'), ('keys', bytes(range(256)) * 40)):
            write_file(host, guest, f'/tmp/{name}', data)
            host.check(read_file(host, guest, f'/tmp/{name}', len(data) + 1) == data, f'/tmp/{name} is not what was written')
        type_once(guest, 'cat /tmp/cmdline')
        host.check('name=v-2-VM type=consoleproxy' in guest.console(), guest.console())
    type_once(guest, 'hostname of-the-guest; ip link set lo up; ip addr add 127.0.0.1/8 dev lo')
    with step('it tells of its guest', needed=False):
        host.equal(host.virsh('domhostname', guest.name, '--source', 'agent'), 'of-the-guest', 'its name')
        host.check('127.0.0.1/8' in host.virsh('domifaddr', guest.name, '--source', 'agent'), 'its address')
        info = host.virsh('guestinfo', guest.name)
        host.check(re.search(r'os\.kernel-release +: \d', info) and re.search(r'hostname +: of-the-guest', info), info)
        host.virsh('domfsinfo', guest.name)
    with step('its clock is read and set', needed=False):
        # The agent sets the clock chip, too, which a Xen guest does not have, by a program that this guest does not have.
        type_once(guest, r"printf '#!/bin/sh\n' >/sbin/hwclock; chmod +x /sbin/hwclock")
        host.virsh('domtime', guest.name, '--time', '1900000000')
        seconds = int(host.virsh('domtime', guest.name).split()[-1])
        host.check(0 <= seconds - 1900000000 < 60, f'its time is {seconds}')
    with step('a virtual CPU is taken offline in the guest, and back', needed=False):
        host.equal(host.virsh('vcpucount', guest.name, '--guest'), '2', 'CPUs in use')
        host.virsh('setvcpus', guest.name, '1', '--guest')
        type_once(guest, 'cat /sys/devices/system/cpu/online')
        host.equal(host.virsh('vcpucount', guest.name, '--guest'), '1', 'CPUs in use')
        host.virsh('guestvcpus', guest.name, '--enable', '--cpulist', '1')
        host.equal(host.virsh('vcpucount', guest.name, '--guest'), '2', 'CPUs in use')
    with step('hung, it is told to be so in time, and nobody else waits'):
        type_once(guest, 'killall -STOP qemu-ga')
        begin = time.monotonic()
        done = host.virsh('qemu-agent-command', '--timeout', '2', guest.name, '{"execute":"guest-ping"}', expect=None)
        host.check(done.status != 0 and 'Guest agent is not responding' in done.err, done.told)
        host.check(time.monotonic() - begin < 12 * host.slow, 'it took too long')
        host.equal(host.state(guest), 'running', 'its state')
        told((CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL))
        type_once(guest, 'killall -CONT qemu-ga')
        told((DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL))
    with step('killed, it is gone, and a new one is found'):
        type_once(guest, 'killall -9 qemu-ga')
        done = host.virsh('domhostname', guest.name, expect=None)
        host.check(done.status != 0 and 'Guest agent is not responding' in done.err, done.told)
        told((CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL))
        type_once(guest, '(qemu-ga -m isa-serial -p /dev/hvc2 -t /run >/dev/null 2>&1 &)')
        told((DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL))
        host.equal(ask(host, guest, 'guest-ping'), {}, 'its answer')
    with step('it shuts its guest down'):
        type_once(guest, r"printf '#!/bin/sh\npoweroff -f\n' >/sbin/shutdown; chmod +x /sbin/shutdown")
        host.virsh('shutdown', guest.name, '--mode', 'agent')
        guest.wait_gone()
    with step('with it, the agent goes', needed=False):
        told((CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL))
