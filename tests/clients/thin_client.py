# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of the wire that starts in no time and can misbehave: packets, and the few calls that the tests make."""
import socket
import struct
import time

PROGRAM = 0x20008086
CALL, REPLY = 0, 1
HEAD = '>IIIiIII'  # length, program, version, procedure, type, serial, status
HEAD_BYTES = struct.calcsize(HEAD)

CONNECT_OPEN, CONNECT_CLOSE, CONNECT_GET_HOSTNAME = 1, 2, 59
DOMAIN_DEFINE_XML, DOMAIN_GET_XML_DESC = 11, 14
DOMAIN_GET_AUTOSTART, DOMAIN_SET_AUTOSTART = 15, 29
AUTH_LIST, DOMAIN_UNDEFINE_FLAGS, CONNECT_LIST_ALL_DOMAINS, DOMAIN_RENAME = 66, 231, 273, 358


class Failed(Exception):
    """An error that the daemon answered with."""


def packet(procedure, payload=b'', serial=0, kind=CALL, status=0, length=None):
    """LENGTH: what the packet says of itself, when that is not to be true."""
    whole = HEAD_BYTES + len(payload)
    return struct.pack(HEAD, whole if length is None else length, PROGRAM, 1, procedure, kind, serial, status) + payload


def string(text):
    data = text.encode()
    return struct.pack('>I', len(data)) + data + bytes(-len(data) % 4)


def read_string(data, at):
    """The string at AT, and where it ends."""
    length, = struct.unpack_from('>I', data, at)
    return data[at + 4:at + 4 + length].decode(), at + 4 + length + -length % 4


def domain(uuid):
    """A reference by UUID (bytes), which is all that a daemon looks at."""
    return string('') + uuid + struct.pack('>i', -1)


def connect(path, patience_s):
    """A socket connected to PATH, where a daemon that has just been started may not listen yet."""
    end = time.monotonic() + patience_s
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except OSError:
            connection.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.001)


class ThinClient:
    """One connection; ConnectionError when the daemon is gone."""

    def __init__(self, path, patience_s=0):
        self.socket = connect(path, patience_s)
        self.socket.settimeout(60)
        self.serial = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def open(self):
        self.call(AUTH_LIST)
        self.call(CONNECT_OPEN, struct.pack('>I', 1) + string('xen:///system') + struct.pack('>I', 0))
        return self

    def send(self, procedure, payload=b''):
        self.socket.sendall(packet(procedure, payload, self.serial))
        self.serial += 1

    def read(self, length):
        data = bytearray()
        while len(data) < length:
            some = self.socket.recv(min(length - len(data), 1 << 20))
            if not some:
                raise ConnectionError('the daemon hung up')
            data += some
        return bytes(data)

    def receive(self):
        """(serial, payload) of the next reply; Failed when it is an error."""
        length, _, _, _, _, serial, status = struct.unpack(HEAD, self.read(HEAD_BYTES))
        payload = self.read(length - HEAD_BYTES)
        if status != 0:
            raise Failed(read_string(payload, 12)[0])
        return serial, payload

    def call(self, procedure, payload=b''):
        self.send(procedure, payload)
        return self.receive()[1]

    def list_all(self):
        """{uuid: name} of all domains."""
        data = self.call(CONNECT_LIST_ALL_DOMAINS, struct.pack('>iI', 1, 3))
        count, = struct.unpack_from('>I', data)
        found, at = {}, 4
        for _ in range(count):
            name, at = read_string(data, at)
            found[data[at:at + 16]] = name
            at += 20
        return found

    def define(self, xml):
        self.call(DOMAIN_DEFINE_XML, string(xml))

    def undefine(self, uuid):
        self.call(DOMAIN_UNDEFINE_FLAGS, domain(uuid) + struct.pack('>I', 0))

    def rename(self, uuid, name):
        self.call(DOMAIN_RENAME, domain(uuid) + struct.pack('>I', 1) + string(name) + struct.pack('>I', 0))

    def dumpxml(self, uuid):
        return read_string(self.call(DOMAIN_GET_XML_DESC, domain(uuid) + struct.pack('>I', 0)), 0)[0]

    def set_autostart(self, uuid, on):
        self.call(DOMAIN_SET_AUTOSTART, domain(uuid) + struct.pack('>i', on))

    def autostart(self, uuid):
        return struct.unpack('>i', self.call(DOMAIN_GET_AUTOSTART, domain(uuid)))[0]
