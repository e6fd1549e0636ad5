"""Runs a module of ours as a child process under hard limits: for decoding and for models.

A hostile clip may crash, hang or fill a decoder. In a child that ends one attempt, never the bot;
and the memory a model used goes back to the machine when the child ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_OUTPUT_LIMIT_BYTES = 8_000_000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class ChildFailed(Exception):
    """The child gave no usable answer. `reason` is `timeout`, `exit` or `output`."""

    def __init__(self, reason: str, exit_code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exit_code = exit_code


async def run_child(
    module: str,
    arguments: Sequence[str],
    *,
    memory_bytes: int,
    cpu_seconds: int,
    wall_seconds: float,
    environment: Mapping[str, str] | None = None,
    file_bytes: int = 0,
) -> bytes:
    """Run `python -m module arguments…` under limits and return what it printed.

    The child sees only `environment`: no token and no key of ours. Its error output is dropped,
    since decoders print parts of the file into it. It writes no file larger than `file_bytes`.

    Raises:
        ChildFailed: it ran too long, ended with an error (running into a limit is one), or printed
            more than 8 MB.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "analyzer.child",
        str(memory_bytes),
        str(cpu_seconds),
        str(file_bytes),
        module,
        *arguments,
        cwd=_ROOT,
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    try:
        async with asyncio.timeout(wall_seconds):
            output = bytearray()
            while chunk := await process.stdout.read(65_536):
                output += chunk
                if len(output) > _OUTPUT_LIMIT_BYTES:
                    raise ChildFailed("output")
            exit_code = await process.wait()
    except TimeoutError:
        raise ChildFailed("timeout") from None
    finally:
        await _end(process)
    if exit_code != 0:
        raise ChildFailed("exit", exit_code)
    return bytes(output)


def peak_bytes() -> int | None:
    """The most memory this process has had resident; `None` where the system does not say.

    Not from `getrusage`: on Linux its figure begins with that of the parent (`execve` keeps it).
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(sizes[0]) * 1024 if sizes else None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no child behind, also when the caller is being cancelled.

    The rest of its output is read and dropped: `wait` alone may hang while the pipe is full
    (asyncio's documentation of `Process.wait`).
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.communicate())


def _limit_this_process(memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Set the limits from the inside: `preexec_fn` is unsafe in a parent with threads."""
    try:
        import resource
    except ImportError:  # Windows has no rlimits: there the wall clock alone ends a child
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def _end_with_parent() -> None:
    """Have Linux kill this process when the bot is killed: nobody else would (man 2 prctl)."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended in between
            sys.exit(1)


def _main() -> None:
    _end_with_parent()
    _, memory_bytes, cpu_seconds, file_bytes, module, *arguments = sys.argv
    _limit_this_process(int(memory_bytes), int(cpu_seconds), int(file_bytes))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
