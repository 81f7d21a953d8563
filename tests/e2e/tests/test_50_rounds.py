# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon holds does not grow with the guests that came and went."""
import collections
import os
import re

import libvirt

from e2e.story import story

# What a round may cost on average, in KiB: an allocator's pages are not given back one by one.
GROWTH_KIB = {'short': 60, 'long': 12}


def open_files(process):
    """How many of each sort, as {'/dev/xen/privcmd': 3, 'socket': 7}."""
    folder = f'/proc/{process.pid}/fd'
    return collections.Counter(re.sub(r':\[\d+\]$', '', os.readlink(f'{folder}/{number}')) for number in os.listdir(folder))


def holdings(process):
    with open(f'/proc/{process.pid}/status', encoding='ascii') as file:
        status = dict(line.split(':', 1) for line in file)
    return {'files': open_files(process), 'threads': int(status['Threads']),
            'memory': int(status['VmRSS'].split()[0])}


def rounds(host, step, number, kind_of_run):
    guest = host.guest('pv', 'round', channels=[host.channel_xml('a'), host.channel_xml('b', '/run/guest/round.sock')])

    def one(domain):
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        domain.destroy()
    with step('guests start and end'):
        domain = host.conn.defineXML(guest.xml())
        for _ in range(3):  # until all that is made once is there
            one(domain)
        before = holdings(host.daemon.process)
        for _ in range(number):
            one(domain)
    with step('open files, threads and memory stay as they are'):
        if host.slow > 1:
            return
        host.wait_for(lambda: holdings(host.daemon.process)['files'] <= before['files'],
                      f'open files: {before}, then {holdings(host.daemon.process)}', 10)
        after = holdings(host.daemon.process)
        host.check(after['threads'] <= before['threads'] + 2, f'threads: {before}, then {after}')
        grown = (after['memory'] - before['memory']) / number
        host.check(host.keeps_what_is_freed or grown <= GROWTH_KIB[kind_of_run],
                   f'{grown:.1f} KiB a round: {before}, then {after}')


@story('ten rounds', seconds=400)
def ten(host, step):
    rounds(host, step, 10, 'short')


@story('a hundred rounds', long=True, seconds=900)
def hundred(host, step):
    rounds(host, step, 100, 'long')
