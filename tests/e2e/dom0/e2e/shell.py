# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running programs, and waiting for things to become true."""
import os
import subprocess
import time


class Failure(Exception):
    """What a test found wrong; the text becomes the diagnostics of its point."""


class Run:
    """One finished run of a program: .status, .out, .err."""

    def __init__(self, command, timeout_s=60, stdin='', environment=None):
        self.command = ' '.join(command)
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, text=True, errors='replace', check=False,
                                  timeout=timeout_s, env={**os.environ, **(environment or {})})
            self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as late:
            told = [text.decode('utf-8', 'replace') if text else '' for text in (late.stdout, late.stderr)]
            self.status, self.out, self.err = 'timeout', told[0], f'{told[1]}no end within {timeout_s} s'

    def told(self):
        return f'{self.command}: exit status {self.status}\n{self.out}{self.err}'


def run(*command, check=True, **how):
    """Runs a program; its output without white space at the ends. CHECK: Failure unless it ends with 0."""
    done = Run(list(command), **how)
    if check and done.status != 0:
        raise Failure(done.told())
    return done.out.strip()


def wait_for(condition, what, seconds=20, every=0.1):
    """Waits until CONDITION() is true, and returns what it returned. Failure, naming WHAT, after SECONDS."""
    end = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > end:
            raise Failure(f'{what}: not within {seconds} s')
        time.sleep(every)


def check(good, what):
    if not good:
        raise Failure(what() if callable(what) else str(what))


def equal(got, wanted, what):
    if got != wanted:
        raise Failure(f'{what} is {got!r}, not {wanted!r}')


def command_lines():
    """The number and the command line of each process there is."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                yield int(pid), file.read().replace(b'\0', b' ').decode('utf-8', 'replace').strip()
        except OSError:  # it has ended
            pass
