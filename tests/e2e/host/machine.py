# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test machine: a real Xen with its dom0 in QEMU's software emulation, which needs no KVM and no privilege.

Its serial line goes to a file. Reports come over a virtio port, so that no kernel's message can break a line.
"""
import ctypes
import os
import re
import selectors
import signal
import subprocess
import time

MEMORY_MIB = 3584
DOM0_MIB = 2048
SILENCE_S = 300
CONSOLE_TAIL_LINES = 60
# A PV dom0 dies under this emulator at its first page fault with SMAP, and guests at RDTSCP. With XSAVE, AVX registers get
# mixed up when several processes are busy: kernels do not unpack, ld.so fails, daemons die of what is not theirs. With ERMS,
# software copies byte by byte what it would copy in words.
CPU = 'max,-smap,-smep,-rdtscp,-avx,-avx2,-xsave,-xsavec,-xsaves,-xsaveopt,-erms'

# The emulator looks up translated code in a table of many megabytes, all over the place: glibc asks for huge pages for it.
HUGE_PAGES = {'GLIBC_TUNABLES': 'glibc.malloc.hugetlb=1'}


class Hang(Exception):
    """The machine was ended: it was silent for too long, or took too long, or went off without a last word."""


def _comma(text):
    return text.replace(',', ',,')


def command(image, payload, work, cpus=2, interactive=False, words=''):
    """QEMU's command line. WORDS go to the end of dom0's, where its init finds them. Commas in a module's arguments
    would end them."""
    xen = f'console=com1 com1=115200,8n1 dom0_mem={DOM0_MIB}M,max:{DOM0_MIB}M'
    linux = _comma(f'console=hvc0 root=/dev/vda quiet net.ifnames=0 panic=5 {words}')
    path = lambda name: _comma(os.path.join(image, name))
    serial = ['-serial', 'mon:stdio'] if interactive else ['-serial', f'file:{_comma(work)}/console.log']
    report = f'file,path={_comma(work)}/report' if interactive else 'file,path=/dev/stdout'
    drive = 'if=virtio,format=raw,cache=unsafe,snapshot=on'
    return ['qemu-system-x86_64', '-name', 'virtxl-e2e', '-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', CPU,
            '-smp', str(cpus), '-m', str(MEMORY_MIB), '-display', 'none', '-no-reboot', '-nic', 'none', '-nodefaults',
            *serial, '-monitor', 'none' if not interactive else 'null',
            '-kernel', os.path.join(image, 'xen.elf'), '-append', xen,
            '-initrd', f'{path("vmlinux")} {linux},{path("dom0.cpio")}',
            '-drive', f'file={path("disk.img")},{drive}', '-drive', f'file={_comma(payload)},{drive}',
            '-device', 'virtio-serial-pci',
            '-chardev', f'{report},id=report', '-device', 'virtserialport,chardev=report,name=virtxl.report',
            '-chardev', f'file,path={_comma(work)}/files.tar,id=files',
            '-device', 'virtserialport,chardev=files,name=virtxl.files']


def console_tail(work):
    try:
        with open(os.path.join(work, 'console.log'), encoding='utf-8', errors='replace') as file:
            lines = file.readlines()[-CONSOLE_TAIL_LINES:]
    except FileNotFoundError:
        return []
    return [re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]', '', line.rstrip()) for line in lines]


def _die_with_parent():
    """Linux's prctl(PR_SET_PDEATHSIG): a program that is killed stops nothing itself."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Machine:
    """One boot. Iterate over it for the lines of its report; afterwards .status is what dom0's command ended with."""

    def __init__(self, image, payload, work, limit_s, cpus=2, words='', silence_s=SILENCE_S):
        self.status = None
        self._console = os.path.join(work, 'console.log')
        self._limit_s, self._silence_s = limit_s, silence_s
        # A group of its own: when this program is killed by a terminal's Ctrl-C, stop() still finds it.
        self._qemu = subprocess.Popen(command(image, payload, work, cpus, words=words), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, start_new_session=True, preexec_fn=_die_with_parent,
                                      env={**os.environ, 'TMPDIR': work, **HUGE_PAGES})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self._qemu.poll() is None:
            self._qemu.send_signal(signal.SIGKILL)
        self._qemu.wait()
        self._qemu.stdout.close()

    def _console_size(self):
        try:
            return os.stat(self._console).st_size
        except FileNotFoundError:
            return 0

    def _chunks(self):
        """What comes from the report's port; b'' each second without. Raises Hang."""
        start = heard = time.monotonic()
        size = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._qemu.stdout, selectors.EVENT_READ)
            while True:
                chunk = os.read(self._qemu.stdout.fileno(), 65536) if selector.select(1) else None
                if chunk == b'':
                    return
                now = time.monotonic()
                if chunk or self._console_size() != size:
                    size, heard = self._console_size(), now
                if now - heard > self._silence_s:
                    raise Hang(f'nothing was heard for {self._silence_s} s')
                if now - start > self._limit_s:
                    raise Hang(f'it took more than {self._limit_s} s')
                yield chunk or b''

    def __iter__(self):
        text = b''
        for chunk in self._chunks():
            text += chunk
            *lines, text = text.split(b'\n')
            for line in lines:
                line = line.decode('utf-8', 'replace').rstrip('\r')
                if match := re.fullmatch(r'XEN-EXIT (\d+)', line):
                    self.status = int(match[1])
                yield line
        if self.status is None:
            raise Hang('it went off before its work was done')
