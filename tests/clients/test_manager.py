#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's virt-manager, on a screen of its own (Xvfb), against a private virtxld: it connects, lists the domain and
shows its details.

usage: test_manager.py [FOLDER]: keeps pictures of both windows there, manager.png and details.png
"""
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon_fixture import Daemon, tap  # noqa: E402
from thin_client import ThinClient  # noqa: E402

NEEDED = {'virt-manager': 'virt-manager', 'Xvfb': 'xvfb', 'xdotool': 'xdotool', 'dbus-run-session': 'dbus-daemon'}
PICTURES = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
PATIENCE_S = 120
NOT_THERE = 'not supported by the connection driver'
XML = """<domain type='xen'><name>{name}</name><memory unit='MiB'>512</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='xenfv'>hvm</type></os><devices>
<disk type='file' device='disk'><source file='/srv/web.img'/><target dev='xvda' bus='xen'/></disk>
<interface type='bridge'><mac address='00:16:3e:01:02:03'/><source bridge='xenbr0'/></interface>
<graphics type='vnc' port='-1'/>
<channel type='unix'><source mode='bind' path='/run/web.agent'/>
<target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices></domain>"""


def start_screen():
    """(process, display)"""
    read_end, write_end = os.pipe()
    # pylint: disable-next=consider-using-with
    process = subprocess.Popen(['Xvfb', '-displayfd', str(write_end), '-screen', '0', '1000x760x24', '-nolisten', 'tcp'],
                               pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        return process, ':' + pipe.readline().strip()


def wait_for_window(environment, title):
    """The id of the window whose title matches, or None."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', title], env=environment,
                               capture_output=True, text=True, check=False).stdout.split()
        if found:
            return found[0]
        time.sleep(0.2)
    return None


def take_picture(environment, name):
    if not PICTURES:
        return
    os.makedirs(PICTURES, exist_ok=True)
    path = os.path.join(PICTURES, name)
    time.sleep(2)  # for the window to fill
    subprocess.run(['import', '-window', 'root', path], env=environment, check=True)
    print(f'# {path}')


def show(daemon, environment, words, title, picture):
    """One test point: virt-manager with WORDS opens a window of such a TITLE."""
    log_path = os.path.join(daemon.folder, 'manager.log')
    with open(log_path, 'wb') as log:
        # pylint: disable-next=consider-using-with
        manager = subprocess.Popen(['dbus-run-session', 'virt-manager', '--no-fork', '--debug', '--connect', daemon.uri(),
                                    *words], env=environment, stdout=log, stderr=log, start_new_session=True)
    window = wait_for_window(environment, title)
    if window:
        take_picture(environment, picture)
    os.killpg(manager.pid, 15)
    manager.wait()
    with open(log_path, encoding='utf-8', errors='replace') as log:
        text = log.read()
    tap.ok(window, f'virt-manager shows a window {title!r}', text[-3000:])
    bad = [line for line in text.splitlines() if 'Error: ' in line and NOT_THERE not in line]
    tap.ok(not bad, 'and met no error but that there are no storage pools and networks', bad)
    return text


def main():
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if PICTURES and not shutil.which('import'):
        missing.append('imagemagick')
    if missing:
        tap.skip('virt-manager', ', '.join(missing) + ' is not installed')
        tap.finish()
    daemon = Daemon()
    with ThinClient(daemon.socket, 10) as client:
        client.open()
        for name in ('web', 'database'):
            client.define(XML.format(name=name))
    screen, display = start_screen()
    environment = {**os.environ, 'DISPLAY': display, 'HOME': daemon.folder, 'GDK_BACKEND': 'x11', 'NO_AT_BRIDGE': '1',
                   'XDG_RUNTIME_DIR': daemon.folder, 'GSETTINGS_BACKEND': 'memory', 'LC_ALL': 'C.UTF-8'}
    try:
        show(daemon, environment, [], '^Virtual Machine Manager$', 'manager.png')
        show(daemon, environment, ['--show-domain-editor', 'web'], '^web on ', 'details.png')  # it looks for it in its list
    finally:
        screen.terminate()
        screen.wait()
    daemon.finish()
    tap.finish()


main()
