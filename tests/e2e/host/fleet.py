# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several test machines at the same time, each of which tells its part of the stories; what they report becomes one
stream of TAP."""
import os
import re
import threading
import time

from host import machine

MAX_MACHINES = 4
KEPT = ('console.log', 'files.tar')


def say(text):
    print(f'# {text}', flush=True)


def _available_mib():
    with open('/proc/meminfo', encoding='ascii') as file:
        return int(re.search(r'^MemAvailable: *(\d+)', file.read(), re.M)[1]) // 1024


def _processors():
    return len(os.sched_getaffinity(0))


def room_for():
    """How many machines this host can bear: one on each processor."""
    return max(1, min(MAX_MACHINES, _processors(), _available_mib() // (machine.MEMORY_MIB + 512)))


def _cpus(machines):
    """How many virtual processors each gets. Two that share one are slow, as each spins while the other, for which it
    waits, does not run; and the second one is of little use, as machines wait most of the time."""
    return 2 if 2 * machines <= _processors() else 1


class Report:
    """What machines say. Points are numbered anew; each comes in one piece with the notes that follow it.

    PROVISIONAL: titles of stories, as --list has them. Their failed points are noted, but not counted until settle().
    """

    def __init__(self, provisional=()):
        self.status = self.passed = self.failed = 0
        self._titles, self._told, self._broken = list(provisional), set(), set()
        self._pending, self._began = [], 0
        self._lock = threading.Lock()

    def begin(self, machines):
        """MACHINES are switched on, whose lines will be heard."""
        self._pending, self._began = [[] for _ in range(machines)], time.monotonic()

    def hear(self, number, line):
        """LINE came from the machine NUMBER, of which the first is 0."""
        machines = len(self._pending)
        if line.startswith('XEN-'):
            of_which = f'machine {number + 1}: ' if machines > 1 else ''
            with self._lock:
                self._flush(number)
                say(f'{of_which}{line} ({time.monotonic() - self._began:.0f} s after power-on)')
            return
        if machines > 1 and re.fullmatch(r'1\.\.\d+', line):
            return
        with self._lock:
            if machines > 1 and line.startswith('#'):
                self._pending[number].append(line)
                return
            self._flush(number)
            self._pending[number].append(line)
            if machines == 1:
                self._flush(number)

    def _point(self, line):
        """LINE, counted and numbered if it is a point."""
        if found := re.fullmatch(r'#\s+(.*) took [\d.]+ s', line):
            self._told.add(found[1])
        found = re.match(r'(not )?ok\b *(\d+)?', line)
        if not found:
            return line
        title = found[1] and self._story_of(line[found.end():])
        if title:
            self._broken.add(title)
            return f'# not yet ok{line[found.end():]}'
        self.failed += bool(found[1])
        self.passed += not found[1]
        return f'{found[1] or ""}ok {self.passed + self.failed}{line[found.end():]}' if found[2] else line

    def _story_of(self, point):
        """The title of the provisional story that " - POINT" belongs to; None if it is of no such story."""
        return next((title for title in self._titles if point.startswith(f' - {title.split(": ", 1)[1]}: ')), None)

    def _flush(self, number):
        for line in self._pending[number]:
            print(self._point(line), flush=True)
        self._pending[number].clear()

    def end(self, number, status, hang=None):
        """The machine has ended with STATUS, or, if it did not end by itself, with a Hang and the end of its console."""
        if hang:
            why, console = hang
            ok = '# not yet ok' if self._titles else 'not ok'
            for line in (f'{ok} - the test machine comes to its end: {why}', '# the end of the console:',
                         *(f'#   {line}' for line in console)):
                self.hear(number, line)
        with self._lock:
            self._flush(number)
            self.status = self.status or status

    def settle(self):
        """From here on every failure counts. Returns the titles of the stories that failed, or were not told."""
        again = [title for title in self._titles if title in self._broken or title not in self._told]
        self._titles = []
        if again:
            self.status = 0
        return again


def _work_of(work, number):
    folder = os.path.join(work, f'machine{number + 1}')
    os.makedirs(folder, exist_ok=True)
    return folder


def _run_one(report, number, machines, image, disk, work, limit_s):
    status, hang = 1, None
    words = f'vx.part={number + 1}/{machines}' if machines > 1 else ''
    try:
        with machine.Machine(image, disk, work, limit_s, _cpus(machines), words) as xen:
            for line in xen:
                report.hear(number, line)
        status = xen.status
    except machine.Hang as why:
        hang = why, machine.console_tail(work)
    report.end(number, status, hang)


def run(report, machines, image, disk, work, limit_s):
    """Boots as many MACHINES from IMAGE with the payload DISK; WORK gets a folder for each. REPORT hears what they say."""
    report.begin(machines)
    threads = [threading.Thread(target=_run_one,
                                args=(report, number, machines, image, disk, _work_of(work, number), limit_s))
               for number in range(machines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def kept(work):
    """What is worth keeping of WORK: the paths of consoles and logs."""
    return [path for path in (os.path.join(folder, name) for folder, _, _ in os.walk(work) for name in KEPT)
            if os.path.exists(path)]
