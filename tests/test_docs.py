#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether the documentation is true, as far as a program can tell.

In pages (docs/*.html.in, built into VIRTXL_DOCS) and README.md:
- every example converts without an error: <pre class="xl"> and <pre class="xml">, whole files or parts of one
  (a few options, one device); class "wrong" is for examples that are meant to have problems;
- every session, <pre class="session"> or an indented block that begins with "$ virtxl", prints what stands there: run in
  a folder that has the examples with data-file= (README.md: in the source tree), first what it says on standard error;
- links lead somewhere, and pages are well-formed.

virtxl(1) names every command and option that --help does, and mandoc finds no fault with any manual page.

`test_docs.py --write` puts into the sessions of the sources what build/tools/virtxl says now, for a look at `git diff`.
"""
import glob
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

import tap

os.environ.setdefault('VIRTXL', f'{tap.SOURCE}/build/tools/virtxl')
os.environ.setdefault('VIRTXL_DOCS', f'{tap.SOURCE}/build/docs')
PAGES = sorted(glob.glob(f'{tap.SOURCE}/docs/*.html.in'))
TEXTS = [f'{tap.SOURCE}/README.md', f'{tap.SOURCE}/HACKING.md']
PAGE_SESSION = re.compile(r'(<pre class="session">\n)(.*?)(</pre>)', re.S)
PAGE_EXAMPLE = re.compile(r'<pre class="(xl|xml)( wrong)?"(?: data-file="([\w.-]+)")?>\n(.*?)</pre>', re.S)
TEXT_SESSION = re.compile(r'()((?:^    \$ virtxl .*\n(?:    .*\n|\n(?=    ))*))()', re.M)
WHOLE_XL = 'name = "example"\ntype = "pvh"\nmemory = 1024\nvcpus = 1\nkernel = "/k"\n'
WHOLE_XML = """<domain type='xen'><name>example</name><memory>1048576</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='xenpvh'>xenpvh</type><kernel>/k</kernel></os><devices>
%s</devices></domain>"""


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


class Example:
    def __init__(self, match):
        self.language, self.file = match[1], match[3]
        self.good, self.text = not match[2], html.unescape(match[4])

    def whole(self):
        if self.language == 'xl':
            return self.text if re.search('^name *=', self.text, re.M) else WHOLE_XL + self.text
        return self.text if '<domain' in self.text else WHOLE_XML % self.text


def run_session(text, folder):
    """The session TEXT as it would look now."""
    said = []
    for line in text.splitlines():
        if line.startswith('$ '):
            run = tap.Run(line.split()[2:], folder)
            said.append(f'{line}\n{run.err}{run.out}')
    return ''.join(said)


def sessions_now(path):
    """The source text at PATH with its sessions run anew."""
    text = read(path)
    if path.endswith('.md'):
        def run(match):
            now = run_session(re.sub('^ {4}', '', match[2], flags=re.M), tap.SOURCE)
            return re.sub('^(?=.)', '    ', now, flags=re.M)
        return TEXT_SESSION.sub(run, text)
    with tempfile.TemporaryDirectory() as folder:
        for match in PAGE_EXAMPLE.finditer(text):
            example = Example(match)
            if example.file:
                with open(f'{folder}/{example.file}', 'w', encoding='utf-8') as file:
                    file.write(example.text)
        return PAGE_SESSION.sub(
            lambda match: match[1] + html.escape(run_session(html.unescape(match[2]), folder), quote=False) + match[3], text)


def test_examples(path):
    examples = [Example(match) for match in PAGE_EXAMPLE.finditer(read(path))]
    for number, example in enumerate(examples, 1):
        if not example.good:
            continue
        run = tap.Run(['from-xl' if example.language == 'xl' else 'to-xl'], stdin=example.whole())
        tap.ok(run.status == 0, f'{os.path.basename(path)}: example {number} converts', run.told())


def parse(path):
    """The page as XML; None, with a test point that fails, if it is none."""
    try:
        return ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        tap.ok(False, f'{os.path.basename(path)} is well-formed', str(error))


def test_pages():
    pages = glob.glob(os.environ['VIRTXL_DOCS'] + '/*.html')
    tap.ok(len(pages) >= len(PAGES), 'the pages are built')
    roots = {os.path.basename(page): root for page in sorted(pages) if (root := parse(page)) is not None}
    ids = {name: [element.get('id') for element in root.iter() if element.get('id')] for name, root in roots.items()}
    for name, root in roots.items():
        twice = sorted({anchor for anchor in ids[name] if ids[name].count(anchor) > 1})
        tap.ok(not twice, f'{name}: no id is there twice', twice)
        dead = [link for element in root.iter() if (link := element.get('href') or element.get('src'))
                if not leads_somewhere(link, name, ids)]
        tap.ok(not dead, f'{name}: links lead somewhere', dead)
        lost = re.findall('@[A-Z]+@', ' '.join(root.itertext()))
        tap.ok(not lost, f'{name}: no marker is left', lost)


def leads_somewhere(link, name, ids):
    page, _, anchor = link.partition('#')
    if anchor:
        return anchor in ids.get(page or name, ())
    return os.path.exists(os.path.join(os.environ['VIRTXL_DOCS'], page))


def test_text_links(path):
    links = re.findall(r'\]\(([^)#:]+)\)', read(path))
    dead = [link for link in links if not os.path.exists(os.path.join(os.path.dirname(path), link))]
    tap.ok(not dead, f'{os.path.basename(path)}: links lead somewhere', dead)


# ---- the manual pages ----

def plain(roff):
    """The text of a manual page without what is for the formatter."""
    return re.sub(r'\\f[A-Z]|\\&', '', roff).replace('\\-', '-')


def section(manual, command):
    """What virtxl(1) says of COMMAND, and of all commands."""
    parts = re.split(r'^\.S[SH] ', manual, flags=re.M)
    return ''.join(part for part in parts if re.match(rf'{command}\b|COMMON OPTIONS', part))


def test_manual():
    manual = plain(read(f'{tap.SOURCE}/docs/man/virtxl.1'))
    commands = re.findall(r'^  ([a-z][a-z-]*) {2,}', tap.Run(['--help']).out, re.M)
    tap.ok(commands, 'virtxl --help lists commands')
    for command in commands:
        options = set(re.findall(r'^  (?:-\w, )?(--[a-z][a-z-]*)', tap.Run([command, '--help']).out, re.M)) - {'--help'}
        tap.ok(options, f'virtxl {command} --help lists options')
        page = f'{tap.SOURCE}/docs/man/virtxl-{command}.1'  # of a command that has a page of its own
        said = plain(read(page)) if os.path.exists(page) else section(manual, command)
        unsaid = sorted(option for option in options if not re.search(rf'{option}\b(?!-)', said))
        tap.ok(re.search(rf'^\.SS {command}\b', manual, re.M), f'virtxl(1) has a section {command}')
        tap.ok(not unsaid, f'its manual has every option of virtxl {command}', unsaid)


def test_lint():
    mandoc = shutil.which('mandoc')
    for path in sorted(glob.glob(f'{tap.SOURCE}/docs/man/*.[1-8]')):
        name = f'{os.path.basename(path)} has no faults'
        if not mandoc:
            tap.skip(name, 'mandoc is not installed')
            continue
        run = subprocess.run([mandoc, '-T', 'lint', '-W', 'warning', path], capture_output=True, text=True, check=False)
        tap.ok(run.returncode == 0, name, run.stdout)


def main():
    if sys.argv[1:] == ['--write']:
        for path in PAGES + TEXTS:
            now = sessions_now(path)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(now)
        return
    for path in PAGES:
        test_examples(path)
    for path in PAGES + TEXTS:
        tap.equal(sessions_now(path), read(path), f'{os.path.basename(path)}: sessions are as they stand there',
                  'the file; test_docs.py --write brings it up to date')
    for path in TEXTS:
        test_text_links(path)
    test_pages()
    test_manual()
    test_lint()
    tap.finish()


if __name__ == '__main__':
    main()
