#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guest agents through Debian's own virsh and libvirt-python: the real qemu-ga for what changes nothing here, and one
that answers as it is told for the rest; agents that stop, hang and lie; and that nobody else has to wait for them."""
import base64
import json
import os
import re
import subprocess
import sys
import threading
import time

import libvirt
import libvirt_qemu

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import agent_fixture  # noqa: E402
import daemon_fixture  # noqa: E402
from agent_fixture import FakeAgent, Line, RealAgent  # noqa: E402
from daemon_fixture import tap  # noqa: E402

CHANNEL = 'org.qemu.guest_agent.0'
UNRESPONSIVE = libvirt.VIR_ERR_AGENT_UNRESPONSIVE
CONNECTED, DISCONNECTED = 1, 2  # states of the agent lifecycle event
BY_START, BY_CHANNEL = 1, 2  # and its reasons
DISK = "<disk type='file' device='disk'><source file='/srv/web.img'/><target dev='xvda' bus='xen'/></disk>"

libvirt.registerErrorHandler(lambda *_: None, None)


class Host:
    """The daemon, a connection to it, and what it told of agents."""

    def __init__(self):
        self.daemon = daemon_fixture.Daemon('agent_check_interval = 1\n', memory=True)
        self.events = []
        self.number = 0
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=self._run_events, daemon=True).start()
        self.connection = libvirt.open(self.daemon.uri())
        self.connection.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, self._hear, None)

    @staticmethod
    def _run_events():
        while True:
            libvirt.virEventRunDefaultImpl()

    def _hear(self, _connection, domain, state, reason, _data):
        self.events.append((domain.name(), state, reason))

    def start(self, name, agent=None, with_line=True, devices=''):
        """A running guest NAME with AGENT; the domain and the line of its channel."""
        self.number += 1
        line = Line(self.daemon.folder, f'line{self.number}') if with_line else None
        if line:
            self.daemon.control(f'behind {name} {CHANNEL} {line.path}')
            line.set_agent(agent)
        domain = self.connection.createXML(agent_fixture.guest_xml(name, self.number, line, devices), 0)
        return domain, line

    def wait_for(self, name, *wanted, within_s=30):
        """Whether the last events of guest NAME become WANTED."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if [event[1:] for event in self.events if event[0] == name][-len(wanted):] == list(wanted):
                return True
            time.sleep(0.02)
        return False

    def virsh(self, *arguments, read_only=False):
        """virsh's exit status and all it says."""
        done = subprocess.run(['virsh', '-c', self.daemon.uri(self.daemon.socket_ro if read_only else None),
                               *(['-r'] if read_only else []), *arguments],
                              capture_output=True, text=True, timeout=100, check=False)
        return done.returncode, done.stdout + done.stderr


def fails(call, code, words, name, within_s=10):
    """One point: CALL fails with CODE and WORDS, in time."""
    begin = time.monotonic()
    try:
        got = call()
    except libvirt.libvirtError as error:
        took = time.monotonic() - begin
        return tap.ok(error.get_error_code() == code and re.search(words, str(error)) and took < within_s, name,
                      f'{error.get_error_code()}: {error}\nafter {took:.1f} s')
    return tap.ok(False, name, f'it did not fail: {got}')


def command(domain, name, arguments=None, timeout=10):
    """The JSON that agent command NAME returns, through libvirt_qemu."""
    text = json.dumps({'execute': name, **({'arguments': arguments} if arguments else {})})
    return json.loads(libvirt_qemu.qemuAgentCommand(domain, text, timeout, 0))['return']


# ---- the real one ----

