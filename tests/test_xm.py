#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialect of xm (libvirt's xen-xm): every pair tests/xmconfigdata/NAME.cfg + NAME.xml, both ways.

  - from-xl --dialect=xm of NAME.cfg is NAME.xml, to the letter, without a word of warning;
  - to-xl --dialect=xm of NAME.xml gives NAME.xml again when it is read, and means the same to xl as NAME.cfg: xl reads
    xm's files, but for those that use what only xm knew;
  - disks are written as xm has them;
and what xm cannot say is an error that names the way out.
"""
import glob
import os
import re
import tempfile

import tap
from judge import meaning as judge

FOLDER = os.path.join(tap.SOURCE, 'tests', 'xmconfigdata')
XM = '--dialect=xm'
# What xl takes no notice of in these, or refuses: xm's own options, and disks that may be shared.
NOT_FOR_XL = {'hvm-old-cdrom', 'hvm-shared-disk', 'pv-sdl', 'pv-vcpu-avail'}

HEAD = "<domain type='xen'><name>g</name><memory>65536</memory>"
PV = "<os><type>linux</type><kernel>/k</kernel></os>"
HVM = "<os><type>hvm</type></os>"


def device(text, system=PV):
    return f'{HEAD}{system}<devices>\n{text}\n</devices></domain>'


def disk(inside, attributes="type='file'"):
    return device(f"<disk {attributes} device='disk'>{inside}<target dev='xvda' bus='xen'/></disk>")


CANNOT = [
    ('a channel', device("<channel type='pty'><target type='xen' name='a'/></channel>"), r'f:2:\d+: .*cannot say channel'),
    ('a PVH guest', f'{HEAD}<os><type>xenpvh</type><kernel>/k</kernel></os></domain>', 'a PVH guest'),
    ('a 9pfs share', device("<filesystem type='mount'><source dir='/a'/><target dir='b'/></filesystem>"), 'say p9'),
    ('OVMF', f"{HEAD}<os firmware='efi'><type>hvm</type></os></domain>", 'say bios'),
    ('a kernel of an HVM guest', f"{HEAD}<os><type>hvm</type><kernel>/k</kernel></os></domain>", 'the kernel'),
    ('a script of a disk', disk("<source file='/a'/><script path='block-own'/>"), 'f:2:.*the script of the disk'),
    ('a network disk', disk("<driver name='qemu' type='raw'/><source protocol='rbd' name='p/i'/>", "type='network'"),
     'f:2:.*the network source'),
    ('a disk of QED', disk("<driver name='qemu' type='qed'/><source file='/a'/>"), 'f:2:.*the format'),
    ('a disk with a comma', disk("<source file='/a,b'/>"), 'f:2:.*a comma'),
    ('an MTU', device("<interface type='bridge'><source bridge='b'/><mtu size='9000'/></interface>"), 'f:2:.*mtu of'),
    ('two serial ports', device("<serial type='pty'/><serial type='pty'/>", HVM), 'f:2:.*more than one serial'),
    ('SPICE', device("<graphics type='spice' port='5900'/>", HVM), 'spice'),
]


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def test_pairs(names, scratch):
    for name in names:
        xml = read(f'{FOLDER}/{name}.xml')
        run = tap.Run(['from-xl', XM, f'{FOLDER}/{name}.cfg'])
        tap.equal(run.out, xml, f'{name}: from-xl writes {name}.xml')
        tap.equal(run.err, '', f'{name}: from-xl has nothing to say')
        back = tap.Run(['to-xl', XM, f'{FOLDER}/{name}.xml'])
        tap.ok(back.status == 0 and not back.err, f'{name}: to-xl has nothing to say', back.told())
        with open(f'{scratch}/{name}.cfg', 'w', encoding='utf-8') as file:
            file.write(back.out)
        tap.equal(tap.Run(['from-xl', XM, f'{scratch}/{name}.cfg']).out, xml, f'{name}: and back again')
        strays = re.findall(r'vdev=|type = |cmdline|maxvcpus|_override', back.out)
        tap.ok(not strays, f'{name}: to-xl writes nothing that is only xl\'s', strays)


def test_meanings(names, scratch):
    judged = [name for name in names if name not in NOT_FOR_XL]
    answers = judge.meanings([f'{folder}/{name}.cfg' for name in judged for folder in (FOLDER, scratch)])
    for i, name in enumerate(judged):
        before, after = answers[2 * i:2 * i + 2]
        differences = [str(before)] if isinstance(before, judge.Rejected) else judge.same(before, after)
        tap.ok(not differences, f'{name}: xl finds the same meaning in both', differences)


def test_what_xm_cannot_say(scratch):
    for title, xml, wanted in CANNOT:
        with open(f'{scratch}/f', 'w', encoding='utf-8') as file:
            file.write(xml)
        run = tap.Run(['to-xl', XM, 'f'], folder=scratch)
        tap.ok(run.status == 1 and re.search(wanted + r'[^\n]*\n', run.err), f'xm cannot say {title}', run.told())
        if 'cannot say' in run.err:
            tap.ok('write the guest as xen-xl (--dialect=xl)' in run.err, f'{title}: the way out is named', run.err)
        run = tap.Run(['to-xl', '--dialect=xl', 'f'], folder=scratch)
        tap.ok(run.status == 0, f'xl can say {title}', run.told())


def main():
    names = sorted(os.path.basename(path)[:-4] for path in glob.glob(f'{FOLDER}/*.cfg'))
    tap.ok(len(names) >= 8 and NOT_FOR_XL < set(names), 'the pairs are there')
    with tempfile.TemporaryDirectory() as scratch:
        test_pairs(names, scratch)
        test_meanings(names, scratch)
        test_what_xm_cannot_say(scratch)
    run = tap.Run(['to-xl', '--dialect=xend'])
    tap.ok(run.status == 2 and 'write xl or xm' in run.err, 'no other dialect', run.told())
    tap.finish()


if __name__ == '__main__':
    main()
