# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Xen and xenstore hold, asked through their own libraries (xenctrl.h, xenstore.h): tests ask often, and a program
takes a tenth of a second to start here, or two."""
import ctypes

_XC = ctypes.CDLL('libxenctrl.so.4.17.0')
_XC.xc_interface_open.restype = ctypes.c_void_p
_XC.xc_interface_open.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint]
_XC.xc_domain_getinfo.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint, ctypes.c_void_p]
_XC.xc_domain_shutdown.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int]
_XS = ctypes.CDLL('libxenstore.so.4')
_XS.xs_open.restype = ctypes.c_void_p
_XS.xs_open.argtypes = [ctypes.c_ulong]
_XS.xs_read.restype = ctypes.c_void_p
_XS.xs_directory.restype = ctypes.c_void_p
_XS.xs_read.argtypes = _XS.xs_directory.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p,
                                                    ctypes.POINTER(ctypes.c_uint)]
_LIBC = ctypes.CDLL(None)
_LIBC.free.argtypes = [ctypes.c_void_p]
_INFO_BYTES = 1024  # more than an xc_dominfo_t, which begins with the domain's number
_NO_TRANSACTION = 0
_handles = {}


def _handle(name, how, *arguments):
    """What HOW has opened, once."""
    if name not in _handles:
        opened = how(*arguments)
        if not opened:
            raise OSError(f'{name} cannot be opened')
        _handles[name] = opened
    return _handles[name]


def _xc():
    return _handle('the hypervisor', _XC.xc_interface_open, None, None, 0)


def _xs():
    return _handle('xenstore', _XS.xs_open, 0)


def domids():
    """The numbers of all domains, also of those that are dying."""
    found, info = [], ctypes.create_string_buffer(_INFO_BYTES)
    while _XC.xc_domain_getinfo(_xc(), found[-1] + 1 if found else 0, 1, info) == 1:
        found.append(ctypes.c_uint32.from_buffer(info).value)
    return found


def shutdown(domid, reason):
    """The domain is shut down for that reason (xen/public/sched.h), as if it had said so; whether Xen could."""
    return _XC.xc_domain_shutdown(_xc(), domid, reason) == 0


def _ask(what, path):
    """What a function of libxenstore returns of PATH, which the caller frees, and its length; None if there is nothing."""
    length = ctypes.c_uint(0)
    return what(_xs(), _NO_TRANSACTION, path.encode(), ctypes.byref(length)), length.value


def read(path):
    """The value of a node, or None."""
    value, length = _ask(_XS.xs_read, path)
    if not value:
        return None
    try:
        return ctypes.string_at(value, length).decode('utf-8', 'replace').strip()
    finally:
        _LIBC.free(value)


def listed(path):
    """The names of what is below a node; none if it is not there."""
    names, length = _ask(_XS.xs_directory, path)
    if not names:
        return []
    try:
        return [name.decode() for name in (ctypes.c_char_p * length).from_address(names)]
    finally:
        _LIBC.free(names)


def name(domid):
    """Of a domain; None if it has lost it, as those do that are dying."""
    return read(f'/local/domain/{domid}/name')


def domid(wanted):
    """The number of the domain of that name, or None."""
    return next((number for number in domids() if name(number) == wanted), None)
