#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Domain XML comes back the same: every XML file of tests/kept, examples, tests/xlconfigdata and the corpus (see
test_corpus.py) that to-xl takes is put into an xl.cfg by `to-xl --keep-xml` and taken out by from-xl.

  - every element, attribute and text of the file is there again, at its place among its siblings of the same name, and
    the devices of all kinds are in the same order; libvirt, too, adds defaults, and counts memory in KiB;
  - what came back comes back once more to the letter;
  - the files of tests/kept say more than xl.cfg has words for: without --keep-xml, to-xl says what is left out.
"""
import glob
import os
import re
import tempfile
import xml.etree.ElementTree as ElementTree

import tap

CORPUS = os.environ.get('VIRTXL_CORPUS') or f'{tap.SOURCE}/../shared/corpus'
FOLDERS = [f'{tap.SOURCE}/{name}' for name in ('tests/kept', 'examples', 'tests/xlconfigdata')] + [CORPUS]
UNITS = {'b': 1, 'bytes': 1, 'kb': 1000, 'k': 1024, 'mb': 10 ** 6, 'm': 2 ** 20, 'gb': 10 ** 9, 'g': 2 ** 30}
MEMORY = ('memory', 'currentMemory', 'maxMemory')


def in_kib(text, unit):
    """TEXT, an amount of memory in UNIT, in the words that libvirt writes."""
    factor = UNITS[(unit or 'KiB').lower().removesuffix('ib') if (unit or 'KiB').lower() != 'b' else 'b']
    return str(-(-int(text) * factor // 1024))


def normal(node):
    """Brings what can be said in several ways to the one that libvirt writes."""
    if node.tag in MEMORY:
        node.text = in_kib(node.text, node.get('unit'))
        node.set('unit', 'KiB')
    elif node.tag == 'cell' and node.get('memory'):
        node.set('memory', in_kib(node.get('memory'), node.get('unit')))
        node.set('unit', 'KiB')
    elif node.tag == 'uuid':
        node.text = re.sub('(.{8})(.{4})(.{4})(.{4})(.{12})', r'\1-\2-\3-\4-\5', node.text.lower().replace('-', ''))
    elif node.tag == 'mac':
        node.set('address', node.get('address').lower())
    for child in node:
        normal(child)
    return node


def order_of(devices):
    return [child.tag for child in devices if child.tag != 'emulator']


def is_subsequence(some, all_of_them):
    rest = iter(all_of_them)
    return all(item in rest for item in some)


def missing(given, back, path=''):
    """What GIVEN has and BACK has not, or has otherwise."""
    for name, value in given.attrib.items():
        if back.get(name) != value:
            yield f'{path}/@{name}: {value} became {back.get(name)}'
    if (given.text or '').strip() != (back.text or '').strip():
        yield f'{path}: {given.text!r} became {back.text!r}'
    if given.tag == 'devices' and not is_subsequence(order_of(given), order_of(back)):
        yield f'{path}: {order_of(given)} became {order_of(back)}'
    for name in dict.fromkeys(child.tag for child in given):
        others = back.findall(name)
        for number, child in enumerate(given.findall(name)):
            if number < len(others):
                yield from missing(child, others[number], f'{path}/{name}[{number + 1}]')
            else:
                yield f'{path}/{name}[{number + 1}] became nothing'


def by_way_of_xl(path):
    """What comes back of the XML file PATH, None if to-xl refuses it; what was said."""
    there = tap.Run(['to-xl', '--keep-xml', path])
    if there.status != 0:
        return None, there
    back = tap.Run(['from-xl', '-'], stdin=there.out)
    return (back.out if back.status == 0 else None), back


def test_file(path, scratch):
    name = os.path.basename(path)
    given = tap.Run(['to-xl', path])
    if given.status != 0:
        return tap.ok(given.status == 1 and ': error: ' in given.err, f'{name}: is refused with a reason', given.told())
    text, run = by_way_of_xl(path)
    if not tap.ok(text, f'{name}: comes back', run.told()):
        return None
    lost = list(missing(normal(ElementTree.parse(path).getroot()), normal(ElementTree.fromstring(text))))
    tap.ok(not lost, f'{name}: comes back with all that it says', lost)
    with open(f'{scratch}/again.xml', 'w', encoding='utf-8') as file:
        file.write(text)
    again, run = by_way_of_xl(f'{scratch}/again.xml')
    tap.equal(again or run.told(), text, f'{name}: comes back once more to the letter')
    if os.path.dirname(path).endswith('/kept'):
        tap.ok(': warning: ' in given.err, f'{name}: what xl.cfg cannot say is said', given.told())
    return None


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for folder in FOLDERS:
            for path in sorted(glob.glob(f'{folder}/*.xml')):
                test_file(path, scratch)
    tap.finish()


if __name__ == '__main__':
    main()
