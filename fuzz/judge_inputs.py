#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The differential half of the fuzz target xlcfg.

judge_inputs.py --seeds FOLDER: writes a guest with each fragment of tests/test_options.py into FOLDER, for a beginning.

judge_inputs.py FOLDER...:

The inputs of FOLDERs, each of which reaches other code of our reader, go to domain XML and back, and the real xl says
whether they still mean the same. Most lack what xl asks of every guest, so each is judged a second time behind the four
lines of an ordinary one. Prints test points; what differs is copied to build-fuzz/found/xl-*.cfg and belongs, once it is
mended, into tests/found/.

If there are more than VIRTXL_FUZZ_JUDGED, as many are drawn by VIRTXL_FUZZ_SEED; with 0 or less, all are judged. VIRTXL names
the program.
"""
import glob
import os
import random
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tests'))
import tap  # noqa: E402
import test_options  # noqa: E402
from judge import round as judge_round  # noqa: E402

COUNT = int(os.environ.get('VIRTXL_FUZZ_JUDGED', '0'))
SEED = int(os.environ.get('VIRTXL_FUZZ_SEED', '1'))
FOUND = 'build-fuzz/found'
IN_FRONT = ['name = "guest"\ntype = "pv"\nmemory = 256\nkernel = "/boot/vmlinuz"\n',
            'name = "guest"\ntype = "pvh"\nmemory = 256\nkernel = "/boot/vmlinuz"\n',
            'name = "guest"\ntype = "hvm"\nmemory = 256\nvcpus = 2\n']


def inputs(folders):
    paths = sorted(path for folder in folders for path in glob.glob(f'{folder}/*') if os.path.isfile(path))
    if 0 < COUNT < len(paths):
        paths = sorted((random.Random(SEED) if SEED else random).sample(paths, COUNT))
    return paths


def write_all(paths, folder):
    for number, path in enumerate(paths):
        with open(path, 'rb') as file:
            text = file.read()
        for turn, before in enumerate(['', IN_FRONT[number % len(IN_FRONT)]]):
            target = f'{folder}/{number:05}-{turn}-{os.path.basename(path)[:12]}.cfg'
            with open(target, 'wb') as file:
                file.write(before.encode() + text)
            yield target


def write_seeds(folder):
    os.makedirs(folder, exist_ok=True)
    texts = {test_options.guest_text(guest, text) for option in test_options.options()
             for guest in option['guests'].split() for text, *_ in test_options.fragments(option, guest)}
    for number, text in enumerate(sorted(texts)):
        with open(f'{folder}/{number:05}.cfg', 'w', encoding='utf-8') as file:
            file.write(text)


def main():
    if sys.argv[1:2] == ['--seeds']:
        folder = sys.argv.pop()
        del sys.argv[1:]
        write_seeds(folder)
        return
    paths = inputs(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        for name in ('given', 'work'):
            os.mkdir(f'{folder}/{name}')
        verdicts = judge_round.judge_files(list(write_all(paths, f'{folder}/given')), f'{folder}/work')
        wrong = [verdict for verdict in verdicts if verdict.lines]
        for verdict in wrong:
            os.makedirs(FOUND, exist_ok=True)
            kept = f'{FOUND}/xl-{os.path.basename(verdict.path)}'
            shutil.copy(verdict.path, kept)
            tap.ok(False, f'fuzz xlcfg: {kept} means the same to xl', verdict.lines)
        tap.ok(not wrong, f'fuzz xlcfg: what xl takes of {len(verdicts)} inputs means the same when it comes back')
        tap.ok(any(verdict.taken for verdict in verdicts), 'fuzz xlcfg: xl takes some of them',
               {str(verdict.xl_said) for verdict in verdicts})
        for line in judge_round.summary(verdicts):
            print(f'# {line}')
    tap.finish()


if __name__ == '__main__':
    main()
