# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files that nobody is to touch, and who notices if somebody does: inotify(7), which Python has no module for."""
import ctypes
import os
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)
_TOUCHED = 0x1 | 0x2 | 0x4 | 0x20 | 0x100 | 0x200 | 0x400 | 0x800  # accessed, modified, attributes, opened, ...


class Bait:
    """Watches files (and what happens in folders) from here on."""

    def __init__(self, *paths):
        self._fd = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._paths = {}
        for path in paths:
            number = _LIBC.inotify_add_watch(self._fd, os.fsencode(path), _TOUCHED)
            if number < 0:
                raise OSError(ctypes.get_errno(), 'inotify_add_watch', path)
            self._paths[number] = path

    def touched(self):
        """Those that were, since it was asked last; sorted."""
        found = set()
        try:
            while data := os.read(self._fd, 65536):
                while data:
                    number, _mask, _cookie, length = struct.unpack_from('iIII', data)
                    found.add(self._paths[number])
                    data = data[16 + length:]
        except BlockingIOError:
            pass
        return sorted(found)

    def close(self):
        os.close(self._fd)
