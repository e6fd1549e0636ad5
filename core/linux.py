"""What Linux does for a process, and tells of a machine, that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

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


def usable_cores() -> int:
    """The cores that this process may use: fewer than the machine has where a container says so."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # cgroup v2 alone; without it there is no such limit
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, max(1, int(quota) // int(period)))
    return cores


def usable_memory_bytes() -> int | None:
    """The memory that this process may use; `None` where the system does not say."""
    found = []
    with suppress(OSError, ValueError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):  # "max" where there is no limit
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(found, default=None)
