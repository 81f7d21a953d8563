# SPDX-License-Identifier: LGPL-2.1-or-later
"""A channel's end on the host, as a program would hold it."""
import os
import select
import socket
import time
import tty
from contextlib import contextmanager

from e2e.shell import Failure


class Stream:
    """Bytes to and from a file descriptor."""

    def __init__(self, fd):
        self.fd = fd

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data):]

    def read(self, length, seconds):
        """LENGTH bytes, or as many as come within that time."""
        data, end = b'', time.monotonic() + seconds
        while len(data) < length and (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                try:
                    more = os.read(self.fd, length - len(data))
                except OSError:  # a terminal that nobody has open any more
                    more = b''
                if not more:
                    break
                data += more
        return data

    def until(self, word, seconds):
        """All that comes up to WORD, or within that time."""
        data, end = b'', time.monotonic() + seconds
        while word not in data and time.monotonic() < end:
            data += self.read(4096, 0.2)
        return data


@contextmanager
def open_pty(path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(fd)
        yield Stream(fd)
    finally:
        os.close(fd)


@contextmanager
def open_socket(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        yield Stream(connection.fileno())


def echoes(stream, data, seconds=15):
    """Failure unless what is written comes back. What an earlier writer's echo left is read first."""
    stream.read(1 << 16, 0.2)
    stream.write(data)
    back = stream.read(len(data), seconds)
    if back != data:
        raise Failure(f'of {len(data)} bytes, {len(back)} came back within {seconds} s: {back[:80]!r}, '
                      f'not {data[:80]!r}')
