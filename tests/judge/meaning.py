#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What does an xl.cfg mean? The real xl is asked, so that our tests quote it and not our own opinion.

As a program:   meaning.py FILE            prints what xl makes of FILE, without what merely spells out a default
                meaning.py FILE OTHER      prints how the two differ in meaning; exit status 0 if they do not
As a module:    meaning(path), meanings(paths), same(a, b), without_defaults(a)

xl runs as `xl create -n FILE` with xlshim.so preloaded, which stands in for Xen. The environment names both:
VIRTXL_XL and VIRTXL_XLSHIM; without them the usual places are looked at.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
from multiprocessing.pool import ThreadPool

TIMEOUT_S = 60
AT_ONCE = 2
# The uuid that xlshim.so gives to a file that has none.
UUID_NOT_GIVEN = '0ff11e00-0000-4000-8000-000000000001'


class Rejected(str):
    """xl refused the file; the text is what it said."""


class Crashed(str):
    """xl fell over or gave no answer: the file has no judge. The text says how."""


# ---- what is forgiven -------------------------------------------------------------------------------------------
#
# An entry of xl's JSON is dropped, on both sides, when it only says what libxl would take anyway. Each row: where (a
# list's elements all count as "[]"), the value, for which guest types, and the libxl function that makes it the
# default (tools/libs/light/ of Xen 4.17). A row belongs here only if a definition cannot help spelling it out: what
# libvirt's domain XML has no way of leaving open. Whatever a row forgives, the tests no longer prove.

ALL, HVM, PV_PVH = ('pv', 'pvh', 'hvm'), ('hvm',), ('pv', 'pvh')
BUILD_INFO = 'libxl_create.c libxl__domain_build_info_setdefault'
class SAME_AS(str):
    """What the entry of this path is."""


DEFAULTS = [
    # <vcpu> always has a number.
    ('b_info.max_vcpus', 1, ALL, BUILD_INFO),
    ('b_info.avail_vcpus', [0], ALL, BUILD_INFO),
    # <features>: an element that is not there means "off", so "not given" becomes "on".
    ('b_info.acpi', 'True', ALL, 'libxl_x86.c libxl__arch_domain_build_info_setdefault'),
    ('b_info.apic', 'True', HVM, BUILD_INFO),
    ('b_info.type.hvm.pae', 'True', HVM, BUILD_INFO),
    # <clock> always has an offset.
    ('b_info.localtime', 'False', ALL, BUILD_INFO),
    # <graphics> is there or is not; its listen address and its choice of a port are part of it.
    ('b_info.type.hvm.vnc.enable', 'True', HVM, BUILD_INFO),
    ('b_info.type.hvm.vnc.listen', '127.0.0.1', HVM, BUILD_INFO),
    ('b_info.type.hvm.vnc.findunused', 'True', HVM, BUILD_INFO),
    ('b_info.type.hvm.sdl.enable', 'False', HVM, BUILD_INFO),
    ('b_info.type.hvm.spice.enable', 'False', HVM, BUILD_INFO),
    ('vfbs[].vnc.enable', 'True', ALL, 'libxl_console.c libxl__device_vfb_setdefault'),
    ('vfbs[].vnc.listen', '127.0.0.1', ALL, 'libxl_console.c libxl__device_vfb_setdefault'),
    ('vfbs[].vnc.findunused', 'True', ALL, 'libxl_console.c libxl__device_vfb_setdefault'),
    ('vfbs[].sdl.enable', 'False', ALL, 'libxl_console.c libxl__device_vfb_setdefault'),
    # <interface> has a model, never xl's `type=`, which follows from the guest's type where it is not given.
    ('nics[].nictype', 'vif_ioemu', HVM, 'libxl_nic.c libxl__device_nic_setdefault'),
    ('nics[].nictype', 'vif', PV_PVH, 'libxl_nic.c libxl__device_nic_setdefault'),
    # <currentMemory> is as much as <memory> if it is not there.
    ('b_info.target_memkb', SAME_AS('b_info.max_memkb'), ALL, BUILD_INFO),
    # Not a default of libxl's: the shim's way of saying that the file gives none.
    ('c_info.uuid', UUID_NOT_GIVEN, ALL, 'xl_parse.c parse_config_data, by way of xlshim.c'),
]
# A vnc= or vfb entry whose screen is switched off has no use for these rows: libxl takes another default there.
ONLY_WHERE_ON = {'vnc.listen': 'vnc.enable', 'vnc.findunused': 'vnc.enable'}


def without_defaults(config):
    """A copy of the structure CONFIG (from meaning()) less all that DEFAULTS forgives, and less emptied groups."""
    guest_type = config.get('c_info', {}).get('type')
    forgiven = [(path, _at(config, value) if isinstance(value, SAME_AS) else value)
                for path, value, types, _ in DEFAULTS if guest_type in types]
    return _less(config, '', forgiven)


def _at(config, path):
    for key in path.split('.'):
        config = config.get(key, {})
    return config


