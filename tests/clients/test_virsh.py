#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's own virsh against a private virtxld: every command that needs no running guest, and what it says when
something is wrong. Each row is a command, whether it succeeds, and what the output has to match."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import daemon_fixture  # noqa: E402
from daemon_fixture import tap  # noqa: E402

GOOD, BAD = True, False
UUID = '5b2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c0001'

WEB = f"""<domain type='xen'>
  <name>web</name>
  <uuid>{UUID}</uuid>
  <metadata><app:note xmlns:app='http://example.org/app'>kept</app:note></metadata>
  <memory unit='MiB'>512</memory>
  <vcpu>4</vcpu>
  <os><type arch='x86_64' machine='xenfv'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/srv/web.img'/><target dev='xvda' bus='xen'/></disk>
    <interface type='bridge'><mac address='00:16:3e:01:02:03'/><source bridge='xenbr0'/></interface>
    <graphics type='vnc' port='-1' passwd='secret'/>
    <channel type='unix'><source mode='bind' path='/run/web.agent'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  </devices>
</domain>
"""
FILES = {
    'web.xml': WEB,
    'other-uuid.xml': WEB.replace('0001', '0002'),
    'other-name.xml': WEB.replace('<name>web', '<name>other'),
    'second.xml': WEB.replace('0001', '0002').replace('>web<', '>second<'),
    'broken.xml': WEB.replace('</memory>', ''),
    'empty.xml': "<domain type='xen'>\n</domain>\n",
    'kvm.xml': WEB.replace("type='xen'>", "type='kvm'>", 1),
    'unknown.xml': WEB.replace('<vcpu>4', '<vcpu>many'),
    'disk.xml': "<disk type='file' device='disk'><source file='/srv/b.img'/><target dev='xvdb' bus='xen'/></disk>",
    'disk2.xml': "<disk type='file' device='disk'><source file='/srv/c.img'/><target dev='xvdb' bus='xen'/></disk>",
    'web.cfg': 'name = "native"\ntype = "hvm"\nmemory = 256\n'
               'channel = [ "name=org.qemu.guest_agent.0,connection=socket,path=/run/native.agent" ]\n',
    'old.cfg': 'name = "old"\nbuilder = "hvm"\nkernel = "/usr/lib/xen/boot/hvmloader"\nmemory = 256\n',
    'old.xml': """<domain type='xen'><name>old</name><memory>65536</memory>
  <os><type>linux</type><kernel>/k</kernel></os>
  <devices><disk type='block' device='disk'><driver name='phy' type='raw'/><source dev='/dev/vg/old'/>
    <target dev='xvda' bus='xen'/></disk></devices></domain>
""",
    'wrong.cfg': 'name = "native"\nmemory = [[\n',
}

