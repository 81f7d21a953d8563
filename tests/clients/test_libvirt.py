#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's own libvirt-python against a private virtxld: answers, error codes, events, and two hundred clients at once."""
import os
import signal
import sys
import threading
import time

import libvirt

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import daemon_fixture  # noqa: E402
from daemon_fixture import tap  # noqa: E402

CLIENTS_AT_ONCE = 200
WAIT_S = 60


def definition(name, number, more=''):
    return (f"<domain type='xen'><name>{name}</name><uuid>5b2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c{number:04x}</uuid>"
            f"<memory unit='KiB'>262144</memory><vcpu>2</vcpu><os><type>hvm</type></os>{more}</domain>")


DISK = "<disk type='file' device='disk'><source file='/srv/a.img'/><target dev='xvda' bus='xen'/></disk>"


def fails(code, name, function, *args):
    """One test point: FUNCTION(*ARGS) raises a libvirtError of CODE."""
    try:
        result = function(*args)
    except libvirt.libvirtError as error:
        tap.ok(error.get_error_code() == code, f'{name}: code {code}', f'{error.get_error_code()}: {error}')
        return
    tap.ok(False, f'{name}: code {code}', f'no error but {result!r}')


def test_host(connection):
    tap.ok(connection.getType() == 'Xen', 'getType')
    tap.ok(connection.getVersion() == 0, 'getVersion is 0 without Xen')
    tap.ok(connection.getLibVersion() == libvirt.getVersion(), 'getLibVersion')
    tap.ok(connection.getHostname() == os.uname().nodename, 'getHostname')
    tap.ok(connection.isSecure() == 1 and connection.isAlive() == 1, 'isSecure, isAlive')
    tap.ok(connection.getInfo()[0] == 'x86_64' and connection.getInfo()[2] >= 1, 'getInfo', str(connection.getInfo()))
    tap.ok(connection.getCPUMap()[0] >= 1 and connection.getCPUMap()[1][0], 'getCPUMap', str(connection.getCPUMap()))
    tap.ok(connection.getFreeMemory() > 0, 'getFreeMemory')
    tap.ok(len(connection.getCellsFreeMemory(0, 1)) == 1, 'getCellsFreeMemory')
    tap.ok(connection.getMemoryStats(-1)['total'] > 0, 'getMemoryStats')
    tap.ok(connection.getMaxVcpus(None) >= 1, 'getMaxVcpus')
    tap.ok(connection.getCPUModelNames('x86_64') == [], 'getCPUModelNames')
    tap.ok("<domain type='xen'" in connection.getCapabilities(), 'getCapabilities')
    tap.ok('<domain>xen</domain>' in connection.getDomainCapabilities(), 'getDomainCapabilities')
    tap.ok(connection.getSecurityModel()[0] == '', 'getSecurityModel')


def test_codes(connection):
    fails(libvirt.VIR_ERR_NO_DOMAIN, 'lookupByName', connection.lookupByName, 'nobody')
    fails(libvirt.VIR_ERR_NO_DOMAIN, 'lookupByID', connection.lookupByID, 7)
    fails(libvirt.VIR_ERR_NO_DOMAIN, 'lookupByUUID', connection.lookupByUUID, bytes(16))
    fails(libvirt.VIR_ERR_XML_DETAIL, 'defineXML not well-formed', connection.defineXML, '<domain>')
    fails(libvirt.VIR_ERR_XML_ERROR, 'defineXML without a name', connection.defineXML, "<domain type='xen'/>")
    fails(libvirt.VIR_ERR_INVALID_ARG, 'an unknown flag', connection.defineXMLFlags, definition('x', 9), 1 << 20)
    fails(libvirt.VIR_ERR_INVALID_ARG, 'an unknown filter', connection.listAllDomains, 1 << 30)
    fails(libvirt.VIR_ERR_OPERATION_INVALID, 'createXML without Xen', connection.createXML, definition('x', 9), 0)
    fails(libvirt.VIR_ERR_CONF_SYNTAX, 'domainXMLFromNative', connection.domainXMLFromNative, 'xen-xl', 'name = [[', 0)
    fails(libvirt.VIR_ERR_INVALID_ARG, 'a format that is not known', connection.domainXMLFromNative, 'argv', '', 0)
    for function in (connection.listAllNetworks, connection.listAllStoragePools, connection.listAllDevices,
                     connection.listAllInterfaces, connection.listAllSecrets, connection.listAllNWFilters):
        fails(libvirt.VIR_ERR_NO_SUPPORT, function.__name__, function)
    tap.ok(connection.isAlive() and connection.numOfDomains() == 0, 'and the connection goes on')