def test_real_virsh(host):
    """virsh's commands as an administrator types them."""
    node = os.uname()
    rows = [
        ('qemu-agent-command real {"execute":"guest-ping"}', r'^\{"return":\{\}\}'),
        ('qemu-agent-command real --pretty {"execute":"guest-sync","arguments":{"id":7}}', r'\{\n +"return": 7\n\}'),
        ('qemu-agent-command real --timeout 5 {"execute":"guest-ping"}', 'return'),
        ('qemu-agent-command real --block {"execute":"guest-ping"}', 'return'),
        ('domhostname real --source agent', node.nodename),
        ('domhostname real', node.nodename),
        ('domtime real', r'^Time: \d{10}'),
        ('domtime real --pretty', r'Time: 20\d\d-'),
        ('domifaddr real --source agent', r' lo +\S+ +ipv4 +127\.0\.0\.1/8'),
        ('domfsinfo real', r'Mountpoint +Name +Type +Target'),
        ('guestinfo real', rf'os\.kernel-release *: {re.escape(node.release)}'),
        ('guestinfo real --hostname', rf'^hostname *: {node.nodename}'),
        ('guestinfo real --user', r'^user\.count'),
        ('guestinfo real --timezone', r'timezone\.offset'),
        ('guestinfo real --interface', r'if\.0\.addr\.0\.addr *: 127\.0\.0\.1'),
        ('guestvcpus real', r'vcpus *: 0(.|\n)*online *: 0'),
        ('vcpucount real --guest', r'^\d+'),
        ('get-user-sshkeys real nobody', ''),
        ('guest-agent-timeout real --timeout 20', ''),
    ]
    for line, pattern in rows:
        status, text = host.virsh(*line.split())
        if 'sshkeys' in line:  # nobody may have none, which is the agent's own error
            pattern, status = 'guest-ssh-get-authorized-keys|^$', 0
        tap.ok(status == 0 and re.search(pattern, text, re.MULTILINE), f'virsh {line}', f'{status}\n{text}')


def test_real_python(host, domain):
    interfaces = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    addresses = [address['addr'] for address in interfaces.get('lo', {}).get('addrs') or []]
    tap.ok('127.0.0.1' in addresses, 'interfaceAddresses has the loopback address', str(interfaces))
    taken = domain.getTime()
    tap.ok(abs(taken['seconds'] - time.time()) < 60, 'getTime is about now', str(taken))
    info = domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_OS | libvirt.VIR_DOMAIN_GUEST_INFO_HOSTNAME)
    tap.ok(info.get('hostname') == os.uname().nodename and info.get('os.machine') == os.uname().machine
           and not any(key.startswith('if.') for key in info), 'guestInfo has what was asked for', str(info))
    online = domain.guestVcpus()['online']
    tap.ok(re.fullmatch(r'[\d,-]+', online), 'guestVcpus says which are online', online)
    tap.ok(domain.vcpusFlags(libvirt.VIR_DOMAIN_VCPU_GUEST) >= 1, 'vcpusFlags counts them')
    fails(lambda: command(domain, 'guest-fly'), libvirt.VIR_ERR_OPERATION_UNSUPPORTED, 'guest-fly',
          'an unknown command is unsupported')
    fails(lambda: command(domain, 'guest-file-open', {'path': '/does/not/exist'}), libvirt.VIR_ERR_INTERNAL_ERROR,
          r"unable to execute QEMU agent command 'guest-file-open'.*No such file", "the agent's own error is passed on")
    fails(lambda: libvirt_qemu.qemuAgentCommand(domain, 'guest-ping', 5, 0), libvirt.VIR_ERR_INVALID_ARG, 'JSON',
          'what is no JSON is refused')
    fails(lambda: libvirt_qemu.qemuAgentCommand(domain, '{"execute":"guest-ping"}', -3, 0),
          libvirt.VIR_ERR_INVALID_ARG, '-3', 'a timeout below -2 is refused')
    fails(lambda: domain.guestInfo(1 << 20), libvirt.VIR_ERR_INVALID_ARG, 'types', 'unknown kinds of information')
    fails(domain.fsFreeze, libvirt.VIR_ERR_OPERATION_UNSUPPORTED, 'guest-fsfreeze-freeze',
          'a command that is blocked in the guest is unsupported')
    tap.ok(not domain.agentSetResponseTimeout(10), 'agentSetResponseTimeout')
    fails(lambda: domain.agentSetResponseTimeout(-3), libvirt.VIR_ERR_INVALID_ARG, '-3', 'but not below -2')
    host.virsh('guest-agent-timeout', domain.name(), '--timeout', '5')


