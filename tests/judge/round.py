# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files on the way to domain XML and back, with the real xl as judge of whether they still mean the same."""
import json
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

# What is refused although xl takes it, because no libvirt domain can be made of it: what virtxl says, and why.
REFUSED = [
    (r"the domain's name is", 'a libvirt domain has a name, in UTF-8, and no slash in it'),
    (r"p9 has no value behind|p9 has .* where a key=value belongs|connection of channel is '.*=.*'|"
     r"channel has a '=' without a key", 'xl takes it before 4.18, and later refuses it'),
    (r"of (the )?channel is .*, which holds a '='|of vnuma is '=", 'a slip: xl before 4.18 ends the value there, and later does not'),
    (r'bdf of pci is no address', 'xl reads the function of a PCI address without a dot wherever it happens to look'),
    (r'the p9 share lacks a key', 'no guest starts with it: libxl writes all three to xenstore'),
    (r'connectors of vdispl is', 'xl makes a connector of no size of one that begins with no number, and forgets the rest'),
    (r"type of virtio ends behind 'virtio'", 'xl reads on behind the end of the entry, and may crash'),
    (r'mac of vif is .*: write six', 'xl reads on behind the end of an address that is too short'),
    (r'size of vnuma is .* write a number up to', 'more memory than a libvirt domain can have'),
]


NEWER = 'the xl at hand knows nothing of the option, and a newer one refuses the value'


class Verdict:
    """What became of one file. `taken`: whether xl takes it; `lines`: what is wrong, none if nothing is; `refused`: the
    reason in REFUSED why virtxl does not take what xl takes; `xl_said`: why xl does not take what virtxl does, which is
    no fault, as xl looks at its host, too."""

    def __init__(self, path, taken):
        self.path, self.taken, self.lines, self.refused, self.xl_said = path, taken, [], None, None


def too_new(option):
    """Whether OPTION (of virtxl options --json) is newer than the xl at hand."""
    version = re.search(r'xen-(\d+)\.(\d+)', judge.xl_path())
    since = option.get('since')
    return bool(since and version and [int(part) for part in since.split('.')] > [int(part) for part in version.groups()])


def all_refused():
    """REFUSED, and what is said of options that are too new."""
    newer = [re.escape(option['key']) for option in json.loads(tap.Run(['options', '--json']).out) if too_new(option)]
    return REFUSED + [(rf'error: .*\b({"|".join(newer)}) (has|is)\b', NEWER)]


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
    refused = all_refused()
    return [_verdict(path, answer, f'{folder}/back/{stem}.cfg', said.get(stem, []), refused)
            for path, stem, answer in zip(paths, stems, answers)]


def _verdict(path, answer, back, said, refused):
    verdict = Verdict(path, not isinstance(answer, (judge.Rejected, judge.Crashed)))
    if not verdict.taken:
        verdict.xl_said = answer if os.path.exists(back) else None
        return verdict
    if os.path.exists(back):
        verdict.lines = judge.same(answer, judge.meaning(back))
    else:
        verdict.refused = next((why for pattern, why in refused for line in said if re.search(pattern, line)), None)
        verdict.lines = [] if verdict.refused else ['xl takes it and virtxl does not']
    if verdict.lines:
        verdict.lines += said + _text(path).splitlines()
    return verdict


def _text(path):
    with open(path, encoding='utf-8', errors='backslashreplace') as file:
        return file.read()


def summary(verdicts):
    """Lines about VERDICTS."""
    n_taken = sum(verdict.taken for verdict in verdicts)
    n_same = sum(verdict.taken and not verdict.lines and not verdict.refused for verdict in verdicts)
    yield f'xl takes {n_taken} of {len(verdicts)} files; {n_same} of these come back meaning the same'
    for why in [why for _, why in REFUSED] + [NEWER]:
        n_refused = sum(verdict.refused == why for verdict in verdicts)
        if n_refused:
            yield f'{n_refused} are refused: {why}'
    yield f'{sum(verdict.xl_said is not None for verdict in verdicts)} that xl does not take are converted'
