#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench/live: virtxld and Debian's libvirtd with its Xen driver, one after the other on the same Xen, in one boot:
`scripts/e2e --bench` runs this in dom0. Each call comes through libvirt-python, over the daemon's socket; starts are
compared with libxl alone (bench/live_bare.c) and with xl. They take turns, so that a machine that grows slower or
faster treats all alike; figures are medians.

Under software emulation only ratios mean something.
"""
import glob
import statistics
import sys
import time

import libvirt

from e2e.daemons import Libvirtd, Virtxld
from e2e.guest import INITRAMFS, KERNEL, MEMORY_MIB, Guest, channel_xml
from e2e.shell import run

TURNS = 3
STARTS, XL_STARTS = 4, 2  # a turn, of each guest
CALLS = 100  # a turn
DEFINITIONS = 300
COMEBACKS = 3
BARE = '/e2e/live-bare'
DEVICES = ('<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="/var/lib/xen/%s.img"/>'
           '<target dev="xvda" bus="xen"/></disk><interface type="bridge"><source bridge="xenbr0"/></interface>')
START, CHANNEL_START, DESTROY = 'start', 'start, with a channel', 'destroy'
BACK, IDLE, LOADED = f'back with {DEFINITIONS} definitions', 'idle', f'with {DEFINITIONS} definitions'
# What a figure of virtxld may be of libvirtd's at most.
AIMS = {BACK: 1 / 5, **{f'memory {when} ({kind})': 1 / 3 for when in (IDLE, LOADED) for kind in ('Rss', 'Pss')}}
CALL_AIM = 1 / 2
NO_AIM = ('nothing',)  # what a call takes that asks for nothing: the client, the socket, the way to a thread and back
# Parts of what a call takes: the daemon's own, and what no daemon can change, the client's own.
DAEMONS, CLIENTS = "daemon's time", "client's time"
START_AIM = 1.03  # of libxl alone


class Quiet(Virtxld):
    """virtxld as it is installed."""

    def command(self):
        return ['virtxld']

    def environment(self):
        return {}


class Figures:
    """What was measured: by name of the figure and who it is of."""

    def __init__(self):
        self.values, self.units = {}, {}

    def add(self, name, who, value, unit):
        self.values.setdefault(name, {}).setdefault(who, []).append(value)
        self.units[name] = unit

    def median(self, name, who):
        values = self.values[name].get(who)
        return statistics.median(values) if values else None


def seconds_of(call, *arguments):
    began = time.monotonic()
    call(*arguments)
    return time.monotonic() - began


def start_and_destroy(figures, who, domain, name):
    figures.add(name, who, seconds_of(domain.create), 's')
    figures.add(DESTROY if name == START else f'{DESTROY}, with a channel', who, seconds_of(domain.destroy), 's')


def processor_ms(daemon):
    """What all threads of the daemon have used; one that ends meanwhile is forgotten, which no thread does here."""
    total_ns = 0
    for path in glob.glob(f'/proc/{daemon.process.pid}/task/*/schedstat'):
        with open(path, encoding='ascii') as file:
            total_ns += int(file.read().split()[0])
    return total_ns / 1e6


def time_call(figures, daemon, name, times, call):
    """So many times; and how much of it the processor spent in the daemon and in the client."""
    daemons_ms, clients_s = processor_ms(daemon), time.process_time()
    for _ in range(times):
        figures.add(name, daemon.name, 1000 * seconds_of(call), 'ms')
    figures.add(f'{name}, {CLIENTS}', daemon.name, 1000 * (time.process_time() - clients_s) / times, 'ms')
    figures.add(f'{name}, {DAEMONS}', daemon.name, (processor_ms(daemon) - daemons_ms) / times, 'ms')


def time_calls(figures, daemon, conn, guest):
    """Each call many times, with one guest there, which has booted and does nothing."""
    domain = conn.lookupByName(guest.name)
    xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    guest.forget_console()
    domain.create()
    guest.wait_up()
    time.sleep(2)
    for name, call in (('nothing', conn.getLibVersion), ('list', conn.listAllDomains), ('dumpxml', domain.XMLDesc),
                       ('info', domain.info), ('define', lambda: conn.defineXML(xml))):
        call()
        time_call(figures, daemon, name, CALLS, call)
    domain.destroy()


def memory(figures, who, daemon, when):
    with open(f'/proc/{daemon.process.pid}/smaps_rollup', encoding='ascii') as file:
        fields = dict(line.split(':', 1) for line in file if ':' in line)
    for kind in ('Rss', 'Pss'):
        figures.add(f'memory {when} ({kind})', who, int(fields[kind].split()[0]) / 1024, 'MiB')


def answers(daemon):
    """Starts it without looking at it through other programs, and returns a connection as soon as there is one."""
    daemon.start(wait=False)
    while True:
        try:
            return libvirt.open('xen:///system')
        except libvirt.libvirtError:
            if not daemon.runs():
                raise
            time.sleep(0.005)


def time_comeback(figures, who, daemon, conn):
    made = []
    for number in range(DEFINITIONS):
        guest = Guest('pv', f'defined{number}', [channel_xml('a'), channel_xml('b')], devices=DEVICES % number)
        made.append(conn.defineXML(guest.xml()))
    time_call(figures, daemon, f'list, {LOADED}', CALLS // 10, conn.listAllDomains)
    names = [domain.name() for domain in made]
    made.clear()
    for _ in range(COMEBACKS):
        conn.close()
        daemon.stop()
        began = time.monotonic()
        conn = answers(daemon)
        there = conn.numOfDefinedDomains()
        figures.add(BACK, who, time.monotonic() - began, 's')
        if there < DEFINITIONS:
            raise SystemExit(f'{who} came back with {there} definitions of {DEFINITIONS}')
    conn.close()
    time.sleep(1)
    memory(figures, who, daemon, LOADED)
    conn = libvirt.open('xen:///system')
    for name in names:
        conn.lookupByName(name).undefine()
    return conn


def turn(figures, daemon, number):
    who = daemon.name
    conn = answers(daemon)
    conn.close()
    time.sleep(1)
    memory(figures, who, daemon, IDLE)
    conn = libvirt.open('xen:///system')
    plain, talking = Guest('pv', 'plain'), Guest('pv', 'talking', [channel_xml('a')])
    domains = [(conn.defineXML(plain.xml()), START), (conn.defineXML(talking.xml()), CHANNEL_START)]
    for domain, name in domains:
        for _ in range(STARTS):
            start_and_destroy(figures, who, domain, name)
    time_calls(figures, daemon, conn, talking)
    if number == 0:
        conn = time_comeback(figures, who, daemon, conn)
    for guest in (plain, talking):
        conn.lookupByName(guest.name).undefine()
    conn.close()
    daemon.stop()


def bare_turn(figures):
    for name, arguments in ((START, []), (CHANNEL_START, ['a'])):
        lines = run(BARE, KERNEL, INITRAMFS, str(MEMORY_MIB['pv']), str(STARTS), *arguments, timeout_s=200)
        for line in lines.splitlines():
            start, destroy = map(float, line.split())
            figures.add(name, 'libxl', start, 's')
            figures.add(DESTROY if name == START else f'{DESTROY}, with a channel', 'libxl', destroy, 's')


def xl_turn(figures):
    path = '/run/guest/xl.cfg'
    with open(path, 'w', encoding='ascii') as file:
        file.write(f'name = "xl"\ntype = "pv"\nmemory = {MEMORY_MIB["pv"]}\nvcpus = 1\nkernel = "{KERNEL}"\n'
                   f'ramdisk = "{INITRAMFS}"\nextra = "console=hvc0 quiet"\n')
    for _ in range(XL_STARTS):
        figures.add(START, 'xl', seconds_of(run, 'xl', 'create', '-q', path), 's')
        figures.add(DESTROY, 'xl', seconds_of(run, 'xl', 'destroy', 'xl'), 's')


def cell(value):
    return f'{"" if value is None else f"{value:.4g}":>10}'


def verdict(ratio, aim):
    return '' if ratio is None or aim is None else f'  at most {aim:.2f}{"" if ratio <= aim else ": MISSED"}'


def floor(figures, name):
    """What the figure could be of libvirtd's with a daemon that took no time at all; None if that is not known."""
    clients = f'{name}, {CLIENTS}'
    return figures.median(clients, 'virtxld') / figures.median(name, 'libvirtd') if clients in figures.values else None


