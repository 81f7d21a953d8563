# SPDX-License-Identifier: LGPL-2.1-or-later
"""A valgrind that lets the hypercalls of Xen 4.17 pass: Debian's own knows those of up to 4.12 and fails others, so that
the daemon would end with its first question. It is built from Debian's source package with a few words more: what such
calls read is not looked at, and what sysctls and domctls may write counts as written. Kept beside the images."""
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

from host.image import cache_folder

APT = '/etc/apt'
SYSCALLS = 'coregrind/m_syswrap/syswrap-xen.c'
LAST_KNOWN = '0x12'  # interface version of sysctls and domctls
SIZES = {'sysctl': 136, 'domctl': 144}  # bytes of the structures, xen/public/sysctl.h and domctl.h
PARTS = ('TOOLS=memcheck', 'EXP_TOOLS=')  # no other tool of valgrind


def _quietly(log, *command, cwd=None):
    with open(log, 'ab') as file:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False, cwd=cwd)
    if done.returncode != 0:
        with open(log, encoding='utf-8', errors='replace') as file:
            print(''.join(file.readlines()[-30:]))
    done.check_returncode()


def _source_lists(folder):
    """apt's options for the host's own archives, with the source packages in them."""
    parts = os.path.join(folder, 'parts')
    os.makedirs(parts)
    os.makedirs(os.path.join(folder, 'lists', 'partial'))
    for path in glob.glob(f'{APT}/sources.list') + glob.glob(f'{APT}/sources.list.d/*'):
        with open(path, encoding='utf-8') as file:
            text = re.sub(r'(?m)^(Types:\s*deb|deb)(?=\s)', r'\1-src', file.read())
        with open(os.path.join(parts, os.path.basename(path)), 'w', encoding='utf-8') as file:
            file.write(text)
    return ['-o', 'Dir::Etc::sourcelist=/dev/null', '-o', f'Dir::Etc::sourceparts={parts}',
            '-o', f'Dir::State::lists={folder}/lists']


def _once(pattern, replacement, text):
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.DOTALL | re.MULTILINE)
    if not count:
        raise OSError(f'valgrind\'s {SYSCALLS} is not as expected: there is no {pattern}')
    return changed


def _let_pass(source):
    """Later versions of sysctls and domctls, and calls that are not known, are carried out as they are."""
    path = os.path.join(source, SYSCALLS)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    for call, size in SIZES.items():
        later = f'{call}->interface_version > {LAST_KNOWN}'
        text = _once(rf'^(PRE\({call}\).*?if \(!{call})\)', rf'\1 || {later})', text)
        text = _once(rf'^(POST\({call}\).*?)^(   switch \({call}->interface_version\))',
                     rf'\1   if ({later}) {{\n      POST_MEM_WRITE(ARG1, {size});\n      return;\n   }}\n\2', text)
    for complaint in ('bad_subop', 'bad_before'):
        text = _once(rf'^(static void {complaint} .*?^{{)', r'\1 return;', text)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def _build(work, to):
    log = os.path.join(work, 'log')
    apt = ['apt-get', *_source_lists(work)]
    _quietly(log, *apt, 'update')
    _quietly(log, *apt, 'source', 'valgrind', cwd=work)
    source = next(path for path in glob.glob(os.path.join(work, 'valgrind-*')) if os.path.isdir(path))
    _let_pass(source)
    _quietly(log, './configure', '--prefix=/usr', '--libexecdir=/usr/libexec', '--enable-only64bit', cwd=source)
    _quietly(log, 'make', '-j2', *PARTS, cwd=source)
    _quietly(log, 'make', *PARTS, 'install', f'DESTDIR={to}', cwd=source)


def get():
    """The folder of what is to be installed, which is built if there is none; a build that fails leaves none. Raises
    CalledProcessError and OSError."""
    cache = cache_folder()
    os.makedirs(cache, exist_ok=True)
    with open(__file__, 'rb') as file:
        folder = os.path.join(cache, f'valgrind-{hashlib.sha256(file.read()).hexdigest()[:16]}')
    with open(os.path.join(cache, 'valgrind-lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            for old in glob.glob(os.path.join(cache, 'valgrind-*/')):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(prefix='building-', dir=cache) as work:
                made = os.path.join(work, 'made')
                _build(work, made)
                os.rename(made, folder)
    return folder
