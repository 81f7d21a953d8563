#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What virtxl tells libxl is what the real xl tells it.

  - For every tests/xlconfigdata/NAME.cfg, every example and every option in every guest that it is for (the cases of
    test_options.py), `virtxl to-json` prints the structure that the real xl prints for the same file; what EXCEPTED
    lists is left out of account, and what judge.DEFAULTS forgives.
  - The definition that `virtxl from-json` makes of that JSON is told to libxl as the same structure again.

`test_to_json.py OPTION...` tests these options only.
"""
import glob
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
import test_options  # noqa: E402
from judge import meaning as judge  # noqa: E402

# The host that xlshim.so shows to xl.
HOST = ['--host-cpus', '64', '--host-nodes', '4']
FILES_AT_ONCE = 500

# Where the two may differ, and why.
EXCEPTED = {
    'channels[].devid': 'xl gives its first channel the number of the primary console, so that it is never there; '
                        'left at -1, libxl numbers them behind it',
    'c_info.uuid': 'random where the file gives none',
    'b_info.type.hvm.ms_vm_genid': 'random',
}


# What a file may have in it that xl itself gets wrong, and how; such files go without a judgement.
XL_IS_WRONG = {
    r'\bnodes?:': 'xl 4.17 has room for as many CPUs of a NUMA node as the host has nodes, in whole bytes',
    r'(?m)^rdm\s*=.*policy=': 'xl takes a policy that is right for an error, and drops the whole option',
}


def without_excepted(node, path=''):
    if isinstance(node, list):
        return [without_excepted(item, path + '[]') for item in node]
    if not isinstance(node, dict):
        return node
    return {key: 'excepted' if here in EXCEPTED and here != 'channels[].devid' else without_excepted(value, here)
            for key, value in node.items() for here in [f'{path}.{key}' if path else key]
            if here != 'channels[].devid'}


def differences(wanted, got):
    return judge.same(without_excepted(wanted), without_excepted(got))


def write(path, text):
    with open(path, 'w', encoding='utf-8', errors='surrogateescape') as file:
        file.write(text)


def convert(arguments, paths, folder):
    """Runs virtxl over PATHS (title -> path); title -> path of the result, or None, and what was said of each."""
    os.mkdir(folder)
    targets = {title: f'{folder}/{os.path.splitext(os.path.basename(path))[0]}' for title, path in paths.items()}
    said, everything = {title: [] for title in paths}, []
    listed = list(paths.values())
    for i in range(0, len(listed), FILES_AT_ONCE):
        everything += tap.Run([*arguments, '--output-dir', folder, *listed[i:i + FILES_AT_ONCE]]).err.splitlines()
    titles = {path: title for title, path in paths.items()}
    for line in everything:
        path = line.partition(': ')[0].rstrip()
        while path not in titles and ':' in path:
            path = path.rpartition(':')[0]
        if path in titles:
            said[titles[path]].append(line)
        else:
            tap.ok(False, 'every line is about a file', line)
    ending = '.xml' if arguments[0] == 'from-json' else '.json'
    results = {title: target + ending for title, target in targets.items() if os.path.exists(target + ending)}
    return results, said


def structure(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        return json.load(file)


def given_files(folder):
    """Title -> path of a copy of every file, under a name of its own; and title -> path of what xl is asked about."""
    texts, in_todays_spelling = {}, {}
    if not sys.argv[1:]:
        for pattern in ('tests/xlconfigdata/*.cfg', 'examples/*.cfg'):
            for path in sorted(glob.glob(f'{tap.SOURCE}/{pattern}')):
                texts[os.path.relpath(path, tap.SOURCE)] = test_options.read(path)
    for option in test_options.options():
        for guest in option['guests'].split():
            for fragment, today, since in test_options.fragments(option, guest):
                if since: # a newer xl has words that this one refuses
                    continue
                title = f'{option["key"]}: {guest}: {fragment}'
                texts[title] = test_options.guest_text(guest, fragment)
                if today: # an older spelling, which has other words in xl's structure
                    in_todays_spelling[title] = test_options.guest_text(guest, today)
    files, judged = {}, {}
    for number, (title, text) in enumerate(texts.items()):
        files[title] = judged[title] = f'{folder}/{number:05}.cfg'
        write(files[title], text)
        if title in in_todays_spelling:
            judged[title] = f'{folder}/{number:05}.today.cfg'
            write(judged[title], in_todays_spelling[title])
    return files, judged


def test_to_json(files, judged, folder):
    """Title -> path of the JSON of those that are right; and what was said of each file."""
    answers = dict(zip(judged, judge.meanings(list(judged.values()))))
    results, said = convert(['to-json', *HOST], files, folder)
    good = {}
    for title, answer in answers.items():
        if any(re.search(pattern, test_options.read(files[title])) for pattern in XL_IS_WRONG):
            continue
        if isinstance(answer, (judge.Rejected, judge.Crashed)):
            continue # test_options.py asks why
        lines = differences(answer, structure(results[title])) if title in results else ['there is no JSON']
        if tap.ok(not lines, f'{title}: to-json is what xl prints', lines + said[title]):
            good[title] = results[title]
    return good, said


def test_back(files, warned, folder):
    back, said = convert(['from-json'], files, f'{folder}/back')
    again, said_again = convert(['to-json', *HOST], back, f'{folder}/again')
    for title, path in files.items():
        if title not in again and warned[title] and any(': error: ' in line for line in said_again[title]):
            continue # xl lets it pass; as XML it is refused, which has to do with the warnings of before
        lines = differences(structure(path), structure(again[title])) if title in again else ['there is no way back']
        tap.ok(not lines, f'{title}: the way back', lines + said[title] + said_again.get(title, []))


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f'{folder}/given')
        good, said = test_to_json(*given_files(f'{folder}/given'), f'{folder}/json')
        print(f'# {len(good)} structures are what xl prints')
        test_back(good, said, folder)
    tap.finish()


if __name__ == '__main__':
    main()
