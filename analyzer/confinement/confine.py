"""Shuts a process of ours in before it meets a member's file: whoever takes it over gets nowhere.

Two layers of Linux, each with what the other cannot do: Landlock decides by file, a filter of
system calls by what is asked for. Neither needs rights or a set-up. A namespace for the network
would: most containers allow none, and the filter refuses every socket already.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import Flag, auto
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from analyzer.confinement import call_filter, landlock
from core.linux import PR_SET_DUMPABLE, prctl

_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime"),
    # what OpenSSL reads when Python's hashlib is imported
    *("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/crypto-policies"),
    # how many processors and how much memory there are, which OpenMP and ONNX Runtime look at
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
    *("/proc/sys/vm/overcommit_memory", "/sys/devices/system"),
    *("/dev/null", "/dev/urandom"),
)
"""What the system's libraries are in, and what they read beside."""

_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_KEPT_CAPABILITIES = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


class Layer(Flag):
    """What holds a process in."""

    CALLS = auto()  # no network, no other processes, nothing but reading and writing files
    FILES = auto()  # no other files


NO_LAYER = Layer(0)
EVERY_LAYER = Layer.CALLS | Layer.FILES


def confine(
    code: Path,
    *,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    layers: Layer = EVERY_LAYER,
) -> Layer:
    """Shut this process in for good, as far as this system lets it; returns the layers that hold.

    Call it as the first thing in a child, before anything hostile is read and before the process
    has threads: a layer is for the thread that asks and for those it starts.

    Args:
        code: the folder of our code. It is not read itself, since `.env` and the data may lie in
            it, but its modules are.
        reads: files and folders that may be read beside Python's own and the system's libraries.
        writes: files that may be written; those that are not there are made, for this user alone.
        layers: the layers to try.

    Raises:
        RuntimeError: the process has threads.
        OSError: a file to write cannot be made.
    """
    if sys.platform != "linux":
        return NO_LAYER
    _check_threads()
    for file in writes:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    modules = _modules_in(code)
    sys.meta_path.insert(0, _OurModules(modules))
    prctl(PR_SET_DUMPABLE, 0)  # nor do other children read this one
    _drop_rights()
    held = NO_LAYER
    if Layer.FILES in layers:
        needed = [*modules, *_libraries(code.resolve()), *reads]
        if landlock.restrict(reads=needed, writes=writes):
            held |= Layer.FILES
    if Layer.CALLS in layers and call_filter.install():
        held |= Layer.CALLS
    return held


class _OurModules:
    """Finds our modules at the top by a list; Python itself would read the folder they are in."""

    def __init__(self, modules: Iterable[Path]) -> None:
        self._files = {one.stem: one / "__init__.py" if one.is_dir() else one for one in modules}

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, for `sys.meta_path`."""
        file = self._files.get(name)
        return None if file is None else importlib.util.spec_from_file_location(name, file)


def _check_threads() -> None:
    with contextlib.suppress(OSError):  # no /proc: nobody can say
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            raise RuntimeError("a process must be confined before it has threads")


def _modules_in(code: Path) -> list[Path]:
    """The modules and packages in a folder; nothing else in it is ours."""
    return [one for one in code.iterdir() if one.suffix == ".py" or (one / "__init__.py").is_file()]


def _libraries(code: Path) -> Iterator[Path]:
    """What Python and the system load from; never `code` itself, wherever it lies."""
    for place in filter(None, sys.path):
        if not code.is_relative_to(Path(place).resolve()):
            yield Path(place)
    bases = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    for place in (*(f"{base}/{lib}" for base in bases for lib in ("lib", "lib64")), *_SYSTEM):
        yield from _beside(Path(place), code)


def _beside(place: Path, code: Path) -> Iterator[Path]:
    """The place, or where `code` is somewhere in it, all in it that does not lead there."""
    if not code.is_relative_to(place.resolve()):
        yield place
    elif code != place.resolve():
        for one in place.iterdir():
            yield from _beside(one, code)


def _drop_rights() -> None:
    """Give up every right of root's but that of reading files, which `FILES` holds in.

    Without it, code that lies in another user's folder could not be read. man 2 capset.
    """
    libc = ctypes.CDLL(None)
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0))
    held = ctypes.create_string_buffer(struct.calcsize("6I"))
    if libc.capget(header, held) != 0:
        return
    effective, permitted, _, *_others = struct.unpack("6I", held.raw[: struct.calcsize("6I")])
    left = (effective & _KEPT_CAPABILITIES, permitted & _KEPT_CAPABILITIES)
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    libc.capset(header, ctypes.create_string_buffer(struct.pack("6I", *left, 0, 0, 0, 0)))