def test_large_file(domain, folder):
    """300 KB in one answer."""
    path = os.path.join(folder, 'large')
    content = os.urandom(150000) * 2
    with open(path, 'wb') as file:
        file.write(content)
    handle = command(domain, 'guest-file-open', {'path': path, 'mode': 'r'})
    read = command(domain, 'guest-file-read', {'handle': handle, 'count': 300000})
    tap.ok(base64.b64decode(read['buf-b64']) == content, 'an answer of 400 KB arrives as it is')
    command(domain, 'guest-file-close', {'handle': handle})


def test_read_only(host, domain):
    for line in ['domhostname', 'domtime', 'guestinfo', 'domfsinfo', 'guestvcpus', 'domfstrim', 'domfsthaw']:
        status, text = host.virsh(line, domain.name(), read_only=True)
        tap.ok(status == 1 and 'read only access' in text, f'a read-only client is refused {line}', text)
    read_only = libvirt.openReadOnly(host.daemon.uri(host.daemon.socket_ro))
    fails(lambda: command(read_only.lookupByName(domain.name()), 'guest-ping'), libvirt.VIR_ERR_OPERATION_DENIED,
          'read only', 'and qemuAgentCommand')


def test_cloud(host):
    """How CloudStack sets a new system VM up: the agent is polled until it answers, then files are written."""
    folder = host.daemon.folder
    domain, line = host.start('cloud')
    polls, agent = 0, None
    while True:
        status, text = host.virsh('qemu-agent-command', '--timeout', '1', 'cloud', '{"execute":"guest-ping"}')
        if status == 0 or polls > 40:
            break
        polls += 1
        if polls == 2:
            agent = RealAgent(folder)
            line.set_agent(agent)
    tap.ok(status == 0 and polls >= 2, 'guest-ping is polled until the agent answers', f'{polls} polls\n{text}')
    written = {'cmdline': 'name=v-2-VM type=consoleproxy\n', 'authorized_keys': 'ssh-rsa ' + 'A' * 3000 + '\n'}
    for name, content in written.items():
        _, text = host.virsh('qemu-agent-command', 'cloud', json.dumps(
            {'execute': 'guest-file-open', 'arguments': {'path': f'{folder}/{name}', 'mode': 'w+'}}))
        handle = json.loads(text)['return']
        _, text = host.virsh('qemu-agent-command', 'cloud', json.dumps(
            {'execute': 'guest-file-write', 'arguments': {'handle': handle,
                                                          'buf-b64': base64.b64encode(content.encode()).decode()}}))
        count = json.loads(text)['return']['count']
        status, _ = host.virsh('qemu-agent-command', 'cloud', json.dumps(
            {'execute': 'guest-file-close', 'arguments': {'handle': handle}}))
        with open(f'{folder}/{name}', encoding='utf-8') as file:
            tap.ok(status == 0 and count == len(content) and file.read() == content, f'the file {name} is written')
    agent.end()
    domain.destroy()


# ---- one that answers as it is told ----

