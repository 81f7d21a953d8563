#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channel strings made up by the hundred from a grammar of what people write and mistype, each in a file of its own:
what the real xl takes, virtxl takes, and to-xl of from-xl means the same to xl; what xl refuses, virtxl refuses.

`test_channels.py SEED [NUMBER]` makes others; the seed that failed is in the name of the test point.
"""
import os
import random
import re
import sys
import tempfile

import tap
from judge import meaning as judge

SEED, NUMBER = 'channels', 170
HEAD = 'name = "guest"\nuuid = "5f6c9ab0-6d7a-4b7e-8a51-3c1d9e0f0042"\nkernel = "/boot/vmlinuz"\nmemory = 64\n'

BLANKS = ['', '', '', '', ' ', '  ', '\t', ' \t ', '\n', '\r', '\v', '\f ']
KEYS = ['connection'] * 12 + ['path'] * 10 + ['name'] * 12 + ['backend'] * 6 + [
    'Name', 'connections', 'conn', 'nmae', 'x', '', '0', 'name path', 'type', '"name"', 'größe', 'connection\\']
VALUES = {
    'connection': ['pty', 'socket,path=/run/c'] * 12 + ['socket'] * 4 + ['Pty', 'unix', 'sockets', 'pt y', '', ' ', 'pty;', '1'],
    'path': ['/run/a', '/run/b', '/', 'run/relative', '/run/my agent', '/run/ä', '/r\'s', '', ' ', '/run/a=b',
             '/' + 'p' * 106, '/' + 'p' * 107, '//a//b/../c', '/run/$HOME/%d', '/run/a#b', '/run/a;b'],
    'name': ['a', 'b', 'org.example.agent', 'org.qemu.guest_agent.0', 'with blank', '..', 'a/b', 'ü ✓', '&<>', "it's",
             'back\\slash', 'n' * 300, '', ' ', 'a=b', 'a"b', '0', '[x]', '#no', 'tab\there'],
    'backend': ['0', 'dd', 'agents-dd', 'Domain-0', '', ' ', 'a b', '4294967295'],
}
OTHER_VALUES = ['v', '1', 'a b', 'a=b', 'x"y', "x'y", 'ü', '', '  ', '\\n']


def pick_pair(random_):
    key = random_.choice(KEYS)
    value = random_.choice(VALUES.get(key, OTHER_VALUES))
    blanks = [random_.choice(BLANKS) for _ in range(4)]
    equals = '=' if random_.random() < 0.98 else random_.choice(['', ' ', ':'])
    return blanks[0] + key + blanks[1] + equals + blanks[2] + value + blanks[3]


def pick_entry(random_):
    """One channel; in half of the cases it begins with what every channel needs, so that more of them are good."""
    pairs = [pick_pair(random_) for _ in range(random_.choice([0, 0, 1, 1, 2, 3, 5]))]
    if random_.random() < 0.75:
        pairs.append('connection=' + random_.choice(['pty', 'socket,path=/run/s%d' % random_.randrange(3)]))
        pairs.append('name=n%d' % random_.randrange(9))
    random_.shuffle(pairs)
    if random_.random() < 0.15:
        pairs.insert(random_.randrange(len(pairs) + 1), random_.choice(['', '', ' ']))
    return ','.join(pairs) + random_.choice([''] * 8 + [',', ', '])


def quote(random_, text):
    """TEXT as a string of xl.cfg, in either quote, control characters as escapes or as they are."""
    mark = random_.choice('"\'')
    escapes = {'\n': '\\n', '\r': '\\r', '\v': '\\v', '\f': '\\f', '\\': '\\\\', mark: '\\' + mark}
    if random_.random() < 0.5:
        escapes['\t'] = '\\t'
    return mark + ''.join(escapes.get(letter, letter) for letter in text) + mark


def pick_file(random_):
    entries = [pick_entry(random_) for _ in range(random_.choice([1, 1, 1, 2, 3]))]
    between = random_.choice([', ', ',', ' ,\n  ', ', # next\n'])
    end = random_.choice(['', ',', ' ', '\n', ' # that was all\n'])
    first = random_.choice([''] * 6 + ['channel = [ "connection=pty,name=before" ]\n'])
    assign = random_.choice(['=', '=', '=', '+='])
    return entries, f'{HEAD}{first}channel {assign} [{between.join(quote(random_, entry) for entry in entries)}{end}]\n'


def pairs_of(entries):
    for entry in entries:
        for item in filter(None, entry.split(',')):
            key, equals, value = item.partition('=')
            yield key.strip(' \t\n\v\f\r'), value.strip(' \t\n\v\f\r') if equals else None


def crashes_xl(entries):
    """xl 4.17 falls over an entry without anything between its commas: there is no judgement, and we refuse it."""
    return any(not entry.strip(',') for entry in entries)


def convert(command, inputs, folder, ending):
    """Converts all of INPUTS by one run into FOLDER: a list of (whether it was, what was said of it)."""
    run = tap.Run([command, '-j', '2', '--output-dir', folder, *inputs])
    said = {path: '' for path in inputs}
    for line in run.err.splitlines(keepends=True):
        said[line.partition(':')[0]] += line
    tap.ok(run.status in (0, 1), f'{command} ends well', run.told())
    return [(os.path.exists(f'{folder}/{os.path.basename(path)[:-4]}{ending}'), said[path]) for path in inputs]


def judge_file(i, entries, original, back, there, again):
    title = f'{SEED} {i}: {entries}'
    (is_taken, said), (is_back, said_back) = there, again
    if crashes_xl(entries) or not isinstance(original, dict):
        tap.ok(not is_taken and ': error: ' in said, f'{title}: is refused', f'{original}\n{said}')
    elif not is_taken:
        tap.ok(False, f'{title}: is taken, as by xl', said)
    elif not is_back:
        tap.ok(False, f'{title}: comes back', said_back)
    else:
        tap.ok(not (differences := judge.same(original, back)), f'{title}: means the same', differences)


def main():
    random_ = random.Random(SEED)
    with tempfile.TemporaryDirectory() as scratch:
        files = [pick_file(random_) for _ in range(NUMBER)]
        for i, (_, text) in enumerate(files):
            with open(f'{scratch}/{i}.cfg', 'w', encoding='utf-8', newline='') as file:
                file.write(text)
        there = convert('from-xl', [f'{scratch}/{i}.cfg' for i in range(NUMBER)], f'{scratch}/xml', '.xml')
        good = [i for i in range(NUMBER) if there[i][0]]
        again = dict(zip(good, convert('to-xl', [f'{scratch}/xml/{i}.xml' for i in good], f'{scratch}/back', '.cfg')))
        back = [i for i in good if again[i][0]]
        originals = judge.meanings([f'{scratch}/{i}.cfg' for i in range(NUMBER)])
        backs = dict(zip(back, judge.meanings([f'{scratch}/back/{i}.cfg' for i in back])))
        for i, (entries, _) in enumerate(files):
            judge_file(i, entries, originals[i], backs.get(i), there[i], again.get(i, (False, '')))
        tap.ok(len(back) > NUMBER // 4, 'a good part of them comes back', f'{len(back)} of {NUMBER} did')
    tap.finish()


if __name__ == '__main__':
    if len(sys.argv) > 1:
        SEED = sys.argv[1]
    if len(sys.argv) > 2:
        NUMBER = int(sys.argv[2])
    os.environ.setdefault('LC_ALL', 'C.UTF-8')
    main()
