# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts that take as long as a test wants: an interface whose hotplug script waits for it."""
import os
import time
from contextlib import contextmanager

from e2e import disks
from e2e.shell import wait_for

SCRIPT, REACHED, GO = '/run/guest/vif-held', '/run/guest/held', '/run/guest/go'
MAC = '00:16:3e:71:00:01'
TEXT = f'''#!/bin/bash
if [ "$1" = online ] || [ "$1" = add ]; then
    touch {REACHED}
    while [ ! -e {GO} ]; do
        kill -0 $PPID || exit 1 # the daemon is dead
        sleep 0.1
    done
fi
exec /etc/xen/scripts/vif-bridge "$@"
'''


def _remove(*paths):
    for path in paths:
        if os.path.exists(path):
            os.remove(path)


class Held:
    """The XML of an interface, and whether its script has been reached."""

    def __init__(self, script=SCRIPT):
        self.xml = disks.interface_xml(MAC, script=script)

    def wait_reached(self, seconds=30):
        wait_for(lambda: os.path.exists(REACHED), 'the hotplug script runs', seconds)

    def let_go(self):
        with open(GO, 'w', encoding='ascii'):
            pass

    def hold_again(self):
        _remove(REACHED, GO)


@contextmanager
def held():
    """Guests with this interface are not started before let_go()."""
    _remove(REACHED, GO)
    with open(SCRIPT, 'w', encoding='ascii') as file:
        file.write(TEXT)
    os.chmod(SCRIPT, 0o755)
    holder = Held()
    try:
        yield holder
    finally:
        holder.let_go()
        time.sleep(0.3)  # whoever waits still sees it
        _remove(SCRIPT, REACHED, GO)
