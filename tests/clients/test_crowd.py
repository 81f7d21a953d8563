#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Crowds of clients, and what they cost: two hundred at once that each do their work; as many that only announce a long
packet; one that asks and asks and never reads. None keeps a good client from its answer, nor takes much memory."""
import os
import re
import struct
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import thin_client  # noqa: E402
from daemon_fixture import Daemon, tap  # noqa: E402
from thin_client import ThinClient  # noqa: E402

CROWD = 200
ANSWERED_S = 20  # a good client's answer, on a busy machine; what it must not do is to wait for a bad one
CONFIG = f'max_anonymous_clients = {CROWD}\nlog_level = "info"\n'
LONGEST = 32 * 1024 * 1024


def xml(number, title):
    return (f"<domain type='xen'><name>crowd{number}</name><uuid>{uuid.UUID(int=number + 1)}</uuid>"
            f"<title>{title}</title><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>")


def is_served(daemon, name):
    """One test point: a good client gets an answer in good time."""
    began = time.monotonic()
    try:
        with ThinClient(daemon.socket) as client:
            client.open().call(thin_client.CONNECT_GET_HOSTNAME)
        why = ''
    except (OSError, thin_client.Failed) as error:
        why = repr(error)
    took = time.monotonic() - began
    tap.ok(not why and took < ANSWERED_S, name, f'{why} {took:.1f} s')


def one_of_a_crowd(daemon, number, everybody, wrong):
    try:
        with ThinClient(daemon.socket) as client:
            client.open()
            everybody.wait(60)  # now all are connected
            client.define(xml(number, f'title {number}'))
            if f'<title>title {number}</title>' not in client.dumpxml(uuid.UUID(int=number + 1).bytes):
                wrong.append(f'{number}: another definition than its own')
            if uuid.UUID(int=number + 1).bytes not in client.list_all():
                wrong.append(f'{number}: its definition is not listed')
            everybody.wait(120)
            if len(client.list_all()) != CROWD:
                wrong.append(f'{number}: not all definitions are listed')
    except (OSError, thin_client.Failed, threading.BrokenBarrierError) as error:
        wrong.append(f'{number}: {error!r}')
        everybody.abort()


def crowd(daemon):
    everybody, wrong = threading.Barrier(CROWD), []
    members = [threading.Thread(target=one_of_a_crowd, args=(daemon, number, everybody, wrong))
               for number in range(CROWD)]
    for member in members:
        member.start()
    for member in members:
        member.join()
    tap.ok(not wrong, f'{CROWD} clients connected at once each define, dump and list', wrong[:10])


def huge_string(daemon):
    """A string that says to be longer than the packet it is in."""
    with ThinClient(daemon.socket) as client:
        client.open()
        try:
            client.call(thin_client.DOMAIN_DEFINE_XML, struct.pack('>I', 4000000) + b'<domain')
            why = 'no error'
        except thin_client.Failed as error:
            why = str(error)
        tap.ok(why != 'no error', 'a string longer than its packet is an error', why)
        client.call(thin_client.CONNECT_GET_HOSTNAME)
        tap.ok(True, 'that the connection outlives')


def memory_kib(daemon):
    with open(f'/proc/{daemon.process.pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1])


def announced(daemon):
    """Many announce the largest packet and send little of it."""
    before = memory_kib(daemon)
    head = thin_client.packet(thin_client.AUTH_LIST, length=LONGEST) + bytes(1000)
    crowd_of_halves = [thin_client.connect(daemon.socket, 0) for _ in range(CROWD)]
    for connection in crowd_of_halves:
        connection.sendall(head)
    is_served(daemon, f'others are served while {CROWD} announce the longest packet')
    grown = memory_kib(daemon) - before
    tap.ok(grown < 65536, 'bytes that are only announced take no memory', f'{grown} KiB more')
    for connection in crowd_of_halves:
        connection.close()


def slow_reader(daemon):
    """Asks for long answers and reads none: the daemon stops reading it, and keeps no endless queue."""
    before = memory_kib(daemon)
    call = thin_client.packet(thin_client.CONNECT_LIST_ALL_DOMAINS, struct.pack('>iI', 1, 3))
    with ThinClient(daemon.socket) as slow:
        slow.open()
        slow.socket.settimeout(1)
        sent = 0
        try:
            while sent < 200000:
                slow.socket.sendall(call * 100)
                sent += 100
        except TimeoutError:
            pass
        tap.ok(sent < 200000, 'a client that reads no answer can soon ask no more', f'{sent} calls were taken')
        grown = memory_kib(daemon) - before
        tap.ok(grown < 65536, 'and its answers do not pile up', f'{grown} KiB more')
        is_served(daemon, 'others are served meanwhile')


def main():
    daemon = Daemon(CONFIG)
    crowd(daemon)
    huge_string(daemon)
    announced(daemon)
    slow_reader(daemon)
    is_served(daemon, 'and afterwards')
    daemon.finish()
    tap.finish()


main()
