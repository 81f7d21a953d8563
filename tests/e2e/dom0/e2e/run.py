# SPDX-License-Identifier: LGPL-2.1-or-later
"""python3 -m e2e.run [--long] [--asan|--valgrind|--peer] [--list] [--part=N/M] [PATTERN...]: tells the stories of tests/ in
dom0; of M machines, this is the N-th."""
import argparse
import glob
import importlib
import os
import sys
import threading
import time
import types

from e2e.shell import Failure
from e2e.story import STORIES, Report, Teller

TESTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'tests')
GRACE_S = 45
DOM0_ONLY = ('libvirt', 'libvirt_qemu', 'channel_client', 'e2e.xen')
MODES = ('asan', 'valgrind', 'peer')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('patterns', nargs='*')
    parser.add_argument('--part', default='1/1', type=lambda text: tuple(int(number) for number in text.split('/')))
    for name in ('long', 'list', *MODES):
        parser.add_argument(f'--{name}', action='store_true')
    return parser.parse_args()


def chosen(options):
    """The stories wanted, in the order of their files."""
    sys.path.insert(0, TESTS)
    if options.list:  # on a host that has no clients, and no Xen: names need none
        for name in DOM0_ONLY:
            sys.modules.setdefault(name, types.ModuleType(name))
    for path in sorted(glob.glob(os.path.join(TESTS, 'test_*.py'))):
        importlib.import_module(os.path.basename(path)[:-3])
    return [told for told in STORIES if (options.long or not told.long) and
            (not options.patterns or any(pattern in told.title() for pattern in options.patterns))]


def deal(stories, number, machines):
    """What the machine of that NUMBER tells of the stories: the longest are dealt first, each to the machine that has the
    least to do, so that all end at about the same time."""
    load, mine = [0] * machines, set()
    for told in sorted(stories, key=lambda told: -told.seconds):
        least = load.index(min(load))
        load[least] += told.seconds
        if least == number - 1:
            mine.add(told)
    return [told for told in stories if told in mine]


def _give_up(host, told, report):
    """A call into libvirt's library that hangs hears no signal: ending the daemon makes it return."""
    report.note(f'{told.name}: does not end; the daemon is killed')
    host.daemon.kill()


def tell(told, host, report):
    def on_failure():
        report.note(f'the end of {host.daemon.name}\'s log:\n{host.daemon.log_tail()}')
    if host.peer and told.peer is not True:
        report.skip(told.name, f'libvirtd cannot do it{f": {told.peer}" if told.peer else ""}')
        return
    if host.slow > 1:
        told.seconds *= host.slow
    started = time.monotonic()
    try:
        host.ready()
    except Failure as why:
        report.point(False, f'{told.name}: {host.daemon.name} starts', str(why))
        return
    guard = threading.Timer(told.seconds + GRACE_S, _give_up, (host, told, report))
    guard.daemon = True
    guard.start()
    before, failed_before = host.traces(), report.failed
    try:
        teller = Teller(report, told, host, on_failure)
        teller.tell()
        strays = host.sweep()
    finally:
        guard.cancel()
    if report.failed == failed_before and not teller.ended_early:
        left = ''
        try:
            host.wait_traces(before)  # a domain is still dying when its name is gone
        except Failure as why:
            left = str(why)
        report.point(not strays and not left, f'{told.name}: nothing is left',
                     '\n'.join([*(f'domain {name}' for name in strays), left]))
    report.note(f'{told.title()} took {time.monotonic() - started:.1f} s')


def main():
    options = arguments()
    stories = deal(chosen(options), *options.part)
    if options.list:
        print('\n'.join(told.title() for told in stories))
        return 0
    from e2e.host import Host  # pylint: disable=import-outside-toplevel # --list needs no libvirt
    report = Report()
    host = Host(next((mode for mode in MODES if getattr(options, mode)), None))
    for told in stories:
        tell(told, host, report)
    if host.daemon.runs():
        status = host.daemon.stop()
        report.point(status == 0, f'{host.daemon.name} ends when told to',
                     f'exit status {status}\n{host.daemon.log_tail()}')
    complaints = host.daemon.complaints()
    if not host.peer:
        report.point(not complaints, f'nothing was found wrong with {host.daemon.name}\'s memory', complaints[:20000])
    report.write(f'1..{report.points}')
    return report.failed > 0


if __name__ == '__main__':
    sys.exit(main())
