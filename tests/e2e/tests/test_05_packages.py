# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is tested here is what the Debian packages installed, by the real dpkg, on a machine that has what they need."""
import grp
import os
import stat

from e2e.shell import Run
from e2e.story import story

PACKAGES = ('virtxl', 'virtxld')
OVERLAID = os.path.isdir('/e2e/install')  # a build with a sanitizer, or one for valgrind
CHANNELS = '/var/lib/libvirt/libxl/channel/target'


@story('the packages', peer='it is not what they install')
def packages(host, step):
    with step('dpkg has installed and configured them', needed=False):
        for name in PACKAGES:
            status = Run(['dpkg-query', '-W', '-f', '${Status}', name]).out
            host.equal(status, 'install ok installed', name)
        audit = Run(['dpkg', '--audit', *PACKAGES])
        host.check(audit.status == 0 and not audit.out, audit.told)
    if not OVERLAID:
        with step('what runs is theirs', needed=False):
            running = os.readlink(f'/proc/{host.daemon.process.pid}/exe')
            for path, name in ((running, 'virtxld'), (Run(['which', 'virtxl']).out.strip(), 'virtxl')):
                host.equal(Run(['dpkg', '--search', path]).out.split(':')[0], name, f'the package of {path}')
        with step('none of their files was changed', needed=False):
            verified = Run(['dpkg', '--verify', *PACKAGES])
            host.check(verified.status == 0 and not verified.out, verified.told)
    with step('their scripts made the group and the folders', needed=False):
        group = grp.getgrnam('libvirt').gr_gid
        host.equal(os.stat(host.daemon.socket).st_gid, group, "the group of the daemon's socket")
        host.equal(oct(stat.S_IMODE(os.stat(CHANNELS).st_mode)), oct(0o711), f'the mode of {CHANNELS}')