ANSWERS = {
    'guest-set-time': {},
    'guest-fsfreeze-freeze': 3, 'guest-fsfreeze-freeze-list': 1, 'guest-fsfreeze-thaw': 3,
    'guest-fstrim': {'paths': [{'path': '/', 'trimmed': 10, 'minimum': 0}]},
    'guest-set-user-password': {},
    'guest-get-vcpus': [{'logical-id': n, 'online': n < 2, 'can-offline': n > 0} for n in range(4)],
    'guest-set-vcpus': lambda arguments: len(arguments['vcpus']),
    'guest-ssh-get-authorized-keys': {'keys': ['ssh-rsa one', 'ssh-rsa two']},
    'guest-ssh-add-authorized-keys': {}, 'guest-ssh-remove-authorized-keys': {},
    'guest-get-users': [{'user': 'root', 'login-time': 1700000000.5}],
    'guest-get-fsinfo': [
        {'name': 'xvda2', 'mountpoint': '/srv', 'type': 'ext4', 'used-bytes': 1, 'total-bytes': 2, 'disk': []},
        {'name': 'dm-0', 'mountpoint': '/', 'type': 'xfs', 'disk': [
            {'bus-type': 'unknown', 'bus': -1, 'target': -1, 'unit': -1, 'serial': 'S1', 'dev': '/dev/xvda1',
             'pci-controller': {'domain': -1, 'bus': -1, 'slot': -1, 'function': -1}}]}],
}


def test_told(host):
    """What each call asks the agent, and what becomes of its answer."""
    agent = FakeAgent(ANSWERS)
    domain, _ = host.start('told', agent, devices=DISK)

    def asks(call, name, arguments, what, result=None):
        agent.asked.clear()
        got = call()
        tap.ok(agent.asked[-1:] == [(name, arguments)] and (result is None or got == result), what,
               f'{agent.asked}\n{got}')

    asks(lambda: domain.setTime({'seconds': 5, 'nseconds': 6}), 'guest-set-time', {'time': 5000000006}, 'setTime')
    asks(lambda: domain.setTime({'seconds': 0, 'nseconds': 0}, libvirt.VIR_DOMAIN_TIME_SYNC), 'guest-set-time', None, 'setTime from the clock')
    asks(domain.fsFreeze, 'guest-fsfreeze-freeze', None, 'fsFreeze', 3)
    asks(lambda: domain.fsFreeze(['/srv']), 'guest-fsfreeze-freeze-list', {'mountpoints': ['/srv']},
         'fsFreeze of one', 1)
    asks(domain.fsThaw, 'guest-fsfreeze-thaw', None, 'fsThaw', 3)
    asks(lambda: domain.fSTrim(None, 4096), 'guest-fstrim', {'minimum': 4096}, 'fsTrim')
    fails(lambda: domain.fSTrim('/srv', 0), libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, 'mount point', 'fsTrim of one')
    asks(lambda: domain.setUserPassword('root', 'pass'), 'guest-set-user-password',
         {'username': 'root', 'password': 'cGFzcw==', 'crypted': False}, 'setUserPassword')
    asks(lambda: domain.setUserPassword('root', '$6$x', libvirt.VIR_DOMAIN_PASSWORD_ENCRYPTED),
         'guest-set-user-password', {'username': 'root', 'password': 'JDYkeA==', 'crypted': True}, 'and encrypted')
    asks(lambda: domain.setGuestVcpus('1,3', 1), 'guest-set-vcpus',
         {'vcpus': [{'logical-id': 1, 'online': True}, {'logical-id': 3, 'online': True}]}, 'setGuestVcpus')
    fails(lambda: domain.setGuestVcpus('0', 0), libvirt.VIR_ERR_INVALID_ARG, 'offlinable', 'not CPU 0')
    fails(lambda: domain.setGuestVcpus('7-9', 1), libvirt.VIR_ERR_INVALID_ARG, 'missing.*7-9', 'nor missing ones')
    fails(lambda: domain.setGuestVcpus('x', 1), libvirt.VIR_ERR_INVALID_ARG, 'list of CPUs', 'nor what is no list')
    asks(lambda: domain.setVcpusFlags(3, libvirt.VIR_DOMAIN_VCPU_GUEST), 'guest-set-vcpus',
         {'vcpus': [{'logical-id': 2, 'online': True}]}, 'setVcpusFlags of the guest')
    tap.ok(domain.guestVcpus() == {'vcpus': '0-3', 'online': '0-1', 'offlinable': '1-3'}, 'guestVcpus')
    tap.ok(domain.vcpusFlags(libvirt.VIR_DOMAIN_VCPU_GUEST) == 2
           and domain.vcpusFlags(libvirt.VIR_DOMAIN_VCPU_GUEST | libvirt.VIR_DOMAIN_VCPU_MAXIMUM) == 4, 'vcpusFlags')
    asks(lambda: domain.authorizedSSHKeysGet('root'), 'guest-ssh-get-authorized-keys', {'username': 'root'},
         'authorizedSSHKeysGet', ['ssh-rsa one', 'ssh-rsa two'])
    asks(lambda: domain.authorizedSSHKeysSet('root', ['ssh-rsa a']), 'guest-ssh-add-authorized-keys',
         {'username': 'root', 'keys': ['ssh-rsa a'], 'reset': True}, 'authorizedSSHKeysSet')
    asks(lambda: domain.authorizedSSHKeysSet('root', ['ssh-rsa a'],
                                             libvirt.VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE),
         'guest-ssh-remove-authorized-keys', {'username': 'root', 'keys': ['ssh-rsa a']}, 'and removed')
    status, text = host.virsh('get-user-sshkeys', 'told', 'root')
    tap.ok(status == 0 and re.match('ssh-rsa one\\s*ssh-rsa two', text), 'virsh get-user-sshkeys', text)
    test_told_info(host, domain)
    for line in ['domfsfreeze told', 'domfsthaw told', 'domfstrim told', 'domtime told --time 5', 'domtime told --sync',
                 'set-user-password told root pass', 'guestvcpus told --enable --cpulist 3', 'setvcpus told 3 --guest']:
        status, text = host.virsh(*line.split())
        tap.ok(status == 0, f'virsh {line}', text)
    domain.destroy()


