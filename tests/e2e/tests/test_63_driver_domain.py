# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels that a driver domain serves, and what becomes of its lies and the guest's: nothing."""
import json
import os
import re
import struct
import time

import libvirt

from e2e.bait import Bait
from e2e.plugging import Plugs, check_refused
from e2e.shell import run
from e2e.story import story

NEAR, FAR_PTY, FAR_SOCKET = 'org.virtxl.near', 'org.virtxl.far.pty', 'org.virtxl.far.socket'
FAR_PATH, LINK, DECOY = '/run/guest/far.sock', '/run/guest/bait-link', '/run/guest/bait'
LOG_LINES, LOG_BYTES = 60, 1500  # that a lie may cost
LOOP_S = 6
LOOP_CPU = 0.35
XS_WRITE = 11


def served_by(xml, domain):
    return xml.replace('</channel>', f'<backenddomain name="{domain}"/></channel>')


class Lies:
    """A guest with channels of a driver domain, what is true of them, and the bait."""

    def __init__(self, host, driver, guest):
        self.host, self.driver, self.guest = host, driver, guest
        self.plugs = Plugs(host, guest)
        self.domid, self.driver_id = guest.domid(), driver.domid()
        self._ends = os.openpty()
        self.pty = os.ttyname(self._ends[1])
        with open(DECOY, 'w', encoding='ascii') as file:
            file.write('bait')
        os.symlink(self.pty, LINK)
        self.bait = Bait('/etc/shadow', '/dev/vda', self.pty, DECOY)
        self._log = 0
        self.pty_number = self.plugs.number(FAR_PTY)

    def front(self, name):
        return f'/local/domain/{self.domid}/device/console/{self.plugs.number(name)}'

    def back(self, name):
        return f'/local/domain/{self.driver_id}/backend/console/{self.domid}/{self.plugs.number(name)}'

    def open(self, name):
        """What openChannel says."""
        self.plugs.domain.openChannel(name, self.host.conn.newStream(0), 0)

    def truth(self):
        """What the daemon says of the channels that another domain serves."""
        return {name: (channel.get('type'), channel.find('backenddomain').get('name'),
                       None if channel.find('source') is None else channel.find('source').get('path'))
                for name, channel in self.plugs.live().items() if channel.find('backenddomain') is not None}

    def forget(self):
        self._log = os.path.getsize(self.host.daemon.log)
        self.bait.touched()

    def check(self):
        """Nothing has changed on the host, and the daemon says of each what is so."""
        for name in (FAR_PTY, FAR_SOCKET):
            check_refused(libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                          f"channel '{name}' of guest {self.domid} is served by domain {self.driver_id}, not by this",
                          self.open, name)
        self.host.equal(self.truth(), {FAR_PTY: ('pty', self.driver.name, None),
                                       FAR_SOCKET: ('unix', self.driver.name, FAR_PATH)}, 'what the daemon says')
        self.host.equal(self.bait.touched(), [], 'what was touched')
        self.host.check(not os.path.exists(FAR_PATH), 'a socket was made here')
        with open(self.host.daemon.log, 'rb') as file:
            file.seek(self._log)
            lines = file.read().splitlines()
        self.host.check(len(lines) <= LOG_LINES, f'{len(lines)} lines in the log')
        self.host.check(all(len(line) <= LOG_BYTES and not re.search(rb'[\0-\x08\x0e-\x1f\x7f]', line)
                            for line in lines), 'a line of the log is long, or has control characters')

    def tell(self, liar, *writes):
        """LIAR writes pairs of a node and the shell's word for its value."""
        told = liar.does('; '.join(f'xenstore-write -- {node} {word} || echo FAILS' for node, word in writes))
        self.host.check(not re.search('^FAILS', told, re.M), told)

    def end(self):
        self.bait.close()
        for end in self._ends:
            os.close(end)
        os.unlink(LINK)
        os.unlink(DECOY)