def _less(node, path, forgiven):
    if isinstance(node, list):
        return [_less(item, path + '[]', forgiven) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        here = f'{path}.{key}' if path else key
        if (here, value) in forgiven and not _is_switched_off(node, here):
            continue
        value = _less(value, here, forgiven)
        # libxl always prints its groups ("rdm": {}). A key with a dot, however, is a choice: "connection.pty": {}.
        if value == {} and '.' not in key:
            continue
        kept[key] = value
    return kept


def _is_switched_off(group, path):
    for ending, switch in ONLY_WHERE_ON.items():
        if path.endswith('.' + ending):
            return group.get(switch.rpartition('.')[2]) == 'False'
    return False


# ---- comparing --------------------------------------------------------------------------------------------------

def same(a, b):
    """How A and B (each a structure, a Rejected or a Crashed) differ in meaning: a list of lines, empty if not at all.
    A Crashed is the same as nothing, not even as itself: there is no judgement to rely on."""
    for which, one in (('first', a), ('second', b)):
        if isinstance(one, Crashed):
            return [f'xl gives no judgement of the {which}: {one}']
    if isinstance(a, Rejected) and isinstance(b, Rejected):
        return []
    for which, one in (('first', a), ('second', b)):
        if isinstance(one, Rejected):
            return [f'xl refuses the {which}: {one}']
    differences = []
    _compare(without_defaults(a), without_defaults(b), '', differences)
    return differences


def _compare(a, b, path, differences):
    # A group that only one side has is gone through, so that each entry is named; a device is named as a whole, and
    # so is a choice without entries.
    if isinstance(a or b, dict) and (a or b) and None in (a, b) and not path.endswith(']'):
        a, b = a or {}, b or {}
    if isinstance(a, dict) and isinstance(b, dict):
        for key in list(a) + [key for key in b if key not in a]:
            _compare(a.get(key), b.get(key), f'{path}.{key}' if path else key, differences)
    elif isinstance(a, list) and isinstance(b, list) and _has_groups(a + b):
        for i in range(max(len(a), len(b))):
            _compare(a[i] if i < len(a) else None, b[i] if i < len(b) else None, f'{path}[{i}]', differences)
    elif a != b:
        differences.append(f'{path}: {_shown(a)} became {_shown(b)}')


def _has_groups(items):
    return any(isinstance(item, (dict, list)) for item in items)


def _shown(value):
    return 'nothing' if value is None else json.dumps(value)


# ---- asking xl --------------------------------------------------------------------------------------------------

def meaning(path):
    """The libxl_domain_config that xl makes of the file PATH, as nested dicts and lists; or a Rejected or Crashed."""
    try:
        run = run_xl(path)
    except subprocess.TimeoutExpired:
        return Crashed(f'no answer within {TIMEOUT_S} s')
    said = _text(run.stderr).replace(f'Parsing config from {os.path.abspath(path)}\n', '').strip()
    if run.returncode < 0:
        return Crashed(f'xl ended by signal {-run.returncode}')
    if run.returncode > 0:
        return Rejected(said or f'exit status {run.returncode}')
    try:
        return json.loads(_text(run.stdout))
    except ValueError:
        return Crashed(f'xl printed no JSON: {said}')


def run_xl(path, **environment):
    """`xl create -n PATH` under the shim, when it has ended."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith('SAN_OPTIONS')}
    return subprocess.run([xl_path(), 'create', '-n', os.path.abspath(path)], timeout=TIMEOUT_S,
                          env={**kept, 'LD_PRELOAD': shim_path(), 'LC_ALL': 'C.UTF-8', **environment},
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)


def keys_looked_up(path):
    """The keys that xl looks up while it reads the file PATH, a set: whether the file has them or not."""
    with tempfile.NamedTemporaryFile('r') as keys:
        run_xl(path, VIRTXL_XLSHIM_KEYS=keys.name)
        return set(keys.read().split())


def meanings(paths):
    """meaning() of each of PATHS, in their order, some at once."""
    with ThreadPool(AT_ONCE) as pool:
        return pool.map(meaning, paths)


def _text(octets):
    return octets.decode('utf-8', 'surrogateescape')


def xl_path():
    """The real xl; /usr/sbin/xl of Debian is a wrapper that first asks which Xen is running."""
    return os.environ.get('VIRTXL_XL') or _first(['/usr/lib/xen-*/bin/xl'])


def shim_path():
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.environ.get('VIRTXL_XLSHIM') or _first([f'{tests}/../build*/tests/judge/xlshim.so'])


def _first(patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(pattern), reverse=True):
            return os.path.abspath(path)
    sys.exit(f'meaning.py: there is no {" or ".join(patterns)}')


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    answers = meanings(arguments)
    if len(answers) == 2:
        differences = same(*answers)
        print('\n'.join(differences or ['they mean the same']))
        return bool(differences)
    if not isinstance(answers[0], dict):
        print(f'{type(answers[0]).__name__}: {answers[0]}', file=sys.stderr)
        return 1
    print(json.dumps(without_defaults(answers[0]), indent=2))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
