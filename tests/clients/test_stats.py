#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients ask of running domains, with guests in memory: statistics, vcpus, dumps."""
import os
import subprocess
import sys

import libvirt

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import daemon_fixture  # noqa: E402
from channel_client import error_of  # noqa: E402
from daemon_fixture import tap  # noqa: E402

MIB = 1024 * 1024


def definition(name, number, image):
    return (f"<domain type='xen'><name>{name}</name><uuid>8c2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c{number:04x}</uuid>"
            f"<memory unit='MiB'>512</memory><currentMemory unit='MiB'>256</currentMemory>"
            f"<vcpu current='2'>4</vcpu><os><type>linux</type><kernel>/boot/guest</kernel></os><devices>"
            f"<disk type='file' device='disk'><source file='{image}'/><target dev='xvda' bus='xen'/></disk>"
            f"<disk type='file' device='cdrom'><target dev='xvdb' bus='xen'/><readonly/></disk>"
            f"<interface type='bridge'><mac address='00:16:3e:01:02:{number:02x}'/><source bridge='xenbr0'/></interface>"
            f"<channel type='unix'><target type='xen' name='org.example.0'/></channel>"
            f"<channel type='pty'><target type='xen' name='org.example.1'/></channel></devices></domain>")


def test_all_stats(connection, domain, image):
    (_, off), = connection.domainListGetStats([domain])
    tap.ok(off['state.state'] == libvirt.VIR_DOMAIN_SHUTOFF and off['balloon.maximum'] == 512 * 1024 and
           off['vcpu.maximum'] == 4 and off['block.0.path'] == image and off['block.0.physical'] == 3 * MIB and
           'cpu.time' not in off and 'net.count' not in off and off['channel.count'] == 2 and
           'channel.0.state' not in off, 'domstats of a domain that is shut off', str(off))
    domain.create()
    (_, on), = connection.domainListGetStats([domain])
    tap.ok(on['state.state'] == libvirt.VIR_DOMAIN_RUNNING and 'cpu.time' in on and on['balloon.current'] == 256 * 1024,
           'domstats of a running one: state, cpu, balloon', str(on))
    tap.ok(on['vcpu.maximum'] == 4 and all(f'vcpu.{n}.time' in on and f'vcpu.{n}.state' in on
                                           for n in range(on['vcpu.current'])), 'vcpu', str(on))
    tap.ok(on['net.count'] == 1 and on['net.0.name'].startswith('vif') and 'net.0.rx.bytes' in on and
           'net.0.tx.pkts' in on, 'interface', str(on))
    tap.ok(on['block.count'] == 2 and on['block.0.name'] == 'xvda' and 'block.0.rd.bytes' in on and
           on['block.0.capacity'] == 3 * MIB and on['block.1.name'] == 'xvdb' and 'block.1.capacity' not in on,
           'block', str(on))
    tap.ok([on[f'channel.{n}.name'] for n in (0, 1)] == ['org.example.0', 'org.example.1'] and
           on['channel.0.state'] == 'connected', 'channels', str(on))
    (_, some), = connection.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_STATE)
    tap.ok(set(some) == {'state.state', 'state.reason'}, 'one group', str(some))
    active = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
    inactive = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE
    tap.ok(domain.name() in [d.name() for d, _ in connection.getAllDomainStats(0, active)], 'filter: active')
    tap.ok(domain.name() not in [d.name() for d, _ in connection.getAllDomainStats(0, inactive)], 'filter: inactive')
    enforce = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
    tap.ok(error_of(connection.getAllDomainStats, libvirt.VIR_DOMAIN_STATS_PERF, enforce) ==
           libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, 'a group that is not there, enforced')
    (_, none), = connection.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_PERF)
    tap.ok(none == {}, 'or not enforced')
    nowait = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    tap.ok(connection.getAllDomainStats(0, nowait), 'nowait')
    tap.ok(error_of(connection.getAllDomainStats, 0, 1 << 28) == libvirt.VIR_ERR_INVALID_ARG, 'an unknown flag')


