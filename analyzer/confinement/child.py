"""What a child process does first: it limits itself, shuts itself in, and becomes a module of ours.

Where children cannot be forked from a server, run as
`python -m analyzer.confinement.child LIMITS MODULE ARGUMENTS…`, LIMITS being JSON.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from analyzer.confinement.confine import Layer, confine
from core.linux import prctl

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Limits(TypedDict):
    """What a child may use, in bytes and seconds, and which files it may meet."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    reads: list[str]
    writes: list[str]
    niceness: int
    """How far it steps back for others, 0 to 19."""
    layers: int | None
    """The value of a `Layer`; `None` for a child that is not shut in."""


def end_with(parent: int) -> None:
    """Have Linux kill this process when its parent ends: nobody else would (man 2 prctl)."""
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended in between
            os._exit(1)


def become(limits: Limits, module: str, arguments: Sequence[str]) -> None:
    """Run a module of ours as the main one, under limits that cannot be taken back.

    One that has been imported already must have a `main` that takes nothing.
    """
    _limit(limits["memory_bytes"], limits["cpu_seconds"], limits["file_bytes"])
    if limits["niceness"]:
        os.nice(limits["niceness"])
    if limits["layers"] is not None:
        confine(
            Path.cwd(),
            reads=[Path(path) for path in limits["reads"]],
            writes=[Path(path) for path in limits["writes"]],
            layers=Layer(limits["layers"]),
        )
    sys.argv = [module, *arguments]
    if (read := sys.modules.get(module)) is not None:  # by the server: to run it anew costs 4 ms
        read.main()
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _limit(memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Set the limits from the inside: `preexec_fn` is unsafe in a parent with threads."""
    try:
        import resource
    except ImportError:  # Windows has no rlimits: there the wall clock alone ends a child
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def _main() -> None:
    end_with(os.getppid())
    _, limits, module, *arguments = sys.argv
    become(json.loads(limits), module, arguments)


if __name__ == "__main__":
    _main()
