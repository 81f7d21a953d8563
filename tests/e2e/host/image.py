# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test machine's image: made once from Debian packages, and kept outside the tree under the hash of what
made it."""
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'image')
KEPT_IMAGES = 4


def cache_folder():
    below = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.environ.get('VIRTXL_E2E_CACHE') or os.path.join(below, 'virtxl', 'e2e')


def _key():
    """What makes the image is all in its folder, the list of packages as well."""
    digest = hashlib.sha256()
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), 'rb') as file:
            digest.update(name.encode() + b'\0' + file.read() + b'\0')
    return digest.hexdigest()[:16]


def _drop_old(cache, kept):
    """Images of earlier trees: the newest stay, for whoever goes back and forth between branches."""
    folders = [os.path.join(cache, name) for name in os.listdir(cache) if name.startswith('image-')]
    folders.sort(key=os.path.getmtime, reverse=True)
    for folder in [folder for folder in folders if folder != kept][KEPT_IMAGES - 1:]:
        shutil.rmtree(folder, ignore_errors=True)


def get():
    """The folder of the image, which is built if there is none; a build that fails leaves none. Raises
    CalledProcessError."""
    cache = cache_folder()
    os.makedirs(cache, exist_ok=True)
    folder = os.path.join(cache, f'image-{_key()}')
    with open(os.path.join(cache, 'lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            aside = tempfile.mkdtemp(prefix='building-', dir=cache)
            try:
                os.chmod(aside, 0o755)
                subprocess.run([os.path.join(FOLDER, 'build'), aside], check=True, stdin=subprocess.DEVNULL)
                os.rename(aside, folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        os.utime(folder)
        _drop_old(cache, folder)
    return folder