# Without a domain.
EMPTY = [
    ('uri', GOOD, 'xen'),
    ('hostname', GOOD, os.uname().nodename),
    ('version', GOOD, r'Using API: Xen 9\.0\.0'),
    ('version --daemon', GOOD, r'Running against daemon: 9\.0\.0'),
    ('nodeinfo', GOOD, r'CPU model: +x86_64\n(.|\n)*Memory size: +\d+ KiB'),
    ('nodecpumap', GOOD, r'CPUs present: +\d+'),
    ('nodememstats', GOOD, r'total *: +\d+ KiB'),
    ('freecell', GOOD, r'Total: \d+ KiB'),
    ('freecell --cellno 0', GOOD, r'0: \d+ KiB'),
    ('freecell --cellno 99', BAD, 'NUMA node 99'),
    ('capabilities', GOOD, r"<capabilities>(.|\n)*<domain type='xen'"),
    ('domcapabilities', GOOD, r'<domainCapabilities>(.|\n)*<domain>xen</domain>'),
    ('domcapabilities --virttype kvm', BAD, 'kvm'),
    ('cpu-models x86_64', GOOD, ''),
    ('maxvcpus', GOOD, r'^\d+$'),
    ('list --all', GOOD, r'Id +Name +State\n-+\n$'),
    ('net-list', BAD, 'not supported by the connection driver: virConnectNumOfNetworks'),
    ('pool-list', BAD, 'not supported by the connection driver: virConnectNumOfStoragePools'),
    ('nodedev-list', BAD, 'not supported by the connection driver: virNodeNumOfDevices'),
    ('iface-list', BAD, 'not supported by the connection driver: virConnectNumOfInterfaces'),
    ('secret-list', BAD, 'not supported by the connection driver: virConnectNumOfSecrets'),
    ('nwfilter-list', BAD, 'not supported by the connection driver: virConnectNumOfNWFilters'),
    ('dominfo web', BAD, "failed to get domain 'web'"),
    ('define broken.xml', BAD, 'line 14|line 5|mismatch'),
    ('define empty.xml', BAD, 'name'),
    ('define kvm.xml', BAD, 'kvm'),
    ('define --validate unknown.xml', BAD, 'vcpu'),
    ('domxml-from-native xen-xl web.cfg', GOOD, "<target type='xen' name='org.qemu.guest_agent.0'/>"),
    ('domxml-from-native xen-xm web.cfg', GOOD, '<name>native</name>'),
    ('domxml-from-native xen-xm old.cfg', GOOD, "<loader type='rom'>/usr/lib/xen/boot/hvmloader</loader>"),
    ('domxml-to-native xen-xm --xml old.xml', GOOD, 'phy:/dev/vg/old,xvda,w'),
    ('domxml-to-native xen-xm --xml web.xml', BAD, 'xm cannot say channel: write the guest as xen-xl'),
    ('domxml-from-native xen-xl wrong.cfg', BAD, 'line 2'),
    ('domxml-from-native vmware web.cfg', BAD, 'vmware'),
    ('domxml-to-native xen-xl --xml web.xml', GOOD, 'channel = .*name=org.qemu.guest_agent.0'),
    ('domxml-to-native vmware --xml web.xml', BAD, 'vmware'),
    ('domxml-to-native xen-xl --xml broken.xml', BAD, 'error'),
]

