#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every option of the option table, in a minimal guest of every type it means something for, with every kind of value
that it takes: converted to domain XML and back, it must mean the same to the real xl.

The values come from the option's type, range and words; lists and other grammars from tests/samples/OPTION.txt, one
fragment of xl.cfg a line ('#' begins a comment line):

  [hvm] boot = "dc"                      for these types of guests only
  stdvga = 1 => vga = "stdvga"           the way back is in today's spelling, which xl prints otherwise
  since 4.19: p9 = [ ... ]               a value that is newer than its option

What the judge's xl is too old for comes back in the same words.

To spare thousands of runs of xl, options that are carried and have no samples are judged many in one guest, each with
its n-th value; where such a guest changes, its options are judged one by one.

`test_options.py OPTION...` tests these only.
"""
import glob
import json
import os
import re
import sys
import tempfile

import tap
from judge import meaning as judge
from judge.round import convert_all, too_new

MANUAL = '/usr/share/man/man5/xl.cfg.5.gz'
SAMPLES = os.path.join(tap.SOURCE, 'tests', 'samples')
BASE = {
    'pv': {'name': '"guest"', 'type': '"pv"', 'memory': '256', 'kernel': '"/boot/vmlinuz"'},
    'pvh': {'name': '"guest"', 'type': '"pvh"', 'memory': '256', 'kernel': '"/boot/vmlinuz"'},
    'hvm': {'name': '"guest"', 'type': '"hvm"', 'memory': '256'},
}
LARGEST = 2 ** 31 - 1
# What libvirt's converter writes, as xm had it, and xl takes no notice of.
NOT_LOOKED_UP = {'parallel'}
# Options that xl refuses for guests of other types.
REFUSED_ELSEWHERE = {'timer_mode'}


class Case:
    """One option with one value in one guest."""

    def __init__(self, number, option, guest, turn, fragment, today, since):
        option = dict(option, since=since) if since else option
        self.option, self.guest, self.turn, self.fragment = option, guest, turn, fragment
        self.stem = f'{number:05}'
        self.title = f'{option["key"]}: {guest}: {fragment}' + (f' => {today}' if today else '')
        self.text = guest_text(guest, fragment)
        self.today = guest_text(guest, today) if today else None

    def can_be_shared(self):
        return self.option['fate'] == 'carried' and not has_samples(self.option) and not too_new(self.option)


class Shared:
    """Many options in one guest, each with its value of one turn."""

    def __init__(self, number, guest, cases):
        self.cases, self.stem, self.today = cases, f'{90000 + number}', None
        self.text = guest_text(guest, '\n'.join(case.fragment for case in cases))


def share(cases):
    groups = {}
    for case in cases:
        if case.can_be_shared():
            groups.setdefault((case.guest, case.turn), []).append(case)
    return [Shared(i, guest, group) for i, ((guest, _), group) in enumerate(groups.items())]


def guest_text(guest, fragment):
    said = set(re.findall(r'(?:^|; )(\w+) =', fragment))
    if guest != 'hvm' and 'firmware' in said:  # it stands in for the kernel
        said.add('kernel')
    lines = [f'{key} = {value}' for key, value in BASE[guest].items() if key not in said]
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
    """(types of guests or None, fragment, today's spelling or None, release or None) of each line."""
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                types, since, fragment = re.fullmatch(r'(?:\[([a-z ]+)\] )?(?:since ([0-9.]+): )?(.*)\n', line).groups()
                fragment, _, today = fragment.partition(' => ')
                yield types.split() if types else None, fragment, today or None, since


def has_samples(option):
    return os.path.exists(f'{SAMPLES}/{option["key"]}.txt')


def fragments(option, guest):
    path = f'{SAMPLES}/{option["key"]}.txt'
    if has_samples(option):
        return [found for types, *found in read_samples(path) if not types or guest in types]
    return [(f'{option["key"]} = {value}', None, None) for value in values(option)]


def all_cases():
    cases = []
    for option in options():
        own = [(guest, turn, *found) for guest in option['guests'].split()
               for turn, found in enumerate(fragments(option, guest))]
        for guest in option['guests'].split():
            if not any(own_guest == guest for own_guest, *_ in own):
                tap.ok(False, f'{option["key"]}: {guest}: has a proof', f'tests/samples/{option["key"]}.txt has none')
        cases += [Case(len(cases) + i, option, *found) for i, found in enumerate(own)]
    return cases


# ---- converting -------------------------------------------------------------------------------------------------

def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def read(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        return file.read()


# ---- judging ----------------------------------------------------------------------------------------------------

def tokens(text, key):
    """The value of KEY in TEXT, as a list of its words and numbers."""
    found = re.search(rf'^{key}\s*=\s*(\[.*?\]|.*?)$', text, re.M | re.S)
    return [str(int(number, 0)) if number else word for word, number in
            re.findall(r'["\']([^"\']*)["\']|\b(0x[0-9a-f]+|\d+)\b', found[1])] if found else None


def judge_text(case, back):
    key = case.option['key']
    wanted, got = tokens(case.text, key), tokens(back, key)
    if case.option['type'] == 'boolean':
        wanted = [str(int(int(word) != 0)) for word in wanted]
    return [] if wanted == got else [f'{wanted} became {got}']


def judge_pairs(cases, folder):
    """For each of CASES (or Shareds), how xl says that the meaning has changed: stem -> lines."""
    originals = judge.meanings([f'{folder}/{"today" if case.today else "given"}/{case.stem}.cfg' for case in cases])
    backs = judge.meanings([f'{folder}/back/{case.stem}.cfg' for case in cases])
    return {case.stem: [f'xl refuses the sample: {original}'] if isinstance(original, judge.Rejected)
            else judge.same(original, back) for case, original, back in zip(cases, originals, backs)}


def judge_all(cases, shared, folder):
    """For each case, how its meaning has changed: stem -> lines."""
    changes = {case.stem: ['there is no way back'] for case in cases}
    there = {os.path.splitext(name)[0] for name in os.listdir(f'{folder}/back')}
    changes.update({case.stem: judge_text(case, read(f'{folder}/back/{case.stem}.cfg')) for case in cases
                    if case.stem in there and too_new(case.option)})
    found = judge_pairs([group for group in shared if group.stem in there], folder)
    proven = {case.stem for group in shared if not found.get(group.stem, True) for case in group.cases
              if case.stem in there and not judge_text(case, read(f'{folder}/back/{case.stem}.cfg'))}
    changes.update({stem: [] for stem in proven})
    changes.update(judge_pairs([case for case in cases if case.stem in there - proven and not too_new(case.option)],
                               folder))
    return changes


def check_manual():
    """`virtxl options --check` finds no option of the manual that the table lacks, and one that it has not."""
    if not os.path.exists(MANUAL):
        return tap.skip('the manual', f'there is no {MANUAL}')
    run = tap.Run(['options', '--check'])
    tap.ok(run.status == 0 and run.out == '', 'every option of xl.cfg(5) is in the table', run.out + run.told())
    with tempfile.NamedTemporaryFile('w', suffix='.5') as manual:
        manual.write('.IP "\\fBname=NAME\\fR" 4\n.IP "\\fBwings=NUMBER\\fR" 4\n.RS 4\n.IP "\\fBspan=M\\fR" 4\n.RE\n')
        manual.flush()
        run = tap.Run(['options', '--check', '--manual', manual.name])
        tap.ok(run.status == 1 and run.out == 'wings\n', 'an option that the table lacks is found', run.out + run.told())
    return None


def check_elsewhere():
    """Options in a guest of a type for which they mean nothing are kept, or refused as xl does; all in one guest."""
    for guest in BASE:
        others = [option for option in options() if guest not in option['guests'].split() and not too_new(option)]
        kept, refused = [], []
        for option in others:
            fragment, _, _ = fragments(option, option['guests'].split()[0])[0]
            (refused if option['key'] in REFUSED_ELSEWHERE else kept).append(fragment)
        with tempfile.TemporaryDirectory() as folder:
            write(f'{folder}/given.cfg', guest_text(guest, '\n'.join(kept)))
            there = tap.Run(['from-xl', 'given.cfg', '-o', 'there.xml'], folder)
            back = tap.Run(['to-xl', 'there.xml', '-o', 'back.cfg'], folder)
            differences = judge.same(*judge.meanings([f'{folder}/given.cfg', f'{folder}/back.cfg'])) if back.status == 0 \
                else [there.told(), back.told()]
            tap.ok(kept and not differences and there.err.count('it is kept') == len(others) - len(refused),
                   f'{guest}: {len(kept)} options of other guests are kept', differences or there.told())
            for fragment in refused:
                write(f'{folder}/refused.cfg', guest_text(guest, fragment))
                run = tap.Run(['from-xl', 'refused.cfg'], folder)
                tap.ok(run.status == 1 and isinstance(judge.meaning(f'{folder}/refused.cfg'), judge.Rejected),
                       f'{guest}: {fragment} is refused, as by xl', run.told())


def check_xl():
    """What the real xl looks up in any of many guests is in the table, and all of the table that it is not too old for is
    looked up: one side is what xl reads beyond its manual, the other what it reads no more."""
    paths = sorted(glob.glob(f'{tap.SOURCE}/tests/xlconfigdata/guest-*.cfg'))
    looked_up = set().union(*(judge.keys_looked_up(path) for path in paths))
    table = {option['key']: option for option in options()}
    lacks = sorted(looked_up - set(table))
    tap.ok(looked_up and not lacks, f'each of the {len(looked_up)} keys that xl looks up is in the table', lacks)
    unread = sorted(key for key, option in table.items()
                    if key not in looked_up and not too_new(option) and key not in NOT_LOOKED_UP)
    tap.ok(not unread, 'xl looks up every key of the table that it is not too old for', unread)


def main():
    if not sys.argv[1:]:
        check_manual()
        check_xl()
        check_elsewhere()
    cases = all_cases()
    shared = share(cases)
    with tempfile.TemporaryDirectory() as folder:
        for name in ('given', 'today', 'xml', 'back'):
            os.mkdir(f'{folder}/{name}')
        for case in cases + shared:
            write(f'{folder}/given/{case.stem}.cfg', case.text)
            if case.today:
                write(f'{folder}/today/{case.stem}.cfg', case.today)
        said = convert_all('from-xl', f'{folder}/given', '.cfg', f'{folder}/xml')
        for stem, lines in convert_all('to-xl', f'{folder}/xml', '.xml', f'{folder}/back').items():
            said.setdefault(stem, []).extend(lines)
        changes = judge_all(cases, shared, folder)
        for case in cases:
            tap.ok(not changes[case.stem], case.title, changes[case.stem] + said.get(case.stem, []))
    print(f'# the same {sum(not changes[case.stem] for case in cases)} of {len(cases)}')
    tap.finish()


if __name__ == '__main__':
    main()
