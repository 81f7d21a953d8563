# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the black-box tests share: test points as TAP lines, and running virtxl.

The environment, which meson sets: VIRTXL names the program, VIRTXL_SOURCE the root of the source tree.
"""
import difflib
import os
import shlex
import subprocess
import sys
from multiprocessing.pool import ThreadPool

SOURCE = os.environ.get('VIRTXL_SOURCE') or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AT_ONCE = 2
TIMEOUT_S = 120

_points = 0
_failed = 0


def ok(good, name, detail=()):
    """One test point. DETAIL (text or lines) is shown when it is not GOOD."""
    global _points, _failed
    _points += 1
    _failed += not good
    print(f'{"ok" if good else "not ok"} {_points} - {_printable(name)}')
    if not good:
        for text in [detail] if isinstance(detail, str) else detail:
            for line in text.splitlines():
                print(f'#   {_printable(line)}')
    return good


def skip(name, why):
    global _points
    _points += 1
    print(f'ok {_points} - {_printable(name)} # SKIP {why}')


def equal(got, wanted, name, what='what was wanted'):
    """One test point: two texts are equal; otherwise their difference is shown."""
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), what, 'what came', lineterm='')
    return ok(got == wanted, name, lines)


def finish():
    """The plan, at the end; ends the program."""
    if _points == 0:
        print('1..0 # SKIP there is nothing to test')
    else:
        print(f'1..{_points}')
    sys.stdout.flush()
    sys.exit(_failed > 0)


def _printable(line):
    return line.encode('utf-8', 'backslashreplace').decode('utf-8')


class Run:
    """One finished run of virtxl: .status, .out and .err (texts)."""

    def __init__(self, arguments, folder='.', stdin=''):
        command = shlex.split(os.environ.get('VIRTXL', 'virtxl')) + list(arguments)
        try:
            done = subprocess.run(command, cwd=folder, input=stdin.encode('utf-8', 'surrogateescape'),
                                  capture_output=True, timeout=TIMEOUT_S, check=False)
            self.status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, out, err = 'timeout', b'', b'no end within %d s' % TIMEOUT_S
        self.command = ' '.join(['virtxl', *arguments])
        self.out = out.decode('utf-8', 'surrogateescape')
        self.err = err.decode('utf-8', 'surrogateescape')

    def told(self):
        """For the detail of a test point."""
        return f'{self.command}: exit status {self.status}\n{self.err}'


def run_all(jobs):
    """Run(...) for each of JOBS (a dict of KEY -> arguments of Run), some at once; a dict of KEY -> Run."""
    with ThreadPool(AT_ONCE) as pool:
        keys = list(jobs)
        return dict(zip(keys, pool.map(lambda key: Run(*jobs[key]), keys)))