# With the domain web, one after the other.
WITH_WEB = [
    ('define web.xml', GOOD, "Domain 'web' defined"),
    ('define --validate web.xml', GOOD, "Domain 'web' defined"),
    ('define other-uuid.xml', BAD, 'web'),
    ('define other-name.xml', BAD, UUID),
    ('list --all', GOOD, r'- +web +shut off'),
    ('list --all --uuid', GOOD, UUID),
    ('list --inactive --name', GOOD, '^web$'),
    ('list', GOOD, r'-+\n$'),
    ('list --all --persistent', GOOD, 'web'),
    ('list --all --transient', GOOD, r'-+\n$'),
    ('list --all --autostart', GOOD, r'-+\n$'),
    ('list --all --no-autostart', GOOD, 'web'),
    ('list --all --state-running', GOOD, r'-+\n$'),
    ('list --all --state-shutoff', GOOD, 'web'),
    ('list --all --with-managed-save', GOOD, r'-+\n$'),
    ('list --all --without-snapshot', GOOD, 'web'),
    (f'domname {UUID}', GOOD, 'web'),
    ('domuuid web', GOOD, UUID),
    ('domid web', GOOD, '-'),
    ('domid 7', BAD, "failed to get domain '7'"),
    ('domstate web', GOOD, 'shut off'),
    ('dominfo web', GOOD, r'OS Type: +hvm\n(.|\n)*CPU\(s\): +4\n(.|\n)*Persistent: +yes\nAutostart: +disable'),
    ('dumpxml web', GOOD, "/run/web.agent"),
    ('dumpxml web --security-info', GOOD, "passwd='secret'"),
    ('dumpxml web --inactive', GOOD, f'<uuid>{UUID}</uuid>'),
    ('dumpxml web --migratable', GOOD, '<domain'),
    ('domxml-to-native xen-xl --domain web', GOOD, 'name=org.qemu.guest_agent.0'),
    ('start web', BAD, 'no Xen hypervisor on this host'),
    ('start web --paused', BAD, 'no Xen hypervisor on this host'),
    ('create second.xml', BAD, 'no Xen hypervisor on this host'),
    ('destroy web', BAD, 'not running'),
    ('shutdown web', BAD, 'not running'),
    ('reboot web', BAD, 'not running'),
    ('suspend web', BAD, 'not running'),
    ('resume web', BAD, 'not running'),
    ('console web', BAD, 'running'),
    ('autostart web', GOOD, 'marked as autostarted'),
    ('list --all --autostart', GOOD, 'web'),
    ('autostart web --disable', GOOD, 'unmarked as autostarted'),
    ('setmaxmem web 1G --config', GOOD, ''),
    ('setmem web 700M --config', GOOD, ''),
    ('dominfo web', GOOD, r'Max memory: +1048576 KiB\nUsed memory: +716800 KiB'),
    ('setmem web 2G --config', BAD, 'maximum'),
    ('setmem web 700M --live', BAD, 'not running'),
    ('setvcpus web 2 --config', GOOD, ''),
    ('setvcpus web 9 --config', BAD, 'maximum of 4'),
    ('setvcpus web 8 --config --maximum', GOOD, ''),
    ('vcpucount web', GOOD, r'maximum +config +8\ncurrent +config +2'),
    ('vcpupin web --vcpu 1 --cpulist 0 --config', GOOD, ''),
    ('vcpupin web --config', GOOD, r' 1 +0\n'),
    ('vcpuinfo web', GOOD, r'CPU Affinity'),
    ('schedinfo web --config', GOOD, r'Scheduler +: credit2\nweight +: 256\ncap +: 0'),
    ('schedinfo web --config --set weight=300 cap=50', GOOD, 'weight +: 300\ncap +: 50'),
    ('schedinfo web --config --set weight=0', BAD, 'weight'),
    ('desc web --title --config "a title"', GOOD, ''),
    ('desc web --title', GOOD, 'a title'),
    ('list --all --title', GOOD, 'web.*a title'),
    ('desc web --config "many words"', GOOD, ''),
    ('desc web', GOOD, 'many words'),
    ('metadata web http://example.org/app', GOOD, 'kept'),
    ('metadata web http://example.org/none', BAD, 'metadata not found'),
    ('metadata web http://example.org/mine --config --key mine --set "<n>1</n>"', GOOD, ''),
    ('metadata web http://example.org/mine', GOOD, '<n>1</n>|<n [^>]*>1</n>'),
    ('metadata web http://example.org/mine --config --remove', GOOD, ''),
    ('metadata web http://example.org/mine', BAD, 'metadata not found'),
    ('attach-device web disk.xml --config', GOOD, 'attached successfully'),
    ('attach-device web disk.xml --config', BAD, 'already'),
    ('attach-device web disk.xml --live', BAD, 'not running'),
    ('dumpxml web', GOOD, '/srv/b.img'),
    ('domblklist web', GOOD, 'xvdb +/srv/b.img'),
    ('update-device web disk2.xml --config', GOOD, 'updated successfully'),
    ('domblklist web', GOOD, 'xvdb +/srv/c.img'),
    ('detach-device web disk2.xml --config', GOOD, 'detached successfully'),
    ('detach-device web disk2.xml --config', BAD, 'xvdb|not found'),
    ('domiflist web', GOOD, '00:16:3e:01:02:03'),
    ('domrename web www', GOOD, 'renamed'),
    ('domrename www www', BAD, 'www'),
    ('domname ' + UUID, GOOD, 'www'),
    ('define second.xml', GOOD, 'defined'),
    ('domrename www second', BAD, 'second'),
    ('domstats', GOOD, 'balloon.maximum=1048576'),
    ('snapshot-list www', GOOD, r'-+\n$'),
    ('undefine www --managed-save --nvram', GOOD, 'undefined'),
    ('undefine www', BAD, "failed to get domain 'www'"),
]

