# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests as stories. A start of a guest takes seconds here, so that a story does many things with one guest; each of its
steps is a test point. A step that fails ends its story, unless nothing after it builds upon it.

    @story('a guest lives', kinds=('pv', 'pvh'))
    def life(host, step, kind):
        guest = host.guest(kind)
        with step('it starts'):
            host.virsh('create', guest.file)
"""
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager

from e2e.shell import Failure

STORIES = []
LONG_STEP_S = 10  # that is worth a note
HVM_SLOWER = 3  # times: each access of its BIOS and kernel to an emulated device goes through its QEMU
SIGN_OF_LIFE_S = 100  # between notes of a step that goes on; the host ends a machine that is silent


class Story:
    def __init__(self, function, name, kind, long, seconds, peer):
        self.function, self.kind, self.long, self.peer = function, kind, long, peer
        self.seconds = seconds * (HVM_SLOWER if kind == 'hvm' else 1)
        self.name = f'{kind}: {name}' if kind else name
        self.module = function.__module__

    def title(self):
        return f'{self.module}: {self.name}'


def story(name, kinds=(None,), long=False, long_kinds=(), seconds=120, peer=True):
    """Registers a story. KINDS: of guests, it is told once with each; LONG_KINDS in long runs only, as LONG is for all.
    SECONDS: after which it is ended. PEER: whether libvirtd can do it, too (False: it is left out there; a text: the
    reason)."""
    def register(function):
        for kind in (*kinds, *long_kinds):
            STORIES.append(Story(function, name, kind, long or kind in long_kinds, seconds, peer))
        return function
    return register


class StoryEnd(Exception):
    """A step failed that others build upon; its point is written already."""


class Late(BaseException):
    """SIGALRM: the story took too long. No Exception, so that no test takes it for its own."""


class Report:
    """TAP, on the standard output."""

    def __init__(self, out=None):
        self._out = out or sys.stdout
        self.points = self.failed = 0

    def point(self, good, name, detail='', directive=''):
        self.points += 1
        self.failed += not good
        self.write(f'{"ok" if good else "not ok"} {self.points} - {name}{directive}')
        if not good:
            self.note(detail)

    def skip(self, name, why):
        self.point(True, name, directive=f' # SKIP {why}')

    def note(self, text):
        for line in text.splitlines():
            self.write(f'#   {line}')

    def write(self, line):
        self._out.write(line.encode('utf-8', 'backslashreplace').decode() + '\n')
        self._out.flush()


def _late(*_):
    raise Late


class Teller:
    """Tells one story: makes the step() that it gets, and its points."""

    def __init__(self, report, told, host, on_failure):
        self._report, self._story, self._host, self._on_failure = report, told, host, on_failure
        self.steps = 0
        self._under_way, self._since = told.name, time.monotonic()
        self.ended_early = False  # by a step in which libvirtd differs: what it leaves is nobody's fault

    @contextmanager
    def step(self, name, needed=True, differs=None):
        """A test point. NEEDED=False: the story goes on even if it fails. DIFFERS: why libvirtd may fail here, which is
        no failure of the test then."""
        title = f'{self._story.name}: {name}'
        self.steps += 1
        started = time.monotonic()
        self._under_way, self._since = title, started
        try:
            yield
        except Late:
            self._fail(title, f'the story took more than {self._story.seconds} s\n{traceback.format_exc(limit=-6)}')
            raise StoryEnd from None
        except Exception as why:  # pylint: disable=broad-except
            detail = str(why) if isinstance(why, Failure) else traceback.format_exc(limit=-6)
            if differs and self._host.peer:
                self.ended_early = needed
                self._report.skip(title, f'libvirtd differs: {differs}')
                self._report.note(detail)
            else:
                self._fail(title, detail)
        else:
            self._report.point(True, title)
            if time.monotonic() > started + LONG_STEP_S:
                self._report.note(f'{time.monotonic() - started:.0f} s')
            return
        if needed:
            raise StoryEnd

    def _fail(self, title, detail):
        self._report.point(False, title, detail)
        self._on_failure()

    def _show_life(self, over):
        while not over.wait(SIGN_OF_LIFE_S):
            self._report.note(f'{time.monotonic() - self._since:.0f} s so far: {self._under_way}')

    def tell(self):
        over = threading.Event()
        threading.Thread(target=self._show_life, args=(over,), daemon=True).start()
        signal.signal(signal.SIGALRM, _late)
        signal.alarm(self._story.seconds)
        arguments = [self._host, self.step] + ([self._story.kind] if self._story.kind else [])
        try:
            self._story.function(*arguments)
        except StoryEnd:
            pass
        except Late:
            self._fail(f'{self._story.name}: between its steps', f'the story took more than {self._story.seconds} s')
        except Exception:  # pylint: disable=broad-except
            self._fail(f'{self._story.name}: between its steps', traceback.format_exc(limit=-6))
        finally:
            signal.alarm(0)
            over.set()
