"""Landlock through ctypes: this process reaches no file but those that are named (man 7 landlock).

Linux has it since 5.13 and needs no rights for it. The C library has no functions for it yet, and
the three calls need no more than this; so there is no package in between.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from core.linux import PR_SET_NO_NEW_PRIVS, prctl, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same for every processor
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH

_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Everything about files that can be refused since a version (linux/landlock.h)."""
_NETWORK_SINCE, _NETWORK = 4, 0b11  # TCP: to listen, to connect
_SCOPES_SINCE, _SCOPES = 6, 0b11  # abstract sockets of others, signals to others


def version() -> int:
    """The version of Landlock that this kernel has; 0 for none, or if we may not ask."""
    return max(0, system_call(_CREATE_RULESET, 0, 0, _VERSION))


def restrict(*, reads: Iterable[Path], writes: Iterable[Path]) -> bool:
    """Leave this thread, and those it starts, nothing but these; whether that holds now.

    A folder stands for all that is in it. Files to write can be read as well. What is not there is
    passed over. Nothing can be executed, created, renamed or removed, and where the kernel knows
    how, no TCP connection made and no process outside signalled. It cannot be taken back.
    """
    known = version()
    if not known:
        return False
    rights = _ALL_RIGHTS[max(since for since in _ALL_RIGHTS if since <= known)]
    handled = struct.pack("Q", rights)  # struct landlock_ruleset_attr, as much as the kernel knows
    if known >= _NETWORK_SINCE:
        handled += struct.pack("Q", _NETWORK)
    if known >= _SCOPES_SINCE:
        handled += struct.pack("Q", _SCOPES)
    described = ctypes.create_string_buffer(handled)
    ruleset = system_call(_CREATE_RULESET, ctypes.addressof(described), len(handled), 0)
    if ruleset < 0:
        return False
    try:
        for path in reads:
            _allow(ruleset, path, (_READ_FILE | _READ_DIR) & rights)
        for path in writes:
            _allow(ruleset, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & rights)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        return system_call(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(opened).st_mode):
                rights &= ~_READ_DIR
            # struct landlock_path_beneath_attr
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, opened))
            system_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(rule), 0)
        finally:
            os.close(opened)
