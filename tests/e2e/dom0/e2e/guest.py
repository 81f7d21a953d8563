# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests: their XML, and what is seen of them from outside without asking the daemon."""
import os
import re
import uuid
from xml.sax.saxutils import escape, quoteattr

from e2e import xen
from e2e.shell import check, wait_for

BOOT_S = {'pv': 150, 'pvh': 150, 'hvm': 400}  # of a machine that others use as well; a tenth of it otherwise
KERNEL, BZIMAGE, INITRAMFS = '/run/guest/vmlinux', '/run/guest/vmlinuz', '/run/guest/initramfs'
MEMORY_MIB = {'pv': 128, 'pvh': 160, 'hvm': 192}
SHUTDOWN_CRASH = 3  # xen/public/sched.h
WORDS = 'console=hvc0 quiet cryptomgr.notests pci=noearly'  # for its kernel; the last two leave out what takes long here
LOADER = '/usr/lib/xen-4.17/boot/hvmloader'


def channel_xml(name, path=None):
    """A channel of that name: a pty, or a socket that listens at PATH ('' : the daemon chooses where)."""
    if path is None:
        return f'<channel type="pty"><target type="xen" name={quoteattr(name)}/></channel>'
    at = f' path={quoteattr(path)}' if path else ''
    return f'<channel type="unix"><source mode="bind"{at}/><target type="xen" name={quoteattr(name)}/></channel>'


class Guest:
    """A domain of the machine's own kernel and initramfs, or of those that its BOOTLOADER finds on its disk. It need not be
    defined yet."""

    def __init__(self, kind, name, channels=(), arguments='', memory_mib=None, vcpus=1, devices='', elements='',
                 max_memory_mib=None, initramfs=INITRAMFS, bootloader=None):
        self.kind, self.name, self.uuid = kind, name, str(uuid.uuid4())
        self.channels, self.arguments, self.devices, self.elements = list(channels), arguments, devices, elements
        self.memory_mib = memory_mib or MEMORY_MIB[kind]
        self.max_memory_mib = max_memory_mib or self.memory_mib
        self.vcpus, self.initramfs, self.bootloader = vcpus, initramfs, bootloader
        self.file = f'/run/guest/{name}.xml'
        self._console_start = self._console_size()
        self.write()

    def write(self):
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(self.xml())

    def _os(self):
        kind = {'pv': ('xenpv', 'linux'), 'pvh': ('xenpvh', 'xenpvh'), 'hvm': ('xenfv', 'hvm')}[self.kind]
        if self.bootloader:
            return (f'<bootloader>{self.bootloader}</bootloader>'
                    f'<os><type arch="x86_64" machine="{kind[0]}">{kind[1]}</type></os>')
        kernel = BZIMAGE if self.kind == 'hvm' else KERNEL
        loader = f'<loader type="rom">{LOADER}</loader>' if self.kind == 'hvm' else ''
        return (f'<os><type arch="x86_64" machine="{kind[0]}">{kind[1]}</type>{loader}<kernel>{kernel}</kernel>'
                f'<initrd>{self.initramfs}</initrd><cmdline>{escape(f"{WORDS} {self.arguments}")}</cmdline></os>')

    def xml(self):
        features = '<features><acpi/><apic/><pae/></features>' if self.kind == 'hvm' else ''
        console = '<console type="pty"><target type="xen" port="0"/></console>'
        if self.kind == 'hvm':
            console = ('<serial type="pty"><target port="0"/></serial>'
                       '<console type="pty"><target type="serial" port="0"/></console>')
        return (f'<domain type="xen"><name>{escape(self.name)}</name><uuid>{self.uuid}</uuid>'
                f'<memory unit="MiB">{self.max_memory_mib}</memory>'
                f'<currentMemory unit="MiB">{self.memory_mib}</currentMemory>'
                f'<vcpu>{self.vcpus}</vcpu>{self._os()}{features}{self.elements}'
                f'<devices>{console}{"".join(self.channels)}{self.devices}</devices></domain>\n')

    # What Xen says of it.

    def domid(self):
        """Its number, or None if Xen has no such domain."""
        return xen.domid(self.name)

    def node(self, path):
        """The value of a xenstore node in its /local/domain/ID/, or None."""
        return xen.read(f'/local/domain/{self.domid()}/{path}')

    def wait_gone(self, seconds=30):
        wait_for(lambda: self.domid() is None, f'{self.name} is gone', seconds)

    # Its console.

    @property
    def _console_log(self):
        return f'/var/log/xen/console/guest-{self.name}.log'

    def _console_size(self):
        return os.path.getsize(self._console_log) if os.path.exists(self._console_log) else 0

    def forget_console(self):
        """What it says is looked at from here on."""
        self._console_start = self._console_size()

    def console(self):
        """What its kernel and init said, on the PV console, which xenconsoled writes down."""
        if not os.path.exists(self._console_log):
            return ''
        with open(self._console_log, 'rb') as file:
            file.seek(self._console_start)
            return file.read().decode('utf-8', 'replace')

    def wait_up(self, seconds=None):
        self.wait_console('GUEST-UP', seconds)

    def wait_console(self, word, seconds=None):
        try:
            wait_for(lambda: word in self.console(), f'{self.name} says {word}', seconds or BOOT_S[self.kind])
        except Exception as why:
            raise type(why)(f'{why}\n{self.console()[-2000:]}') from None

    def type(self, line):
        """Types a line at the shell on its console."""
        tty = self.node('console/tty')
        check(tty and re.fullmatch(r'/dev/pts/\d+', tty), f'{self.name} has the console {tty}')
        with open(tty, 'wb', buffering=0) as console:
            console.write(line.encode() + b'\n')

    def does(self, line, seconds=None):
        """Types a LINE and waits until it is done; what the console says from there on, its echo too."""
        self.forget_console()
        self.type(f"{line}; echo 'D'ONE")
        self.wait_console('\nDONE', seconds)
        return self.console().replace('\r', '')

    def crash(self):
        """Its kernel panics. An HVM guest's ends in a triple fault instead, under this emulation, which Xen takes for a
        reboot: so Xen is told what such a kernel would tell it."""
        if self.kind != 'hvm':
            self.type('echo c >/proc/sysrq-trigger')
            return
        check(xen.shutdown(self.domid(), SHUTDOWN_CRASH), f'{self.name} crashes')

    def boot(self):
        """The number that its kernel drew at random when it booted."""
        return re.search(r'[0-9a-f]{8}-[0-9a-f-]{27}', self.does('cat /proc/sys/kernel/random/boot_id'))[0]
