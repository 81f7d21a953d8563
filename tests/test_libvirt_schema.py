#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every element, every attribute and every word that libvirt's own schema of domain XML has is known here: read, or kept
with the reason why Xen cannot do it, and never called a slip. Both schemas are walked side by side; where ours says that
anything may stand, the element is kept whole.

`test_libvirt_schema.py OTHER.rng` compares with the schema of another libvirt.
"""
import os
import sys
import xml.etree.ElementTree as ElementTree

import tap

LIBVIRT = '/usr/share/libvirt/schemas/domain.rng'
OURS = os.environ.get('VIRTXL_SCHEMA') or os.path.join(tap.SOURCE, 'docs', 'schemas', 'domain.rng')
RNG = '{http://relaxng.org/ns/structure/1.0}'
ANY = '*'
MAX_DEPTH = 12

# Not for a Xen domain: namespaces of other drivers (QEMU, VMware, bhyve), and what stands in libvirtd's own files only.
OTHERS = {
    'domain/capabilities', 'domain/commandline/env', 'domain/datacenterpath', 'domain/deprecation', 'domain/namespace',
    'domain/override', 'domain/devices/disk/privateData', 'domain/devices/disk/source/privateData',
}


class Schema:
    """A RELAX NG grammar; .root is its <element name='domain'>, as a list."""

    def __init__(self, path):
        self.defines, self.starts = {}, []
        self._load(path)
        self.root = self.parts(self.starts).elements['domain']

    def _load(self, path):
        for node in ElementTree.parse(path).getroot().iter():
            if node.tag == RNG + 'include':
                self._load(os.path.join(os.path.dirname(path), node.get('href')))
            elif node.tag == RNG + 'define':
                self.defines.setdefault(node.get('name'), []).append(node)
            elif node.tag == RNG + 'start':
                self.starts.append(node)

    def parts(self, nodes):
        """What the patterns NODES (all of one element, or of one attribute) consist of."""
        parts = Parts()
        for node in nodes:
            parts.takes_any_word = parts.takes_any_word or (node.tag == RNG + 'attribute' and len(node) == 0)
            for child in node:
                self._collect(child, parts, set())
        return parts

    def _collect(self, node, parts, seen):
        kind = node.tag.removeprefix(RNG)
        if kind == 'ref':
            if node.get('name') not in seen:
                seen.add(node.get('name'))
                for define in self.defines[node.get('name')]:
                    for child in define:
                        self._collect(child, parts, seen)
        elif kind in ('element', 'attribute'):
            for name in names_of(node):
                (parts.elements if kind == 'element' else parts.attributes).setdefault(name, []).append(node)
        elif kind == 'value':
            parts.words.add((node.text or '').strip())
        elif kind in ('text', 'data'):
            parts.takes_any_word = True
        elif kind not in ('name', 'anyName', 'nsName'):
            for child in node:
                self._collect(child, parts, seen)


class Parts:
    def __init__(self):
        self.elements, self.attributes, self.words, self.takes_any_word = {}, {}, set(), False


def names_of(node):
    if node.get('name'):
        return [node.get('name').rpartition(':')[2]]
    return [name.text for name in node.iter(RNG + 'name')] or [ANY]


def unknown_of(libvirt, ours, path, theirs, mine, depth=0):
    """Paths below PATH, where the patterns THEIRS of LIBVIRT and MINE of OURS stand, that only the first has."""
    wanted, got = libvirt.parts(theirs), ours.parts(mine)
    if ANY in got.elements:
        return
    if not got.takes_any_word:
        yield from (f'{path} = {word}' for word in sorted(wanted.words - got.words))
    for name in sorted(set(wanted.attributes) - {ANY}):
        if name not in got.attributes:
            yield f'{path}/@{name}'
        else:
            yield from unknown_of(libvirt, ours, f'{path}/@{name}', wanted.attributes[name], got.attributes[name])
    for name in sorted(set(wanted.elements) - {ANY}):
        if name not in got.elements:
            yield f'{path}/{name}'
        elif depth < MAX_DEPTH:
            yield from unknown_of(libvirt, ours, f'{path}/{name}', wanted.elements[name], got.elements[name], depth + 1)


def n_paths(schema, nodes, depth=0):
    parts = schema.parts(nodes)
    below = sum(n_paths(schema, nodes, depth + 1) for nodes in parts.elements.values()) if depth < MAX_DEPTH else 0
    return len(parts.attributes) + len(parts.elements) + below


def main():
    path = sys.argv[1] if sys.argv[1:] else LIBVIRT
    if not os.path.exists(path):
        tap.skip('the schema of libvirt', f'there is no {path}')
        tap.finish()
        return
    libvirt, ours = Schema(path), Schema(OURS)
    unknown = set(unknown_of(libvirt, ours, 'domain', libvirt.root, ours.root))
    paths = n_paths(libvirt, libvirt.root)
    tap.ok(paths > 1000 and not unknown - OTHERS, f'each of the {paths} elements and attributes of {path} is known',
           sorted(unknown - OTHERS))
    if path == LIBVIRT:
        tap.ok(not OTHERS - unknown, 'what is said to be for others is there, and unknown', sorted(OTHERS - unknown))
    tap.finish()


if __name__ == '__main__':
    main()
