#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtxl under valgrind, over every pair and every refused file: no bad access, no use of what was never set, no leak.

One run converts many files (each start of valgrind costs a second), so a test point is a command and a folder.
"""
import glob
import os
import subprocess
import tempfile

import tap

LOG = 'valgrind.log'
VALGRIND = ['valgrind', '--quiet', '--error-exitcode=99', '--leak-check=full', '--show-leak-kinds=definite,indirect',
            '--errors-for-leak-kinds=definite,indirect', f'--log-file={LOG}']


def test(command, folder, end):
    files = sorted(glob.glob(os.path.join(tap.SOURCE, 'tests', folder, '*' + end)))
    if not files:
        return
    with tempfile.TemporaryDirectory() as scratch:
        # G_SLICE is GLib's own advice for valgrind: no allocator between it and the program.
        done = subprocess.run([*VALGRIND, os.environ['VIRTXL'], *command, *files], cwd=scratch, check=False,
                              env={**os.environ, 'G_SLICE': 'always-malloc'},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(scratch, LOG), encoding='utf-8', errors='replace') as log:
            said = log.read()
    tap.ok(done.returncode in (0, 1) and not said, f'{" ".join(command)} tests/{folder}/*{end} ({len(files)} files)',
           f'exit status {done.returncode}\n{said[:20000]}')


def main():
    # Built without libxl, virtxl has no JSON.
    has_json = 'to-json' in subprocess.run([os.environ['VIRTXL'], '--list-commands'], capture_output=True, text=True,
                                           check=True).stdout.split()
    for folder in ('xlconfigdata', 'refused'):
        test(['from-xl', '--output-dir', '.'], folder, '.cfg')
        test(['to-xl', '--output-dir', '.'], folder, '.xml')
        test(['check'], folder, '.cfg')
        test(['check'], folder, '.xml')
        if has_json:
            test(['to-json', '--output-dir', '.'], folder, '.cfg')
            test(['to-json', '--output-dir', '.'], folder, '.xml')
    if has_json:
        test(['from-json', '--output-dir', '.'], 'libxldata', '.json')
    tap.finish()


if __name__ == '__main__':
    main()
