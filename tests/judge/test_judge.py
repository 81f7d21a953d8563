#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The judge judged: it must be able to say "different", and forgive no more than its table says."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from judge import meaning as judge  # noqa: E402

UUID = 'uuid = "4a8e0dd4-6e7a-4b4c-9d4b-0a1f3c1a9b10"'
BASE = {
    'pv': f'name = "g"\n{UUID}\ntype = "pv"\nmemory = 64\nkernel = "/boot/k"\n',
    'pvh': f'name = "g"\n{UUID}\ntype = "pvh"\nmemory = 64\nkernel = "/boot/k"\n',
    'hvm': f'name = "g"\n{UUID}\ntype = "hvm"\nmemory = 64\n',
}
CHANNEL = 'channel = ["connection=socket,path=/run/a,name=org.a"]'

# Guest type, lines of one file, lines of another that means the same.
SAME = [
    ('pv', '', ''),
    ('pv', 'root = "/dev/xvda1"', 'extra = "root=/dev/xvda1"'),
    ('pv', 'vcpus = 0x2', 'vcpus = 2 # two'),
    ('pv', CHANNEL, 'channel = [ " name = org.a, path = /run/a , connection = socket" ]'),
    ('pv', CHANNEL, 'channel = ["connection=pty,name=x"]\n' + CHANNEL),
    ('pv', 'cpus = "nodes:1"', 'cpus = "16-31"'),
    ('hvm', 'disk = ["/dev/a,raw,hda,w"]', "disk = ['file:/dev/a,hda,rw']"),
    ('hvm', 'ms_vm_genid = "generate"', 'ms_vm_genid = "generate"'),
]

# Guest type, lines of one file, lines of another that means something else, where the difference is.
DIFFERENT = [
    ('pv', '', 'on_crash = "restart"', 'on_crash'),
    ('pv', CHANNEL, '', 'channels'),
    ('pv', CHANNEL, CHANNEL.replace('/run/a', '/run/b'), 'channels[0].connection.socket.path'),
    ('pv', CHANNEL, CHANNEL.replace('org.a', 'org.b'), 'channels[0].name'),
    ('pv', CHANNEL, CHANNEL.replace('socket,path=/run/a', 'pty'), 'channels[0].connection.pty'),
    ('pv', CHANNEL, CHANNEL.replace('name=', 'backend=dd,name='), 'channels[0].backend_domname'),
    ('pv', 'vfb = ["vnc=1"]', '', 'vfbs'),
    ('pv', 'vif = [""]', 'vif = ["", ""]', 'nics[1]'),
    ('pv', 'vif = ["mac=00:16:3e:00:00:01"]', 'vif = ["mac=00:16:3e:00:00:02"]', 'nics[0].mac'),
    ('pv', 'vif = [""]', 'vif = ["mac=00:16:3e:00:00:02"]', 'nics[0].mac'),
    ('pv', 'vcpus = 1', 'vcpus = 2', 'b_info.max_vcpus'),
    ('pv', 'vcpus = 2\nmaxvcpus = 4', 'vcpus = 4', 'b_info.avail_vcpus'),
    ('pv', 'memory = 64', 'memory = 65', 'b_info.max_memkb'),
    ('pv', '', 'uuid = "4a8e0dd4-6e7a-4b4c-9d4b-0a1f3c1a9b11"', 'c_info.uuid'),
    ('pv', 'type = "pv"', 'type = "pvh"', 'c_info.type'),
    ('pv', '', 'acpi = 0', 'b_info.acpi'),
    ('hvm', '', 'apic = 0', 'b_info.apic'),
    ('hvm', '', 'pae = 0', 'b_info.type.hvm.pae'),
    ('hvm', '', 'hap = 0', 'c_info.hap'),
    ('hvm', '', 'localtime = 1', 'b_info.localtime'),
    ('hvm', '', 'vnc = 0', 'b_info.type.hvm.vnc.enable'),
    ('hvm', 'vnc = 0', 'vnc = 0\nvnclisten = "127.0.0.1"', 'b_info.type.hvm.vnc.listen'),
    ('hvm', '', 'vncunused = 0', 'b_info.type.hvm.vnc.findunused'),
    ('hvm', '', 'vnclisten = "0.0.0.0"', 'b_info.type.hvm.vnc.listen'),
    ('hvm', '', 'sdl = 1', 'b_info.type.hvm.sdl.enable'),
    ('hvm', '', 'spice = 1', 'b_info.type.hvm.spice.enable'),
    ('hvm', '', 'boot = "d"', 'b_info.type.hvm.boot'),
    ('hvm', 'ms_vm_genid = "generate"', '', 'b_info.type.hvm.ms_vm_genid'),
    ('hvm', 'vif = [""]', 'vif = ["type=vif"]', 'nics[0].nictype'),
    ('hvm', 'disk = ["/dev/a,raw,hda,w"]', 'disk = ["/dev/a,raw,hda,r"]', 'disks[0].readwrite'),
    ('hvm', 'disk = ["/dev/a,raw,hda,w", "/dev/b,raw,hdb,w"]', 'disk = ["/dev/b,raw,hdb,w", "/dev/a,raw,hda,w"]',
     'disks[0].pdev_path'),
]

