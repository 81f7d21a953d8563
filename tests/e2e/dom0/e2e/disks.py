# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks of guests: files with a pattern in them, and their XML."""
import os
from contextlib import contextmanager

from e2e.shell import run

FOLDER = '/run/guest'
MIB = 8
BLOCK = 512
WRITTEN_AT = 16  # the block to which guests write


def make_raw(name, pattern):
    """A raw image that begins with PATTERN; its path."""
    path = f'{FOLDER}/{name}.raw'
    with open(path, 'wb') as file:
        file.write(pattern.encode())
        file.truncate(MIB << 20)
    return path


def make_qcow2(name, pattern):
    """The same as qcow2."""
    raw, path = make_raw(name, pattern), f'{FOLDER}/{name}.qcow2'
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, path)
    os.remove(raw)
    return path


@contextmanager
def loop_device(path):
    """A block device of the host whose content is the file."""
    device = run('losetup', '--find', '--show', path)
    try:
        yield device
    finally:
        run('losetup', '--detach', device)


def written(path):
    """What a guest wrote to a raw image or a block device."""
    with open(path, 'rb') as file:
        file.seek(WRITTEN_AT * BLOCK)
        return file.read(BLOCK).rstrip(b'\0').decode('ascii', 'replace').strip()


def disk_xml(target, source=None, driver='qemu', image='raw', readonly=False, device='disk', bus='xen', script=None):
    """A disk. DRIVER: qemu, by the device model; phy, by the kernel, of a block device; None: as libxl chooses."""
    where = ('block', 'dev') if driver == 'phy' else ('file', 'file')
    kind = f' type="{image}"' if driver == 'qemu' else ''
    return (f'<disk type="{where[0]}" device="{device}">'
            + (f'<driver name="{driver}"{kind}/>' if driver else '')
            + (f'<source {where[1]}="{source}"/>' if source else '')
            + (f'<script path="{script}"/>' if script else '')
            + f'<target dev="{target}" bus="{bus}"/>{"<readonly/>" if readonly else ""}</disk>')


def interface_xml(mac, bridge='xenbr0', script=None):
    chosen = f'<script path="{script}"/>' if script else ''
    return f'<interface type="bridge"><mac address="{mac}"/><source bridge="{bridge}"/>{chosen}</interface>'
