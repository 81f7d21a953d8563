# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a guest installs: the package virtxl-guest, by the real dpkg, in a guest with the real udev; its links while
channels come, go, and have the names that an enemy would give them; and its example of a first-boot configuration."""
import re
import subprocess

from e2e import initramfs, xen
from e2e.bytestream import echoes, open_pty
from e2e.shell import Run, run
from e2e.story import story

# The package's scripts are for Debian's shell and find, which are not busybox's.
DPKG = ['/usr/bin/dpkg', '/usr/bin/dpkg-deb', '/usr/bin/dpkg-query', '/usr/bin/dpkg-split', '/bin/tar', '/bin/sh',
        '/usr/bin/find']
DATABASE = {f'/var/lib/dpkg/{name}': b'' for name in ('status', 'available', 'info/.keep', 'updates/.keep',
                                                        'triggers/.keep')}
FIRST_BOOT, OTHER = 'org.example.first-boot', 'org.example.other'
PLUGGED, RENAMED = 'org.example.plugged', 'org.example.renamed'
FOLDER = '/dev/xen-channel'
EXAMPLE = '/usr/share/doc/virtxl-guest/examples/first-boot'
CONFIGURATION = 'hostname=of-the-host\nno_such_key=1\naddress=10.7.0.2/24\nend\n'
# What xenstore may hold for a name, and the link that it makes. xenstore-write takes \\ for what cannot be typed.
HOSTILE = {
    '../../etc/passwd': '_._.._etc_passwd', '/etc/shadow': '_etc_shadow', '..': '_.', '.': '_', '.hidden': '_hidden',
    'a' * 3000: None, 'two words': 'two_words', 'a\\tb\\nc': 'a_b_c', '\\x1b[31mred\\x07': '__31mred_',
    'näme': 'n__me', '$(reboot)`;|&': '__reboot_____',
    'a' * 255: None, 'a' * 127: 'a' * 127, '': None, 'ends': 'ends',
}


def machine(kind, host):
    """A guest that has udev and dpkg, but not yet our package."""
    with open('/e2e/packages/virtxl-guest.deb', 'rb') as file:
        files = {'/virtxl-guest.deb': file.read(), **DATABASE}
    image = initramfs.make('installs', DPKG, files, package=False)
    return host.guest(kind, 'inst', channels=[host.channel_xml(FIRST_BOOT), host.channel_xml(OTHER)],
                      arguments='vx.udev', initramfs=image)


def links(guest, after=':'):
    """NAME -> target of what is in the guest's folder, once the command AFTER is done."""
    said = guest.does(f'{after}; ls -la {FOLDER}/')
    return dict(re.findall(r'^l.* (\S+) -> (\S+)$', said, re.M))


def device_file(host, name):
    path = '/run/guest/inst-device.xml'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(host.channel_xml(name))
    return path


def number_of(host, guest, name):
    """The number of the channel of that name in xenstore."""
    folder = f'/local/domain/{guest.domid()}/device/console'
    for number in xen.listed(folder):
        if host.xenstore(f'{folder}/{number}/name') == name:
            return int(number)
    return None


def outside(guest):
    """All paths of the guest but those that are the links' own, as a check sum."""
    said = guest.does(r"find / \( -path /proc -o -path /sys -o -path /run -o -path /dev/xen-channel -o -path /dev/pts "
                      r"\) -prune -o -print | sort | md5sum")
    return re.search(r'^[0-9a-f]{32}', said, re.M)[0]