def show(figures):
    whos = ('virtxld', 'libvirtd', 'libxl', 'xl')
    print(f'{"":50}{"".join(f"{who:>10}" for who in whos)}{"of libvirtd":>13}')
    for name in figures.values:
        values = [figures.median(name, who) for who in whos]
        aim = None if values[2] or name.startswith(NO_AIM) or name.endswith(CLIENTS) else AIMS.get(name, CALL_AIM)
        ratio = values[0] / values[1]
        label = f'{name} ({figures.units[name]})'
        least = floor(figures, name)
        of_client = f'  ({least:.2f} is the client)' if least is not None else ''
        print(f'{label:50}{"".join(map(cell, values))}{ratio:13.3f}{verdict(ratio, aim)}{of_client}')
    for name in (START, CHANNEL_START):
        bare = figures.median(name, 'libxl')
        print(f'{name}, of libxl alone: virtxld {figures.median(name, "virtxld") / bare:.3f}, '
              f'libvirtd {figures.median(name, "libvirtd") / bare:.3f}'
              f'{verdict(figures.median(name, "virtxld") / bare, START_AIM)}')
        for who, values in figures.values[name].items():
            print(f'  {who}: {" ".join(f"{value:.2f}" for value in values)}')


def main():
    libvirt.registerErrorHandler(lambda *_: None, None)
    figures = Figures()
    daemons = (Quiet(), Libvirtd())
    for number in range(TURNS):
        for daemon in daemons if number % 2 == 0 else daemons[::-1]:
            bare_turn(figures)
            turn(figures, daemon, number)
        xl_turn(figures)
        print(f'# turn {number + 1} of {TURNS} is done', flush=True)
    show(figures)
    return 0


if __name__ == '__main__':
    sys.exit(main())
