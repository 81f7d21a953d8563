# SPDX-License-Identifier: LGPL-2.1-or-later
"""Initramfs images of guests that need more than all guests have."""
import os
import re
import shutil
import subprocess
import tempfile

from e2e.shell import run

BASE = ('/e2e-guest/guest.cpio', '/e2e/guest/init.cpio')
PACKAGE = '/e2e/guest/package.cpio'  # what virtxl-guest installs


def _libraries(program):
    return re.findall(r'(/\S+) \(0x', run('ldd', program))


def make(name, programs=(), files=None, package=True):
    """Makes /run/guest/NAME, and returns this path: what all guests have (PACKAGE: with what virtxl-guest installs),
    PROGRAMS of dom0 with their libraries, and FILES (path -> bytes). One that is there already is taken as it is."""
    made = f'/run/guest/{name}'
    if os.path.exists(made):
        return made
    with tempfile.TemporaryDirectory() as root:
        for path in {*programs, *(library for program in programs for library in _libraries(program))}:
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            shutil.copy(path, root + path)
        for path, content in (files or {}).items():
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            with open(root + path, 'wb') as file:
                file.write(content)
        archive = subprocess.run('find . | busybox cpio -o -H newc', shell=True, check=True, cwd=root,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    with open(made, 'wb') as image:
        for path in (*BASE, *([PACKAGE] if package else [])):
            with open(path, 'rb') as part:
                shutil.copyfileobj(part, image)
        image.write(archive)
    return made
