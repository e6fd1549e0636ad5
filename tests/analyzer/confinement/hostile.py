"""A decoder that somebody has taken over: tries everything, and prints what was refused.

Run by the tests through `run_child`, from a folder that holds it and `analyzer`. Its arguments: the
process id of a neighbour, the folder of the data, the clip it was given, and a file to write.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
TIOCSTI = 0x5412


def call(name: str, *arguments: object) -> int:
    result: int = getattr(LIBC, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def system_call(number: int, *arguments: object) -> int:
    return call("syscall", ctypes.c_long(number), *arguments)


def read_memory_of(pid: int) -> None:
    """Ask the kernel for some bytes of it; whether we may is decided before where they are."""
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_void_p * 2)(id(LIBC), 8)
    call("process_vm_readv", pid, local, 1, remote, 1, 0)


def connect(kind: socket.AddressFamily, address: Any) -> None:
    with closing(socket.socket(kind)) as opened:
        opened.connect(address)


def attacks(other: int, data: Path, clip: Path) -> dict[str, Callable[[], object]]:
    here = Path.cwd()
    return {
        # secrets
        "environment of another": Path(f"/proc/{other}/environ").read_bytes,
        "memory of another": lambda: Path(f"/proc/{other}/mem").open("rb").close(),
        "memory map of another": Path(f"/proc/{other}/maps").read_bytes,
        "files of another": Path(f"/proc/{other}/fd/0").readlink,
        "process_vm_readv": lambda: read_memory_of(other),
        "ptrace attach": lambda: call("ptrace", PTRACE_ATTACH, other, None, None),
        "ptrace seize": lambda: call("ptrace", PTRACE_SEIZE, other, None, None),
        "pidfd": lambda: os.close(os.pidfd_open(other)),
        ".env": (here / ".env").read_bytes,
        ".env through /proc": Path("/proc/self/cwd/.env").read_bytes,
        "database": (data / "greenroom.sqlite3").read_bytes,
        "names of the data": lambda: list(data.iterdir()),
        "names beside the code": lambda: list(here.iterdir()),
        "clip of another": (clip.parent / "other").read_bytes,
        "a file of the system": Path("/etc/passwd").read_bytes,
        # ways out
        "tcp": lambda: connect(socket.AF_INET, ("127.0.0.1", 9)),
        "tcp6": lambda: connect(socket.AF_INET6, ("::1", 9)),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "unix": lambda: connect(socket.AF_UNIX, str(data / "socket")),
        "abstract unix": lambda: connect(socket.AF_UNIX, "\0greenroom"),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "socketpair": socket.socketpair,
        "io_uring": lambda: system_call(425, 8, ctypes.create_string_buffer(256)),
        # others
        "shell": lambda: os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {}),
        "fork": lambda: os.fork() or os._exit(0),
        "exec": lambda: os.execv("/no/such/program", ["x"]),  # noqa: S606 - would be the end of us
        "kill another": lambda: os.kill(other, 0),
        "stop another": lambda: os.kill(other, signal.SIGCONT),
        "limits of another": lambda: resource.prlimit(other, resource.RLIMIT_CORE, (0, 0)),
        "priority of another": lambda: os.setpriority(os.PRIO_PROCESS, other, 19),
        "processors of another": lambda: os.sched_setaffinity(other, os.sched_getaffinity(other)),
        "shared memory": lambda: call("shmget", 0x6772, 4096, 0o1600),
        "type into the terminal": lambda: fcntl.ioctl(0, TIOCSTI, b"x"),
        "new namespace": lambda: call("unshare", 0x10000000),
        # traces
        "new file": lambda: (data / "new").write_bytes(b""),
        "new folder": lambda: (data / "folder").mkdir(),
        "overwrite": lambda: (data / "greenroom.sqlite3").write_bytes(b""),
        "overwrite the clip": lambda: clip.open("r+b").close(),
        "cut the clip": lambda: os.truncate(clip, 0),
        "remove": lambda: (clip.parent / "other").unlink(),
        "rename": lambda: clip.rename(clip.with_name("renamed")),
        "link": lambda: (data / "link").symlink_to("/etc"),
        "whose it is": lambda: clip.chmod(0o644),
        "when it was": lambda: os.utime(clip, (0, 0)),
        "change our code": lambda: (here / "hostile.py").open("r+b").close(),
    }


def needs(clip: Path, target: Path) -> dict[str, Callable[[], object]]:
    """What a decoder has to be able to do."""
    import decimal  # of Python's own, and not yet read

    def thread() -> None:
        done = threading.Event()
        started = threading.Thread(target=done.set)
        started.start()
        started.join()
        assert done.is_set()

    def module() -> None:
        import beside  # type: ignore[import-not-found]  # noqa: F401 - ours, at the top of the code

    def write() -> None:
        with target.open("w+b") as file:
            file.write(b"written")
            file.seek(0)
            assert file.read() == b"written"

    return {
        "clip": clip.read_bytes,
        "target": write,
        "thread": thread,
        "module": module,
        "library": lambda: decimal.Decimal(1),
        "own limits": lambda: resource.getrlimit(resource.RLIMIT_AS),
        "own memory": Path("/proc/self/status").read_text,
        "random": lambda: Path("/dev/urandom").open("rb").read(8),
        "memory": lambda: mmap.mmap(-1, 4096).close(),
    }


def outcome(attempt: Callable[[], object]) -> str:
    """`done`, or the name of the error. What was refused for lack of rights is PermissionError."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        return type(error).__name__
    return "done"


def main() -> None:
    other, data, clip, target = (int(sys.argv[1]), *map(Path, sys.argv[2:5]))
    found = {
        "needs": {name: outcome(need) for name, need in needs(clip, target).items()},
        "attacks": {name: outcome(one) for name, one in attacks(other, data, clip).items()},
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
