"""What Linux does for a process and Python has no function for; elsewhere nothing happens."""

from __future__ import annotations

import ctypes
import sys

PR_SET_DUMPABLE = 4  # these are from linux/prctl.h
PR_SET_NO_NEW_PRIVS = 38


def prctl(option: int, *arguments: int) -> bool:
    """Set an option of this process (man 2 prctl); whether the kernel took it."""
    if sys.platform != "linux":
        return False
    call = ctypes.CDLL(None).prctl
    call.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
    return bool(call(option, *arguments, *(0,) * (4 - len(arguments))) == 0)


def system_call(number: int, *arguments: int) -> int:
    """Make a system call by its number; what it returns, or -1 for any error."""
    call = ctypes.CDLL(None).syscall
    call.argtypes = (ctypes.c_long,) * (1 + len(arguments))
    call.restype = ctypes.c_long
    return int(call(number, *arguments))
