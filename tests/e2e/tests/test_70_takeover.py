# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host moves over from libvirtd to virtxld while its guests run, and back."""
import re
import time
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager

import libvirt

from e2e.bytestream import echoes, open_pty, open_socket
from e2e.daemons import Libvirtd
from e2e.story import story

SOCKET = '/run/guest/moves.sock'
SEEN = '<metadata><a:b xmlns:a="http://example.org/a">kept</a:b></metadata>'
# What libvirtd does not know: whether the guest has opened a channel.
OURS_ALONE = {('target', 'state')}


@contextmanager
def other_daemon(host, daemon):
    """DAEMON serves instead of the host's own, which comes back at the end."""
    own = host.daemon

    def change(to):
        host.disconnect()
        if host.daemon.runs():
            host.daemon.stop()
        host.daemon = to
    change(daemon)
    try:
        yield change
    finally:
        if host.daemon is not own:
            change(own)


def leaves(element, path=''):
    """All that an element says, as a sorted list of texts: path, attributes, text."""
    here = f'{path}/{element.tag}'
    attributes = ' '.join(f'{key}={value}' for key, value in sorted(element.attrib.items())
                          if (element.tag, key) not in OURS_ALONE)
    found = [f'{here} {attributes} {(element.text or "").strip()}'.rstrip()]
    for child in element:
        found += leaves(child, here)
    return sorted(found)


def differences(mine, theirs):
    """Lines that only one of two XML texts has."""
    mine, theirs = leaves(ElementTree.fromstring(mine)), leaves(ElementTree.fromstring(theirs))
    return [f'virtxld only: {line}' for line in mine if line not in theirs] + \
           [f'libvirtd only: {line}' for line in theirs if line not in mine]


def facts(host, guests, with_reason=True):
    """What clients are told of each guest, by name. WITH_REASON: of its state, too; libvirtd forgets it."""
    found = {}
    for guest in guests:
        domain = host.conn.lookupByName(guest.name)
        found[guest.name] = {
            'id': domain.ID(), 'uuid': domain.UUIDString(), 'state': domain.state()[:2 if with_reason else 1],
            'persistent': domain.isPersistent(), 'autostart': domain.isPersistent() and domain.autostart(),
            'paths': re.findall(r"<source (?:mode='bind' )?path='([^']*)'", domain.XMLDesc())}
    return found


