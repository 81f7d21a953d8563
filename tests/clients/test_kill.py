#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills virtxld with SIGKILL at random moments while a client defines, edits, renames, undefines and marks domains.

usage: test_kill.py [ROUNDS [SEED]]

After each kill, what was acknowledged has to be there, whole, for the next client; the one call that was under way may
have happened or not, but not by half. Prints TAP.
"""
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon_fixture import START_S, Daemon, tap  # noqa: E402
from thin_client import Failed, ThinClient  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 500
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
MAX_DOMAINS = 6
MAX_DELAY_S = 0.05
DIES_YOUNG = 0.1  # how often it is killed before anybody asks it anything

rng = random.Random(SEED)


def title():
    """Big enough for several pages, so that a torn write would show."""
    return f'{rng.randrange(1 << 32):08x}' * rng.choice([1, 64, 2048])


def new_name(state):
    taken = {name for name, _, _ in state.values()}
    return rng.choice([name for name in (f'd{i}' for i in range(2 * MAX_DOMAINS)) if name not in taken])


def xml(uuid, name, text):
    return (f"<domain type='xen'><name>{name}</name><uuid>{uuid.hex()}</uuid><title>{text}</title>"
            "<memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>")


def choose(state):
    """A random call: its name, a function that makes it, and the state after it."""
    after = dict(state)
    what = rng.choice(['define', 'edit', 'edit', 'rename', 'undefine', 'autostart'])
    if not state or (what == 'define' and len(state) < MAX_DOMAINS):
        uuid = rng.randbytes(16)
        after[uuid] = name, text, _ = (new_name(state), title(), 0)
        return 'define', lambda client: client.define(xml(uuid, name, text)), after
    uuid = rng.choice(sorted(state))
    name, text, autostart = state[uuid]
    if what == 'undefine':
        del after[uuid]
        return what, lambda client: client.undefine(uuid), after
    if what == 'rename':
        after[uuid] = other, _, _ = (new_name(state), text, autostart)
        return what, lambda client: client.rename(uuid, other), after
    if what == 'autostart':
        after[uuid] = (name, text, 1 - autostart)
        return what, lambda client: client.set_autostart(uuid, 1 - autostart), after
    after[uuid] = _, text, _ = (name, title(), autostart)
    return 'edit', lambda client: client.define(xml(uuid, name, text)), after


def read_state(client):
    state = {}
    for uuid, name in client.list_all().items():
        text = client.dumpxml(uuid)
        inner = re.search('<name>(.*)</name>', text)[1]
        if inner != name or not text.rstrip().endswith('</domain>'):
            raise AssertionError(f'{name} is not whole: {text[:300]}')
        state[uuid] = (name, re.search('<title>(.*)</title>', text)[1], client.autostart(uuid))
    return state


def describe(state):
    return {uuid.hex(): (name, len(text), autostart) for uuid, (name, text, autostart) in state.items()}


def work_until_killed(client, state, counts):
    """Returns the states that are possible after the kill."""
    while True:
        what, call, after = choose(state)
        try:
            call(client)
        except (ConnectionError, OSError):
            return [state, after]
        counts[what] = counts.get(what, 0) + 1
        state = after


def one_round(daemon, possible, counts):
    killer = threading.Timer(rng.uniform(0, MAX_DELAY_S), daemon.process.kill)
    if rng.random() < DIES_YOUNG:
        killer.run()
        return possible
    with ThinClient(daemon.socket, START_S) as client:
        state = read_state(client.open())
        if state not in possible:
            raise AssertionError(f'there is {describe(state)}, and not one of {[describe(s) for s in possible]}')
        killer.start()
        possible = work_until_killed(client, state, counts)
    killer.join()
    return possible


def kill_again_and_again(daemon, counts):
    """The states that are possible in the end."""
    possible = [{}]
    for number in range(ROUNDS):
        try:
            possible = one_round(daemon, possible, counts)
        except (AssertionError, Failed, OSError) as error:
            tap.ok(False, f'round {number} of {ROUNDS}, seed {SEED}', f'{error!r}\n{daemon.log_text()[-2000:]}')
            break
        finally:
            daemon.kill()
            daemon.start()
    return possible


def main():
    counts, began = {}, time.monotonic()
    daemon = Daemon('log_level = "warning"\n')
    possible = kill_again_and_again(daemon, counts)
    with ThinClient(daemon.socket, START_S) as client:
        left = read_state(client.open())
    done = ', '.join(f'{count} {what}' for what, count in sorted(counts.items()))
    tap.ok(left in possible, f'{ROUNDS} kills lost nothing: {done}', f'seed {SEED}: {describe(left)}')
    tap.ok(min(counts.get(what, 0) for what in ('define', 'edit', 'rename', 'undefine', 'autostart')) > 0,
           'each kind of change was made', done)
    files = sorted(name for name in os.listdir(daemon.definitions) if name != 'autostart')
    wanted = sorted(name + '.xml' for name, _, _ in left.values())
    tap.ok(files == wanted, 'the folder holds the definitions and nothing else', f'{files} instead of {wanted}')
    print(f'# seed {SEED}, {time.monotonic() - began:.1f} s')
    daemon.finish()
    tap.finish()


main()
