#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real files, found in public: test_corpus.py [FOLDER], by default $VIRTXL_CORPUS or ../shared/corpus, if there is one.

  - every .cfg that the real xl takes becomes XML and comes back meaning the same, apart from options about which
    virtxl printed a warning at the option's own place;
  - every .xml is refused with a diagnostic, or becomes an xl.cfg that xl takes.
"""
import glob
import os
import re
import sys
import tempfile

import tap
from judge import meaning as judge

TOKEN = re.compile(r'''
    (?P<comment> \#[^\n]* ) | (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' ) |
    (?P<open> \[ ) | (?P<close> \] ) | (?P<end> [\n;] ) | (?P<other> . )''', re.VERBOSE | re.DOTALL)


def statements(text):
    """Where each assignment of an xl.cfg begins and ends, as (begin, end) offsets; begin is where its key is."""
    depth, begin = 0, None
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == 'end' and depth == 0:
            if begin is not None:
                yield begin, token.start()
            begin = None
            continue
        depth += (kind == 'open') - (kind == 'close')
        if begin is None and kind != 'comment' and not token[0].isspace():
            begin = token.start()
    if begin is not None:
        yield begin, len(text)


def places(diagnostics):
    return {(int(match[1]), int(match[2])) for match in re.finditer(r'^.*?:(\d+):(\d+): warning: ', diagnostics, re.M)}


def without_warned(text, diagnostics):
    """TEXT less the assignments whose key a warning points at."""
    warned = places(diagnostics)
    for begin, end in reversed(list(statements(text))):
        line_start = text.rfind('\n', 0, begin) + 1
        if (text.count('\n', 0, begin) + 1, begin - line_start + 1) in warned:
            text = text[:begin] + text[end:]
    return text


def text_of(path):
    with open(path, encoding='utf-8', errors='surrogateescape', newline='') as file:
        return file.read()


def write(path, text):
    with open(path, 'w', encoding='utf-8', errors='surrogateescape', newline='') as file:
        file.write(text)
    return path


def test_cfg(path, scratch):
    name = os.path.basename(path)
    original = judge.meaning(path)
    if not isinstance(original, dict):
        return tap.skip(name, f'xl itself: {type(original).__name__}'.lower())
    there = tap.Run(['from-xl', path])
    if not tap.ok(there.status == 0, f'{name}: becomes XML', there.told()):
        return None
    back = tap.Run(['to-xl', write(f'{scratch}/there.xml', there.out)])
    if not tap.ok(back.status == 0, f'{name}: comes back', back.told()):
        return None
    came_back = judge.meaning(write(f'{scratch}/back.cfg', back.out))
    differences = judge.same(original, came_back)
    if differences:
        reduced = write(f'{scratch}/reduced.cfg', without_warned(text_of(path), there.err))
        differences = judge.same(judge.meaning(reduced), came_back)
    return tap.ok(not differences, f'{name}: means the same, warned options apart', differences)


def test_xml(path, scratch):
    name = os.path.basename(path)
    run = tap.Run(['to-xl', path])
    if run.status == 1:
        return tap.ok(': error: ' in run.err and not run.out, f'{name}: is refused with a reason', run.told())
    if not tap.ok(run.status == 0, f'{name}: becomes an xl.cfg', run.told()):
        return None
    answer = judge.meaning(write(f'{scratch}/of-xml.cfg', run.out))
    return tap.ok(isinstance(answer, dict), f'{name}: becomes an xl.cfg that xl takes', f'{answer}\n{run.out}')


def main():
    folder = (sys.argv[1:] + [os.environ.get('VIRTXL_CORPUS'), os.path.join(tap.SOURCE, '..', 'shared', 'corpus')])
    folder = next(name for name in folder if name)
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(glob.glob(f'{folder}/*.cfg')):
            test_cfg(path, scratch)
        for path in sorted(glob.glob(f'{folder}/*.xml')):
            test_xml(path, scratch)
    tap.finish()


if __name__ == '__main__':
    main()
