"""Prints how many attempts a second one process brings from `/analyze` to the result.

Run as `python -m benchmarks.throughput`. The vendor's stand-in has every answer at once, so what is
left is ours: fetching, probing in a child process, uploading, four looks at the vendor, the rows,
and telling the member. Every attempt is a new member's, and all are asked for at once.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped] # psutil carries no types

from benchmarks.children import children_seconds
from benchmarks.load_data import fill, members
from benchmarks.measured_bot import running
from benchmarks.table import Table
from demo import SAMPLE_CLIP
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.members import is_result
from tests.process.operator import QUESTION, Operator, eventually

WARM_UP, COUNTED = 10, 100
CLIP = ("answer.mp4", SAMPLE_CLIP.read_bytes())


async def main() -> None:
    """Measure once and print the table."""
    table = Table("attempts", "seconds", "a second", "CPU ms", "in probes", "lag p99", "lag max")
    async with DiscordStandIn() as discord, TwelveLabsStandIn(instant=True) as vendor:
        with tempfile.TemporaryDirectory() as name:
            operator, askers = Operator(Path(name), discord, vendor), members(WARM_UP + COUNTED)
            await fill(operator.data_dir, discord, vendor, waiting=(), agreed=askers)
            async with running(Path(name), operator.settings) as bot:
                await discord.ready(within=60)
                process = psutil.Process(bot.pid)

                async def ask(count: int) -> None:
                    asked = [
                        await discord.slash(
                            "analyze", {"question": QUESTION}, attachment=CLIP, member=askers.pop()
                        )
                        for _ in range(count)
                    ]
                    await eventually(
                        lambda: all(o.original and is_result(o.original) for o in asked),
                        "results",
                        240,
                    )

                await ask(WARM_UP)
                await bot.report()
                before, begun = children_seconds(process), time.perf_counter()
                await ask(COUNTED)
                seconds = time.perf_counter() - begun
                probes = children_seconds(process) - before
                report = await bot.report()
                assert not bot.errors()
                table.row(
                    str(COUNTED),
                    f"{seconds:.1f}",
                    f"{COUNTED / seconds:.1f}",
                    f"{1000 * report.cpu_seconds / COUNTED:.0f}",
                    f"{1000 * probes / COUNTED:.0f}",
                    f"{report.lag_p99:.1f}",
                    f"{report.lag_max:.1f}",
                )
    print("CPU and probes: milliseconds of processor time for each attempt; lag: milliseconds")


if __name__ == "__main__":
    asyncio.run(main())