def test_told_info(host, domain):
    filesystems = [(fs[0], fs[1], fs[2], fs[3]) for fs in domain.fsInfo()]
    tap.ok(filesystems == [('/', 'dm-0', 'xfs', ['xvda']), ('/srv', 'xvda2', 'ext4', ['xvda'])],
           "fsInfo has the targets of the domain's disks", str(filesystems))
    info = domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_FILESYSTEM | libvirt.VIR_DOMAIN_GUEST_INFO_USERS)
    wanted = {'user.count': 1, 'user.0.name': 'root', 'user.0.login-time': 1700000000500, 'fs.count': 2,
              'fs.0.mountpoint': '/', 'fs.0.name': 'dm-0', 'fs.0.fstype': 'xfs', 'fs.0.disk.count': 1,
              'fs.0.disk.0.alias': 'xvda', 'fs.0.disk.0.serial': 'S1', 'fs.0.disk.0.device': '/dev/xvda1',
              'fs.1.mountpoint': '/srv', 'fs.1.name': 'xvda2', 'fs.1.fstype': 'ext4', 'fs.1.total-bytes': 2,
              'fs.1.used-bytes': 1, 'fs.1.disk.count': 1, 'fs.1.disk.0.alias': 'xvda'}
    tap.ok(info == wanted, 'guestInfo of file systems and users', f'{info}\n{wanted}')
    fails(lambda: domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_OS), libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
          'guest-get-osinfo', 'what the agent does not know, when it is asked for')
    everything = domain.guestInfo()
    tap.ok('user.count' in everything and 'hostname' not in everything, 'and is left out, when all is', str(everything))
    status, text = host.virsh('domfsinfo', 'told')
    tap.ok(status == 0 and re.search(r'/srv +xvda2 +ext4 +xvda', text), 'virsh domfsinfo', text)


