# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test machine as a test sees it: the daemon, its clients, Xen's own tools, and what is left over."""
import glob
import os
import re
import threading
import time

import libvirt

from e2e import xen
from e2e.daemons import URI, Libvirtd, Virtxld
from e2e.guest import Guest, channel_xml
from e2e.shell import Failure, Run, check, command_lines, equal, run, wait_for

EVENTS = ['Defined', 'Undefined', 'Started', 'Suspended', 'Resumed', 'Stopped', 'Shutdown', 'PMSuspended', 'Crashed']
DETAILS = {  # of those that have more than one
    'Started': ['Booted', 'Migrated', 'Restored', 'Snapshot', 'Wakeup'],
    'Suspended': ['Paused', 'Migrated', 'IOError', 'Watchdog', 'Restored', 'Snapshot', 'APIError'],
    'Resumed': ['Unpaused', 'Migrated', 'Snapshot'],
    'Stopped': ['Shutdown', 'Destroyed', 'Crashed', 'Migrated', 'Saved', 'Failed', 'Snapshot'],
}
STATES = ['no state', 'running', 'idle', 'paused', 'in shutdown', 'shut off', 'crashed', 'pmsuspended']  # as virsh has them
DYING = '(null)'  # what xl calls a domain whose memory is not all free yet
HELPERS = 'xen-qemu|qemu-system|pygrub'  # which of the processes belong to guests
# Where daemons keep what must be gone when a guest is.
AUTOSTARTED = '/run/libvirt/libxl/autostarted'
IGNORED_ENDS = ('.lock', '-lock', '.log', '/domid-history', '/autostarted', '/Domain-0.xml')  # the last is libvirtd's
FOLDERS = ['/run/libvirt/libxl', '/var/lib/libvirt/libxl', '/var/lib/xen', '/run/xen']


def _error_handler(_context, _error):
    """libvirt-python prints each error, if it is not told to leave that to whoever catches it."""


libvirt.registerErrorHandler(_error_handler, None)


def _run_event_loop():
    while True:
        libvirt.virEventRunDefaultImpl()


