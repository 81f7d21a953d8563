#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that do not behave, against a private virtxld: garbage, half a message, a huge length, silence, calls out of
turn, every procedure with the least that can be said. Meanwhile somebody else is always served."""
import os
import random
import socket
import struct
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'rpc')]
import daemon_fixture  # noqa: E402
import wire_codec  # noqa: E402
from daemon_fixture import tap  # noqa: E402

REMOTE, KEEPALIVE = 0x20008086, 0x6b656570
CALL, REPLY, MESSAGE = 0, 1, 2
WIRE = wire_codec.Wire()
PROCEDURES = {row['name']: row for row in wire_codec.rows('procedures.tsv')}
NO_SUPPORT, INTERNAL_ERROR, INVALID_ARG, DENIED, RPC = 3, 1, 8, 29, 39
FROM_RPC = 7
XML = "<domain type='xen'><name>raw</name><memory>262144</memory><os><type>hvm</type></os></domain>"


def packet(program, procedure, payload=b'', kind=CALL, serial=1, status=0, version=1):
    return struct.pack('>IIIiIII', 28 + len(payload), program, version, procedure, kind, serial, status) + payload


class Client:
    """A socket and what one says over it."""

    def __init__(self, path, is_open=True, flags=0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)  # without a time limit, which would make a full queue an error
        self.socket.settimeout(60)
        self.serial = 0
        if is_open:
            self.call('AUTH_LIST')
            self.call('CONNECT_OPEN', WIRE.encode('connect_open_args', {'name': 'xen:///system', 'flags': flags}))

    def send(self, data):
        self.socket.sendall(data)

    def post(self, name, payload=b''):
        self.serial += 1
        row = PROCEDURES[name]
        self.send(packet(int(row['prog'], 16), int(row['number']), payload, serial=self.serial))
        return self.serial

    def receive_bytes(self, n):
        data = b''
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                return None
            data += more
        return data

    def receive(self):
        """(program, procedure, type, serial, status, payload) of the next packet; None at the end."""
        try:
            head = self.receive_bytes(28)
        except ConnectionResetError:
            return None
        if head is None:
            return None
        length, program, _, procedure, kind, serial, status = struct.unpack('>IIIiIII', head)
        return program, procedure, kind, serial, status, self.receive_bytes(length - 28)

    def call(self, name, payload=b''):
        """(status, payload) of the answer."""
        serial = self.post(name, payload)
        while True:
            answer = self.receive()
            if answer is None:
                return None
            if answer[2] == REPLY and answer[3] == serial:
                return answer[4], answer[5]

    def error(self, name, payload=b''):
        """(code, domain, message) of the error with which a call is answered."""
        return error_of(self.call(name, payload))

    def close(self):
        self.socket.close()


def error_of(answer):
    if answer is None or answer[0] != 1:
        return 'no error', 0, str(answer)
    code, part, is_there, length = struct.unpack('>iiII', answer[1][:16])
    return code, part, answer[1][16:16 + length].decode() if is_there else None


def test_served(daemon, name):
    """Somebody else's call is answered."""
    client = Client(daemon.socket)
    tap.ok(client.call('CONNECT_NUM_OF_DEFINED_DOMAINS') == (0, struct.pack('>i', 0)), f'{name}: others are served')
    client.close()


def test_broken(daemon):
    chance = random.Random(1)
    cases = {
        'garbage': chance.randbytes(4096),
        'a huge length': struct.pack('>IIIiIII', 0xffffffff, REMOTE, 1, 1, 0, 0, 0),
        'a length of zero': struct.pack('>IIIiIII', 0, REMOTE, 1, 1, 0, 0, 0),
        'text': b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    }
    for name, data in cases.items():
        client = Client(daemon.socket, is_open=False)
        client.send(data)
        tap.ok(client.receive() is None, f'{name}: the connection ends')
        test_served(daemon, name)
        client.close()


def test_silent(daemon):
    """Clients that connect, or begin a message, and then say nothing; and ones that do not take their answers."""
    silent = [Client(daemon.socket, is_open=False) for _ in range(150)]
    for client in silent[50:]:
        client.send(packet(REMOTE, 1, b'x' * 100)[:60])
    test_served(daemon, 'half a message')
    big = Client(daemon.socket, is_open=False)
    big.send(struct.pack('>IIIiIII', 33554436, REMOTE, 1, 1, 0, 0, 0))
    test_served(daemon, 'the longest message there is, announced')
    deaf = Client(daemon.socket)
    deaf.socket.settimeout(1)
    try:
        for _ in range(100000):
            deaf.post('CONNECT_GET_CAPABILITIES')
        tap.ok(False, 'a client that takes no answers is no longer read')
    except TimeoutError:
        tap.ok(True, 'a client that takes no answers is no longer read')
    test_served(daemon, 'a client that takes no answers')
    for client in [*silent, big, deaf]:
        client.close()
    test_served(daemon, 'when they have gone')


