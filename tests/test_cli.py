#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of virtxl as a user and a script meet it: where it reads and writes, what it says, how it ends."""
import os
import pty
import re
import resource
import shlex
import stat
import subprocess
import tempfile

import tap

GOOD, WRONG, USAGE, IO = 0, 1, 2, 3
CFG = 'name = "g%s"\nuuid = "0f1d2c3b-0000-4000-8000-%012d"\nkernel = "/boot/vmlinuz"\nmemory = 64\n'
SLIP = 'channel = [ "connection=pty" ]\n'
XML = "<domain type='xen'><name>g</name><memory>65536</memory><os><type>linux</type><kernel>/k</kernel></os>%s</domain>\n"


class Room:
    """A folder with files, gone afterwards."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = self.scratch.name

    def put(self, name, content):
        with open(f'{self.folder}/{name}', 'wb') as file:
            file.write(content.encode('utf-8', 'surrogateescape') if isinstance(content, str) else content)
        return name

    def text(self, name):
        with open(f'{self.folder}/{name}', encoding='utf-8') as file:
            return file.read()

    def names(self, folder='.'):
        return sorted(os.listdir(f'{self.folder}/{folder}'))

    def run(self, *arguments, stdin=''):
        return tap.Run(arguments, self.folder, stdin)

    def on_terminal(self, *arguments):
        """Exit status and standard error of a run whose standard error is a terminal."""
        ours, theirs = pty.openpty()
        command = shlex.split(os.environ.get('VIRTXL', 'virtxl')) + list(arguments)
        with subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=theirs) as child:
            os.close(theirs)
            said = b''
            try:
                while piece := os.read(ours, 65536):
                    said += piece
            except OSError:  # the other end is closed
                pass
        os.close(ours)
        return child.returncode, said.decode('utf-8', 'surrogateescape')


def expect(run, status, name, err=None, out=None):
    """One test point: the exit status, and regular expressions that the two outputs match."""
    good = run.status == status and (err is None or re.search(err, run.err)) and (out is None or re.search(out, run.out))
    return tap.ok(good, name, f'wanted exit status {status}, {err!r}, {out!r}\n{run.told()}\n{run.out[:500]}')


def test_help(room):
    for arguments in (['--help'], ['-h'], ['help']):
        expect(room.run(*arguments), GOOD, ' '.join(arguments), '^$', r'^Usage: virtxl COMMAND')
    commands = re.findall(r'^  (\S+) ', room.run('--help').out.partition('Commands:')[2], re.M)
    tap.ok({'from-xl', 'to-xl', 'check', 'options'} <= set(commands), '--help names the commands', str(commands))
    for command in commands:
        run = room.run(command, '--help')
        expect(run, GOOD, f'{command} --help', '^$', rf'^Usage:\n  virtxl {command} \[OPTION\S*\]')
        tap.ok(run.out.count('[OPTION') == 1, f'{command} --help says [OPTION] once', run.out)
        expect(room.run(command, '--version'), GOOD, f'{command} --version', '^$', r'^virtxl \d+\.\d+\.\d+\n$')
    for arguments in (['--version'], ['-V']):
        expect(room.run(*arguments), GOOD, ' '.join(arguments), '^$', r'^virtxl \d+\.\d+\.\d+\n$')


def test_usage(room):
    room.put('a.cfg', CFG % ('a', 1))
    room.put('b.cfg', CFG % ('b', 2))
    for arguments, err in (
            ([], 'which command'), (['fro-xl'], "no command 'fro-xl'"), (['from-xl', '--nonsense'], 'nonsense'),
            (['from-xl', 'a.cfg', 'b.cfg'], '--output-dir'), (['check'], 'which files'),
            (['from-xl', '--output-dir', 'd'], 'which files'), (['from-xl', '-j', '0', 'a.cfg'], '-j is 0'),
            (['from-xl', '-j', 'x', 'a.cfg'], 'x'), (['from-xl', '-o', 'x', '--output-dir', 'd', 'a.cfg'], 'exclude'),
            (['from-xl', '--color=pink', 'a.cfg'], 'auto, always or never'),
            (['to-xl', '--virtio-channels=maybe', 'a.xml'], 'map or refuse'),
            (['from-xl', '--output-dir', 'd', 'a.cfg', './a.cfg'], 'would both become')):
        run = room.run(*arguments)
        expect(run, USAGE, f'wrong usage: {arguments}', err)
        tap.ok(run.out == '' and '--help' in run.err, f'{arguments}: says where help is', run.told())


def test_in_and_out(room):
    text = CFG % ('io', 3)
    room.put('g.cfg', text)
    xml = room.run('from-xl', 'g.cfg').out
    expect(room.run('from-xl', stdin=text), GOOD, 'no FILE is standard input', '^$', '<name>gio</name>')
    tap.equal(room.run('from-xl', '-', stdin=text).out, xml, '- is standard input')
    expect(room.run('from-xl', '-', stdin=text + 'x'), WRONG, 'standard input has a name', r'^<stdin>:5:\d+: error: ', '^$')
    expect(room.run('from-xl', '-o', 'g.xml', 'g.cfg'), GOOD, '-o', '^$', '^$')
    tap.equal(room.text('g.xml'), xml, '-o writes what would have been printed')
    tap.ok(stat.S_IMODE(os.stat(f'{room.folder}/g.xml').st_mode) & 0o111 == 0, 'the file is no program')
    room.put('bad.cfg', 'name = \n')
    expect(room.run('from-xl', '-o', 'g.xml', 'bad.cfg'), WRONG, 'a bad file leaves -o alone')
    tap.equal(room.text('g.xml'), xml, 'the earlier output is still there')
    tap.ok(room.names() == ['bad.cfg', 'g.cfg', 'g.xml'], 'nothing lies about', str(room.names()))
    expect(room.run('from-xl', '-o', '/dev/stdout', 'g.cfg'), GOOD, '-o /dev/stdout', '^$', '<name>gio</name>')
    os.symlink('g.xml', f'{room.folder}/link')
    room.run('from-xl', '-o', 'link', 'g.cfg')
    tap.ok(os.path.islink(f'{room.folder}/link'), 'a symbolic link stays one')
    os.symlink('/proc/self/fd/1', f'{room.folder}/nameless')
    with tempfile.TemporaryFile() as file:
        subprocess.run(shlex.split(os.environ.get('VIRTXL', 'virtxl')) + ['from-xl', '-o', 'nameless', 'g.cfg'],
                       cwd=room.folder, stdout=file, check=True)
        file.seek(0)
        tap.ok(file.read().decode() == xml and os.path.islink(f'{room.folder}/nameless'),
               'so does one to a file that has no name')


def test_io_errors(room):
    room.put('g.cfg', CFG % ('io', 3))
    room.put('file', '')
    os.mkdir(f'{room.folder}/folder')
    for arguments, err in ((['from-xl', 'none.cfg'], 'cannot open none.cfg: No such file'),
                           (['check', 'none.cfg'], 'cannot open none.cfg: No such file'),
                           (['from-xl', 'folder'], 'cannot read folder: Is a directory'),
                           (['check', 'folder'], 'cannot read folder: Is a directory'),
                           (['from-xl', '-o', 'folder', 'g.cfg'], 'cannot write folder'),
                           (['from-xl', '-o', 'none/g.xml', 'g.cfg'], 'cannot write none/g.xml: No such file'),
                           (['from-xl', '-o', '/dev/full', 'g.cfg'], 'cannot write /dev/full: No space left'),
                           (['from-xl', '--output-dir', 'file', 'g.cfg'], 'file'),
                           (['from-xl', '--output-dir', 'file/d', 'g.cfg'], 'file/d')):
        expect(room.run(*arguments), IO, f'I/O: {" ".join(arguments)}', err)
    for command in ('from-xl g.cfg', 'options', '--help', '--version', 'from-xl --output-dir d g.cfg'):
        run = subprocess.run(f'{os.environ.get("VIRTXL", "virtxl")} {command} >/dev/full', shell=True, cwd=room.folder,
                             capture_output=True, check=False)
        tap.ok(run.returncode == IO and b'standard output' in run.stderr, f'{command} >/dev/full', str(run))


def test_batch(room):
    names = [room.put(f'g{i:02}.cfg', CFG % (i, i) + (SLIP if i % 5 == 0 else '')) for i in range(20)]
    names[7:7] = [room.put('bad.cfg', CFG % ('bad', 99) + 'channel = [ "pty" ]\n'), 'none.cfg']
    for jobs in ('1', '4'):
        run = room.run('from-xl', '-j', jobs, '--output-dir', f'out{jobs}/deep', *names)
        expect(run, IO, f'-j {jobs}: the worst file gives the exit status', r'bad\.cfg:5:14: error: ')
        tap.ok(len(room.names(f'out{jobs}/deep')) == 20, f'-j {jobs}: a bad file does not stop the others')
        lines = run.out.splitlines()
        tap.ok(len(lines) == 23 and lines[-1] == '20 converted, 2 not', f'-j {jobs}: a line each, and a summary', run.out)
        tap.ok('cannot open none.cfg' in run.err, f'-j {jobs}: says what could not be opened', run.err)
    for name in room.names('out1/deep'):
        if room.text(f'out1/deep/{name}') != room.text(f'out4/deep/{name}'):
            tap.ok(False, f'{name} does not depend on -j')
    expect(room.run('from-xl', '--quiet', '--output-dir', 'q', *names[:6]), GOOD, '--quiet: the summary only', '^$',
           r'^6 converted, 0 not\n$')
    run = room.run('from-xl', '--strict', '--output-dir', 's', *names[:6])
    expect(run, WRONG, '--strict counts warnings', r'g00\.cfg:5:13: error: ', r'\n4 converted, 2 not\n$')
    back = [f'out1/deep/{name}' for name in room.names('out1/deep')]
    expect(room.run('to-xl', '--output-dir', 'back', *back), GOOD, 'and back', None, '20 converted, 0 not')
    tap.ok(room.names('back') == [name for name in sorted(names) if name.startswith('g')], 'with the other ending')


def test_terminal(room):
    names = [room.put(f'g{i}.cfg', CFG % (i, i)) for i in range(3)] + [room.put('slip.cfg', CFG % ('s', 9) + SLIP)]
    status, said = room.on_terminal('from-xl', '--output-dir', 'out', *names)
    tap.ok(status == GOOD and '[####' in said and '4 of 4' in said, 'a bar on a terminal', repr(said))
    status, said = room.on_terminal('from-xl', '--color=never', 'slip.cfg')
    tap.ok('\r\n    channel = [ "connection=pty" ]\r\n                ^\r\n' in said, 'the line and a caret', repr(said))
    tap.ok('\033' not in said, '--color=never', repr(said))
    tap.ok('\033[1;35mwarning' in room.on_terminal('from-xl', 'slip.cfg')[1], 'colours on a terminal')
    tap.ok('\033' in room.run('from-xl', '--color=always', 'slip.cfg').err, '--color=always')
    tap.ok('\033' not in room.run('from-xl', 'slip.cfg').err, 'no colours in a pipe')
    tap.ok('^' not in room.run('from-xl', 'slip.cfg').err, 'no carets in a pipe')


def test_severities(room):
    room.put('slip.cfg', CFG % ('s', 9) + SLIP)
    expect(room.run('from-xl', 'slip.cfg'), GOOD, 'a slip is a warning', r'^slip\.cfg:5:13: warning: [^\n]*\n$', '<channel')
    expect(room.run('from-xl', '--strict', 'slip.cfg'), WRONG, 'and with --strict an error', ': error: ', '^$')
    expect(room.run('from-xl', '-q', 'slip.cfg'), GOOD, '-q', '^$', '<channel')
    expect(room.run('from-xl', '-q', '--strict', 'slip.cfg'), WRONG, '--strict outweighs -q', ': error: ', '^$')
    expect(room.run('check', 'slip.cfg'), GOOD, 'check says the same', r'slip\.cfg:5:13: warning: ', '^$')
    expect(room.run('check', '--strict', 'slip.cfg'), WRONG, 'check --strict', ': error: ', '^$')
    expect(room.run('check', 'slip.cfg', 'none', 'slip.cfg'), IO, 'check goes on', r'(?s)warning.*cannot open.*warning')


def test_texts(room):
    cfg, xml = CFG % ('t', 5), XML % ''
    for command, name, text, err in (
            ('from-xl', 'an empty file', '', r'^f: error: [^\n]*\n$'),
            ('to-xl', 'an empty file', '', r'^f(:1:1)?: error: [^\n]*\n$'),
            ('from-xl', 'XML', xml, "^f:1:1: error: this is XML and no xl.cfg: 'virtxl to-xl' reads it\n$"),
            ('to-xl', 'an xl.cfg', cfg, "^f:1:1: error: this is no XML: 'virtxl from-xl' reads it\n$"),
            ('from-xl', 'a byte order mark', '\ufeff' + cfg, r'^f:1:1: error: [^\n]*byte order mark[^\n]*\n$'),
            ('from-xl', 'CRLF', cfg.replace('\n', '\r\n'), r'^f:1:\d+: error: [^\n]*CR LF[^\n]*\n$'),
            ('from-xl', 'a NUL byte', cfg + '\0\n', r'^f:5:1: error: '),
            ('to-xl', 'a NUL byte', xml + '\0', r'^f:2:1: error: [^\n]*NUL byte[^\n]*\n$'),
            ('from-xl', 'deep nesting', cfg + 'a = ' + '[' * 100000, r'^f:5:\d+: error: '),
            ('to-xl', 'deep nesting', XML % ('<a>' * 100000), r': error: '),
            ('to-xl', 'too many elements', XML % ('<a/>' * 200000), 'more than 100000 elements'),
            ('to-xl', 'a DOCTYPE', '<!DOCTYPE domain>' + xml, r'^f:1:\d+: error: [^\n]*DOCTYPE[^\n]*\n$'),
            ('to-xl', 'an entity', '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + xml.replace('>g<', '>&e;<'),
             'DOCTYPE'),
            ('to-xl', 'an entity of nowhere', xml.replace('>g<', '>&e;<'), r'^f:1:\d+: error: '),
            ('to-xl', 'another root', '<network/>', 'write a <domain> element')):
        room.put('f', text)
        run = room.run(command, 'f')
        expect(run, WRONG, f'{command}: {name}', err, '^$')
        tap.ok('/root' not in run.err and len(run.err) < 100000, f'{command}: {name}: says no more than that', run.err[:900])
        tap.ok(room.run('check', 'f').status in (GOOD, WRONG), f'check: {name}')
    room.put('f', '\ufeff' + xml)
    expect(room.run('to-xl', 'f'), GOOD, 'to-xl: a byte order mark', '^$', 'name = "g"')
    room.put('f', xml.replace('><', '>\r\n<'))
    expect(room.run('to-xl', 'f'), GOOD, 'to-xl: CRLF', '^$', 'name = "g"')


KEPT = """<domain type='xen'>
  <name>g</name>
  <title>A title</title>
  <metadata><a:b xmlns:a="urn:a">  as it is </a:b></metadata>
  <memory unit='KiB'>65536</memory>
  <currentMemory unit='KiB'>65536</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='xenpvh'>xenpvh</type>
    <kernel>/k</kernel>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <controller type='xenbus' index='0'/>
    <interface type='bridge'>
      <mac address='00:16:3e:00:00:01'/>
      <source bridge='br0'/>
    </interface>
    <disk type='block' device='disk'>
      <driver name='phy' type='raw'/>
      <source dev='/dev/x'/>
      <target dev='xvda' bus='xen'/>
      <serial>ABC</serial>
    </disk>
    <console type='pty'>
      <target type='xen' port='0'/>
    </console>
    <input type='mouse' bus='xen'/>
    <input type='keyboard' bus='xen'/>
    <memballoon model='xen'/>
  </devices>
