#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench/live_channel: bench/channel with channels of a real Xen guest, which echoes. `scripts/e2e --bench channel` runs
this in dom0. Under software emulation only ratios mean something, of the two ways to the same guest in one run. It is
a PV guest: others die of triple faults there now and then.
"""
import subprocess
import sys
import threading

import channel_client as client
import libvirt

from e2e.daemons import Virtxld
from e2e.guest import Guest, channel_xml

URI = 'xen:///system'
SOCKET = '/run/guest/bench.sock'
NAMES = ('org.virtxl.bench.socket', 'org.virtxl.bench.pty')


def run_event_loop():
    while True:
        libvirt.virEventRunDefaultImpl()


def main():
    libvirt.registerErrorHandler(lambda *_: None, None)
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run_event_loop, daemon=True).start()
    daemon = Virtxld()
    daemon.start()
    conn = libvirt.open(URI)
    guest = Guest('pv', 'bench', [channel_xml(NAMES[0], SOCKET), channel_xml(NAMES[1])])
    domain = conn.createXML(guest.xml(), 0)
    guest.wait_up()
    for name, path in zip(NAMES, (SOCKET, guest.node('device/console/2/tty'))):
        if not client.settle(domain, name):
            sys.exit(f'no echo over {name}')
        if subprocess.run(['/e2e/channel', URI, guest.name, name, path], check=False).returncode != 0:
            sys.exit(f'{name} failed; the end of the log:\n{daemon.log_tail()}')
    domain.destroy()
    conn.close()
    return daemon.stop()


if __name__ == '__main__':
    sys.exit(main())
