# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whose the sockets of channels are, and what the daemon does when something else is in their place."""
import grp
import os
import pwd
import socket
import stat
import subprocess

import libvirt

from e2e.plugging import Plugs, check_refused
from e2e.shell import Run
from e2e.story import story

CONFIG = '/etc/libvirt/virtxld.conf'
FOLDER = '/var/lib/libvirt/libxl/channel/target'
NAMED, CHOSEN, PLUGGED = 'org.virtxl.named', 'org.virtxl.chosen', 'org.virtxl.plugged'
PATH, OTHER, VICTIM = '/run/guest/named.sock', '/run/guest/other.sock', '/run/guest/victim.sock'
USER, GROUP = 'nobody', 'libvirt'


def configure(host, text):
    """The daemon runs with these settings."""
    host.disconnect()
    host.daemon.stop()
    with open(CONFIG, 'w', encoding='utf-8') as file:
        file.write(text)
    host.daemon.start()


def leave_dead(path):
    """A socket that nobody serves any more."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)


def check_granted(host, path):
    status = os.lstat(path)
    host.equal((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)),
               (pwd.getpwnam(USER).pw_uid, grp.getgrnam(GROUP).gr_gid, 0o660), path)


def connects(path, user, group):
    """Whether a process of these numbers can connect to PATH."""
    code = f'import os, socket; os.setgroups([]); os.setgid({group}); os.setuid({user}); ' \
           f'socket.socket(socket.AF_UNIX).connect({path!r})'
    return subprocess.run(['python3', '-c', code], capture_output=True, check=False).returncode == 0


@story('who may use a socket', seconds=150, peer='it has no such settings')
def owners(host, step):
    guest = host.guest('pv', 'owned', channels=[host.channel_xml(NAMED, PATH), host.channel_xml(CHOSEN, '')])
    with open(CONFIG, encoding='utf-8') as file:
        installed = file.read()
    try:
        told_owners(host, step, guest)
    finally:
        configure(host, installed)


def told_owners(host, step, guest):
    plugs = Plugs(host, guest)
    with step('a group that does not exist keeps the daemon from starting, and it says which'):
        host.disconnect()
        host.daemon.stop()
        with open(CONFIG, 'w', encoding='utf-8') as file:
            file.write('channel_sock_group = "noone-of-us"\n')
        done = Run(['virtxld'], timeout_s=30 * host.slow)
        host.check(done.status == 1 and "there is no group 'noone-of-us' on this host" in done.err, done.told)
    with step('sockets have the owner, group and permissions of the settings'):
        configure(host, f'channel_sock_user = "{USER}"\nchannel_sock_group = "{GROUP}"\nchannel_sock_perms = "0660"\n')
        host.virsh('create', guest.file, '--paused')
        for path in (PATH, plugs.path(CHOSEN)):
            check_granted(host, path)
    with step('also when they are plugged in', needed=False):
        plugs.attach(host.channel_xml(PLUGGED, ''))
        check_granted(host, plugs.path(PLUGGED))
    with step('others reach the socket, if they may, and see nothing else there', needed=False):
        group = grp.getgrnam(GROUP).gr_gid
        host.check(connects(plugs.path(CHOSEN), 12345, group), 'the group cannot connect')
        host.check(not connects(plugs.path(CHOSEN), 12345, 12345), 'anybody can connect')
        status = os.lstat(FOLDER)
        host.equal((stat.S_IMODE(status.st_mode), status.st_uid), (0o711, 0), FOLDER)
    host.virsh('destroy', guest.name)


def check_start_refused(host, guest, words):
    done = host.virsh('create', guest.file, '--paused', expect=None)
    host.check(done.status == 1 and words in done.err and len(done.err.strip().splitlines()) <= 2, done.told)
    host.check(guest.domid() is None, 'Xen has it')


@story('what is in the way of a socket', seconds=150, peer='its device model would take it away')
def in_the_way(host, step):
    guest = host.guest('pv', 'way', channels=[host.channel_xml(NAMED, PATH), host.channel_xml(CHOSEN, '')])
    plug = host.channel_xml(PLUGGED, OTHER)
    plugs = Plugs(host, guest)
    leave_dead(VICTIM)
    with step('a symbolic link is not followed when a guest starts'):
        os.symlink(VICTIM, PATH)
        check_start_refused(host, guest, f"'{PATH}' is in the way: it is a symbolic link")
        os.unlink(PATH)
    with step('nor in the path of the daemon\'s own folder'):
        os.makedirs(os.path.dirname(FOLDER), exist_ok=True)
        os.makedirs('/run/guest/evil')
        if os.path.isdir(FOLDER):
            os.rename(FOLDER, FOLDER + '.real')
        os.symlink('/run/guest/evil', FOLDER)
        check_start_refused(host, guest, "'target' in the path of the folder for channels")
        host.equal(os.listdir('/run/guest/evil'), [], 'what is where the link led')
        os.unlink(FOLDER)
        os.rmdir('/run/guest/evil')
    with step('what a dead process has left is taken away'):
        leave_dead(PATH)
        host.virsh('create', guest.file, '--paused')
        host.check(stat.S_ISSOCK(os.lstat(PATH).st_mode), 'no socket')
    before = plugs.marks()
    with step('a symbolic link is not followed when a channel is plugged in', needed=False):
        os.symlink(VICTIM, OTHER)
        check_refused(libvirt.VIR_ERR_OPERATION_FAILED, f"'{OTHER}' is in the way: it is a symbolic link", plugs.attach,
                      plug)
        os.unlink(OTHER)
        host.equal(plugs.marks(), before, 'what there is')
    with step('a file is not taken away', needed=False):
        with open(OTHER, 'w', encoding='utf-8') as file:
            file.write('precious')
        check_refused(libvirt.VIR_ERR_OPERATION_FAILED, f"'{OTHER}' is in the way: it is no socket", plugs.attach, plug)
        with open(OTHER, encoding='utf-8') as file:
            host.equal(file.read(), 'precious', 'the file')
        os.unlink(OTHER)
    with step('a socket that somebody serves is not taken away', needed=False):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(OTHER)
            server.listen()
            check_refused(libvirt.VIR_ERR_OPERATION_FAILED, f"another process serves the socket '{OTHER}'",
                          plugs.attach, plug)
            host.check(os.path.exists(OTHER), 'it has been taken away')
        host.equal(plugs.marks()['xenstore'], before['xenstore'], 'xenstore')
    with step('once it is dead, it is', needed=False):
        plugs.attach(plug)
        plugs.detach(plug)
        host.equal(plugs.marks(), before, 'what there is')
    host.virsh('destroy', guest.name)
    with step('where the link led, nothing has changed'):
        host.check(stat.S_ISSOCK(os.lstat(VICTIM).st_mode), 'it is gone')
        os.unlink(VICTIM)
