#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every option of the option table, in a minimal guest of every type it means something for, with every kind of value
that it takes: converted to domain XML and back, it must mean the same to the real xl.

The values come from the option's type, range and words; lists and other grammars from tests/samples/OPTION.txt, one
fragment of xl.cfg a line ('#' begins a comment line):

  [hvm] boot = "dc"                      for these types of guests only
  altp2mhvm = 1 => altp2m = "mixed"      the way back is in today's spelling, which xl prints otherwise

An option that the judge's xl is too old for comes back in the same words.

`test_options.py OPTION...` tests these only.
"""
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import tap
from judge import meaning as judge

SAMPLES = os.path.join(tap.SOURCE, 'tests', 'samples')
BASE = {
    'pv': {'name': '"guest"', 'type': '"pv"', 'memory': '256', 'kernel': '"/boot/vmlinuz"'},
    'pvh': {'name': '"guest"', 'type': '"pvh"', 'memory': '256', 'kernel': '"/boot/vmlinuz"'},
    'hvm': {'name': '"guest"', 'type': '"hvm"', 'memory': '256'},
}
LARGEST = 2 ** 31 - 1


class Case:
    """One option with one value in one guest."""

    def __init__(self, number, option, guest, fragment, today):
        self.option, self.guest, self.fragment = option, guest, fragment
        self.stem = f'{number:05}'
        self.title = f'{option["key"]}: {guest}: {fragment}' + (f' => {today}' if today else '')
        self.text = guest_text(guest, fragment)
        self.today = guest_text(guest, today) if today else None


def guest_text(guest, fragment):
    lines = [f'{key} = {value}' for key, value in BASE[guest].items()
             if not re.search(rf'(^|[;\s]){key}\s*=', fragment)]
    return '\n'.join(lines + [fragment, ''])


def options():
    run = tap.Run(['options', '--json'])
    wanted = set(sys.argv[1:])
    return [option for option in json.loads(run.out) if not wanted or option['key'] in wanted]


# ---- the values -------------------------------------------------------------------------------------------------

def numbers(option):
    low, high = option['minimum'], option['maximum']
    return sorted({min(max(number, low), high) for number in (low if low > -LARGEST else 0, 1, 7, min(high, LARGEST))})


def values(option):
    """The kinds of values that an option of this type takes; none if only samples can tell."""
    words = [f'"{word}"' for word in option.get('words', [])]
    return {
        'string': ['"a"', '"with blank, \'quote\' and <&>"'],
        'number': [str(number) for number in numbers(option)] + [f'"{numbers(option)[-1]}"', hex(numbers(option)[-1])],
        'boolean': ['0', '1', '"1"', '2'],
        'word': words,
        'word or number': words + [str(i) for i in range(len(words))],
        'list': [],
        'string or list': [],
        'lists': [],
    }[option['type']]


def read_samples(path):
    """(types of guests or None, fragment, today's spelling or None) of each line."""
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                types, fragment = re.fullmatch(r'(?:\[([a-z ]+)\] )?(.*)\n', line).groups()
                fragment, _, today = fragment.partition(' => ')
                yield types.split() if types else None, fragment, today or None


def fragments(option, guest):
    path = f'{SAMPLES}/{option["key"]}.txt'
    if os.path.exists(path):
        return [(fragment, today) for types, fragment, today in read_samples(path) if not types or guest in types]
    return [(f'{option["key"]} = {value}', None) for value in values(option)]


def all_cases():
    cases = []
    for option in options():
        own = [(guest, *found) for guest in option['guests'].split() for found in fragments(option, guest)]
        for guest in option['guests'].split():
            if not any(own_guest == guest for own_guest, *_ in own):
                tap.ok(False, f'{option["key"]}: {guest}: has a proof', f'tests/samples/{option["key"]}.txt has none')
        cases += [Case(len(cases) + i, option, *found) for i, found in enumerate(own)]
    return cases


# ---- converting -------------------------------------------------------------------------------------------------

def convert_all(command, folder, ending, target):
    """What virtxl said: stem -> lines."""
    files = sorted(glob.glob(f'{folder}/*{ending}'))
    said = {}
    for i in range(0, len(files), 500):
        run = subprocess.run(shlex.split(os.environ.get('VIRTXL', 'virtxl')) + [command, '--output-dir', target] +
                             files[i:i + 500], capture_output=True, text=True, errors='backslashreplace', check=False)
        for line in run.stderr.splitlines():
            found = re.search(r'(\d{5})\.', line)
            said.setdefault(found[1] if found else None, []).append(line)
    return said


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def read(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        return file.read()


# ---- judging ----------------------------------------------------------------------------------------------------

def too_new(option):
    version = re.search(r'xen-(\d+)\.(\d+)', judge.xl_path())
    since = option.get('since')
    return bool(since and version and [int(part) for part in since.split('.')] > [int(part) for part in version.groups()])


def tokens(text, key):
    """The value of KEY in TEXT, as a list of its words and numbers."""
    found = re.search(rf'^{key}\s*=\s*(\[.*?\]|.*?)$', text, re.M | re.S)
    return [word or str(int(number, 0)) for word, number in
            re.findall(r'["\']([^"\']*)["\']|\b(0x[0-9a-f]+|\d+)\b', found[1])] if found else None


def judge_text(case, back):
    key = case.option['key']
    wanted, got = tokens(case.text, key), tokens(back, key)
    return [] if wanted == got else [f'{wanted} became {got}']


def judge_all(cases, folder):
    """For each case, how its meaning has changed: stem -> lines."""
    changes, judged = {}, []
    for case in cases:
        path = f'{folder}/back/{case.stem}.cfg'
        if not os.path.exists(path):
            changes[case.stem] = ['there is no way back']
        elif too_new(case.option):
            changes[case.stem] = judge_text(case, read(path))
        else:
            judged.append(case)
    originals = judge.meanings([f'{folder}/{"today" if case.today else "given"}/{case.stem}.cfg' for case in judged])
    backs = judge.meanings([f'{folder}/back/{case.stem}.cfg' for case in judged])
    for case, original, back in zip(judged, originals, backs):
        refused = isinstance(original, judge.Rejected)
        changes[case.stem] = [f'xl refuses the sample: {original}'] if refused else judge.same(original, back)
    return changes


def main():
    cases = all_cases()
    with tempfile.TemporaryDirectory() as folder:
        for name in ('given', 'today', 'xml', 'back', 'again'):
            os.mkdir(f'{folder}/{name}')
        for case in cases:
            write(f'{folder}/given/{case.stem}.cfg', case.text)
            if case.today:
                write(f'{folder}/today/{case.stem}.cfg', case.today)
        said = convert_all('from-xl', f'{folder}/given', '.cfg', f'{folder}/xml')
        for stem, lines in convert_all('to-xl', f'{folder}/xml', '.xml', f'{folder}/back').items():
            said.setdefault(stem, []).extend(lines)
        changes = judge_all(cases, folder)
        for case in cases:
            tap.ok(not changes[case.stem], case.title, changes[case.stem] + said.get(case.stem, []))
    print(f'# the same {sum(not changes[case.stem] for case in cases)} of {len(cases)}')
    tap.finish()


if __name__ == '__main__':
    main()
