#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Any text that xl accepts converts and comes back meaning the same, with the real xl as judge:

  - tests/found/*.cfg: what once did not, and was found at random or by the fuzzer (scripts/fuzz);
  - VIRTXL_RANDOM_COUNT files (1000) made from VIRTXL_RANDOM_SEED (1), the same ones each time: fragments of
    test_options.py put together, or a guest of tests/xlconfigdata, most of them damaged by a slip or two.

A file of which xl says nothing (it crashes, or refuses it) must only not crash virtxl. VIRTXL_RANDOM_REMARKS=1 lists what xl refuses and virtxl
does not.
"""
import glob
import os
import random
import re
import tempfile

import tap
import test_options
from judge import round as judge_round

COUNT = int(os.environ.get('VIRTXL_RANDOM_COUNT', '1000'))
SEED = int(os.environ.get('VIRTXL_RANDOM_SEED', '1'))
PIECES = [',', '=', ':', ' ', "'", '"', ';', '[', ']', '/', '-', '.', '0', '1', '9', 'x', 'a', '', '', '', '0x', ',,', '= ',
          ' =', 'e', '\\\\', '\t', '@', '%', '18446744073709551616', '-1', '^', '+=', '["a"],', '\\n', '00', '2147483648']
FOUND = f'{tap.SOURCE}/tests/found'
GUESTS = f'{tap.SOURCE}/tests/xlconfigdata'


def damaged(text, rng):
    """TEXT with one of its places changed, or a word of it doubled, left out or moved."""
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(5)
    if kind == 0:
        return text[:at] + rng.choice(PIECES) + text[at:]
    if kind == 1:
        return text[:at] + rng.choice(PIECES) + text[at + 1:]
    if kind == 2:
        return text[:at] + text[at + rng.randrange(1, 6):]
    words = re.split(r'([,=\[\]" ])', text)
    word = rng.randrange(len(words))
    if kind == 3:
        words.insert(word, words[rng.randrange(len(words))])
    else:
        del words[word]
    return ''.join(words)


def random_fragments(rng, fragments):
    """A minimal guest with one to three fragments, damaged up to three times."""
    guest = rng.choice(list(test_options.BASE))
    chosen = [rng.choice(fragments[guest]) for _ in range(rng.choice([1, 1, 2, 3]))]
    slips = rng.choice([0, 1, 1, 1, 2, 3])
    for _ in range(slips):
        which = rng.randrange(len(chosen))
        chosen[which] = damaged(chosen[which], rng)
    return test_options.guest_text(guest, '\n'.join(chosen))


def random_guest(rng, guests):
    """A whole guest with a line or two of another, damaged up to three times."""
    text = rng.choice(guests)
    for _ in range(rng.randrange(3)):
        text += rng.choice(rng.choice(guests).splitlines() or ['']) + '\n'
    for _ in range(rng.randrange(1, 4)):
        text = damaged(text, rng)
    return text


def all_fragments():
    """Guest -> every fragment that the judge's xl knows."""
    found = {guest: [] for guest in test_options.BASE}
    for option in test_options.options():
        for guest in option['guests'].split():
            if not test_options.too_new(option):
                found[guest] += [text for text, _, since in test_options.fragments(option, guest) if not since]
    return found


def random_files(folder):
    rng = random.Random(SEED)
    fragments = all_fragments()
    guests = [test_options.read(path) for path in sorted(glob.glob(f'{GUESTS}/*.cfg'))]
    for number in range(COUNT):
        text = random_guest(rng, guests) if rng.randrange(4) == 0 else random_fragments(rng, fragments)
        path = f'{folder}/{number:05}.cfg'
        with open(path, 'w', encoding='utf-8', errors='surrogateescape') as file:
            file.write(text)
        yield path


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in ('files', 'work'):
            os.mkdir(f'{folder}/{name}')
        paths = sorted(glob.glob(f'{FOUND}/*.cfg')) + list(random_files(f'{folder}/files'))
        verdicts = judge_round.judge_files(paths, f'{folder}/work')
        for verdict in verdicts:
            tap.ok(not verdict.lines, f'{os.path.basename(verdict.path)}: '
                   f'{"means the same" if verdict.taken else "xl does not take it"}',
                   verdict.lines)
            if verdict.xl_said and os.environ.get('VIRTXL_RANDOM_REMARKS'):
                print('\n'.join(f'# {line}' for line in [verdict.xl_said] + test_options.read(verdict.path).splitlines()))
        for line in judge_round.summary(verdicts):
            print(f'# {line}')
    tap.finish()


if __name__ == '__main__':
    main()
