# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests and device models that do not answer when a channel is plugged, and a daemon that dies meanwhile. libxl and
the daemon wait ten seconds for each, so that two guests are told to at once."""
import os
import re
import signal
import threading
from contextlib import contextmanager

import libvirt

from e2e.plugging import Plugs, check_refused, refused
from e2e.shell import Run
from e2e.story import story

FIRST, PLUGGED = 'org.virtxl.first', 'org.virtxl.plugged'
SOCKET = '/run/guest/%s-plugged.sock'


@contextmanager
def paused(plugs):
    """The guest stands still: neither end of it can let go."""
    plugs.domain.suspend()
    try:
        yield
    finally:
        plugs.domain.resume()


@contextmanager
def no_driver(plugs):
    """The guest's kernel gives new devices no driver."""
    plugs.guest.does('echo 0 >/sys/bus/xen/drivers_autoprobe')
    try:
        yield
    finally:
        plugs.guest.does('echo 1 >/sys/bus/xen/drivers_autoprobe')


@contextmanager
def stopped(plugs):
    """The device model stands still."""
    process = plugs.qemu()
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def add_fails(plugs, how, code, words):
    """What comes up at one end only is taken back whole; when the hindrance is gone, it can be done."""
    xml = plugs.host.channel_xml(PLUGGED, SOCKET % plugs.guest.name)
    before = plugs.marks()
    with how(plugs):
        check_refused(code, words, plugs.attach, xml)
    plugs.host.wait_for(lambda: plugs.marks() == before, f'nothing is left: {plugs.marks()}', 10 * plugs.host.slow)
    plugs.attach(xml)
    plugs.wait_seen(('added', 'channel1'))
    plugs.host.wait_for(lambda: works(plugs, PLUGGED), 'an echo', 20 * plugs.host.slow)
    plugs.detach(xml)
    plugs.wait_seen(('removed', 'channel1'))


def remove_fails(plugs, how, words):
    """What is not let go of stays as it was, works, and can go later."""
    before = plugs.marks()
    xml = plugs.host.channel_xml(FIRST)
    with how(plugs):
        check_refused(libvirt.VIR_ERR_OPERATION_FAILED, words, plugs.detach, xml)
    plugs.wait_seen(('removal failed', 'channel0'))
    plugs.host.equal(plugs.marks(), before, 'what there is')
    plugs.host.wait_for(lambda: works(plugs, FIRST), 'an echo', 20 * plugs.host.slow)
    plugs.detach(xml)
    plugs.wait_seen(('removed', 'channel0'))
    plugs.host.check(FIRST not in plugs.live(), 'it is still there')
    plugs.attach(xml)
    plugs.wait_seen(('added', 'channel0'))


def works(plugs, name):
    try:
        plugs.echo(name)
    except (plugs.host.Failure, OSError):
        return False
    return True


CASES = {
    'a guest that is paused keeps its channel, and the removal has failed':
        lambda plugs: remove_fails(plugs, paused, 'does not let go of the channel'),
    'of a guest without a driver for it, a channel is taken back':
        lambda plugs: add_fails(plugs, no_driver, libvirt.VIR_ERR_OPERATION_TIMEOUT, 'does not take the channel'),
    'of a device model that does not answer, a channel is taken back':
        lambda plugs: add_fails(plugs, stopped, libvirt.VIR_ERR_OPERATION_FAILED, 'does not answer'),
    'a channel of such a device model stays, and the removal has failed':
        lambda plugs: remove_fails(plugs, stopped, 'does not answer'),
}


class Together:
    """Each of some functions in a thread; the first failure is raised."""

    def __init__(self):
        self._threads, self._failures = [], []

    def run(self, function, *arguments):
        def guarded():
            try:
                function(*arguments)
            except Exception as why:  # pylint: disable=broad-except
                self._failures.append(why)
        self._threads.append(threading.Thread(target=guarded))
        self._threads[-1].start()

    def end(self):
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]