def test_turns(daemon):
    client = Client(daemon.socket, is_open=False)
    answer = client.call('AUTH_LIST')
    tap.ok(answer == (0, struct.pack('>II', 1, 0)), 'no authentication is asked for', str(answer))
    tap.ok(client.error('CONNECT_GET_TYPE')[:2] == (INTERNAL_ERROR, FROM_RPC), 'a call before CONNECT_OPEN')
    tap.ok(client.call('CONNECT_SUPPORTS_FEATURE', struct.pack('>i', 10)) == (0, struct.pack('>i', 1)),
           'keepalive may be asked for before it')
    url = {'name': 'xen:///system', 'flags': 0}
    tap.ok(client.call('CONNECT_OPEN', WIRE.encode('connect_open_args', url)) == (0, b''), 'CONNECT_OPEN')
    tap.ok(client.error('CONNECT_OPEN', WIRE.encode('connect_open_args', url))[:1] == (INTERNAL_ERROR,),
           'a second CONNECT_OPEN')
    client.send(packet(KEEPALIVE, 1, kind=MESSAGE, serial=0))
    answer = client.receive()
    tap.ok(answer and answer[:3] == (KEEPALIVE, 2, MESSAGE), 'a ping is answered', str(answer))
    for name, data in {'an unknown procedure': packet(REMOTE, 9999, serial=77),
                       'the number of an event': packet(REMOTE, 318, serial=77),
                       'an unknown program': packet(0x12345678, 1, serial=77),
                       'arguments cut short': packet(REMOTE, 23, b'\0\0', serial=77)}.items():
        client.send(data)
        answer = client.receive()
        code = error_of(answer and (answer[4], answer[5]))
        tap.ok(code[0] == RPC and answer[3] == 77, f'{name}: code 39', str(code))
    tap.ok(client.call('CONNECT_CLOSE') == (0, b'') and client.receive() is None, 'CONNECT_CLOSE is answered, then the end')


def test_overlap(daemon):
    """Many calls at once on one connection: each has its answer, in whatever order."""
    client = Client(daemon.socket)
    serials = {client.post('CONNECT_GET_HOSTNAME') for _ in range(200)}
    answers = [client.receive() for _ in range(200)]
    tap.ok({answer[3] for answer in answers} == serials and all(answer[4] == 0 for answer in answers),
           '200 calls at once on one connection')


def test_old_events(daemon):
    """The messages of the old family of registrations."""
    client = Client(daemon.socket)
    tap.ok(client.call('CONNECT_DOMAIN_EVENT_REGISTER') == (0, struct.pack('>i', 1)), 'CONNECT_DOMAIN_EVENT_REGISTER')
    tap.ok(client.error('CONNECT_DOMAIN_EVENT_REGISTER_ANY', struct.pack('>i', 0))[0] == INVALID_ARG, 'once only')
    tap.ok(client.error('CONNECT_DOMAIN_EVENT_REGISTER_ANY', struct.pack('>i', 999))[0] == INTERNAL_ERROR,
           'an event that there is not')
    client.post('DOMAIN_DEFINE_XML', WIRE.encode('string<4194304>', XML))
    answers = [client.receive(), client.receive()]
    event = next(answer for answer in answers if answer[2] == MESSAGE)
    reply = next(answer for answer in answers if answer[2] == REPLY)
    dom = reply[5]
    tap.ok(event[1] == 107 and event[5] == dom + struct.pack('>ii', 0, 0), 'the message is DOMAIN_EVENT_LIFECYCLE',
           str(event))
    tap.ok(client.call('CONNECT_DOMAIN_EVENT_DEREGISTER')[0] == 0, 'CONNECT_DOMAIN_EVENT_DEREGISTER')
    tap.ok(client.call('DOMAIN_UNDEFINE', dom) == (0, b''), 'DOMAIN_UNDEFINE, and no message')
    client.close()


def least(row):
    return WIRE.least(row['args']) if row['args'] != '-' else b''


def test_every_procedure(daemon):
    """Each with empty arguments: answered with something, and the change refused to a read-only client."""
    rows = [row for row in PROCEDURES.values() if row['kind'] == 'call' and int(row['prog'], 16) in
            (REMOTE, REMOTE + 1) and row['name'] not in ('CONNECT_OPEN', 'CONNECT_CLOSE')]
    reader = Client(daemon.socket, flags=1)
    writer = Client(daemon.socket)
    silent, let_in, kept_out = [], [], []
    for row in rows:
        code = error_of(reader.call(row['name'], least(row)))[0]
        if row['readonly'] == 'deny' and code != DENIED:
            let_in.append(f'{row["name"]}: {code}')
        if row['readonly'] in ('allow', 'cond') and code == DENIED:
            kept_out.append(row['name'])
        if writer.call(row['name'], least(row)) is None:
            silent.append(row['name'])
            writer = Client(daemon.socket)
    tap.ok(len(rows) > 390 and not silent, f'every one of {len(rows)} procedures is answered', silent)
    tap.ok(not let_in, 'a read-only client changes nothing', let_in)
    tap.ok(not kept_out, 'and may ask for all else', kept_out)
    tap.ok(writer.error('CONNECT_LIST_ALL_NETWORKS', bytes(8)) ==
           (NO_SUPPORT, 19, 'this function is not supported by the connection driver: virConnectListAllNetworks'),
           'what is not there says its name')


def test_stop(daemon):
    """The answer of a call under way still comes when the daemon is asked to stop."""
    client = Client(daemon.socket)
    number = int(PROCEDURES['CONNECT_GET_CAPABILITIES']['number'])
    client.send(b''.join(packet(REMOTE, number, serial=serial) for serial in range(5)))  # the daemon takes all at once
    answers = [client.receive()]
    status = daemon.stop()
    while answers[-1] is not None:
        answers.append(client.receive())
    tap.ok(status == 0 and len(answers) == 6, 'asked to stop, it still answers the calls under way',
           f'{status}, {len(answers) - 1} answers')
    daemon.start()


def main():
    daemon = daemon_fixture.Daemon()
    test_broken(daemon)
    test_silent(daemon)
    test_turns(daemon)
    test_overlap(daemon)
    test_old_events(daemon)
    test_every_procedure(daemon)
    test_stop(daemon)
    daemon.finish()


main()
tap.finish()
