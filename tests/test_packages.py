#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian packages: they are built, checked by lintian, installed into a folder, used from there, and removed.

The environment, which meson sets: VIRTXL_PACKAGES is the folder to build them in.
"""
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import tap

FOLDER = os.environ.get('VIRTXL_PACKAGES') or os.path.join(tap.SOURCE, 'build-packages')
NAMES = ('virtxl', 'virtxld', 'virtxl-guest')
EXAMPLES = 'usr/share/doc/virtxl-guest/examples'
EXAMPLE_UNITS = ('qemu-ga-channel.path', 'qemu-ga-channel.service')
UNITS = ('virtxld.service', 'virtxld.socket', 'virtxld-ro.socket')
CHANNELS = 'var/lib/libvirt/libxl/channel/target'
GUEST = """<domain type='xen'><name>kept</name><memory>65536</memory><os><type>linux</type><kernel>/k</kernel></os>
<devices><channel type='pty'><target type='xen' name='org.example'/></channel></devices></domain>"""


def run(*command, timeout=120, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=timeout, **options)


def succeeds(name, *command, **options):
    done = run(*command, **options)
    return tap.ok(done.returncode == 0, name, f'exit status {done.returncode}\n{done.stdout[-4000:]}')


def control_field(package, name):
    return run('dpkg-deb', '--field', package, name).stdout.strip()


def find_packages():
    """NAME -> path of the package, of those that are wanted."""
    found = {}
    for file in sorted(os.listdir(FOLDER)):
        name = file.split('_')[0]
        if file.endswith('.deb') and name in NAMES:
            found[name] = os.path.join(FOLDER, file)
    return found


def version_of_tree():
    with open(f'{tap.SOURCE}/meson.build', encoding='utf-8') as file:
        return re.search(r"version: '([^']*)'", file.read()).group(1)


def build_again():
    """What has not changed is not built again."""
    before = {name: os.stat(path).st_mtime_ns for name, path in find_packages().items()}
    began = time.monotonic()
    done = run(f'{tap.SOURCE}/scripts/build-packages', FOLDER, timeout=1500)
    took = time.monotonic() - began
    after = {name: os.stat(path).st_mtime_ns for name, path in find_packages().items()}
    tap.ok(done.returncode == 0 and before == after and took < 20, 'they are not built twice from the same tree',
           f'{took:.1f} s\n{before}\n{after}\n{done.stdout[-2000:]}')


class Root:
    """A folder that dpkg takes for a machine."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='virtxl-root-')
        os.chmod(self.folder, 0o755)
        for name in ('var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers', 'etc', 'usr/bin', 'tmp',
                     'var/log'):
            os.makedirs(self.path(name))
        for name in ('var/lib/dpkg/status', 'var/lib/dpkg/available'):
            self.write(name, '')
        self.write('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n')
        self.write('etc/group', 'root:x:0:\n')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return file.read()

    def has(self, name):
        return os.path.lexists(self.path(name))

    def dpkg(self, *arguments):
        # What the packages depend on is on this machine, not in the folder; their scripts know DPKG_ROOT.
        return ('fakeroot', 'dpkg', f'--root={self.folder}', '--force-depends', '--force-not-root',
                '--force-script-chrootless', f'--log={self.path("var/log/dpkg.log")}', *arguments)

    def remove(self):
        shutil.rmtree(self.folder)


def build():
    done = run(f'{tap.SOURCE}/scripts/build-packages', FOLDER, timeout=1500)
    tap.ok(done.returncode == 0, 'scripts/build-packages builds', done.stdout[-4000:])
    packages = find_packages() if done.returncode == 0 else {}
    if not tap.ok(sorted(packages) == sorted(NAMES), 'there are three packages', str(packages)):
        tap.finish()
    return packages


def check_packages(packages):
    versions = {name: control_field(path, 'Version') for name, path in packages.items()}
    tap.ok(set(versions.values()) == {version_of_tree()}, "their version is the tree's", str(versions))
    tap.ok('libvirt-daemon-driver-xen' in control_field(packages['virtxld'], 'Conflicts'),
           "virtxld is not installed beside libvirt's own driver for Xen")
    guest = control_field(packages['virtxl-guest'], 'Depends')
    tap.ok(re.fullmatch(r'udev, libc6 \([^)]*\)', guest), 'a guest needs nothing but udev and the C library', guest)
    changes = [os.path.join(FOLDER, file) for file in os.listdir(FOLDER) if file.endswith('.changes')]
    if shutil.which('lintian'):
        succeeds('lintian finds nothing', 'lintian', '--allow-root', '--fail-on', 'error,warning', *changes,
                 timeout=600)
    else:
        tap.skip('lintian finds nothing', 'there is no lintian')