def test_domain(connection):
    domain = connection.defineXML(definition('one', 1))
    tap.ok((domain.name(), domain.ID(), domain.UUIDString()[-4:]) == ('one', -1, '0001'), 'defineXML')
    tap.ok(connection.listDefinedDomains() == ['one'] and connection.numOfDefinedDomains() == 1, 'listDefinedDomains')
    tap.ok(connection.listDomainsID() == [] and connection.numOfDomains() == 0, 'listDomainsID')
    tap.ok([d.name() for d in connection.listAllDomains()] == ['one'], 'listAllDomains')
    tap.ok(connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE) == [], 'listAllDomains, active')
    tap.ok(domain.info() == [libvirt.VIR_DOMAIN_SHUTOFF, 262144, 262144, 2, 0], 'info', str(domain.info()))
    tap.ok(domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF and domain.OSType() == 'hvm', 'state, OSType')
    tap.ok((domain.isActive(), domain.isPersistent(), domain.isUpdated(), domain.autostart()) == (0, 1, 0, 0), 'is...')
    tap.ok(domain.hasManagedSaveImage() == 0 and domain.snapshotNum() == 0, 'no managed save, no snapshots')
    tap.ok(domain.maxMemory() == 262144 and domain.maxVcpus() == 2, 'maxMemory, maxVcpus')
    domain.setAutostart(1)
    domain.setMemoryFlags(524288, libvirt.VIR_DOMAIN_MEM_MAXIMUM | libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    domain.setVcpusFlags(1, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    tap.ok(domain.autostart() == 1 and domain.maxMemory() == 524288 and domain.vcpusFlags(2) == 1, 'changes')
    domain.setSchedulerParametersFlags({'weight': 512}, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    tap.ok(list(domain.schedulerType()) == ['credit2', 2] and domain.schedulerParameters() == {'weight': 512, 'cap': 0},
           'scheduler', f'{domain.schedulerType()} {domain.schedulerParameters()}')
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, 'title', None, None, 2)
    tap.ok(domain.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None, 2) == 'title', 'metadata')
    fails(libvirt.VIR_ERR_NO_DOMAIN_METADATA, 'metadata that is not there', domain.metadata, 0, None, 2)
    domain.attachDeviceFlags(DISK, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    tap.ok('/srv/a.img' in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), 'attachDeviceFlags')
    domain.updateDeviceFlags(DISK.replace('a.img', 'b.img'), libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    tap.ok('/srv/b.img' in domain.XMLDesc(), 'updateDeviceFlags')
    domain.detachDeviceFlags(DISK, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    tap.ok('/srv/' not in domain.XMLDesc(), 'detachDeviceFlags')
    fails(libvirt.VIR_ERR_DEVICE_MISSING, 'detachDeviceFlags again', domain.detachDeviceFlags, DISK, 2)
    for function, args in ((domain.destroy, ()), (domain.shutdown, ()), (domain.suspend, ()), (domain.create, ()),
                           (domain.attachDevice, (DISK,)), (domain.setMemory, (4096,)), (domain.rename, ('one', 0))):
        fails(libvirt.VIR_ERR_OPERATION_INVALID, function.__name__, function, *args)
    fails(libvirt.VIR_ERR_OPERATION_FAILED, 'the name with another UUID', connection.defineXML, definition('one', 2))
    fails(libvirt.VIR_ERR_OPERATION_FAILED, 'the UUID with another name', connection.defineXML, definition('two', 1))
    fails(libvirt.VIR_ERR_NO_SUPPORT, 'blockPull', domain.blockPull, 'xvda')
    config = connection.domainXMLToNative('xen-xl', domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), 0)
    tap.ok('name = "one"' in config, 'domainXMLToNative', config)
    tap.ok('<name>one</name>' in connection.domainXMLFromNative('xen-xl', config, 0), 'domainXMLFromNative')
    domain.undefineFlags(0)
    fails(libvirt.VIR_ERR_NO_DOMAIN, 'info of what is gone', domain.info)


class Loop:
    """libvirt's event loop in a thread, and what it heard."""

    def __init__(self):
        libvirt.virEventRegisterDefaultImpl()
        self.heard = []
        threading.Thread(target=self.run, daemon=True).start()

    @staticmethod
    def run():
        while True:
            libvirt.virEventRunDefaultImpl()

    def hear(self, *what):
        self.heard.append(what)

    def wait(self, wanted):
        """Whether all of WANTED have been heard, in this order."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            rest = iter(list(self.heard))
            if all(any(item == one for one in rest) for item in wanted):
                return True
            time.sleep(0.02)
        return False


def test_events(daemon, loop):
    connection = libvirt.open(daemon.uri())
    connection.registerCloseCallback(lambda c, reason, opaque: loop.hear('closed', reason), None)
    connection.setKeepAlive(1, 5)
    connection.domainEventRegister(lambda c, d, event, detail, opaque: loop.hear('old', d.name(), event, detail), None)
    watched = connection.defineXML(definition('watched', 3))
    other = connection.defineXML(definition('other', 4))
    lifecycle = connection.domainEventRegisterAny(
        watched, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
        lambda c, d, event, detail, opaque: loop.hear('one', d.name(), event, detail), None)
    connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
        lambda c, d, kind, uri, opaque: loop.hear('metadata', d.name(), kind, uri), None)
    other.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, '<a/>', 'k', 'http://example.org/k', 2)
    other.undefine()
    watched.rename('renamed')
    both = loop.wait([('one', 'watched', 1, 1), ('one', 'renamed', 0, 2)])
    tap.ok(both, 'lifecycle events of one', str(loop.heard))
    connection.domainEventDeregisterAny(lifecycle)
    watched.undefine()
    old = [('old', 'watched', 0, 0), ('old', 'other', 0, 0), ('old', 'other', 1, 0), ('old', 'watched', 1, 1),
           ('old', 'renamed', 0, 2), ('old', 'renamed', 1, 0)]
    tap.ok(loop.wait(old), 'lifecycle events of all domains, in order', str(loop.heard))
    tap.ok(loop.wait([('metadata', 'other', 2, 'http://example.org/k')]), 'a change of metadata', str(loop.heard))
    ones = [item for item in loop.heard if item[0] == 'one']
    tap.ok(len(ones) == 2, 'none of another domain, and none after leaving off', str(ones))
    time.sleep(3)
    tap.ok(connection.isAlive() == 1, 'keepalive keeps the connection')
    return connection


def test_many_clients(daemon):
    """All of them connected at once; then each does a round of its own."""
    barrier = threading.Barrier(CLIENTS_AT_ONCE)
    failures = []

    def run(number):
        try:
            connection = libvirt.open(daemon.uri())
            barrier.wait(300)
            domain = connection.defineXML(definition(f'many{number}', 0x100 + number))
            assert f'<name>many{number}</name>' in domain.XMLDesc()
            assert any(d.name() == f'many{number}' for d in connection.listAllDomains())
            domain.undefine()
            connection.close()
        except (AssertionError, libvirt.libvirtError, threading.BrokenBarrierError) as error:
            failures.append(f'{number}: {error!r}')

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.ok(not failures, f'{CLIENTS_AT_ONCE} clients at once', failures[:10])


def test_crash(daemon, loop, connection):
    """What was answered is there after the daemon has been killed."""
    fresh = libvirt.open(daemon.uri())
    fresh.defineXML(definition('kept', 5)).setAutostart(1)
    daemon.kill()
    tap.ok(loop.wait([('closed', libvirt.VIR_CONNECT_CLOSE_REASON_EOF)]), 'the close callback', str(loop.heard))
    tap.ok(connection.isAlive() == 0, 'the connection is gone')
    os.unlink(daemon.socket_ro)  # what start() waits for
    daemon.start()
    domain = libvirt.open(daemon.uri()).lookupByName('kept')
    tap.ok(domain.autostart() == 1, 'what was defined before the daemon was killed is there')
    domain.undefine()


def test_reload(daemon):
    daemon.write_config('log_level = "error"\nmax_clients = 1000\n')
    daemon.signal(signal.SIGHUP)
    tap.ok(daemon.wait_for_log('settings reloaded'), 'SIGHUP has the settings read anew')
    daemon.write_config('max_clients = "many"\n')
    daemon.signal(signal.SIGHUP)
    tap.ok(daemon.wait_for_log('the settings stay as they were.*max_clients'), 'and keeps those it has from a wrong file',
           daemon.log_text()[-500:])


def test_read_only(daemon):
    connection = libvirt.openReadOnly(daemon.uri(daemon.socket_ro))
    fails(libvirt.VIR_ERR_OPERATION_DENIED, 'defineXML, read-only', connection.defineXML, definition('x', 9))
    writable = libvirt.open(daemon.uri(daemon.socket_ro))
    fails(libvirt.VIR_ERR_OPERATION_DENIED, 'defineXML through the read-only socket', writable.defineXML,
          definition('x', 9))
    tap.ok(writable.listAllDomains() == [], 'nothing was defined')


def main():
    libvirt.registerErrorHandler(lambda context, error: None, None)
    loop = Loop()
    daemon = daemon_fixture.Daemon()
    connection = libvirt.open(daemon.uri())
    test_host(connection)
    test_codes(connection)
    test_domain(connection)
    test_read_only(daemon)
    watching = test_events(daemon, loop)
    test_many_clients(daemon)
    test_crash(daemon, loop, watching)
    test_reload(daemon)
    daemon.finish()


main()
tap.finish()
