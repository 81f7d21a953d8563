#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills a driver with SIGKILL while it defines, edits, renames and undefines: first before each single call that would
change a file, then at random moments.

usage: test_crash.py CRASH_VICTIM [ROUNDS [SEED]]

After each kill, what it had acknowledged has to be there, whole; the one call that was under way may have happened or
not, but not by half. Prints TAP.
"""
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

VICTIM = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
MAX_DOMAINS = 12
MAX_DELAY_S = 0.02
DIES_YOUNG = 0.1  # how often it is killed while it starts, perhaps in the midst of tidying up

rng = random.Random(SEED)


def title():
    """Big enough for several pages, so that a torn write would show."""
    return f'{rng.randrange(1 << 32):08x}' * rng.choice([1, 64, 2048])


def new_name(state):
    taken = {name for name, _, _ in state.values()}
    return rng.choice([name for name in (f'd{i}' for i in range(2 * MAX_DOMAINS)) if name not in taken])


def choose(state):
    """A random call: the line to send, and the state after it."""
    after = dict(state)
    what = rng.choice(['define', 'title', 'title', 'rename', 'undefine', 'autostart'])
    if not state or (what == 'define' and len(state) < MAX_DOMAINS):
        uuid = '%08x-0000-4000-8000-%012x' % (rng.randrange(1 << 32), rng.randrange(1 << 48))
        after[uuid] = (new_name(state), title(), '0')
        return f'define {after[uuid][0]} {uuid} {after[uuid][1]}', after
    uuid = rng.choice(sorted(state))
    name, text, autostart = state[uuid]
    if what == 'undefine':
        del after[uuid]
        return f'undefine {uuid}', after
    if what == 'rename':
        after[uuid] = (new_name(state), text, autostart)
        return f'rename {uuid} {after[uuid][0]}', after
    if what == 'autostart':
        after[uuid] = (name, text, str(1 - int(autostart)))
        return f'autostart {uuid} {after[uuid][2]}', after
    after[uuid] = (name, title(), autostart)
    return (f'title {uuid} {after[uuid][1]}' if what == 'title' else f'define {name} {uuid} {after[uuid][1]}'), after


def read_state(victim):
    state = {}
    for line in victim.stdout:
        if line == '.\n':
            return state
        name, uuid, text, autostart = line.split()
        state[uuid] = (name, text, autostart)
    raise AssertionError('the driver did not start')


def work_until_killed(victim, state, counts):
    """Returns the states that are possible after the kill."""
    while True:
        line, after = choose(state)
        try:
            victim.stdin.write(line + '\n')
            victim.stdin.flush()
            answer = victim.stdout.readline()
        except BrokenPipeError:
            return [state, after]
        if not answer.endswith('\n'):
            return [state, after]
        if answer != 'ok\n':
            raise AssertionError(f'{line[:80]}: {answer}')
        counts[line.split()[0]] = counts.get(line.split()[0], 0) + 1
        state = after


def describe(state):
    return {uuid: (name, len(text), autostart) for uuid, (name, text, autostart) in state.items()}


def one_round(folder, possible, counts):
    with subprocess.Popen([VICTIM, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as victim:
        killer = threading.Timer(rng.uniform(0, MAX_DELAY_S), os.kill, (victim.pid, signal.SIGKILL))
        try:
            if rng.random() < DIES_YOUNG:
                killer.start()
                killer.join()
                return possible
            state = read_state(victim)
            if state not in possible:
                raise AssertionError(f'there is {describe(state)}, and not one of {[describe(s) for s in possible]}')
            killer.start()
            possible = work_until_killed(victim, state, counts)
            killer.join()
        finally:
            victim.kill()
            complaint = victim.stderr.read()
            with contextlib.suppress(BrokenPipeError):
                victim.stdin.close()  # with what the victim did not live to read
    if complaint:
        raise AssertionError(complaint)
    return possible


# ---- one death for each call ----

UUID = '00000001-0000-4000-8000-000000000001'
DEFINE, AUTOSTART = f'define a {UUID} old', f'autostart {UUID} 1'
# What is there, and what is then done to it.
CALLS = [([], f'define a {UUID} new'), ([DEFINE], f'define a {UUID} new'), ([DEFINE, AUTOSTART], f'title {UUID} new'),
         ([DEFINE], f'rename {UUID} b'), ([DEFINE, AUTOSTART], f'rename {UUID} b'),
         ([DEFINE], f'undefine {UUID}'), ([DEFINE, AUTOSTART], f'undefine {UUID}'),
         ([DEFINE], AUTOSTART), ([DEFINE, AUTOSTART], f'autostart {UUID} 0')]
MAX_CALLS = 30  # more than any of them makes


def tell(folder, lines, death=0):
    """The state that a driver finds in FOLDER, after which it is told LINES; whether it lived to answer all of them."""
    done = subprocess.run([VICTIM, folder, str(death)], input=''.join(f'{line}\n' for line in lines), text=True,
                          capture_output=True, check=False)
    if done.stderr:
        raise AssertionError(f'{lines}: {done.stderr}')
    found, _, answers = done.stdout.partition('.\n')
    return found, answers == 'ok\n' * len(lines)


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder) for name in names)


def wanted_files(state):
    names = [line.split()[0] for line in state.splitlines()]
    started = [line.split()[0] for line in state.splitlines() if line.endswith(' 1')]
    return sorted([f'{name}.xml' for name in names] + [f'autostart/{name}.xml' for name in started])


def die_at(number, before, call):
    """Dies before the NUMBER-th change of CALL; whether there was such a one."""
    with tempfile.TemporaryDirectory(prefix='vxcrash-') as folder:
        tell(folder, before)
        old, lived = tell(folder, [call], number)
        found, _ = tell(folder, [])
        left = files_of(folder)
        if not lived:
            tell(folder, [call])  # gets the same result, or is refused since it is done already
        new, _ = tell(folder, [])
    if found not in (old, new):
        raise AssertionError(f'{call}, killed at change {number}: there is {found!r}, neither {old!r} nor {new!r}')
    if left != wanted_files(found):
        raise AssertionError(f'{call}, killed at change {number}: of {found!r} there are the files {left}')
    return not lived


def die_at_each():
    """How many deaths were tried."""
    deaths = 0
    for before, call in CALLS:
        number = 1
        while die_at(number, before, call):
            number += 1
            if number > MAX_CALLS:
                raise AssertionError(f'{call} does not come to an end')
        if number == 1:
            raise AssertionError(f'{call} changes nothing')
        deaths += number - 1
    return deaths


def main():
    counts, possible, start = {}, [{}], time.monotonic()
    print('1..2')
    try:
        print(f'ok 1 - {die_at_each()} kills, one before each change of a file, left nothing done by half')
    except AssertionError as error:
        print(f'not ok 1 - kills before each change of a file: {error}')
        return 1
    with tempfile.TemporaryDirectory(prefix='vxcrash-') as folder:
        for number in range(ROUNDS):
            try:
                possible = one_round(os.path.join(folder, 'libxl'), possible, counts)
            except AssertionError as error:
                print(f'not ok 2 - round {number} of {ROUNDS}, seed {SEED}')
                for line in str(error).splitlines():
                    print(f'# {line}')
                return 1
        leftovers = [name for name in os.listdir(os.path.join(folder, 'libxl')) if 'damaged' in name]
    done = ', '.join(f'{count} {what}' for what, count in sorted(counts.items()))
    print(f'{"not " if leftovers else ""}ok 2 - {ROUNDS} kills lost nothing: {done}')
    print(f'# seed {SEED}, {time.monotonic() - start:.1f} s {leftovers}')
    return 1 if leftovers else 0


sys.exit(main())
