# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files on the way to domain XML and back, with the real xl as judge of whether they still mean the same."""
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from judge import meaning as judge  # noqa: E402

# Files that one run of virtxl gets.
AT_ONCE = 500

# Where xl 4.17 reads on behind the end of a string, what it makes of the same text differs from run to run: what virtxl
# says of it, and what may then differ.
UNDEFINED = [(r'mac of vif is', r'nics\[\d+\]\.mac: '), (r'bdf of pci is no address', r'pcidevs')]


class Verdict:
    """What became of one file. `taken`: whether xl takes it; `lines`: what is wrong, none if nothing is; `xl_said`: why xl
    does not take what virtxl does, which is no fault, as xl looks at its host, too."""

    def __init__(self, path, taken):
        self.path, self.taken, self.lines, self.xl_said = path, taken, [], None


def too_new(option):
    """Whether OPTION (of virtxl options --json) is newer than the xl at hand."""
    version = re.search(r'xen-(\d+)\.(\d+)', judge.xl_path())
    since = option.get('since')
    return bool(since and version and [int(part) for part in since.split('.')] > [int(part) for part in version.groups()])


def convert_all(command, folder, ending, target):
    """Converts every file of FOLDER into TARGET; what virtxl said: stem (five digits) -> lines. A virtxl that falls over
    fails a test point."""
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(ending))
    said = {}
    for i in range(0, len(paths), AT_ONCE):
        run = subprocess.run(shlex.split(os.environ.get('VIRTXL', 'virtxl')) + [command, '--output-dir', target] +
                             paths[i:i + AT_ONCE], capture_output=True, text=True, errors='backslashreplace', check=False)
        lines = run.stderr.splitlines()
        if run.returncode not in (0, 1, 2):
            tap.ok(False, f'virtxl {command} of {len(paths[i:i + AT_ONCE])} files from {paths[i]}',
                   [f'exit status {run.returncode}'] + lines[-40:])
        for line in lines:
            found = re.search(r'(\d{5})\.', line)
            said.setdefault(found[1] if found else None, []).append(line)
    return said


def judge_files(paths, folder):
    """A Verdict for each of PATHS, in their order; FOLDER is an empty one to work in."""
    for name in ('given', 'xml', 'back'):
        os.mkdir(f'{folder}/{name}')
    stems = [f'{number:05}' for number in range(len(paths))]
    for stem, path in zip(stems, paths):
        os.symlink(os.path.abspath(path), f'{folder}/given/{stem}.cfg')
    said = convert_all('from-xl', f'{folder}/given', '.cfg', f'{folder}/xml')
    for stem, lines in convert_all('to-xl', f'{folder}/xml', '.xml', f'{folder}/back').items():
        said.setdefault(stem, []).extend(lines)
    answers = judge.meanings([f'{folder}/given/{stem}.cfg' for stem in stems])
    return [_verdict(path, answer, f'{folder}/back/{stem}.cfg', said.get(stem, []))
            for path, stem, answer in zip(paths, stems, answers)]


def _verdict(path, answer, back, said):
    verdict = Verdict(path, not isinstance(answer, (judge.Rejected, judge.Crashed)))
    if not verdict.taken:
        verdict.xl_said = answer if os.path.exists(back) else None
        return verdict
    if os.path.exists(back):
        verdict.lines = [line for line in judge.same(answer, judge.meaning(back)) if not _is_undefined(line, said)]
    else:
        verdict.lines = ['xl takes it and virtxl does not']
    if verdict.lines:
        verdict.lines += said + _text(path).splitlines()
    return verdict


def _is_undefined(line, said):
    return any(re.match(what, line) and any(re.search(why, text) for text in said) for why, what in UNDEFINED)


def _text(path):
    with open(path, encoding='utf-8', errors='backslashreplace') as file:
        return file.read()


def summary(verdicts):
    """Lines about VERDICTS."""
    n_taken = sum(verdict.taken for verdict in verdicts)
    n_same = sum(verdict.taken and not verdict.lines for verdict in verdicts)
    yield f'xl takes {n_taken} of {len(verdicts)} files; {n_same} of these come back meaning the same'
    yield f'{sum(verdict.xl_said is not None for verdict in verdicts)} that xl does not take are converted'