def check_files(root):
    for name in ('usr/bin/virtxl', 'usr/sbin/virtxld', 'usr/libexec/virtxl/xen-channel-link'):
        tap.ok(os.access(root.path(name), os.X_OK), f'/{name} can be run')
    for name in ('usr/share/man/man1/virtxl.1.gz', 'usr/share/man/man8/virtxld.8.gz',
                 'usr/share/man/man8/xen-channel-link.8.gz', 'usr/share/bash-completion/completions/virtxl',
                 'usr/share/doc/virtxl/formatdomain.html', 'usr/share/doc/virtxl-guest/examples/first-boot',
                 'usr/share/doc/virtxl-guest/examples/qemu-ga-channel.path',
                 'usr/share/polkit-1/actions/virtxld.policy'):
        tap.ok(os.path.isfile(root.path(name)), f'/{name} is there')
    rule = root.read('lib/udev/rules.d/60-xen-channel.rules')
    helper = re.search(r'RUN\+="([^"]*)"', rule)
    tap.ok(helper and os.access(root.path(helper.group(1)[1:]), os.X_OK), 'the udev rule runs a helper that is there',
           rule)


def check_settings(root):
    """What the maintainer scripts have made."""
    tap.ok(re.search(r'^libvirt:', root.read('etc/group'), re.M), 'there is a group libvirt', root.read('etc/group'))
    mode = stat.S_IMODE(os.stat(root.path(CHANNELS)).st_mode) if root.has(CHANNELS) else 0
    tap.ok(mode == 0o711, "the folder of channels' sockets is 0711", oct(mode))
    wants = root.path('etc/systemd/system/sockets.target.wants/virtxld.socket')
    tap.ok(os.path.islink(wants), 'systemd starts the socket with the host')
    check_units(root, 'the units', UNITS, 'lib/systemd/system')


def check_units(root, what, names, folder):
    for name in names:
        # The programs that units name are looked for on this machine, not in the folder.
        text = root.read(f'{folder}/{name}').replace('/usr/sbin/virtxld', root.path('usr/sbin/virtxld'))
        root.write(f'tmp/{name}', text)
    succeeds(f'systemd finds nothing wrong with {what}', 'systemd-analyze', 'verify', '--man=no',
             '--recursive-errors=no', *(root.path(f'tmp/{name}') for name in names))


def check_command(root):
    virtxl = root.path('usr/bin/virtxl')
    examples = root.path('usr/share/doc/virtxl/examples')
    for name in ('pv-web-server.cfg', 'pvh-cloud-image.cfg', 'hvm-desktop.cfg'):
        succeeds(f'virtxl converts the example {name}', virtxl, 'from-xl', f'{examples}/{name}')
    succeeds('virtxl makes a libxl structure', virtxl, 'to-json', f'{examples}/pv-agent.xml')


class Daemon:
    def __init__(self, root):
        self.uri = f'xen+unix:///system?socket={root.path("tmp/s/virtxend-sock")}'
        self.log = open(root.path('tmp/log'), 'w', encoding='utf-8')  # pylint: disable=consider-using-with
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [root.path('usr/sbin/virtxld'), '--offline', '-f', root.path('etc/libvirt/virtxld.conf'), '--socket-dir',
             root.path('tmp/s'), '--state-dir', root.path('tmp/state'), '--run-dir', root.path('tmp/run')],
            stdout=self.log, stderr=self.log)
        end = time.monotonic() + 30
        while not root.has('tmp/s/virtxend-sock') and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)

    def virsh(self, *arguments):
        return run('virsh', '-c', self.uri, *arguments)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.log.close()
        return status


def check_daemon(root):
    root.write('tmp/kept.xml', GUEST)
    daemon = Daemon(root)
    done = daemon.virsh('define', root.path('tmp/kept.xml'))
    tap.ok(done.returncode == 0, 'virsh defines a domain', done.stdout)
    said = daemon.virsh('dumpxml', 'kept').stdout
    tap.ok("name='org.example'" in said, 'and shows its channel', said)
    status = daemon.stop()
    tap.ok(status == 0, 'the daemon stops', f'exit status {status}\n' + root.read('tmp/log'))


def check_removal(root):
    root.write('etc/libvirt/virtxld.conf', 'max_clients = 7\n')
    succeeds('they can be removed', *root.dpkg('--remove', *NAMES))
    tap.ok(root.has('etc/libvirt/virtxld.conf') and not root.has('usr/sbin/virtxld'),
           'settings stay when the package is removed')
    succeeds('and purged', *root.dpkg('--purge', *NAMES))
    left = [name for top in ('usr', 'lib', 'etc/libvirt', 'etc/systemd') for folder, _, files in os.walk(root.path(top))
            for name in (os.path.join(folder, file) for file in files)]
    tap.ok(not left, 'nothing is left then', left)


def main():
    missing = [name for name in ('dh', 'fakeroot', 'dpkg-buildpackage') if not shutil.which(name)]
    if missing:
        print(f'1..0 # SKIP there is no {missing[0]}')
        return
    packages = build()
    build_again()
    check_packages(packages)
    root = Root()
    try:
        if succeeds('they can be installed', *root.dpkg('--install', *packages.values())):
            check_files(root)
            check_settings(root)
            check_units(root, "the examples for guests", EXAMPLE_UNITS, EXAMPLES)
            check_command(root)
            check_daemon(root)
            check_removal(root)
    finally:
        root.remove()
    tap.finish()


if __name__ == '__main__':
    sys.exit(main())