# The library of the client refuses some by itself when it knows that it is read-only.
READ_ONLY = [
    ('list --all', GOOD, 'second'),
    ('dumpxml second', GOOD, '<domain'),
    ('dumpxml second --security-info', BAD, 'read only access prevents virDomainGetXMLDesc|virDomainGetXMLDesc with secure flag'),
    ('define web.xml', BAD, 'read only access prevents virDomainDefineXML'),
    ('undefine second', BAD, 'read only access prevents virDomainUndefineFlags|read only'),
    ('autostart second', BAD, 'read only access prevents virDomainSetAutostart|read only'),
    ('domxml-from-native xen-xl web.cfg', BAD, 'read only'),
    ('dominfo second', GOOD, 'second'),
]

NO_SUCH_URI = [
    ('qemu+unix:///system', "'qemu:///system' is not served here"),
    ('xen+unix:///session', "/session"),
]


def virsh(uri, command, folder, *options):
    # Split as virsh does; what is quoted stays one word.
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    done = subprocess.run(['virsh', *options, '-c', uri, *words], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def run_rows(daemon, title, rows, socket=None, *options):
    for command, good, pattern in rows:
        came, out = virsh(daemon.uri(socket), command, daemon.folder, *options)
        right = came == good and re.search(pattern, out, re.MULTILINE)
        tap.ok(right, f'{title}: virsh {command}', f'{"good" if came else "bad"}, wanted {pattern!r}\n{out}')


def test_events(daemon):
    """virsh event --all while another virsh does things: each arrives, in order."""
    with subprocess.Popen(['virsh', '-c', daemon.uri(), 'event', '--all', '--loop', '--timeout', '60'],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watcher:
        daemon.wait_for_log(r'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY of client', 27)
        for command in ('define web.xml', 'attach-device web disk.xml --config', 'desc web --title --config t',
                        'domrename web www', 'undefine www'):
            virsh(daemon.uri(), command, daemon.folder)
        wanted = [r"'lifecycle' for domain '?web'?: Defined Added", r"'metadata-change' for domain '?web'?",
                  r"'lifecycle' for domain '?www'?: (Defined Renamed|Undefined Renamed)",
                  r"'lifecycle' for domain '?www'?: Undefined Removed"]
        seen = []
        for line in watcher.stdout:
            seen.append(line)
            if re.search(wanted[-1], line):
                break
        watcher.terminate()
    text = ''.join(seen)
    at = 0
    for pattern in wanted:
        found = re.search(pattern, text[at:])
        tap.ok(found, f'virsh event shows {pattern}', text)
        at += found.end() if found else 0


def main():
    daemon = daemon_fixture.Daemon()
    for name, text in FILES.items():
        with open(os.path.join(daemon.folder, name), 'w', encoding='utf-8') as file:
            file.write(text)
    run_rows(daemon, 'empty', EMPTY)
    run_rows(daemon, 'one domain', WITH_WEB)
    run_rows(daemon, 'read-only socket', READ_ONLY, daemon.socket_ro)
    run_rows(daemon, 'read-only by choice', READ_ONLY, None, '-r')
    for uri, pattern in NO_SUCH_URI:
        came, out = virsh(f'{uri}?socket={daemon.socket}', 'list', daemon.folder)
        tap.ok(not came and pattern in out, f'{uri} is refused', out)
    test_events(daemon)
    log = daemon.log_text()
    tap.ok(re.search(r"info: virDomainSetAutostart of domain 'web' by user \d+, process \d+", log),
           'the log says who changed what')
    tap.ok('virDomainGetInfo of domain' not in log, 'and not who only asked')
    daemon.finish()


main()
tap.finish()