def test_shutdown(host):
    """By the agent alone, and with another way behind it."""
    def go(arguments):
        host.daemon.control(f'{"reboot" if arguments["mode"] == "reboot" else "poweroff"} off')

    agent = FakeAgent({'guest-shutdown': go})
    host.start('off', agent)
    status, text = host.virsh('shutdown', 'off', '--mode', 'agent')
    tap.ok(status == 0 and agent.asked == [('guest-shutdown', {'mode': 'powerdown'})], 'virsh shutdown --mode agent',
           f'{text}\n{agent.asked}')
    agent = FakeAgent({'guest-shutdown': OSError('the door is stuck')})
    domain, _ = host.start('stuck', agent)
    fails(lambda: domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT), libvirt.VIR_ERR_INTERNAL_ERROR,
          'the door is stuck', "the agent's refusal is an error if it alone is asked")
    fails(lambda: domain.reboot(libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT), libvirt.VIR_ERR_INTERNAL_ERROR,
          'the door is stuck', 'and of a reboot, too')
    tap.ok(agent.asked[-1] == ('guest-shutdown', {'mode': 'reboot'}), 'which it was asked for', str(agent.asked))
    flags = libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT | libvirt.VIR_DOMAIN_SHUTDOWN_PARAVIRT
    tap.ok(domain.shutdownFlags(flags) == 0, 'then another way that is allowed is tried')


# ---- there or not ----

def test_absent(host):
    """Each with the error that libvirt has for it."""
    domain, _ = host.start('absent')
    fails(lambda: command(domain, 'guest-ping', timeout=1), UNRESPONSIVE, 'Guest agent is not responding',
          'an agent that is not there does not answer')
    host.daemon.control(f'disconnect absent {CHANNEL}')
    try:
        command(domain, 'guest-ping')  # ends when the daemon has closed the channel
    except libvirt.libvirtError:
        pass
    begin = time.monotonic()
    fails(lambda: command(domain, 'guest-ping'), UNRESPONSIVE, 'QEMU guest agent is not connected',
          "a channel whose guest's end is not there")
    tap.ok(time.monotonic() - begin < 2, 'is told at once')
    domain.suspend()
    fails(domain.hostname, libvirt.VIR_ERR_OPERATION_INVALID, 'domain is not running', 'a paused domain')
    domain.destroy()
    self = host.connection.createXML(agent_fixture.guest_xml('bare', 900, None).replace(CHANNEL, 'org.example.0'), 0)
    fails(lambda: command(self, 'guest-ping'), libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, 'agent is not configured',
          'a domain without such a channel')
    self.destroy()
    defined = host.connection.defineXML(agent_fixture.guest_xml('asleep', 901, None))
    fails(defined.hostname, libvirt.VIR_ERR_OPERATION_INVALID, 'domain is not running', 'one that does not run')
    defined.undefine()


def test_events(host):
    """Connected and disconnected, with reasons, as the agent comes, hangs, goes and comes again."""
    folder = host.daemon.folder
    domain, line = host.start('lively')
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_START)), 'a guest that starts has no agent yet', str(host.events))
    agent = RealAgent(folder)
    line.set_agent(agent)
    tap.ok(host.wait_for('lively', (CONNECTED, BY_CHANNEL)), 'an agent that answers is connected', str(host.events))
    agent.hang()
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_CHANNEL)), 'one that hangs is not', str(host.events))
    fails(lambda: command(domain, 'guest-ping', timeout=1), UNRESPONSIVE, 'not respond', 'and does not answer')
    agent.go_on()
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL)), 'one that goes on is again',
           str(host.events))
    tap.ok(command(domain, 'guest-ping') == {}, 'and answers')
    agent.end()
    tap.ok(host.wait_for('lively', (CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL)), 'one that ends is not',
           str(host.events))
    agent = RealAgent(folder)
    line.set_agent(agent)
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL)), 'a new one is',
           str(host.events))
    host.daemon.control(f'disconnect lively {CHANNEL}')
    tap.ok(host.wait_for('lively', (CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL)),
           "without the guest's end of the channel it is not", str(host.events))
    host.daemon.control(f'connect lively {CHANNEL}')
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL)), 'with it, it is again',
           str(host.events))
    line.close_host()
    tap.ok(host.wait_for('lively', (CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL)),
           'when the backend closes the channel, it is not', str(host.events))
    tap.ok(command(domain, 'guest-ping') == {}, 'a call opens it again')
    tap.ok(host.wait_for('lively', (DISCONNECTED, BY_CHANNEL), (CONNECTED, BY_CHANNEL)), 'which is told',
           str(host.events))
    domain.destroy()
    tap.ok(host.wait_for('lively', (CONNECTED, BY_CHANNEL), (DISCONNECTED, BY_CHANNEL)), 'with the guest it goes',
           str(host.events))
    agent.end()