</domain>
"""


def test_utf16(room):
    """One sentence instead of one for each NUL byte."""
    for name, text in ('utf16.cfg', 'name = "g"\n'), ('utf16.xml', KEPT):
        run = room.run('check', room.put(name, text.encode('utf-16')))
        tap.ok(run.status == 1 and run.err == f'{name}:1:1: error: the file is in UTF-16: store it in UTF-8\n',
               f'check {name}', run.told())


def test_keep_xml(room):
    """What xl.cfg has no words for comes back, as long as nobody has changed the rest of the file."""
    room.put('kept.xml', KEPT)
    lossy = room.run('to-xl', 'kept.xml')
    tap.ok('title' in lossy.err and 'metadata' in lossy.err and 'serial' in lossy.err, 'losses are said', lossy.err)
    room.run('to-xl', '--keep-xml', 'kept.xml', '-o', 'kept.cfg')
    back = room.run('from-xl', '--strict', 'kept.cfg')
    tap.equal(back.out, KEPT, 'with --keep-xml the XML comes back to the letter', 'kept.xml')
    room.put('changed.cfg', room.text('kept.cfg').replace('memory = 64', 'memory = 128'))
    changed = room.run('from-xl', 'changed.cfg')
    tap.ok('<memory unit=\'KiB\'>131072</memory>' in changed.out and 'A title' not in changed.out
           and 'virtxl_xml is left out' in changed.err, 'a file changed by hand counts, with a warning', changed.told())


def test_losses(room):
    """What xl.cfg cannot say is said once, of the very device that is meant, and of nothing else."""
    cpu = ("<cpu mode='host-passthrough'><feature name='vmx' policy='disable'/><feature name='svm' policy='disable'/>"
           "<feature name='smap' policy='disable'/></cpu>")
    usb = ''.join(f"<controller type='usb' model='{model}'/>\n" for model in
                  ('ich9-uhci1', 'ich9-ehci1', 'ich9-uhci2'))
    devices = f"<devices>\n{usb}<console type='pty'><target type='xen' port='0'/></console></devices>"
    room.put('f', (XML % (cpu + devices)).replace('>linux</type><kernel>/k</kernel>', '>hvm</type>'))
    run = room.run('to-xl', 'f')
    expect(run, GOOD, 'what is lost of an HVM guest', None, r'nestedhvm = 0\ncpuid = "host,smap=0"\n(?s:.*)version=2')
    lines = sorted({line.split(': ')[0] for line in run.err.splitlines()})
    tap.equal('\n'.join(lines), 'f:2:1\nf:4:1', 'the two controllers that xl does not have, and nothing else', run.err)
    room.put('f', XML % '<q:commandline xmlns:q="urn:q"/>')
    expect(room.run('to-xl', 'f'), GOOD, 'an element in a namespace of others', 'no element <commandline>; it is left out')


def test_large(room):
    text = (CFG % ('large', 6)).encode()
    limit = 16 << 20
    room.put('most', text + b'#' * (limit - len(text) - 1) + b'\n')
    room.put('more', text + b'#' * (limit - len(text)) + b'\n')
    expect(room.run('from-xl', 'most'), GOOD, '16 MiB', '^$', '<name>glarge</name>')
    expect(room.run('from-xl', 'more'), WRONG, 'a byte more', 'more is larger than the 16777216 bytes')
    expect(room.run('check', 'more'), WRONG, 'check: a byte more', 'more is larger than the 16777216 bytes')
    expect(room.run('from-xl', '/dev/zero'), WRONG, 'a file without end', 'larger')
    entries = ''.join(f'"connection=pty,name=n{i}",\n' for i in range(1000))
    room.put('many', text + f'channel = [\n{entries}]\n'.encode())
    run = room.run('from-xl', 'many')
    tap.ok(run.status == GOOD and run.out.count('<channel ') == 1000, 'a thousand channels', run.told())
    back = room.run('to-xl', stdin=run.out)
    tap.ok(re.findall(r'name=n(\d+)', back.out) == [str(i) for i in range(1000)], 'come back in their order', back.told())
    room.put('wrong', text + b'channel = [' + b'"x",' * 1000 + b']\n')
    run = room.run('from-xl', 'wrong')
    tap.ok(run.err.count('error:') == 200 and 'and 800 problems more' in run.err, 'a thousand problems', run.err[-300:])


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for test in (test_help, test_usage, test_in_and_out, test_io_errors, test_batch, test_terminal, test_severities,
                 test_texts, test_utf16, test_keep_xml, test_losses, test_large):
        room = Room()
        test(room)
        room.scratch.cleanup()
    tap.finish()


if __name__ == '__main__':
    main()
