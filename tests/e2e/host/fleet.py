# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several test machines at the same time, each of which tells its part of the stories; what they report becomes one
stream of TAP."""
import os
import re
import threading
import time

from host import machine

MAX_MACHINES = 2
KEPT = ('console.log', 'files.tar')


def say(text):
    print(f'# {text}', flush=True)


def _available_mib():
    with open('/proc/meminfo', encoding='ascii') as file:
        return int(re.search(r'^MemAvailable: *(\d+)', file.read(), re.M)[1]) // 1024


def room_for():
    """How many machines this host can bear: a processor and their memory for each."""
    return max(1, min(MAX_MACHINES, len(os.sched_getaffinity(0)), _available_mib() // (machine.MEMORY_MIB + 512)))


class Report:
    """What machines say. Points are numbered anew; each comes in one piece with the notes that follow it."""

    def __init__(self, machines):
        self.status = self.passed = self.failed = 0
        self._machines, self._began = machines, time.monotonic()
        self._pending = [[] for _ in range(machines)]
        self._lock = threading.Lock()

    def hear(self, number, line):
        """LINE came from the machine NUMBER, of which the first is 0."""
        if line.startswith('XEN-'):
            of_which = f'machine {number + 1}: ' if self._machines > 1 else ''
            line = f'# {of_which}{line} ({time.monotonic() - self._began:.0f} s after power-on)'
        elif self._machines > 1 and re.fullmatch(r'1\.\.\d+', line):
            return
        with self._lock:
            if self._machines > 1 and line.startswith('#'):
                self._pending[number].append(line)
                return
            self._flush(number)
            self._pending[number].append(line)
            if self._machines == 1:
                self._flush(number)

    def _point(self, line):
        """LINE, counted and numbered if it is a point."""
        found = re.match(r'(not )?ok\b *(\d+)?', line)
        if not found:
            return line
        self.failed += bool(found[1])
        self.passed += not found[1]
        return f'{found[1] or ""}ok {self.passed + self.failed}{line[found.end():]}' if found[2] else line

    def _flush(self, number):
        for line in self._pending[number]:
            print(self._point(line), flush=True)
        self._pending[number].clear()

    def end(self, number, status, lines=()):
        """The machine has ended with STATUS; LINES say why, if it should not have."""
        for line in lines:
            self.hear(number, line)
        with self._lock:
            self._flush(number)
            self.status = self.status or status


def _work_of(work, number):
    folder = os.path.join(work, f'machine{number + 1}')
    os.makedirs(folder, exist_ok=True)
    return folder


def _run_one(report, number, machines, image, disk, work, limit_s):
    words = f'vx.part={number + 1}/{machines}' if machines > 1 else ''
    try:
        with machine.Machine(image, disk, work, limit_s, words) as xen:
            for line in xen:
                report.hear(number, line)
        report.end(number, xen.status)
    except machine.Hang as hang:
        report.end(number, 1, [f'not ok - the test machine comes to its end: {hang}', '# the end of the console:',
                               *(f'#   {line}' for line in machine.console_tail(work))])


def run(machines, image, disk, work, limit_s):
    """Boots as many MACHINES from IMAGE with the payload DISK; WORK gets a folder for each. Returns their Report."""
    report = Report(machines)
    threads = [threading.Thread(target=_run_one,
                                args=(report, number, machines, image, disk, _work_of(work, number), limit_s))
               for number in range(machines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


def kept(work):
    """What is worth keeping of WORK: the paths of consoles and logs."""
    return [path for path in (os.path.join(folder, name) for folder, _, _ in os.walk(work) for name in KEPT)
            if os.path.exists(path)]