def test_shared_channel(host):
    """The channel belongs to the daemon, unless a client insists."""
    agent = FakeAgent()
    domain, _ = host.start('shared', agent)
    command(domain, 'guest-ping')
    stream = host.connection.newStream()
    fails(lambda: domain.openChannel(CHANNEL, stream), libvirt.VIR_ERR_OPERATION_FAILED, 'open',
          "a client is not let into the agent's channel")
    stream = host.connection.newStream()
    domain.openChannel(CHANNEL, stream, libvirt.VIR_DOMAIN_CHANNEL_FORCE)
    stream.send(b'{"execute":"guest-ping"}\n')
    data = b''
    while b'"return": {}' not in data:
        data += stream.recv(4096)
    tap.ok(True, 'but one that insists is')
    fails(lambda: command(domain, 'guest-ping', timeout=1), UNRESPONSIVE, 'not connected', 'then others are not')
    stream.finish()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            answer = command(domain, 'guest-ping', timeout=1)
            break
        except libvirt.libvirtError as error:
            answer = error
            time.sleep(0.1)
    tap.ok(answer == {}, 'when it leaves, they are again', str(answer))
    domain.destroy()


# ---- hung and lying ----

LIES = [
    ('an endless line', b'{"return": "' + b'x' * (17 << 20), libvirt.VIR_ERR_INTERNAL_ERROR, 'longer than'),
    ('100,000 levels', b'[' * 100000 + b'\n', libvirt.VIR_ERR_INTERNAL_ERROR, 'refused'),
    ('no newline', b'{"return": {}}', UNRESPONSIVE, 'not respond'),
    ('no object', b'[1,2]\n', libvirt.VIR_ERR_INTERNAL_ERROR, 'refused'),
    ('both return and error', b'{"return":1,"error":{}}\n', libvirt.VIR_ERR_INTERNAL_ERROR, 'refused'),
    ('not UTF-8', b'{"return":"\xc3\x28"}\n', libvirt.VIR_ERR_INTERNAL_ERROR, 'refused'),
    ('no JSON', b'hello\n', libvirt.VIR_ERR_INTERNAL_ERROR, 'refused'),
]


def test_lies(host):
    agent = FakeAgent()
    domain, _ = host.start('liar', agent)
    for what, lie, code, words in LIES:
        agent.answers['guest-lie'] = lie
        fails(lambda: command(domain, 'guest-lie', timeout=3), code, words, f'a lie is refused: {what}', within_s=30)
        agent.answers['guest-lie'] = b''
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            answer = command(domain, 'guest-ping')
            break
        except libvirt.libvirtError as error:
            answer = error
    tap.ok(answer == {}, 'then the same agent can say the truth', str(answer))
    wrong = {'guest-get-host-name': {'host-name': 5}, 'guest-get-time': 'now', 'guest-get-fsinfo': {},
             'guest-network-get-interfaces': [7], 'guest-get-vcpus': [{'logical-id': -4}],
             'guest-fsfreeze-freeze': -1, 'guest-get-users': [{'user': 1}]}
    agent.answers.update(wrong)
    for call in (domain.hostname, domain.getTime, domain.fsInfo, domain.fsFreeze, lambda: domain.guestInfo(1),
                 lambda: domain.interfaceAddresses(1), lambda: domain.vcpusFlags(libvirt.VIR_DOMAIN_VCPU_GUEST)):
        fails(call, libvirt.VIR_ERR_INTERNAL_ERROR, 'refused', 'an answer of a wrong type is refused')
    domain.destroy()


