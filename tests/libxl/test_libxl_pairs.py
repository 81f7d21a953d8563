#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every tests/libxldata/NAME.xml + NAME.json: what domain XML says and xl.cfg cannot.

  - to-json of NAME.xml is NAME.json, to the letter;
  - from-json of NAME.json is NAME.xml again, or NAME.back.xml where libxl is told something else than the XML says (a
    path that was chosen, a virtio channel that became one of Xen's).

`test_libxl_pairs.py NAME...` tests these only; with --write first, NAME.json is written by the current build.
"""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402

FOLDER = os.path.join(tap.SOURCE, 'tests', 'libxldata')
TO_JSON = ['to-json', '--host-cpus', '8', '--host-nodes', '2']


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def names(wanted):
    stems = {os.path.basename(path).partition('.')[0] for path in glob.glob(f'{FOLDER}/*')}
    return sorted(stems.intersection(wanted) if wanted else stems)


def main(arguments):
    writing = arguments[:1] == ['--write']
    stems = names(arguments[writing:])
    runs = tap.run_all({name: ([*TO_JSON, f'{name}.xml'], FOLDER) for name in stems})
    for name, run in runs.items():
        if writing:
            with open(f'{FOLDER}/{name}.json', 'w', encoding='utf-8') as file:
                file.write(run.out)
        tap.equal(run.out, text_of(f'{FOLDER}/{name}.json'), f'{name}: to-json', f'{name}.json')
        tap.ok(run.status == 0, f'{name}: to-json succeeds', run.told())
    for name, run in tap.run_all({name: (['from-json', f'{name}.json'], FOLDER) for name in stems}).items():
        back = f'{name}.back.xml' if os.path.exists(f'{FOLDER}/{name}.back.xml') else f'{name}.xml'
        tap.equal(run.out, text_of(f'{FOLDER}/{back}'), f'{name}: from-json', back)
        tap.equal(run.err, '', f'{name}: from-json has nothing to say', 'nothing')
    tap.finish()


if __name__ == '__main__':
    main(sys.argv[1:])
