"""Prints what a whole result of the local engine costs: sound alone against sound and picture.

Run as `python -m benchmarks.local_whole`. Both in turns, as the engine does it, so that what else
the machine does meets both; "times" is wall time against sound alone in the same turn, and "CPU"
the processor time of the children. Clips are the demo clip, once and four times in a row.
"""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from analyzer.engines import Job
from analyzer.engines.local import engine as hearing
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.local.picture import see as seeing
from analyzer.media.preflight import probe_clip
from analyzer.media.sandbox import run_child
from benchmarks.local_engine import DEMO_CLIP, repeated
from benchmarks.table import Table
from core.assessment import Metric
from core.models import ClipFacts, VendorRefs

TURNS = 3
REPEATS = (1, 4)
SOUND_ALONE = frozenset({Metric.EYE_CONTACT})

RunChild = Callable[..., Awaitable[bytes]]


class Peaks:
    """The most memory that each kind of child has said it took, in bytes."""

    def __init__(self) -> None:
        self.heard = self.seen = 0

    def watching(self, run: RunChild) -> RunChild:
        """The same call, with a look at what the child prints."""

        async def watched(*arguments: Any, **limits: Any) -> bytes:
            printed = await run(*arguments, **limits)
            answer = json.loads(printed)
            for name in ("heard", "seen"):
                peak = (answer.get(name) or {}).get("peak_bytes") or 0
                setattr(self, name, max(getattr(self, name), peak))
            return printed

        return watched


async def main() -> None:
    """Measure and print the table."""
    peaks = Peaks()
    for module in (hearing, seeing):
        vars(module)["run_child"] = peaks.watching(run_child)
    engine = LocalEngine()
    table = Table(
        "clip s", "sound s", "whole s", "times", "sound CPU", "whole CPU", "heard MB", "seen MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        await measure(engine, DEMO_CLIP, await probe_clip(DEMO_CLIP), frozenset())  # warms the disk
        for repeats in REPEATS:
            clip = repeated(DEMO_CLIP, Path(folder) / f"{repeats}.mp4", repeats)
            facts = await probe_clip(clip)
            turns = []
            for _ in range(TURNS):
                sound = await measure(engine, clip, facts, SOUND_ALONE)
                whole = await measure(engine, clip, facts, frozenset())
                turns.append((*sound, *whole, whole[0] / sound[0]))
            sound_s, sound_cpu, whole_s, whole_cpu, times = (
                median(turn[column] for turn in turns) for column in range(5)
            )
            table.row(
                f"{facts.duration_seconds:.1f}",
                f"{sound_s:.1f}",
                f"{whole_s:.1f}",
                f"{times:.2f}",
                f"{sound_cpu:.1f}",
                f"{whole_cpu:.1f}",
                f"{peaks.heard / 1e6:.0f}",
                f"{peaks.seen / 1e6:.0f}",
            )


async def measure(
    engine: LocalEngine, clip: Path, facts: ClipFacts, off: frozenset[Metric]
) -> tuple[float, float]:
    """Assess a clip; returns the seconds on the wall and those of the children's processors."""
    job = Job("0" * 16, "Tell me about yourself.", clip, facts, VendorRefs(), metrics_off=off)
    before, begun = _children(), time.perf_counter()
    await engine.poll(job, _keep)
    return time.perf_counter() - begun, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _keep(refs: VendorRefs) -> None:
    raise AssertionError(refs)


if __name__ == "__main__":
    asyncio.run(main())
