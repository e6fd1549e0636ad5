"""Prints what an attempt in flight costs: memory with 0, 1,000 and 3,000 that wait for the vendor.

Run as `python -m benchmarks.load_memory`. Each line is a bot of its own, as a process
between the two stand-ins, that has gone on with so many attempts ten seconds ago.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.load_data import fill, members
from benchmarks.measured_bot import Report, running
from benchmarks.table import Table
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import Operator

SIZES = (0, 1000, 3000)
SETTLE_SECONDS = 10.0


async def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    table = Table("attempts", "RSS MB", "tasks", "KB each")
    reports: dict[int, Report] = {}
    for size in SIZES:
        reports[size] = report = await measure(size)
        added = report.rss_bytes - reports[0].rss_bytes
        each = f"{added / size / 1000:.1f}" if size else "-"
        table.row(f"{size:,}", f"{report.rss_bytes / 1e6:.1f}", str(report.tasks), each)
    _, some, many = (reports[size] for size in SIZES)
    slope = (many.rss_bytes - some.rss_bytes) / (SIZES[2] - SIZES[1])
    print(f"from the second thousand on: {slope / 1000:.1f} KB each")


async def measure(size: int) -> Report:
    """Let so many attempts wait, and ask the bot how it is."""
    async with (
        DiscordStandIn() as discord,
        TwelveLabsStandIn(task_statuses=("processing",)) as vendor,
    ):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            operator = Operator(folder, discord, vendor)
            await fill(operator.data_dir, discord, vendor, waiting=members(size))
            settings = operator.settings | {"MAX_IN_FLIGHT": "10000"}
            async with running(folder, settings) as bot:
                await discord.ready(within=120)
                await bot.under_way(size)
                await asyncio.sleep(SETTLE_SECONDS)
                report = await bot.report()
                assert not bot.errors()
                return report


if __name__ == "__main__":
    asyncio.run(main())
