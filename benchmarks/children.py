"""Prints what a child costs: forked from a server, in a new Python process, and as a bare script.

Run as `python -m benchmarks.children`. The demo's clip is probed and heard each way by turns; the
bare script only has faster-whisper find its words. Processor time is that of the child and of the
server together, without the server's start, which the first line gives.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest.mock import patch

import psutil  # type: ignore[import-untyped] # psutil carries no types

from analyzer.engines.local.speech_models import find_model
from analyzer.media import sandbox
from analyzer.media.forked import ServerLost, end_servers
from analyzer.media.preflight import probe_clip
from benchmarks.local_engine import CHOICE, DEMO_CLIP, hear
from benchmarks.table import Table

PROBES, HEARINGS = 40, 5
BARE = """
import sys
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=2)
segments, _ = model.transcribe(sys.argv[2], language="en", word_timestamps=True)
print(sum(len(segment.words) for segment in segments))
"""


async def main() -> None:
    """Measure once and print the table."""
    seconds = (await probe_clip(DEMO_CLIP)).duration_seconds
    model = str(await asyncio.to_thread(find_model, CHOICE))
    table = Table("work", "way", "wall ms", "CPU ms")
    works: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
        "probe": (PROBES, lambda: probe_clip(DEMO_CLIP)),
        "hear": (HEARINGS, lambda: hear(DEMO_CLIP, seconds)),
    }
    for name, (times, work) in works.items():
        end_servers()
        row(table, name, "first, with the server's start", [await measure(work)])
        ways: dict[str, tuple[AbstractContextManager[object], Callable[[], Awaitable[object]]]] = {
            "forked": (nullcontext(), work),
            "new Python": (patch.object(sandbox, "run_forked", nobody), work),
        }
        if name == "hear":
            ways["bare script"] = (nullcontext(), lambda: bare(model, DEMO_CLIP))
        found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(times):
            for way, (as_wanted, one) in ways.items():
                with as_wanted:
                    found[way].append(await measure(one))
        for way, figures in found.items():
            row(table, name, way, figures)


def row(table: Table, name: str, way: str, figures: list[tuple[float, float]]) -> None:
    """One line: the medians."""
    wall, cpu = (statistics.median(column) for column in zip(*figures, strict=True))
    table.row(name, way, f"{1000 * wall:.0f}", f"{1000 * cpu:.0f}")


async def measure(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Seconds on the wall, and of the processors beside this process."""
    us = psutil.Process()
    begun, used = time.perf_counter(), children_seconds(us)
    await work()
    return time.perf_counter() - begun, children_seconds(us) - used


def children_seconds(process: psutil.Process) -> float:
    """The processor time of its children, living and ended, and of theirs that have ended."""
    own = process.cpu_times()
    total: float = own.children_user + own.children_system
    for child in process.children():
        times = child.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def nobody(*_: object) -> tuple[int, bytes]:
    """As if no server could be had, so that a new Python process does the work."""
    raise ServerLost


async def bare(model: str, clip: Path) -> None:
    """Hear a clip as a script of three lines does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BARE, model, str(clip)),
        stdout=asyncio.subprocess.DEVNULL,
        env=dict(sandbox.FEW_THREADS),
    )
    assert await process.wait() == 0


if __name__ == "__main__":
    asyncio.run(main())