def test_one(domain, image):
    infos, maps = domain.vcpus()
    tap.ok(len(infos) == len(maps) >= 2 and infos[0][0] == 0 and len(maps[0]) == 16, 'vcpus', f'{infos} {maps}')
    tap.ok(len(domain.blockStats('xvda')) == 5 and domain.blockStats(image) == domain.blockStats('xvda'), 'blockStats')
    tap.ok('rd_bytes' in domain.blockStatsFlags('xvda'), 'blockStatsFlags', str(domain.blockStatsFlags('xvda')))
    tap.ok(domain.blockStats('')[0] >= domain.blockStats('xvda')[0], 'of all disks')
    tap.ok(error_of(domain.blockStats, 'xvdz') == libvirt.VIR_ERR_INVALID_ARG, 'of no disk')
    tap.ok(domain.blockInfo('xvda')[0] == 3 * MIB, 'blockInfo', str(domain.blockInfo('xvda')))
    name = f'vif{domain.ID()}.0'
    tap.ok(len(domain.interfaceStats(name)) == 8, 'interfaceStats')
    tap.ok(domain.interfaceStats('00:16:3E:01:02:01') == domain.interfaceStats(name), 'by the MAC address')
    tap.ok(error_of(domain.interfaceStats, 'vif99.9') == libvirt.VIR_ERR_INVALID_ARG, 'of no interface')
    tap.ok(domain.memoryStats() == {'actual': 256 * 1024, 'rss': 256 * 1024}, 'memoryStats', str(domain.memoryStats()))
    tap.ok(domain.controlInfo(0)[0] == libvirt.VIR_DOMAIN_CONTROL_OK, 'controlInfo')
    tap.ok(domain.jobInfo()[0] == libvirt.VIR_DOMAIN_JOB_NONE and domain.jobStats()['type'] == 0, 'no job')
    tap.ok(domain.diskErrors() == {} and domain.messages() == [], 'no errors, no messages')
    tap.ok(domain.securityLabel() == ['', False], 'no label', str(domain.securityLabel()))


def test_off(domain):
    invalid = libvirt.VIR_ERR_OPERATION_INVALID
    for call in (domain.vcpus, domain.memoryStats, domain.controlInfo, domain.diskErrors):
        tap.ok(error_of(call) == invalid, f'{call.__name__} of a domain that is shut off')
    tap.ok(error_of(domain.blockStats, 'xvda') == invalid, 'blockStats')
    tap.ok(domain.blockInfo('xvda')[0] == 3 * MIB, 'blockInfo is of the definition then')


def test_virsh(daemon, domain):
    for command, wanted in (('vcpuinfo guest', 'CPU Affinity'), ('domblkstat guest xvda', 'xvda'),
                            (f'domifstat guest vif{domain.ID()}.0', 'rx_bytes'), ('dommemstat guest', 'actual 262144'),
                            ('domblkinfo guest xvda', f'Capacity:       {3 * MIB}'), ('dominfo guest', 'running'),
                            ('domstats --vm guest', 'channel.1.name=org.example.1'), ('domjobinfo guest', 'None'),
                            ('domcontrol guest', 'ok'), ('domblkerror guest', 'No errors'), ('cpu-stats guest', None)):
        done = subprocess.run(['virsh', '-c', daemon.uri(), *command.split()], capture_output=True, text=True, check=False)
        good = done.returncode == 0 and wanted in done.stdout if wanted else done.returncode != 0
        tap.ok(good, f'virsh {command}', repr(done))


def test_dump(daemon, domain):
    path = os.path.join(daemon.folder, 'core')
    domain.coreDump(path, 0)
    tap.ok(os.path.exists(path) and domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING, 'coreDump')
    os.unlink(path)
    domain.suspend()
    domain.coreDump(path, libvirt.VIR_DUMP_LIVE)
    tap.ok(os.path.exists(path) and domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED, 'of a paused domain, which stays so')
    domain.resume()
    tap.ok(error_of(domain.coreDump, os.path.join(daemon.folder, 'no', 'core'), 0) is not None and
           domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING, 'when it fails, the domain goes on')
    tap.ok(error_of(domain.coreDumpWithFormat, path, libvirt.VIR_DOMAIN_CORE_DUMP_FORMAT_KDUMP_ZLIB, 0) ==
           libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, 'a format that is not there')
    domain.coreDump(path, libvirt.VIR_DUMP_CRASH)
    tap.ok(domain.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED], 'with crash, it is gone',
           str(domain.state()))
    tap.ok(error_of(domain.coreDump, path, 0) == libvirt.VIR_ERR_OPERATION_INVALID, 'of one that is shut off')


def main():
    daemon = daemon_fixture.Daemon(memory=True)
    image = os.path.join(daemon.folder, 'a.img')
    with open(image, 'wb') as file:
        file.truncate(3 * MIB)
    connection = libvirt.open(daemon.uri())
    domain = connection.defineXML(definition('guest', 1, image))
    test_all_stats(connection, domain, image)
    test_one(domain, image)
    test_virsh(daemon, domain)
    test_dump(daemon, domain)
    test_off(domain)
    connection.close()
    daemon.finish()
    tap.finish()


main()