def ticks(process):
    with open(f'/proc/{process}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return int(fields[11]) + int(fields[12])


def write_message(path, value):
    """A request of xenstore's protocol (Xen's public io/xs_wire.h) to write VALUE."""
    body = path.encode() + b'\0' + value.encode()
    return struct.pack('IIII', XS_WRITE, 0, 0, len(body)) + body


def check_loop(host, lies, liar, node):
    """While LIAR writes NODE as fast as its kernel passes it on, the daemon answers, and has little to do."""
    messages = [write_message(node, value) for value in '41']
    octal = ''.join(f'\\{byte:03o}' for byte in b''.join(messages))
    liar.does(f"printf '{octal}' >/run/m; for i in 1 2 3 4 5 6 7 8 9; do cat /run/m /run/m >/run/n; "
                     f'mv /run/n /run/m; done; (while [ ! -e /run/stop ]; do '
                     f'dd if=/run/m of=/dev/xen/xenbus bs={len(messages[0])} 2>/run/dd; done) & true')
    try:
        before, started, slowest = ticks(host.daemon.process.pid), time.monotonic(), 0
        while time.monotonic() < started + LOOP_S:
            asked = time.monotonic()
            lies.plugs.domain.XMLDesc(0)
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.5)
        used = (ticks(host.daemon.process.pid) - before) / os.sysconf('SC_CLK_TCK') / (time.monotonic() - started)
    finally:
        told = liar.does('touch /run/stop; wait; rm /run/stop; cat /run/dd', 60)
    host.check('1024+0 records out' in told, f'the loop did not write: {told}')
    print(f'#   the daemon took {100 * used:.0f} % of a CPU, and {slowest:.2f} s for an answer at most', flush=True)
    host.check(host.slow > 1 or used < LOOP_CPU, f'{100 * used:.0f} % of a CPU')
    host.check(slowest < 5 * host.slow, f'{slowest:.1f} s for an answer')


@story('a driver domain and a guest lie', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=500,
       peer='it opens what they say')
