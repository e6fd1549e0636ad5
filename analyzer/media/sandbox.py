"""Runs a module of ours as a child process under hard limits: for decoding and for models.

A hostile clip may crash, hang, fill or take over a decoder. In a child that ends one attempt, never
the bot, and nothing of ours is within its reach; and the memory a model used goes back to the
machine when the child ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from analyzer.confinement.child import Limits
from analyzer.confinement.confine import EVERY_LAYER, NO_LAYER, Layer
from analyzer.media.forked import Kind, ServerLost, TooMuchOutput, run_forked

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_OUTPUT_LIMIT_BYTES = 8_000_000
_SIGSYS = 31  # on the machines that have a filter of calls; Windows' signal module has none
_TRIAL_BYTES = 500_000_000
_TRIAL_SECONDS = 30.0
_ATTEMPTS = {"network": "network", "files": "other files", "processes": "other processes"}

_DECODING = ("analyzer.media.probe", "analyzer.media.remux")
_HEARING = (
    *("analyzer.media.sandbox", "analyzer.engines.local.hearing"),
    "analyzer.engines.local.speech_models",
)
_READING = ("analyzer.engines.local.content.read", "analyzer.engines.local.content.nearness")
_READ_BEFORE = {
    "analyzer.confinement.trial": _DECODING,
    "analyzer.media.probe": _DECODING,
    "analyzer.media.remux": _DECODING,
    "analyzer.media.still_picture": _DECODING,
    "analyzer.engines.local.child": _HEARING,
    "analyzer.engines.local.picture.child": _HEARING,
    "analyzer.engines.local.content.child": _READING,
}
"""What the server of a child has imported before it forks.

Never ONNX Runtime: it starts a thread when it is imported, and a process with threads can neither
fork safely nor be confined.
"""

FEW_THREADS: Mapping[str, str] = {
    # libraries that start a thread a core reserve address space for each: on machines with many
    # cores that alone would pass the memory limit
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",  # numpy's own sums here are small: waiting costs more
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning took a seventh of the processor
    "MKL_NUM_THREADS": "2",
    "RAYON_NUM_THREADS": "2",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
}
"""The environment of a child that runs a model."""

_layers: Layer | None = None


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
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    confined: bool = True,
    given: bytes = b"",
) -> bytes:
    """Run a module as `python -m module arguments…` would, under limits; returns what it printed.

    On Linux a child that is confined is forked from a server that has read the libraries already,
    elsewhere it is a new Python process.

    `given` is its standard input: words of members go there and never among the arguments, which
    every user of the machine can see.

    The child sees only `environment`: no token and no key of ours. Its error output is dropped,
    since decoders print parts of the file into it. It writes no file larger than `file_bytes`.

    As far as this system lets us (`sandbox` says how far) it has no network, starts and reaches no
    other process, reads `reads` beside our code and the libraries, and writes `writes`, which it
    makes. Without `confined` it may do what we may: only for what meets nobody's file.

    Raises:
        ChildFailed: it ran too long, ended with an error (running into a limit is one), or printed
            more than 8 MB.
    """
    limits: Limits = {
        "memory_bytes": memory_bytes,
        "cpu_seconds": cpu_seconds,
        "file_bytes": file_bytes,
        "reads": [str(path.absolute()) for path in reads],
        "writes": [str(path.absolute()) for path in writes],
        "layers": (await _usable_layers()).value if confined else None,
    }
    return await _run(module, arguments, limits, wall_seconds, environment or {}, given)


async def sandbox() -> tuple[bool, str]:
    """Whether children are shut in wholly, and a line for the operator; tried for real."""
    try:
        held = json.loads(await _run_attempts(await _usable_layers()))
    except (ChildFailed, ValueError):
        return False, "decoder sandbox: could not be tried"
    kept = [f"no {_ATTEMPTS[name]}" for name in _ATTEMPTS if held[name]]
    open_ = [_ATTEMPTS[name] for name in _ATTEMPTS if not held[name]]
    if not open_:
        return True, f"decoder sandbox: {', '.join(kept)}"
    return False, (
        f"decoder sandbox: {', '.join(kept) or 'limits only'}; this system does not keep a decoder "
        f"from: {', '.join(open_)}. docs/operating.md says what that takes"
    )


async def _usable_layers() -> Layer:
    """The layers this system can be asked for.

    A service's own filter of system calls may end a process that only asks (SIGSYS). That is found
    out once, by a child that meets nothing hostile.
    """
    global _layers
    if _layers is None:
        for layers in (EVERY_LAYER, Layer.CALLS, NO_LAYER):
            try:
                await _run_attempts(layers)
            except ChildFailed as failed:
                if failed.exit_code != -_SIGSYS:
                    return layers  # it failed for another reason: try again at the next child
            else:
                _layers = layers
                break
    return _layers or NO_LAYER


async def _run_attempts(layers: Layer) -> bytes:
    limits: Limits = {
        "memory_bytes": _TRIAL_BYTES,
        "cpu_seconds": 10,
        "file_bytes": 0,
        "reads": [],
        "writes": [],
        "layers": layers.value,
    }
    return await _run("analyzer.confinement.trial", [], limits, _TRIAL_SECONDS, {})


async def _run(
    module: str,
    arguments: Sequence[str],
    limits: Limits,
    wall_seconds: float,
    environment: Mapping[str, str],
    given: bytes = b"",
) -> bytes:
    whole = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **environment}
    if sys.platform == "linux" and limits["layers"] is not None:
        kind = Kind(_ROOT, _READ_BEFORE.get(module, ()), tuple(sorted(whole.items())))
        forked = run_forked(kind, module, arguments, limits, given, _OUTPUT_LIMIT_BYTES)
        try:
            async with asyncio.timeout(wall_seconds):
                exit_code, printed = await forked
        except TimeoutError:
            raise ChildFailed("timeout") from None
        except TooMuchOutput:
            raise ChildFailed("output") from None
        except ServerLost:
            log.warning("a server of child processes has ended; a new Python does its work")
        else:
            return _unless_failed(exit_code, printed)
    return await _run_anew(module, arguments, limits, wall_seconds, whole, given)


def _unless_failed(exit_code: int, printed: bytes) -> bytes:
    if exit_code != 0:
        raise ChildFailed("exit", exit_code)
    return printed


async def _run_anew(
    module: str,
    arguments: Sequence[str],
    limits: Limits,
    wall_seconds: float,
    environment: Mapping[str, str],
    given: bytes,
) -> bytes:
    """Run the module in a new Python process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "analyzer.confinement.child",
        json.dumps(limits),
        module,
        *arguments,
        cwd=_ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE if given else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    try:
        async with asyncio.timeout(wall_seconds):
            if process.stdin is not None:
                # kept in memory and written as the child reads: nothing here waits for it
                process.stdin.write(given)
                process.stdin.close()
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
    return _unless_failed(exit_code, bytes(output))


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