def console_answers(host, guest):
    """Failure unless a shell answers through the daemon's console stream."""
    stream = host.conn.newStream(libvirt.VIR_STREAM_NONBLOCK)
    host.conn.lookupByName(guest.name).openConsole(None, stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
    heard, end = b'', time.monotonic() + 15
    stream.send(b'echo $((6 * 7))"th"\n')
    while b'42th' not in heard and time.monotonic() < end:
        data = stream.recv(1024)
        if data == -2:
            time.sleep(0.1)
        else:
            heard += data
    stream.abort()
    host.check(b'42th' in heard, f'the console said {heard!r}')


@story('a host moves over from libvirtd, and back', long=True, seconds=480, peer='it is what is moved from')
def move(host, step):
    named = host.guest('pv', 'named', channels=[host.channel_xml('a.socket', SOCKET), host.channel_xml('a.pty')],
                       elements=SEEN)
    passing = host.guest('pvh', 'passing', channels=[host.channel_xml('b.pty')])
    idle = host.guest('pv', 'saved', channels=[host.channel_xml('c.pty')], arguments='vx.udev')
    running = (named, passing)
    libvirtd, own = Libvirtd(), host.daemon
    with other_daemon(host, libvirtd) as change:
        with step('libvirtd runs guests'):
            libvirtd.start()
            for guest in (named, idle):
                host.virsh('define', guest.file)
            host.virsh('autostart', named.name)
            host.virsh('start', named.name)
            host.virsh('start', idle.name)
            host.virsh('create', passing.file)
            for guest in (*running, idle):
                guest.wait_up()
        boots = {guest: guest.boot() for guest in (*running, idle)}
        with step('one of them is saved'):
            host.virsh('managedsave', idle.name)
        before, saved = facts(host, running), facts(host, [idle], with_reason=False)
        xml = {guest: host.virsh('dumpxml', guest.name) for guest in running}
        inactive = {guest: host.virsh('dumpxml', '--inactive', guest.name) for guest in (named, idle)}
        with open_socket(SOCKET) as stream:
            echoes(stream, b'libvirtd is there')
            with step('libvirtd ends, and nobody notices'):
                host.disconnect()
                host.equal(libvirtd.stop(), 0, "libvirtd's exit status")
                echoes(stream, b'nobody is there')
            change(own)
            with step('virtxld starts'):
                own.start()
            with step('a channel that was open goes on', needed=False):
                echoes(stream, b'virtxld is there')
        with step('it finds the guests as they were: ids, states, paths of channels, definitions, autostart',
                  needed=False):
            host.equal(facts(host, running), before, 'what is told of them')
            host.equal(facts(host, [idle], with_reason=False), saved, 'what is told of the one that does not run')
        with step('the host is still listed', needed=False):
            host.check('Domain-0' in host.virsh('list', '--name').split(), 'Domain-0 is not')
        with step('the live XML says the same', needed=False):
            found = [line for guest in running for line in differences(host.virsh('dumpxml', guest.name), xml[guest])]
            host.check(not found, '\n'.join(found))
        with step('the XML of the definitions says the same', needed=False):
            found = [line for guest, theirs in inactive.items()
                     for line in differences(host.virsh('dumpxml', '--inactive', guest.name), theirs)]
            host.check(not found, '\n'.join(found))
        with step('consoles and channels work', needed=False):
            for guest in running:
                console_answers(host, guest)
                with open_pty(before[guest.name]['paths'][-1]) as stream:
                    echoes(stream, b'hello from virtxld')
        with step('guests did not notice', needed=False):
            host.equal([guest.boot() for guest in running], [boots[guest] for guest in running], 'what booted')
        with step('a guest of libvirtd is suspended and resumed', needed=False):
            host.virsh('suspend', passing.name)
            host.equal(host.state(passing), 'paused', 'its state')
            host.virsh('resume', passing.name)
        with step('virtxld starts the saved one from where it was, and takes the autostart of another away'):
            host.virsh('start', idle.name)
            host.virsh('autostart', '--disable', named.name)
        running = (*running, idle)
        with step('the saved one did not notice either', needed=False):
            host.equal(idle.boot(), boots[idle], 'its boot')
        before = facts(host, running, with_reason=False)
        change(libvirtd)
        with step('back again, libvirtd starts'):
            libvirtd.start()
        with step('it finds the guests as they were', needed=False):
            host.equal(facts(host, running, with_reason=False), before, 'what is told of them')
        with step('consoles and channels still work', needed=False):
            for guest in running:
                console_answers(host, guest)
                with open_pty(before[guest.name]['paths'][-1]) as stream:
                    echoes(stream, b'hello from libvirtd')
        with step('guests still did not notice', needed=False):
            host.equal([guest.boot() for guest in running], [boots[guest] for guest in running], 'what booted')
        with step('what one has saved, the other starts from there', needed=False):
            host.virsh('managedsave', idle.name)
            change(own)
            own.start()
            host.virsh('start', idle.name)
            host.virsh('managedsave', idle.name)
            change(libvirtd)
            libvirtd.start()
            host.virsh('start', idle.name)
            host.equal(idle.boot(), boots[idle], 'its boot')
        with step('it shuts down for libvirtd, which sees it'):
            host.virsh('shutdown', idle.name)
            idle.wait_gone()
            host.wait_state(idle, 'shut off')
        change(own)
        own.start()
    with step('and over once more: what ended in the meantime has ended, the rest runs'):
        host.equal(host.state(idle), 'shut off', 'its state')
        host.equal(host.ids(),
                   {guest.name: guest.domid() for guest in (named, passing)}, 'what runs')
    with step('virtxld ends the guests that libvirtd started'):
        host.virsh('destroy', named.name)
        host.virsh('destroy', passing.name)
        host.check(passing.name not in host.virsh('list', '--all', '--name').split(), 'it is still listed')