def lies(host, step, kind):
    driver = host.guest('pv', 'drv')
    guest = host.guest(kind, 'far', channels=[host.channel_xml(NEAR), served_by(host.channel_xml(FAR_PTY), driver.name),
                                              served_by(host.channel_xml(FAR_SOCKET, FAR_PATH), driver.name)])
    with step('a guest does not start while the domain that is to serve it does not run'):
        done = host.virsh('create', guest.file, expect=None)
        host.check(done.status == 1 and f"the domain '{driver.name}', which is to serve the channel" in done.err,
                   done.told)
    with step('then it does, and its device model has nothing of what is served elsewhere'):
        host.virsh('create', driver.file)
        host.virsh('create', guest.file)
        told = Lies(host, driver, guest)
        host.check(not os.path.exists(FAR_PATH), 'a socket was made here')
        used = [name for name in told.plugs.chardevs() if re.match('xencons|libxl-channel', name)]
        host.check(all(name.endswith(told.plugs.number(NEAR)) for name in used), used)
        guest.wait_up()
        driver.wait_up()
    with step('the daemon says who serves it, to virsh and to virtxl', needed=False):
        told.forget()
        told.check()
        rows = {row['name']: row for row in json.loads(run('virtxl', 'channel', 'list', guest.name, '--json'))}
        host.equal([rows[name]['backend'] for name in (NEAR, FAR_PTY, FAR_SOCKET)], ['0', driver.name, driver.name],
                   'the backends')
        listed = host.xl('channel-list', guest.name)
        host.equal(len(re.findall(rf'^\d +{told.driver_id} ', listed, re.M)), 2, listed)
    with step('the driver domain may write its own end and the path of its pty, and nothing else there', needed=False):
        for name, fails in (('tty', False), ('name', True), ('output', True), ('backend', True)):
            done = driver.does(f'xenstore-write {told.front(FAR_PTY)}/{name} x || echo FAILS')
            host.equal(bool(re.search('^FAILS', done, re.M)), fails, f'writing {name} is refused')

    def lie(title, liar, *writes):
        with step(title, needed=False):
            told.forget()
            told.tell(liar, *writes)
            time.sleep(0.3)  # as long as the daemon waits between two looks
            told.check()
    for what, path in (('a pty of the host', told.pty), ('a file of the host', '/etc/shadow'),
                       ('a device of the host', '/dev/vda'), ('a path with ..', f'/dev/pts/../..{DECOY}'),
                       ('a pty by another way', f'/dev/pts/..{told.pty[4:]}'), ('a symbolic link', LINK),
                       ('a file of nobody', DECOY)):
        lie(f'the driver domain says that the tty is {what}', driver,
            *((f'{told.front(name)}/tty', path) for name in (FAR_PTY, FAR_SOCKET)))
    lie('the driver domain says that the socket is elsewhere', driver, (f'{told.back(FAR_SOCKET)}/path', DECOY))
    lie('the driver domain says that the pty is a socket, and the other way round', driver,
        (f'{told.back(FAR_PTY)}/connection', 'socket'), (f'{told.back(FAR_PTY)}/path', DECOY),
        (f'{told.back(FAR_SOCKET)}/connection', 'pty'))
    lie('the driver domain gives them other names', driver, (f'{told.back(FAR_PTY)}/name', NEAR),
        (f'{told.back(FAR_SOCKET)}/name', '../../etc'))
    lie('the driver domain says that it is domain 0, and whose they are', driver,
        (f'{told.back(FAR_PTY)}/frontend', '/local/domain/0/device/console/1'),
        (f'{told.back(FAR_PTY)}/frontend-id', '0'))
    for what, word in (('nothing', '""'), ('binary', '"$(printf "\\001\\033[2J\\377\\n4")"'),
                       ('huge', '"$(head -c 1900 /dev/zero | tr "\\000" 4)"'), ('no number', '-1'),
                       ('too large', '99999999999999999999')):
        lie(f'the driver domain writes states, ttys, paths and names that are {what}', driver,
            *((f'{told.back(FAR_PTY)}/{name}', word) for name in ('state', 'path', 'name')),
            (f'{told.front(FAR_PTY)}/tty', word))
        lie(f'the guest writes states that are {what}', guest,
            *((f'{told.front(name)}/state', word) for name in (FAR_PTY, FAR_SOCKET)))
    with step('of its own channel, too, the guest is not believed', needed=False):
        told.forget()
        told.tell(guest, *((f'{told.front(NEAR)}/{name}', word) for name, word in (
            ('backend', f'/local/domain/{told.driver_id}/backend/console/{told.domid}/1'), ('backend-id', '7'),
            ('new', '/etc/shadow'), ('path', DECOY))))
        for name in ('tty', 'name', 'output'):
            done = guest.does(f'xenstore-write {told.front(NEAR)}/{name} {told.pty} || echo FAILS')
            host.check(re.search('^FAILS', done, re.M), f'the guest may write {name}')
        told.check()
        told.plugs.echo(NEAR)
    with step('the driver domain writes without end', needed=False):
        told.forget()
        check_loop(host, told, driver, f'{told.front(FAR_PTY)}/tty')
        told.check()
    with step('the guest writes without end', needed=False):
        told.forget()
        check_loop(host, told, guest, f'{told.front(NEAR)}/state')
        told.check()
    with step('the driver domain takes its ends away', needed=False):
        told.forget()
        driver.does(f'xenstore-rm {told.back(FAR_PTY)}; xenstore-rm {told.back(FAR_SOCKET)}')
        told.check()
    with step('the guest takes its channel away: what is open to clients is its device model\'s end, or nothing',
              needed=False):
        told.forget()
        before = told.plugs.path(NEAR)
        said = guest.does(f'xenstore-rm {told.front(NEAR)} || echo FAILS')
        host.check(not re.search('^FAILS', said, re.M), said)
        time.sleep(1)
        source = told.plugs.live()[NEAR].find('source')
        if source is None:
            check_refused(libvirt.VIR_ERR_OPERATION_FAILED, f"channel '{NEAR}' of guest {told.domid} is not connected "
                          'to anything here', told.open, NEAR)
        else:  # the device model has written it down anew
            host.equal(source.get('path'), before, 'the path')
        told.check()
    with step('the driver domain ends before its guest, and nothing changes'):
        told.forget()
        host.virsh('destroy', driver.name)
        told.check()
    with step('what it has served can be taken out', needed=False):
        told.plugs.detach(host.channel_xml(FAR_PTY))
        host.equal(sorted(told.truth()), [FAR_SOCKET], 'the channels served elsewhere')
        nodes = told.plugs.nodes()
        host.check(not [node for node in nodes if node.endswith(f'/{told.pty_number}')], nodes)
    host.virsh('destroy', guest.name)
    told.end()
