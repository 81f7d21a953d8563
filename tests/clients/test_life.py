#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running guests as libvirt's own clients see them: virsh and libvirt-python against a virtxld with guests in memory."""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon_fixture import Daemon, tap  # noqa: E402

import libvirt  # noqa: E402

WAIT_S = 30


def xml(name, number, more=''):
    return f"""<domain type='xen'><name>{name}</name><uuid>8b3a0c1e-0000-4000-8000-0000000000{number:02x}</uuid>
      <memory unit='MiB'>64</memory><vcpu>2</vcpu><os><type>xenpvh</type><kernel>/boot/vmlinuz</kernel></os>{more}
      <devices><console type='pty'/></devices></domain>"""


def virsh(daemon, *words, socket=None):
    done = subprocess.run(['virsh', '-c', daemon.uri(socket), *words], capture_output=True, text=True,
                          timeout=WAIT_S * 2, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, (done.stdout + done.stderr).strip()


def works(daemon, expected, *words):
    status, text = virsh(daemon, *words)
    tap.ok(status == 0 and expected in text, f"virsh {' '.join(words)}: {expected}", f'{status} {text}')


def refused(daemon, expected, *words):
    status, text = virsh(daemon, *words)
    tap.ok(status == 1 and expected in text, f"virsh {' '.join(words)} is refused: {expected}", f'{status} {text}')


def wait(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            tap.ok(False, what)
            return
        time.sleep(0.02)
    tap.ok(True, what)


def state(daemon, name):
    return virsh(daemon, 'domstate', name, '--reason')[1]


def try_states(daemon):
    works(daemon, 'started', 'start', 'web')
    works(daemon, 'running (booted)', 'domstate', 'web', '--reason')
    works(daemon, 'suspended', 'suspend', 'web')
    works(daemon, 'paused (user)', 'domstate', 'web', '--reason')
    works(daemon, 'resumed', 'resume', 'web')
    works(daemon, 'successfully suspended', 'dompmsuspend', 'web', 'mem')
    works(daemon, 'pmsuspended', 'domstate', 'web')
    works(daemon, 'successfully woken up', 'dompmwakeup', 'web')
    works(daemon, "/dev/pts/", 'dumpxml', 'web')
    works(daemon, 'None', 'domjobinfo', 'web')
    refused(daemon, 'no job is active', 'domjobabort', 'web')
    refused(daemon, 'HVM', 'reset', 'web')
    daemon.control('pause web')
    works(daemon, 'paused', 'domstate', 'web')
    daemon.control('unpause web')
    works(daemon, 'running', 'domstate', 'web')


def try_ends(daemon):
    first = virsh(daemon, 'domid', 'web')[1]
    works(daemon, 'being rebooted', 'reboot', 'web')
    wait(lambda: virsh(daemon, 'domid', 'web')[1] not in (first, '-'), 'a reboot gives the guest another id')
    works(daemon, '', 'set-lifecycle-action', 'web', 'reboot', 'destroy', '--live')
    works(daemon, 'being rebooted', 'reboot', 'web')
    wait(lambda: state(daemon, 'web') == 'shut off (shutdown)', 'on_reboot can be changed while it runs')
    works(daemon, 'started', 'start', 'web')
    works(daemon, 'being shutdown', 'shutdown', 'web')
    wait(lambda: state(daemon, 'web') == 'shut off (shutdown)', 'a guest that has shut down is gone')
    works(daemon, 'started', 'start', 'web')
    daemon.control('crash web')
    wait(lambda: state(daemon, 'web') == 'shut off (crashed)', 'a guest that has crashed is gone')
    works(daemon, 'started', 'start', 'web', '--paused')
    works(daemon, 'destroyed', 'destroy', 'web', '--graceful')


def try_saves(daemon):
    image = os.path.join(daemon.folder, 'image')
    works(daemon, 'started', 'start', 'web')
    works(daemon, 'saved to', 'save', 'web', image)
    works(daemon, 'shut off (saved)', 'domstate', 'web', '--reason')
    works(daemon, '<name>web</name>', 'save-image-dumpxml', image)
    works(daemon, 'restored', 'restore', image, '--paused')
    works(daemon, 'paused', 'domstate', 'web')
    works(daemon, 'saved by libvirt', 'managedsave', 'web', '--running')
    works(daemon, 'web', 'list', '--all', '--with-managed-save')
    works(daemon, '<name>web</name>', 'managedsave-dumpxml', 'web')
    refused(daemon, 'managed save image exists', 'undefine', 'web')
    works(daemon, 'started', 'start', 'web')
    works(daemon, 'running (restored)', 'domstate', 'web', '--reason')
    works(daemon, 'saved by libvirt', 'managedsave', 'web')
    works(daemon, 'Removed', 'managedsave-remove', 'web')
    refused(daemon, 'not the file of a saved domain', 'restore', daemon.config)


def try_others(daemon):
    path = os.path.join(daemon.folder, 'foreign.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(xml('theirs', 0x20))
    daemon.control(f'make {path}')
    wait(lambda: 'theirs' in virsh(daemon, 'list', '--transient', '--name')[1], 'a guest of somebody else is listed')
    daemon.control('poweroff theirs')
    wait(lambda: 'shutdown' in state(daemon, 'theirs'), 'and seen to shut down')
    works(daemon, 'theirs', 'list', '--name')
    daemon.control('remove theirs')
    wait(lambda: 'theirs' not in virsh(daemon, 'list', '--all')[1], 'and to go')
    works(daemon, 'Domain-0', 'list')
    refused(daemon, 'Domain-0 does not support requested operation', 'destroy', 'Domain-0')
    refused(daemon, 'Domain-0 does not support requested operation', 'undefine', 'Domain-0')


def try_access(daemon):
    reader = libvirt.openReadOnly(daemon.uri(daemon.socket_ro))
    domain = reader.lookupByName('web')
    for name, arguments in [('create', ()), ('destroy', ()), ('reset', (0,)), ('save', ('/x',)), ('managedSave', (0,)),
                            ('pMWakeup', (0,)), ('injectNMI', (0,)), ('setLifecycleAction', (0, 0, 0)),
                            ('abortJob', ())]:
        try:
            getattr(domain, name)(*arguments)
            code = None
        except libvirt.libvirtError as error:
            code = error.get_error_code()
        tap.ok(code == libvirt.VIR_ERR_OPERATION_DENIED, f'{name} is denied to who may only read', code)
    reader.close()


def try_autodestroy(daemon):
    client = libvirt.open(daemon.uri())
    domain = client.createXML(xml('mine', 0x30), libvirt.VIR_DOMAIN_START_AUTODESTROY)
    tap.ok(domain.isActive() == 1, 'a domain that is to go with its client')
    client.close()
    del domain, client
    wait(lambda: 'mine' not in virsh(daemon, 'list', '--all')[1], 'goes with it')


def try_hanging(daemon):
    daemon.control('hang 1')
    result = []
    thread = threading.Thread(target=lambda: result.append(virsh(daemon, 'start', 'web')))
    thread.start()
    wait(lambda: 'Unbounded' in virsh(daemon, 'domjobinfo', 'web')[1], 'a start that hangs is seen as a job')
    begin = time.monotonic()
    works(daemon, 'web', 'list', '--all')
    tap.ok(time.monotonic() - begin < 5, 'and holds up no list')
    works(daemon, 'destroyed', 'destroy', 'web')
    thread.join()
    tap.ok(result[0][0] == 1 and 'was destroyed' in result[0][1], 'and fails when the domain is destroyed', result)
    daemon.control('hang 0')


def try_return(daemon):
    works(daemon, 'started', 'start', 'web')
    works(daemon, 'created', 'create', write(daemon, 'gone', 0x31))
    number = virsh(daemon, 'domid', 'web')[1]
    for how in ('stop', 'kill'):
        getattr(daemon, how)()
        daemon.start()
        wait(lambda: virsh(daemon, 'list')[0] == 0, f'after a {how}, the daemon comes back')
        works(daemon, number, 'domid', 'web')
        works(daemon, 'running', 'domstate', 'gone')
    works(daemon, 'marked as autostarted', 'autostart', 'web')
    works(daemon, 'destroyed', 'destroy', 'web')
    daemon.stop()
    daemon.start()
    works(daemon, 'shut off', 'domstate', 'web')
    daemon.stop()
    os.unlink(os.path.join(daemon.folder, 'run', 'autostarted'))  # as after the host has started
    daemon.start()
    wait(lambda: state(daemon, 'web').startswith('running'), 'it starts with the host')
    works(daemon, 'destroyed', 'destroy', 'gone')
    works(daemon, 'destroyed', 'destroy', 'web')


def write(daemon, name, number):
    path = os.path.join(daemon.folder, name + '.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(xml(name, number))
    return path


def main():
    libvirt.registerErrorHandler(lambda *_: None, None)
    daemon = Daemon(memory=True)
    works(daemon, 'defined', 'define', write(daemon, 'web', 1))
    for part in (try_states, try_ends, try_saves, try_others, try_access, try_autodestroy, try_hanging, try_return):
        part(daemon)
    daemon.finish()
    tap.finish()


if __name__ == '__main__':
    main()