def plug_and_rename(host, step, guest):
    with step('a channel that is plugged in has its name'):
        host.virsh('attach-device', guest.name, device_file(host, PLUGGED), '--live')
        old = number_of(host, guest, PLUGGED)
        host.wait_for(lambda: links(guest).get(PLUGGED), 'the link', 30 * host.slow)
    with step('in its place another one has its name, and a number that has not just become free'):
        host.virsh('detach-device', guest.name, device_file(host, PLUGGED), '--live')
        host.virsh('attach-device', guest.name, device_file(host, RENAMED), '--live')
        number = number_of(host, guest, RENAMED)
        host.check(number not in (None, old), f'its number is {number}, and was {old}')
        host.wait_for(lambda: RENAMED in (found := links(guest)) and PLUGGED not in found, 'the links', 30 * host.slow)
    with step('and its bytes go by the new one', needed=False):
        tty = host.xenstore(f'/local/domain/{guest.domid()}/device/console/{number}/tty')
        with open_pty(tty) as stream:
            echoes(stream, b'hello ' + RENAMED.encode(), 30 * host.slow)


def hostile_names(host, step, guest):
    """All channels are given such names, three at a time."""
    folder = f'/local/domain/{guest.domid()}/device/console'
    targets = {number_of(host, guest, name): target for name, target in links(guest).items()}
    before = outside(guest)
    names = list(HOSTILE)
    for group in (names[at:at + len(targets)] for at in range(0, len(names), len(targets))):
        with step(f'names {" ".join(repr(name[:20]) for name in group)} make links in their folder only', needed=False):
            wanted = {}
            for number, name in zip(targets, group):
                run('xenstore-write', f'{folder}/{number}/name', name)
                wanted[HOSTILE[name]] = targets[number]
            wanted.pop(None, None)
            found = links(guest, 'udevadm trigger --subsystem-match=xen --action=change; udevadm settle')
            host.equal(found, wanted, 'the links')
    with step('nothing was made, changed or removed elsewhere', needed=False):
        host.equal(outside(guest), before, 'the check sum of all paths')


@story('what a guest installs', kinds=('pv', 'pvh'), long=True, seconds=300, peer='it cannot plug channels in')
def guest_side(host, step, kind):
    guest = machine(kind, host)
    answer = '/run/guest/first-boot.conf'
    with open(answer, 'w', encoding='ascii') as file:
        file.write(CONFIGURATION)
    with subprocess.Popen(['virtxl', 'channel', 'serve', guest.name, FIRST_BOOT, '--on-request', '--once',
                           f'--timeout={180 * host.slow}', '--', 'cat', answer], stdout=subprocess.DEVNULL) as server:
        try:
            tell(host, step, guest, server)
        finally:
            server.kill()


def tell(host, step, guest, server):
    with step('a guest starts, for whose question somebody waits already'):
        host.virsh('create', guest.file)
        guest.wait_up()
        host.equal(server.poll(), None, 'the end of virtxl channel serve')
    with step('dpkg installs the package, and the channels that are there have names at once'):
        # Its example is to answer on the first channel: no echo there.
        guest.does(f'mkdir -p /run/served; echo 1 >/run/served/{FIRST_BOOT}')
        said = guest.does('/usr/bin/dpkg -i --force-depends,bad-path /virtxl-guest.deb; udevadm settle')
        host.check('Setting up virtxl-guest' in said and 'error' not in said, said)
        host.equal(links(guest), {FIRST_BOOT: '../hvc1', OTHER: '../hvc2'}, 'the links')
        host.check('xen-channels -> xen-channel' in guest.does('ls -l /dev/'), 'the older spelling is missing')
    with step('the example asks for its configuration, and gets it', needed=False):
        guest.does(f'sh {EXAMPLE}', 90 * host.slow)
        said = guest.does('cat /run/first-boot.conf')
        host.check('hostname=of-the-host\naddress=10.7.0.2/24\n' in said and 'no_such_key' not in said, said)
        host.equal(server.wait(30 * host.slow), 0, 'how virtxl channel serve ends')
    plug_and_rename(host, step, guest)
    hostile_names(host, step, guest)
    with step('dpkg removes the package, and its links with it', needed=False):
        guest.does('/usr/bin/dpkg -r --force-bad-path virtxl-guest')
        said = guest.does(f'ls -d {FOLDER} /dev/xen-channels /run/xen-channel /usr/libexec/virtxl')
        host.equal(said.count('No such file'), 4, f'what is gone: {said}')
    host.virsh('destroy', guest.name)