class Host:
    """MODE: None, 'asan', 'valgrind' or 'peer'."""

    check, equal, wait_for = staticmethod(check), staticmethod(equal), staticmethod(wait_for)
    channel_xml = staticmethod(channel_xml)
    Failure = Failure

    def __init__(self, mode):
        self.peer = mode == 'peer'
        self.slow = 3 if mode == 'valgrind' else 1
        self.keeps_what_is_freed = mode == 'asan'  # for a while, to find who uses it; what is lost it tells at the end
        self.daemon = Libvirtd() if self.peer else Virtxld(mode)
        self._conn = None
        self._number = 0
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=_run_event_loop, daemon=True).start()

    # Clients.

    @property
    def conn(self):
        """A connection of libvirt-python, which outlives no daemon: after a restart it is a new one."""
        if self._conn is None or not self._conn.isAlive():
            self.disconnect()
            self._conn = libvirt.open(URI)
        return self._conn

    def disconnect(self):
        if self._conn is not None:
            try:
                self._conn.close()
            except libvirt.libvirtError:
                pass
        self._conn = None

    def virsh(self, *arguments, expect=0, timeout_s=90):
        """virsh's output. EXPECT: the exit status that is right, or None for any, in which case its Run is returned."""
        done = Run(['virsh', '-q', '-c', URI, *arguments], timeout_s=timeout_s * self.slow)
        if expect is None:
            return done
        check(done.status == expect, done.told)
        return done.out.strip()

    def xl(self, *arguments, timeout_s=60):
        return run('xl', *arguments, timeout_s=timeout_s)

    def xl_state(self, guest):
        """What xl says of a guest's state: "r-----", "-b----", "--p---", "---s--", "---ss-", "---sc-"."""
        return self.xl('list', guest.name).splitlines()[-1].split()[4]

    def xenstore(self, path):
        """The value of a node, or None."""
        return xen.read(path)

    def state(self, guest):
        """What the daemon says, in virsh's words: "running", "shut off"..."""
        return self.virsh('domstate', guest.name)

    def wait_state(self, guest, state, seconds=30):
        wait_for(lambda: STATES[self.conn.lookupByName(guest.name).state()[0]] == state, f'{guest.name} is {state}',
                 seconds * self.slow)

    def watch(self, details=False):
        """Notes the life-cycle events from here on: a list that grows, of (name, event), as ('web1', 'Started'), or, with
        DETAILS, ('web1', 'Started Booted')."""
        seen = []

        def heard(_conn, domain, event, detail, _data):
            word = EVENTS[event]
            more = f' {DETAILS[word][detail]}' if details and word in DETAILS else ''
            seen.append((domain.name(), word + more))
        self.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, heard, None)
        return seen

    @staticmethod
    def events_of(seen, guest):
        """What happened to that guest, of what watch() has noted."""
        return [event for name, event in seen if name == guest.name]

    # Guests.

    def guest(self, kind, label='guest', **how):
        """A new Guest, whose name no other has."""
        self._number += 1
        return Guest(kind, f'{label}{self._number}-{kind}', **how)

    # What is there.

    def domains(self):
        """The domains Xen has, by name."""
        return {xen.name(domid) or DYING: domid for domid in xen.domids()}

    def traces(self):
        """All that belongs to guests on this machine, as a set of texts: what a guest that has gone must not leave."""
        found = {f'domain {name}' for name in self.domains()}
        for folder in ('/local/domain', '/libxl', '/vm'):
            found |= {f'xenstore {folder}/{name}' for name in xen.listed(folder)}
        backends = '/local/domain/0/backend'
        for kind in xen.listed(backends):
            found |= {f'xenstore {backends}/{kind}/{domid}' for domid in xen.listed(f'{backends}/{kind}')}
        found |= {f'process {pid} {line}' for pid, line in command_lines() if re.search(HELPERS, line)}
        found |= {f'interface {name}' for name in os.listdir('/sys/class/net')}
        for folder in FOLDERS:
            found |= {f'file {path}' for path in glob.glob(f'{folder}/**', recursive=True)
                      if not os.path.isdir(path) and not path.endswith(IGNORED_ENDS)}
        return found

    def wait_traces(self, before, seconds=15):
        """Failure unless nothing is there that was not BEFORE, after some time."""
        extra = set()

        def gone():
            extra.clear()
            extra.update(self.traces() - before)
            return not extra
        try:
            wait_for(gone, 'nothing is left', seconds * self.slow, every=0.5)
        except Failure:
            raise Failure('left over:\n' + '\n'.join(sorted(extra))) from None

    def ids(self):
        """What the daemon says runs: ids by name, without domain 0."""
        active = self.conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
        return {domain.name(): domain.ID() for domain in active if domain.ID() != 0}

    # Order.

    def ready(self):
        """The daemon runs: for stories that come after one in which it died."""
        if not self.daemon.runs():
            self.daemon.start()

    def forget_autostart(self):
        """As if the host had booted anew: libvirtd starts guests only with the first daemon after that."""
        if os.path.exists(AUTOSTARTED):
            os.remove(AUTOSTARTED)

    def sweep(self):
        """Ends and forgets all guests, whatever a story left; returns the names of those Xen still had."""
        end = time.monotonic() + 15 * self.slow
        while DYING in self.domains() and time.monotonic() < end:
            time.sleep(0.3)
        strays = [name for name in self.domains() if name != 'Domain-0']
        for name in strays:
            Run(['xl', 'destroy', name])
        self.ready()
        self.disconnect()
        for domain in self.conn.listAllDomains():
            if domain.name() != 'Domain-0':
                Run(['virsh', '-c', URI, 'destroy', domain.name()])
                Run(['virsh', '-c', URI, 'undefine', domain.name()])
        self.disconnect()
        return strays