# For each row of judge.DEFAULTS, by its place: what a file needs besides, and the line that spells the default out.
SPELLED_OUT = {
    'b_info.max_vcpus': ('', 'vcpus = 1'),
    'b_info.avail_vcpus': ('maxvcpus = 2', 'vcpus = 1\nmaxvcpus = 2'),
    'b_info.acpi': ('', 'acpi = 1'),
    'b_info.apic': ('', 'apic = 1'),
    'b_info.type.hvm.pae': ('', 'pae = 1'),
    'b_info.localtime': ('', 'localtime = 0'),
    'b_info.type.hvm.vnc.enable': ('', 'vnc = 1'),
    'b_info.type.hvm.vnc.listen': ('', 'vnclisten = "127.0.0.1"'),
    'b_info.type.hvm.vnc.findunused': ('', 'vncunused = 1'),
    'b_info.type.hvm.sdl.enable': ('', 'sdl = 0'),
    'b_info.type.hvm.spice.enable': ('', 'spice = 0'),
    'vfbs[].vnc.enable': ('vfb = ["vncdisplay=1"]', 'vfb = ["vncdisplay=1,vnc=1"]'),
    'vfbs[].vnc.listen': ('vfb = ["vncdisplay=1"]', 'vfb = ["vncdisplay=1,vnclisten=127.0.0.1"]'),
    'vfbs[].vnc.findunused': ('vfb = ["vncdisplay=1"]', 'vfb = ["vncdisplay=1,vncunused=1"]'),
    'vfbs[].sdl.enable': ('vfb = ["vncdisplay=1"]', 'vfb = ["vncdisplay=1,sdl=0"]'),
    'nics[].nictype': ('vif = ["bridge=b"]', 'vif = ["bridge=b,type=%s"]'),
    'b_info.target_memkb': ('', ''),
    'c_info.uuid': ('', ''),
}
REFUSED = ['memory = [', 'type = "pv"\n', BASE['pv'] + 'channel = ["connection=fax,name=x"]\n',
           BASE['hvm'] + 'bios = "toaster"\n']
CRASHES = [BASE['pv'] + 'channel = [""]\n', BASE['pv'] + 'channel = [",,,"]\n']


def in_file(folder, text):
    handle, path = tempfile.mkstemp(dir=folder, suffix='.cfg')
    with open(handle, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def ask(folder, texts):
    return judge.meanings([in_file(folder, text) for text in texts])


def with_default(path, value, guest_type):
    """The two files that differ only in spelling out one default."""
    without, spelled = SPELLED_OUT[path]
    base = BASE[guest_type]
    if path == 'c_info.uuid':
        return base.replace(UUID, ''), base.replace(UUID, f'uuid = "{value}"')
    if path == 'b_info.target_memkb':
        return base.replace('memory =', 'maxmem ='), base + 'maxmem = 64'
    if '%s' in spelled:
        spelled %= {'vif_ioemu': 'ioemu', 'vif': 'vif'}[value]
    return base + without, base + spelled


def test_verdicts(folder):
    cases = [(kind, a, b, None) for kind, a, b in SAME] + DIFFERENT
    answers = ask(folder, [text for kind, a, b, _ in cases for text in (BASE[kind] + a + '\n', BASE[kind] + b + '\n')])
    for i, (kind, a, b, where) in enumerate(cases):
        differences = judge.same(*answers[2 * i:2 * i + 2])
        name = f'{kind}: "{a}" and "{b}" '.replace('\n', '; ')
        if where is None:
            tap.ok(differences == [], name + 'mean the same', differences)
        else:
            tap.ok(any(line.startswith(where + ':') for line in differences), name + f'differ in {where}', differences)


def test_defaults(folder):
    """Every row forgives something that xl really prints, so that none is dead or misspelled."""
    cases = [(path, value, kind) for path, value, types, _ in judge.DEFAULTS for kind in types]
    answers = ask(folder, [text for case in cases for text in with_default(*case)])
    for i, (path, value, kind) in enumerate(cases):
        left, right = answers[2 * i:2 * i + 2]
        if path == 'c_info.uuid':
            left = {**left, 'c_info': {key: value for key, value in left['c_info'].items() if key != 'uuid'}}
        differences = judge.same(left, right)
        tap.ok(left != right and not differences, f'{kind}: {path} = {value} is forgiven, and printed by xl',
               differences or 'xl prints the same for both files')
    places = {path for path, _, _, _ in judge.DEFAULTS}
    tap.ok(set(SPELLED_OUT) == places, 'every default has its proof', sorted(set(SPELLED_OUT) ^ places))


def test_no_judgement(folder):
    for text, answer in zip(REFUSED, ask(folder, REFUSED)):
        tap.ok(isinstance(answer, judge.Rejected) and answer, f'xl refuses {text!r}', repr(answer))
    for text, answer in zip(CRASHES, ask(folder, CRASHES)):
        tap.ok(isinstance(answer, judge.Crashed), f'xl 4.17 crashes on {text!r}', repr(answer))
    good, refused, crashed = {'c_info': {'type': 'pv'}}, judge.Rejected('no'), judge.Crashed('signal')
    tap.ok(judge.same(good, refused) and judge.same(refused, good), 'refused is not the same as taken')
    tap.ok(judge.same(refused, judge.Rejected('for another reason')) == [], 'refused is the same as refused')
    tap.ok(judge.same(crashed, crashed) and judge.same(crashed, refused), 'a crash is the same as nothing')


def test_program(folder):
    paths = [in_file(folder, BASE['pv'] + line) for line in ('vcpus = 1', '', 'vcpus = 3')]
    stdout = os.dup(1)
    with open(os.devnull, 'wb') as null:
        os.dup2(null.fileno(), 1)
        statuses = judge.main(paths[:2]), judge.main(paths[1:]), judge.main(paths[:1])
        sys.stdout.flush()
        os.dup2(stdout, 1)
    tap.ok(statuses == (0, 1, 0), 'exit status of the program', repr(statuses))


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_verdicts(folder)
        test_defaults(folder)
        test_no_judgement(folder)
        test_program(folder)
    tap.finish()


if __name__ == '__main__':
    main()
