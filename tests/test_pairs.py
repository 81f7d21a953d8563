#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every pair tests/xlconfigdata/NAME.cfg + NAME.xml, both ways, with the real xl as judge of what a file means:

  - from-xl of NAME.cfg is NAME.xml, to the letter;
  - to-xl of NAME.xml means the same as NAME.cfg;
  - from-xl of what to-xl wrote is NAME.xml again;
  - NAME.xml is valid against the schema;
  - both conversions say nothing, or exactly the lines of NAME.warnings (those that begin with the file's name).

`test_pairs.py NAME...` tests these only.
"""
import glob
import os
import subprocess
import sys
import tempfile

import tap
from judge import meaning as judge

FOLDER = os.path.join(tap.SOURCE, 'tests', 'xlconfigdata')
SCHEMA = os.environ.get('VIRTXL_SCHEMA') or os.path.join(tap.SOURCE, 'docs', 'schemas', 'domain.rng')


def text_of(path):
    with open(path, encoding='utf-8', errors='surrogateescape', newline='') as file:
        return file.read()


def names():
    stems = {os.path.splitext(os.path.basename(path))[0] for path in
             glob.glob(f'{FOLDER}/*.cfg') + glob.glob(f'{FOLDER}/*.xml')}
    return sorted(stems.intersection(sys.argv[1:]) if sys.argv[1:] else stems)


def whole_pairs():
    pairs = []
    for name in names():
        missing = [end for end in ('.cfg', '.xml') if not os.path.exists(f'{FOLDER}/{name}{end}')]
        if tap.ok(not missing, f'{name}: is a pair', f'there is no {name}{"".join(missing)}'):
            pairs.append(name)
    return pairs


def convert(pairs, scratch):
    """All runs of virtxl: (NAME, what) -> Run; and for each NAME the way back as SCRATCH/NAME.cfg."""
    jobs = {}
    for name in pairs:
        jobs[name, 'from-xl'] = (['from-xl', f'{name}.cfg'], FOLDER)
        jobs[name, 'to-xl'] = (['to-xl', f'{name}.xml'], FOLDER)
        jobs[name, 'strict from-xl'] = (['from-xl', '--strict', f'{name}.cfg'], FOLDER)
        jobs[name, 'strict to-xl'] = (['to-xl', '--strict', f'{name}.xml'], FOLDER)
    runs = tap.run_all(jobs)
    for name in pairs:
        with open(f'{scratch}/{name}.cfg', 'w', encoding='utf-8', errors='surrogateescape', newline='') as file:
            file.write(runs[name, 'to-xl'].out)
    runs.update(tap.run_all({(name, 'again'): (['from-xl', f'{name}.cfg'], scratch) for name in pairs}))
    return runs


def test_texts(pairs, runs):
    for name in pairs:
        xml = text_of(f'{FOLDER}/{name}.xml')
        for what, title in (('from-xl', f'{name}: from-xl writes {name}.xml'),
                            ('again', f'{name}: from-xl of what to-xl writes is {name}.xml again')):
            run = runs[name, what]
            if run.status == 0:
                tap.equal(run.out, xml, title, f'{name}.xml')
            else:
                tap.ok(False, title, run.told())


def test_meanings(pairs, runs, scratch):
    answers = judge.meanings([f'{folder}/{name}.cfg' for name in pairs for folder in (FOLDER, scratch)])
    for i, name in enumerate(pairs):
        title = f'{name}: {name}.cfg and to-xl of {name}.xml mean the same'
        original, back = answers[2 * i:2 * i + 2]
        if runs[name, 'to-xl'].status != 0:
            tap.ok(False, title, runs[name, 'to-xl'].told())
        elif isinstance(original, judge.Rejected):
            tap.ok(False, title, f'xl refuses {name}.cfg, so it belongs in tests/refused: {original}')
        else:
            tap.ok(not (differences := judge.same(original, back)), title, differences)


def test_warnings(pairs, runs):
    for name in pairs:
        path = f'{FOLDER}/{name}.warnings'
        lines = text_of(path).splitlines(keepends=True) if os.path.exists(path) else []
        strays = [line for line in lines if not line.startswith((f'{name}.cfg:', f'{name}.xml:'))]
        if strays:
            tap.ok(False, f'{name}: {name}.warnings speaks of this pair only', strays)
        for command, source in (('from-xl', f'{name}.cfg'), ('to-xl', f'{name}.xml')):
            wanted = ''.join(line for line in lines if line.startswith(source + ':'))
            tap.equal(runs[name, command].err, wanted,
                      f'{name}: {command} {"warns as it should" if wanted else "has nothing to say"}', f'{name}.warnings')
            strict = runs[name, 'strict ' + command]
            tap.ok(strict.status == (1 if wanted else 0), f'{name}: {command} --strict', strict.told())


def test_schema(pairs):
    if not os.path.exists(SCHEMA):
        return tap.skip('the schema', f'there is no {os.path.basename(SCHEMA)}')
    files = [f'{FOLDER}/{name}.xml' for name in pairs]
    said = subprocess.run(['xmllint', '--noout', '--relaxng', SCHEMA, *files], capture_output=True, text=True,
                          errors='backslashreplace', check=False).stderr.splitlines()
    for name, path in zip(pairs, files):
        tap.ok(f'{path} validates' in said, f'{name}: {name}.xml is valid against the schema',
               [line for line in said if line.startswith(path)] or said[:5])
    return None


def main():
    pairs = whole_pairs()
    with tempfile.TemporaryDirectory() as scratch:
        runs = convert(pairs, scratch)
        test_texts(pairs, runs)
        test_meanings(pairs, runs, scratch)
    test_warnings(pairs, runs)
    if pairs:
        test_schema(pairs)
    tap.finish()


if __name__ == '__main__':
    main()
