"""Keeps what this process knows from the other processes of its user, as far as Linux lets it."""

from __future__ import annotations

import ctypes
import sys

from core.linux import PR_SET_DUMPABLE, prctl


def hide_process() -> None:
    """Let no other process of this user read this one's memory, environment or open files.

    What belongs to it in /proc becomes root's, only root can trace it, and it leaves no core dump
    (man 2 prctl, PR_SET_DUMPABLE). Programs that it starts are not hidden by it.
    """
    prctl(PR_SET_DUMPABLE, 0)


def wipe_variable(name: str) -> None:
    """Overwrite a variable's value in the block where Linux keeps the environment at the start.

    /proc/<pid>/environ shows that block as long as the process lives, whatever was taken out of its
    environment since (man 5 proc). For the C library the variable is empty afterwards; Python's
    own copy of it stays as it is.
    """
    if sys.platform != "linux":
        return
    try:
        entries = ctypes.POINTER(ctypes.c_void_p).in_dll(ctypes.CDLL(None), "environ")
    except ValueError:  # a C library that does not say where
        return
    wanted = name.encode() + b"="
    index = 0
    while entries and (address := entries[index]) is not None:
        entry = ctypes.string_at(address)
        if entry.startswith(wanted):
            ctypes.memset(address + len(wanted), 0, len(entry) - len(wanted))
        index += 1
