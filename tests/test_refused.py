#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every tests/refused/NAME.expected: what virtxl says of a file that is wrong, word for word. It reads like a terminal:

  $ virtxl from-xl NAME.cfg
  NAME.cfg:3:12: error: what is wrong and what to write instead
  exit status 1

Any number of such commands, run in tests/refused; between the command and its exit status stand the diagnostics
exactly. A command that fails must print nothing else. An xl.cfg that is refused without --strict must be refused by
the real xl too (or crash it), unless a line says why not:

  # xl takes it: REASON

`test_refused.py --write [NAME...]` writes the .expected files anew from what virtxl says now, for a look at `git diff`;
a file without one gets the command that suits it.
"""
import glob
import os
import re
import shlex
import sys

import tap
from judge import meaning as judge

FOLDER = os.path.join(tap.SOURCE, 'tests', 'refused')
TAKEN = '# xl takes it: '


class Command:
    def __init__(self, line):
        self.line, self.diagnostics, self.status = line, '', None
        self.arguments = shlex.split(line)[1:]
        self.file = next((word for word in self.arguments if re.search(r'\.(cfg|xml)$', word)), None)

    def is_a_judgement(self):
        """Of an xl.cfg as such, not of what a conversion would lose."""
        options = [word for word in self.arguments if word.startswith('-')]
        return self.status == 1 and self.file.endswith('.cfg') and not options

    def __str__(self):
        return f'$ {self.line}\n{self.diagnostics}exit status {self.status}\n'


def read_expected(path):
    """The commands of the file PATH, and its comment lines."""
    commands, comments = [], []
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        for line in file:
            if line.startswith('$ '):
                commands.append(Command(line[2:].rstrip('\n')))
            elif line.startswith('#'):
                comments.append(line)
            elif match := re.fullmatch(r'exit status (\d+)\n', line):
                commands[-1].status = int(match[1])
            elif commands and commands[-1].status is None:
                commands[-1].diagnostics += line
            elif line.strip():
                sys.exit(f'{path}: "{line.strip()}" stands outside of any command')
    return commands, comments


def test_command(name, command):
    run = tap.Run(command.arguments, FOLDER)
    tap.equal(run.err + f'exit status {run.status}\n', command.diagnostics + f'exit status {command.status}\n',
              f'{name}: {command.line}', f'{name}.expected')
    if command.status != 0:
        tap.ok(run.out == '', f'{name}: {command.line} prints nothing else', run.out)


def test_judgement(name, commands, comments):
    judged = {command.file for command in commands if command.file and command.is_a_judgement()}
    taken = any(comment.startswith(TAKEN) for comment in comments)
    for file in sorted(judged):
        answer = judge.meaning(f'{FOLDER}/{file}')
        tap.ok(isinstance(answer, dict) == taken, f'{name}: xl {"takes" if taken else "refuses"} {file}',
               'xl takes it' if isinstance(answer, dict) else f'xl: {answer}')


def test(stems):
    inputs = {os.path.splitext(os.path.basename(path))[0] for end in ('cfg', 'xml')
              for path in glob.glob(f'{FOLDER}/*.{end}')}
    used = set()
    for name in stems:
        commands, comments = read_expected(f'{FOLDER}/{name}.expected')
        used.update(os.path.splitext(command.file)[0] for command in commands if command.file)
        tap.ok(commands and all(command.status is not None for command in commands), f'{name}.expected is complete')
        for command in commands:
            test_command(name, command)
        test_judgement(name, commands, comments)
    for name in sorted(inputs - used):
        tap.ok(False, f'{name} has a test', f'no .expected file names it; test_refused.py --write {name} makes one')


def write(stems):
    for path in sorted(glob.glob(f'{FOLDER}/*.cfg') + glob.glob(f'{FOLDER}/*.xml')):
        stem, end = os.path.splitext(os.path.basename(path))
        if stems and stem not in stems:
            continue
        expected = f'{FOLDER}/{stem}.expected'
        commands, comments = read_expected(expected) if os.path.exists(expected) else ([], [])
        commands = commands or [Command(f'virtxl {"from-xl" if end == ".cfg" else "to-xl"} {stem}{end}')]
        for command in commands:
            run = tap.Run(command.arguments, FOLDER)
            command.diagnostics, command.status = run.err, run.status
        with open(expected, 'w', encoding='utf-8', errors='surrogateescape') as file:
            file.write(''.join(comments) + '\n'.join(str(command) for command in commands))


def main():
    if sys.argv[1:2] == ['--write']:
        return write(sys.argv[2:])
    test(sorted(os.path.basename(path)[:-len('.expected')] for path in glob.glob(f'{FOLDER}/*.expected')))
    return tap.finish()


if __name__ == '__main__':
    main()