def test_others_go_on(host):
    """Forty calls wait for ten hung guests; everybody else is served, and the eleventh guest's agent, too."""
    hung = [host.start(f'hung{n}', FakeAgent({'guest-wait': None}))[0] for n in range(10)]
    well, _ = host.start('well', FakeAgent({'guest-get-host-name': {'host-name': 'well'}}))
    errors, under_way = [], threading.Semaphore(0)

    # Each through a connection of its own: where threads share one, libvirt's client may leave a call unsent until the
    # next thing happens (g_main_loop_quit before g_main_loop_run).
    def wait(name):
        connection = libvirt.open(host.daemon.uri())
        domain = connection.lookupByName(name)
        under_way.release()
        try:
            libvirt_qemu.qemuAgentCommand(domain, '{"execute":"guest-wait"}', -2, 0)
        except libvirt.libvirtError as error:
            errors.append(error.get_error_code())

    threads = [threading.Thread(target=wait, args=(f'hung{n}',), daemon=True) for n in range(10) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        under_way.acquire()
    time.sleep(1)
    begin = time.monotonic()
    for _ in range(20):
        well.XMLDesc()
        well.info()
    tap.ok(well.hostname() == 'well', 'another guest\'s agent answers')
    took = time.monotonic() - begin
    tap.ok(took < 5, 'and other calls do not wait', f'{took:.1f} s')
    fails(lambda: command(hung[0], 'guest-ping', timeout=1), libvirt.VIR_ERR_OPERATION_TIMEOUT, 'guest-wait',
          'a hung guest is told to be busy')
    for domain in hung:
        domain.destroy()
    for thread in threads:
        thread.join(30)
    tap.ok(len(errors) == 40 and set(errors) == {UNRESPONSIVE}, 'a guest that goes ends all waiting', str(errors))
    well.destroy()


def test_queue(host):
    """One guest cannot take all the threads: the ninth call is refused."""
    domain, _ = host.start('queue', FakeAgent({'guest-wait': None}))
    codes = []

    def wait():
        connection = libvirt.open(host.daemon.uri())
        try:
            command(connection.lookupByName('queue'), 'guest-wait', timeout=6)
        except libvirt.libvirtError as error:
            codes.append(error.get_error_code())

    threads = [threading.Thread(target=wait, daemon=True) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    tap.ok(codes.count(libvirt.VIR_ERR_OPERATION_FAILED) == 4, 'more calls than one guest may keep waiting are refused',
           str(codes))
    domain.destroy()


def test_end(host):
    """The daemon ends though a call waits for ever."""
    domain, _ = host.start('last', FakeAgent({'guest-wait': None}))
    codes = []

    def wait():
        try:
            libvirt_qemu.qemuAgentCommand(domain, '{"execute":"guest-wait"}', -2, 0)
        except libvirt.libvirtError as error:
            codes.append(error.get_error_code())

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    time.sleep(0.5)
    begin = time.monotonic()
    host.daemon.finish()
    thread.join(20)
    tap.ok(time.monotonic() - begin < 10 and codes == [UNRESPONSIVE], 'a call that waits ends with the daemon',
           f'{codes}')


def main():
    host = Host()
    if agent_fixture.QEMU_GA:
        agent = RealAgent(host.daemon.folder)
        domain, _ = host.start('real', agent)
        tap.ok(host.wait_for('real', (CONNECTED, BY_CHANNEL)), 'the real qemu-ga is there', str(host.events))
        test_real_virsh(host)
        test_real_python(host, domain)
        test_large_file(domain, host.daemon.folder)
        test_read_only(host, domain)
        domain.destroy()
        agent.end()
        test_cloud(host)
        test_events(host)
    else:
        tap.skip('the real qemu-ga', 'it is not installed')
    test_told(host)
    test_shutdown(host)
    test_absent(host)
    test_shared_channel(host)
    test_lies(host)
    test_others_go_on(host)
    test_queue(host)
    test_end(host)
    tap.finish()


main()