def fails(host, step, kinds, rounds):
    """ROUNDS: lists of the numbers of cases, one for each of the guests."""
    guests = [host.guest(kind, 'fails', channels=[host.channel_xml(FIRST)], arguments='vx.udev') for kind in kinds]
    with step('guests with one channel start'):
        for guest in guests:
            host.virsh('create', guest.file)
        for guest in guests:
            guest.wait_up()
    everybody = [Plugs(host, guest) for guest in guests]
    for plugs in everybody:
        plugs.watch()
    names = list(CASES)
    for numbers in rounds:
        together = Together()
        with step('; '.join(f'{kind}: {names[number]}' for kind, number in zip(kinds, numbers)), needed=False):
            for plugs, number in zip(everybody, numbers):
                together.run(CASES[names[number]], plugs)
            together.end()
    for guest in guests:
        host.virsh('destroy', guest.name)


@story('what does not answer', long=True, seconds=500, peer='it cannot')
def short_fails(host, step):
    fails(host, step, ('pv', 'pvh'), [(0, 2), (3, 1)])


@story('what does not answer, all of it', long=True, seconds=1500, peer='it cannot')
def long_fails(host, step):
    fails(host, step, ('pv', 'pvh', 'hvm'), [(0, 1, 2), (1, 2, 3), (2, 3, 0), (3, 0, 1)])


def call_and_kill(host, plugs, call, until):
    """The daemon is killed in the middle of CALL, when UNTIL says so, and comes back."""
    thread = threading.Thread(target=refused, args=(call, host.channel_xml(PLUGGED, SOCKET % plugs.guest.name)))
    thread.start()
    host.wait_for(until, 'the call is under way')
    host.daemon.kill()
    thread.join()
    host.disconnect()
    host.daemon.start()


def forget_in_status(guest):
    """As if the daemon had died before it wrote down what it has plugged."""
    path = f'/run/libvirt/libxl/{guest.name}.xml'
    with open(path, encoding='utf-8') as file:
        text = file.read()
    pieces = re.split(r'(?s)(?=[ \t]*<channel )|(?<=</channel>\n)', text)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(''.join(piece for piece in pieces if f"name='{PLUGGED}'" not in piece))


@story('the daemon is killed in the middle', kinds=('pv', 'pvh', 'hvm'), long=True, seconds=500, peer='it cannot')
def killed(host, step, kind):
    guest = host.guest(kind, 'killed', channels=[host.channel_xml(FIRST)], arguments='vx.udev')
    xml = host.channel_xml(PLUGGED, SOCKET % guest.name)
    with step('a guest with one channel starts'):
        host.virsh('define', guest.file)
        host.virsh('start', guest.name)
        guest.wait_up()
    plugs = Plugs(host, guest)
    before = plugs.marks()
    with step('of a channel that was on its way in, nothing is left', needed=False):
        with no_driver(plugs):
            call_and_kill(host, plugs, plugs.attach, lambda: os.path.exists(SOCKET % guest.name) and
                          host.xenstore(f'/local/domain/{guest.domid()}/device/console/2/state'))
            host.wait_for(lambda: plugs.marks() == before, 'nothing is left', 20 * host.slow)
    with step('it can be plugged then', needed=False):
        plugs.attach(xml)
        host.wait_for(lambda: works(plugs, PLUGGED), 'an echo', 20 * host.slow)
    with step('one that was there before it was written down is found', needed=False):
        domid, number = guest.domid(), plugs.number(PLUGGED)
        there = plugs.marks()
        host.disconnect()
        host.daemon.kill()
        forget_in_status(guest)
        for name, value in (('number', number), ('name', PLUGGED), ('path', SOCKET % guest.name)):
            Run(['xenstore-write', f'/libxl/{domid}/plugging/{name}', value])
        host.daemon.start()
        host.wait_for(lambda: plugs.marks() == there, 'all is as it was', 20 * host.slow)
        host.check(works(plugs, PLUGGED), 'it does not work')
    with step('of one that was on its way out, nothing is left', needed=False):
        online = f'/local/domain/0/backend/console/{guest.domid()}/{plugs.number(PLUGGED)}/online'
        with paused(plugs):
            call_and_kill(host, plugs, plugs.detach, lambda: host.xenstore(online) == '0')
            host.wait_for(lambda: plugs.marks() == before, 'nothing is left', 20 * host.slow)
    with step('the first channel goes on', needed=False):
        host.wait_for(lambda: works(plugs, FIRST), 'an echo', 20 * host.slow)
    host.virsh('destroy', guest.name)
