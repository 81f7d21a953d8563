# SPDX-License-Identifier: LGPL-2.1-or-later
"""The memory of guests in files, as Xen's tools write it."""
import os
import struct

from e2e.shell import check, equal

MISSING_MIB = 8  # what a guest may have given back of its memory


def sections(path):
    """The names of the sections of an ELF file."""
    with open(path, 'rb') as file:
        head = file.read(64)
        offset, = struct.unpack_from('<Q', head, 40)
        size, number, names_at = struct.unpack_from('<HHH', head, 58)
        file.seek(offset)
        table = [struct.unpack_from('<IIQQQQ', file.read(size)) for _ in range(number)]
        file.seek(table[names_at][4])
        names = file.read(table[names_at][5])
    return [names[entry[0]:].split(b'\0')[0].decode() for entry in table]


def take_dump(path, memory_mib):
    """Failure unless the file has the memory of a guest; it is removed."""
    with open(path, 'rb') as file:
        equal(file.read(4), b'\x7fELF', 'how the dump begins')
    check(os.path.getsize(path) >= (memory_mib - MISSING_MIB) << 20, f'it has {os.path.getsize(path)} bytes')
    names = sections(path)
    check({'.xen_pages', '.xen_prstatus'} <= set(names), f'its sections: {names}')
    os.remove(path)
