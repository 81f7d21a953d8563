#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Any text that xl accepts converts and comes back meaning the same: xl.cfg files put together at random from the
fragments of test_options.py, most of them damaged by a slip or two, and the real xl as judge.

VIRTXL_RANDOM_COUNT files (300), made from VIRTXL_RANDOM_SEED (1): the same ones each time. What is refused on purpose
although xl takes it stands in REFUSED, each with its reason; a file of which xl says nothing (it crashes, or refuses it)
must only not crash virtxl.
"""
import glob
import os
import random
import re
import tempfile

import tap
import test_options
from judge import meaning as judge

COUNT = int(os.environ.get('VIRTXL_RANDOM_COUNT', '300'))
SEED = int(os.environ.get('VIRTXL_RANDOM_SEED', '1'))
PIECES = [',', '=', ':', ' ', "'", '"', ';', '[', ']', '/', '-', '.', '0', '1', '9', 'x', 'a', '', '', '', '0x', ',,', '= ',
          ' =', 'e', '\\\\', '\t', '@', '%', '18446744073709551616', '-1']
REFUSED = [
    # (what virtxl says, why it is right to refuse what xl takes)
    (r'cannot say it|is not UTF-8', 'domain XML has no way to say the character'),
    (r'write a number from', 'xl cuts off what a field cannot hold, or starts a guest without memory or CPUs'),
    (r'which is no parameter of disks', 'xl takes what it does not know for the path of the image'),
]


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


def random_file(rng, fragments):
    guest = rng.choice(list(test_options.BASE))
    chosen = [rng.choice(fragments[guest]) for _ in range(rng.choice([1, 1, 2, 3]))]
    slips = rng.choice([0, 1, 1, 1, 2, 3])
    for _ in range(slips):
        which = rng.randrange(len(chosen))
        chosen[which] = damaged(chosen[which], rng)
    return test_options.guest_text(guest, '\n'.join(chosen))


def all_fragments():
    """Guest -> every fragment that the judge's xl knows."""
    found = {guest: [] for guest in test_options.BASE}
    for option in test_options.options():
        for guest in option['guests'].split():
            if not test_options.too_new(option):
                found[guest] += [text for text, _, since in test_options.fragments(option, guest) if not since]
    return found


def verdict(answer, path, back, said):
    """What is wrong, as lines; none if nothing is."""
    if isinstance(answer, (judge.Rejected, judge.Crashed)):
        return []
    if os.path.exists(back):
        return judge.same(answer, judge.meaning(back))
    if any(re.search(pattern, line) for pattern, _ in REFUSED for line in said):
        return []
    return ['xl takes it and virtxl does not'] + said + test_options.read(path).splitlines()


def main():
    rng = random.Random(SEED)
    fragments = all_fragments()
    with tempfile.TemporaryDirectory() as folder:
        for name in ('given', 'xml', 'back'):
            os.mkdir(f'{folder}/{name}')
        stems = [f'{number:05}' for number in range(COUNT)]
        for stem in stems:
            test_options.write(f'{folder}/given/{stem}.cfg', random_file(rng, fragments))
        said = test_options.convert_all('from-xl', f'{folder}/given', '.cfg', f'{folder}/xml')
        for stem, lines in test_options.convert_all('to-xl', f'{folder}/xml', '.xml', f'{folder}/back').items():
            said.setdefault(stem, []).extend(lines)
        answers = judge.meanings([f'{folder}/given/{stem}.cfg' for stem in stems])
        n_taken = 0
        for stem, answer in zip(stems, answers):
            taken = not isinstance(answer, (judge.Rejected, judge.Crashed))
            n_taken += taken
            lines = verdict(answer, f'{folder}/given/{stem}.cfg', f'{folder}/back/{stem}.cfg', said.get(stem, []))
            if lines and taken and os.path.exists(f'{folder}/back/{stem}.cfg'):
                lines += test_options.read(f'{folder}/given/{stem}.cfg').splitlines() + said.get(stem, [])
            tap.ok(not lines, f'file {stem}: {"means the same" if taken else "xl does not take it"}', lines)
        print(f'# xl takes {n_taken} of {COUNT}; {len(glob.glob(folder + "/back/*.cfg"))} came back')
    tap.finish()


if __name__ == '__main__':
    main()
