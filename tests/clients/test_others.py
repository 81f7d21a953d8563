#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other real clients against a private virtxld: Perl's Sys::Virt, virt-install and virt-xml, and virsh through ssh. What
is not installed is skipped, and said so."""
import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon_fixture import START_S, Daemon, tap  # noqa: E402

TIMEOUT_S = 120
SSHD = shutil.which('sshd', path=os.environ.get('PATH', '') + ':/usr/sbin')


class Run:
    def __init__(self, *command, text=''):
        try:
            done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
            self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, self.out, self.err = 'timeout', '', f'no end within {TIMEOUT_S} s'
        self.told = f'{" ".join(command)}: exit status {self.status}\n{self.out}\n{self.err}'


def perl(daemon):
    if Run('perl', '-e', 'use Sys::Virt').status != 0:
        tap.skip("Perl's Sys::Virt", 'libsys-virt-perl is not installed')
        return
    run = Run('perl', os.path.join(HERE, 'test_perl.pl'), daemon.uri())
    points = re.findall(r'^(not ok|ok) \d+ - (.*)$', run.out, re.M)
    for result, name in points:
        tap.ok(result == 'ok', f'Sys::Virt: {name}', run.err)
    tap.ok(run.status == 0 and points, 'Sys::Virt: the program ends well', run.told)


def virsh(uri, *command):
    return Run('virsh', '-c', uri, *command)


def virt_install(daemon):
    if not shutil.which('virt-install'):
        tap.skip('virt-install', 'virtinst is not installed')
        return
    for kind, words, wanted in (
            ('hvm', ['--hvm'], '<type[^>]*>hvm</type>'),
            ('pv', ['--paravirt'], '<type[^>]*>(xen|linux)</type>')):
        name = 'install-' + kind
        run = Run('virt-install', '--connect', daemon.uri(), '--name', name, *words, '--memory', '256', '--vcpus', '2',
                  '--disk', 'none', '--network', 'bridge=xenbr0', '--osinfo', 'detect=on,require=off', '--import',
                  '--channel', 'unix,target.type=virtio,target.name=org.qemu.guest_agent.0', '--print-xml')
        tap.ok(run.status == 0 and re.search(wanted, run.out), f'virt-install --print-xml of a {kind} guest', run.told)
        path = os.path.join(daemon.folder, name + '.xml')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(run.out)
        defined = virsh(daemon.uri(), 'define', path)
        tap.ok(defined.status == 0, 'what it prints can be defined', defined.told + run.out)
        dumped = virsh(daemon.uri(), 'dumpxml', name)
        tap.ok(re.search("<target type='xen' name='org.qemu.guest_agent.0'", dumped.out),
               'its channel has become one of Xen', dumped.told)
    run = Run('virt-install', '--connect', daemon.uri(), '--name', 'cannot', '--hvm', '--memory', '256', '--disk', 'none',
              '--network', 'none', '--osinfo', 'detect=on,require=off', '--import', '--noautoconsole')
    tap.ok(run.status != 0 and 'no Xen hypervisor on this host' in run.err, 'installing says that Xen is missing', run.told)


# Each row: what virt-xml is told, and what the definition then has to match; '!' before it: not to match.
VIRT_XML = [
    (['--edit', '--memory', '512,maxmemory=768'], "<memory unit='KiB'>786432</memory>"),
    (['--edit', '--vcpus', '4'], '<vcpu[^>]*>4</vcpu>'),
    (['--edit', '--metadata', 'title=edited'], '<title>edited</title>'),
    (['--add-device', '--network', 'bridge=xenbr7'], 'xenbr7'),
    (['--add-device', '--channel', 'unix,source.mode=bind,source.path=/run/x.agent,target.type=virtio,target.name=extra'],
     "path='/run/x.agent'[^>]*>\\s*<target type='xen' name='extra'"),
    (['--remove-device', '--channel', 'target.name=extra'], "!name='extra'"),
    (['--edit', '--boot', 'network,hd'], "<boot dev='network'/>"),
]


def virt_xml(daemon):
    if not shutil.which('virt-xml'):
        tap.skip('virt-xml', 'virtinst is not installed')
        return
    for words, wanted in VIRT_XML:
        run = Run('virt-xml', '--connect', daemon.uri(), 'install-hvm', *words, '--define', text='yes\n')
        dumped = virsh(daemon.uri(), 'dumpxml', 'install-hvm')
        found = bool(re.search(wanted.lstrip('!'), dumped.out))
        tap.ok(run.status == 0 and dumped.status == 0 and found == (wanted[0] != '!'), 'virt-xml ' + ' '.join(words[:2]) + ': ' + wanted,
               run.told + dumped.out)
    tap.skip('virt-xml --disk', 'virtinst takes the path of a disk only from a host that also has a storage driver')
    run = Run('virt-xml', '--connect', daemon.uri(), 'nobody', '--edit', '--vcpus', '4', '--define')
    tap.ok(run.status != 0 and 'nobody' in run.err, 'virt-xml of an unknown domain', run.told)


# ---- through ssh ----

SSHD_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""
SSH_CONFIG = """Host *
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking no
  LogLevel ERROR
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def write(folder, name, text, mode=0o600):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def start_sshd(folder):
    """(process, port) of an sshd of our own, with keys made for it and a client script FOLDER/ssh."""
    port = free_port()
    for key in ('host_key', 'user_key'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', os.path.join(folder, key)], check=True)
    config = write(folder, 'sshd_config', SSHD_CONFIG.format(port=port, folder=folder))
    client_config = write(folder, 'ssh_config', SSH_CONFIG.format(folder=folder))
    write(folder, 'ssh', f'#!/bin/sh\nexec ssh -F {client_config} "$@"\n', 0o700)
    if os.geteuid() == 0:
        os.makedirs('/run/sshd', mode=0o755, exist_ok=True)  # as its service does; it refuses to start without
    with open(os.path.join(folder, 'sshd.log'), 'wb') as log:
        # pylint: disable-next=consider-using-with
        process = subprocess.Popen([SSHD, '-D', '-e', '-f', config], stdout=log, stderr=log)
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                break
        time.sleep(0.05)
    return process, port


def check_ssh(daemon, folder, port):
    with open(os.path.join(folder, 'sshd.log'), encoding='utf-8', errors='replace') as log:
        for proxy in ('auto', 'netcat'):
            uri = (f'xen+ssh://{getpass.getuser()}@localhost:{port}/system?socket={daemon.socket}&proxy={proxy}'
                   f'&command={folder}/ssh&no_tty=1')
            run = virsh(uri, 'list', '--all', '--name')
            tap.ok(run.status == 0 and 'by-ssh' in run.out.split(), f'virsh list through ssh (proxy={proxy})',
                   run.told + log.read())
            run = virsh(uri, 'dumpxml', 'by-ssh')
            tap.ok(run.status == 0 and 'x' * 300000 in run.out, 'a large definition through ssh', run.told[:3000])
            run = virsh(uri, 'start', 'by-ssh')
            tap.ok('no Xen hypervisor on this host' in run.err, 'an error through ssh', run.told)
    uri = uri.replace(daemon.socket, daemon.socket + '-none')
    run = virsh(uri, 'list')
    tap.ok(run.status == 1, 'a socket that is not there fails', run.told)


def ssh(daemon):
    missing = [name for name, there in (('openssh-server', SSHD), ('openssh-client', shutil.which('ssh')),
                                        ('netcat-openbsd', shutil.which('nc'))) if not there]
    if missing:
        tap.skip('xen+ssh://localhost/system', ', '.join(missing) + ' is not installed')
        return
    path = write(daemon.folder, 'by-ssh.xml', "<domain type='xen'><name>by-ssh</name><title>" + 'x' * 300000 +
                 "</title><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>")
    defined = virsh(daemon.uri(), 'define', path)
    tap.ok(defined.status == 0, 'a large definition to be read through ssh', defined.told[:3000])
    with tempfile.TemporaryDirectory(prefix='virtxld-ssh-') as folder:
        process, port = start_sshd(folder)
        try:
            check_ssh(daemon, folder, port)
        finally:
            process.terminate()
            process.wait()


def main():
    daemon = Daemon()
    perl(daemon)
    if shutil.which('virsh'):
        virt_install(daemon)
        virt_xml(daemon)
        ssh(daemon)
    else:
        tap.skip('virt-install, virt-xml, ssh', 'libvirt-clients is not installed')
    daemon.finish()
    tap.finish()


main()
