#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who is let in: permissions of the sockets, polkit (one that says what it is told to, on a bus of its own), sockets
from a service manager, and the exit statuses."""
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

from gi.repository import Gio, GLib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import daemon_fixture  # noqa: E402
from daemon_fixture import tap  # noqa: E402

NOBODY = 65534
BUS = """<busconfig><type>session</type><listen>unix:path=%s</listen>
<policy context='default'><allow user='*'/><allow own='*'/><allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/></policy></busconfig>"""
# What a service manager does between fork and exec.
BECOME = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ['LISTEN_PID'] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])"""
INTERFACE = """<node><interface name='org.freedesktop.PolicyKit1.Authority'><method name='CheckAuthorization'>
<arg type='(sa{sv})' direction='in'/><arg type='s' direction='in'/><arg type='a{ss}' direction='in'/>
<arg type='u' direction='in'/><arg type='s' direction='in'/><arg type='(bba{ss})' direction='out'/>
</method></interface></node>"""
ANSWERS = {'yes': (True, False, {}), 'no': (False, False, {}), 'ask': (False, True, {}),
           'dismissed': (False, False, {'polkit.dismissed': 'true'})}


class Polkit:
    """Answers as .answer says (nothing: None), and keeps what it was asked."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='bus-')
        self.address = f'unix:path={self.folder}/bus'
        self.answer = 'yes'
        self.asked = []
        config = os.path.join(self.folder, 'bus.conf')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(BUS % f'{self.folder}/bus')
        # pylint: disable-next=consider-using-with
        self.bus = subprocess.Popen(['dbus-daemon', '--nofork', '--print-address', '--config-file', config],
                                    stdout=subprocess.PIPE)
        self.bus.stdout.readline()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        context = GLib.MainContext()
        context.push_thread_default()
        flags = Gio.DBusConnectionFlags
        connection = Gio.DBusConnection.new_for_address_sync(
            self.address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        connection.register_object('/org/freedesktop/PolicyKit1/Authority',
                                   Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], self.reply, None, None)
        connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
                             GLib.Variant('(su)', ('org.freedesktop.PolicyKit1', 0)), None, 0, -1, None)
        ready.set()
        GLib.MainLoop(context).run()

    def reply(self, _connection, _sender, _path, _interface, _method, arguments, invocation):
        self.asked.append(arguments.unpack())
        if self.answer:
            invocation.return_value(GLib.Variant('((bba{ss}))', (ANSWERS[self.answer],)))


def virsh(uri, *command, user=NOBODY):
    done = subprocess.run(['virsh', '-c', uri, *command], user=user, group=user,
                          env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent'}, cwd='/', stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def test_permissions():
    daemon = daemon_fixture.Daemon('listen_legacy = 1\n')
    daemon.wait_for_log('libvirt-sock-ro')
    legacy = os.path.join(os.path.dirname(daemon.socket), 'libvirt-sock')
    came, out = virsh(daemon.uri(legacy), 'list', user=0)
    tap.ok(came and os.path.exists(legacy + '-ro'), 'listen_legacy: the names that old clients know', out)
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (daemon.socket, daemon.socket_ro)]
    tap.ok(modes == [0o770, 0o777], 'the modes of the sockets', str(modes))
    came, out = virsh(daemon.uri(), 'list')
    tap.ok(not came and 'Permission denied' in out, 'others cannot connect read-write', out)
    came, out = virsh(daemon.uri(daemon.socket_ro), 'list')
    tap.ok(came, 'but read-only', out)
    daemon.finish()


def comes_to_ask(daemon, count):
    """Whether COUNT programs that ask polkit are below the daemon, now or soon."""
    end = time.monotonic() + daemon_fixture.START_S
    while time.monotonic() < end:
        with open(f'/proc/{daemon.process.pid}/task/{daemon.process.pid}/children', encoding='ascii') as file:
            if len(file.read().split()) == count:
                return True
        time.sleep(0.02)
    return False


def test_polkit():
    polkit = Polkit()
    daemon = daemon_fixture.Daemon('auth_unix_rw = "polkit"\nunix_sock_rw_perms = "0777"\n',
                                   {'DBUS_SYSTEM_BUS_ADDRESS': polkit.address})
    came, out = virsh(daemon.uri(), 'list', user=0)
    tap.ok(came and not polkit.asked, 'root is let in without a question', out)
    came, out = virsh(daemon.uri(), 'list')
    tap.ok(came, 'another user when polkit says yes', out)
    (kind, subject), action, _, flags, _ = polkit.asked[0]
    tap.ok(kind == 'unix-process' and subject['uid'] == NOBODY and subject['start-time'] > 0 and flags == 1 and
           action == 'org.libvirt.unix.manage', 'polkit is asked about the process', str(polkit.asked[0]))
    for answer, pattern in (('no', 'authentication failed: polkit does not let'),
                            ('ask', 'authentication unavailable: no polkit agent'),
                            ('dismissed', 'authentication cancelled')):
        polkit.answer = answer
        came, out = virsh(daemon.uri(), 'list')
        tap.ok(not came and re.search(pattern, out), f'polkit says {answer}', out)
    came, out = virsh(daemon.uri(daemon.socket_ro), 'list')
    tap.ok(came, 'polkit is not asked about the read-only socket', out)
    polkit.answer = None
    waiting = threading.Thread(target=virsh, args=(daemon.uri(), 'list'))
    waiting.start()
    daemon.wait_for_log('client', 1)
    came, out = virsh(daemon.uri(), 'list', user=0)
    tap.ok(came, 'while polkit thinks, others are served', out)
    with subprocess.Popen(['virsh', '-c', daemon.uri(), 'list'], user=NOBODY, group=NOBODY, cwd='/', env=os.environ,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as leaving:
        tap.ok(comes_to_ask(daemon, 2), 'each client that waits is asked for')
        leaving.kill()
    tap.ok(comes_to_ask(daemon, 1), 'nobody is asked for a client that has gone')
    polkit.bus.kill()
    waiting.join()
    tap.ok(comes_to_ask(daemon, 0), 'nothing of it is left')
    came, out = virsh(daemon.uri(), 'list')
    tap.ok(not came and 'authentication failed' in out, 'without polkit nobody else is let in', out)
    daemon.finish()


def run_daemon(*arguments):
    return subprocess.run([os.environ['VIRTXLD'], *arguments], capture_output=True, text=True, timeout=120, check=False)


def test_statuses():
    daemon = daemon_fixture.Daemon()
    done = run_daemon('--version')
    tap.ok(done.returncode == 0 and re.match(r'virtxld \d', done.stdout), '--version', done.stdout + done.stderr)
    done = run_daemon('--help')
    tap.ok(done.returncode == 0 and '--state-dir' in done.stdout, '--help', done.stdout + done.stderr)
    for arguments in (['--nonsense'], ['file'], ['--config']):
        done = run_daemon(*arguments)
        tap.ok(done.returncode == 2 and 'virtxld --help' in done.stderr, f'{arguments}: exit status 2', done.stderr)
    done = run_daemon('--config', '/nonexistent/virtxld.conf')
    tap.ok(done.returncode == 1 and '/nonexistent' in done.stderr, 'no such configuration: 1', done.stderr)
    daemon.write_config('max_clients = 0\n')
    done = run_daemon('--config', daemon.config)
    tap.ok(done.returncode == 1 and 'line 1' in done.stderr, 'a wrong configuration: 1', done.stderr)
    done = run_daemon('--config', '/dev/null', '--offline', '--socket-dir', os.path.dirname(daemon.socket),
                      '--state-dir', daemon.folder + '/other')
    tap.ok(done.returncode == 1 and 'another program listens' in done.stderr, 'a second daemon: 1', done.stderr)
    daemon.finish()


def test_activation():
    """Sockets from a service manager, which also hears that the daemon serves, and that it stops."""
    with tempfile.TemporaryDirectory() as folder:
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(f'{folder}/notify')
        notify.settimeout(daemon_fixture.START_S)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f'{folder}/test-sock-ro')
        listener.listen(5)
        passed = listener.fileno()
        with subprocess.Popen([sys.executable, '-c', BECOME, str(passed), os.environ['VIRTXLD'], '--offline', '--config',
                               '/dev/null', '--state-dir', f'{folder}/state', '--run-dir', f'{folder}/run'],
                              pass_fds=[passed], stderr=subprocess.PIPE, text=True,
                              env={**os.environ, 'LISTEN_FDS': '1', 'NOTIFY_SOCKET': f'{folder}/notify'}) as process:
            tap.ok(notify.recv(100) == b'READY=1', 'the service manager hears that it serves')
            uri = f'xen+unix:///system?socket={folder}/test-sock-ro'
            came, out = virsh(uri, 'list', user=0)
            tap.ok(came, 'a socket that was passed is served', out)
            came, out = virsh(uri, 'undefine', 'x', user=0)
            tap.ok(not came, 'read-only, as its name says', out)
            process.terminate()
            tap.ok(notify.recv(100) == b'STOPPING=1', 'and that it stops')
            process.communicate(timeout=60)
        tap.ok(process.returncode == 0 and os.path.exists(f'{folder}/test-sock-ro'), 'whose socket stays')


def main():
    test_statuses()
    test_activation()
    if os.getuid() == 0:
        test_permissions()
        test_polkit()
    else:
        tap.skip('permissions and polkit', 'only root can be somebody else')


main()
tap.finish()
