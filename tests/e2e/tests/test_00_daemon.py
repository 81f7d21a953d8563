# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon on a host with Xen, without a guest."""
import re
import xml.etree.ElementTree as ElementTree

from e2e.story import story


@story('the host')
def host_queries(host, step):
    with step('the daemon answers, and says which Xen it found', needed=False):
        told = host.virsh('version')
        host.check(re.search(r'Running hypervisor: Xen 4\.17', told), told)
    with step('the list of domains has domain 0 and nothing else', needed=False):
        names = host.virsh('list', '--name').split()
        host.equal(names, ['Domain-0'], 'the list')
    with step('nodeinfo has the CPUs and the memory of the machine', needed=False):
        told = dict(line.split(':', 1) for line in host.virsh('nodeinfo').splitlines())
        physical = {key.strip(): value.strip() for key, value in
                    (line.split(':', 1) for line in host.xl('info').splitlines() if ':' in line)}
        host.equal(told['CPU(s)'].strip(), physical['nr_cpus'], 'the number of CPUs')
        host.equal(int(told['Memory size'].split()[0]) // 1024, int(physical['total_memory']), 'the memory in MiB')
    with step('the capabilities have PV, PVH and HVM guests', needed=False):
        tree = ElementTree.fromstring(host.virsh('capabilities'))
        kinds = {guest.findtext('os_type') for guest in tree.iter('guest')}
        host.check({'xen', 'hvm'} <= kinds and kinds & {'xenpvh', 'linux', 'xen'}, f'kinds of guests: {kinds}')
