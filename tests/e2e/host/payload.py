# SPDX-License-Identifier: LGPL-2.1-or-later
"""The disk that carries into the test machine what the tree built, and the tests."""
import glob
import json
import os
import shutil
import subprocess

E2E = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = os.path.dirname(os.path.dirname(E2E))
SPARE_MIB = 8
PACKAGES = ('virtxl', 'virtxld', 'virtxl-guest')  # the last one for guests that install it themselves


def _quietly(*command, environment=None):
    """Runs a program, and shows what it said if it fails; returns that otherwise."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        print(done.stdout)
    done.check_returncode()
    return done.stdout


def build(folder, options, programs=()):
    """Configures FOLDER of the tree with meson's OPTIONS, to be installed as a distribution would, and compiles
    PROGRAMS; if there are none, what is installed. Returns its path."""
    where = os.path.join(SOURCE, folder)
    options = ['--prefix=/usr', '--sysconfdir=/etc', '--localstatedir=/var', '-Djudge=disabled', *options]
    verb = ['configure', where] if os.path.exists(os.path.join(where, 'build.ninja')) else ['setup', where, SOURCE]
    _quietly('meson', *verb, *options)
    _quietly('ninja', '-C', where, 'build.ninja')  # what is new in the tree is among its targets then
    targets = json.loads(_quietly('meson', 'introspect', '--targets', where))
    installed = [os.path.relpath(path, where) for target in targets if target['installed']
                 for path in target['filename']]
    _quietly('ninja', '-C', where, '-j2', *(programs or installed))
    return where


def packages():
    """Builds the Debian packages, and returns the folder that they are in."""
    folder = os.path.join(SOURCE, 'build-test-packages')
    # The emulated machine would take seconds to unpack what is compressed.
    quick = {'DEB_BUILD_OPTIONS': 'parallel=2 noautodbgsym', 'DPKG_DEB_COMPRESSOR_TYPE': 'none'}
    _quietly(os.path.join(SOURCE, 'scripts', 'build-packages'), folder, environment=quick)
    return folder


def _package(folder, name):
    return glob.glob(os.path.join(folder, f'{name}_*.deb'))[0]


def _install(build_folder, to):
    _quietly('meson', 'install', '-C', build_folder, '--no-rebuild', '--quiet', '--destdir', to)


def _archive(root, to):
    """Packs the folder ROOT for an initramfs, and removes it."""
    names = subprocess.run(['find', '.'], cwd=root, check=True, capture_output=True).stdout
    with open(to, 'wb') as archive:
        subprocess.run(['cpio', '-o', '-H', 'newc', '--quiet', '-R', '0:0'], cwd=root, check=True, input=names,
                       stdout=archive)
    shutil.rmtree(root)


def _guest(to, package):
    """What the guests' initramfs ends with: init, and what is in the guests' PACKAGE."""
    root = os.path.join(to, 'root')
    os.makedirs(os.path.join(root, 'sbin'))
    shutil.copy(os.path.join(E2E, 'guest', 'init'), os.path.join(root, 'init'))
    shutil.copy(os.path.join(E2E, 'guest', 'liar'), os.path.join(root, 'sbin', 'liar'))
    for name in ('poweroff', 'reboot'):
        shutil.copy(os.path.join(E2E, 'guest', 'poweroff'), os.path.join(root, 'sbin', name))
    _archive(root, os.path.join(to, 'init.cpio'))
    _quietly('dpkg-deb', '--extract', package, root)
    _archive(root, os.path.join(to, 'package.cpio'))


def peer_shim(work):
    """Compiles what libvirtd needs to start its Xen driver in the test machine; returns its path."""
    to = os.path.join(work, 'peer-shim.so')
    subprocess.run(['gcc', '-O2', '-shared', '-fPIC', '-o', to, os.path.join(E2E, 'peer', 'shim.c')], check=True)
    return to


def _ignore(folder, names):
    return [name for name in names if name == '__pycache__']


def make(work, package_folder, build_folder, command, extra=(), files=(), over=()):
    """Makes the disk in WORK: the packages in PACKAGE_FOLDER, the build in BUILD_FOLDER (None: that in the packages),
    the tests, and COMMAND (a list), which dom0 runs. EXTRA: pairs of a file and its name under /e2e. FILES: what comes back
    afterwards, as paths without the first slash. OVER: folders of what is to be installed besides. Returns the disk's
    path."""
    tree = os.path.join(work, 'e2e')
    os.makedirs(os.path.join(tree, 'guest'))
    os.makedirs(os.path.join(tree, 'packages'))
    for name in PACKAGES:
        shutil.copy(_package(package_folder, name), os.path.join(tree, 'packages', f'{name}.deb'))
    if build_folder:
        _install(build_folder, os.path.join(tree, 'install'))
    for folder in over:
        shutil.copytree(folder, os.path.join(tree, 'install'), symlinks=True, dirs_exist_ok=True)
    for name in ('dom0', 'tests'):
        shutil.copytree(os.path.join(E2E, name), os.path.join(tree, name), ignore=_ignore)
    shutil.copy(os.path.join(SOURCE, 'tests', 'clients', 'channel_client.py'), os.path.join(tree, 'dom0'))
    _guest(os.path.join(tree, 'guest'), _package(package_folder, 'virtxl-guest'))
    for path, name in extra:
        shutil.copy(path, os.path.join(tree, name))
    run = os.path.join(tree, 'run')
    with open(run, 'w', encoding='utf-8') as file:
        quoted = ' '.join("'" + word.replace("'", "'\\''") + "'" for word in command)
        file.write(f'#!/bin/sh\nexec {quoted} "$@"\n')
    os.chmod(run, 0o755)
    with open(os.path.join(tree, 'files'), 'w', encoding='utf-8') as file:
        file.writelines(f'{path}\n' for path in files)
    size = int(subprocess.run(['du', '-sm', tree], check=True, capture_output=True, text=True).stdout.split()[0])
    disk = os.path.join(work, 'payload.img')
    _quietly('mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree, disk, f'{size + size // 8 + SPARE_MIB}M')
    return disk
