"""Prints the processor time of bots that have nothing to do, and of one with 1,000 that wait.

Run as `python -m benchmarks.idle_cpu`. All are processes of their own, connected to stand-ins, and
measured during the same two minutes: Greenroom with and without its web pages, a bot that can only
defer, and Greenroom with 1,000 attempts that wait for an analysis without webhooks. Measuring
begins when those edit their replies as often as they will: in a crowd the first edit takes minutes.
Printed beside it are edits of replies and requests to the vendor, each a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped] # psutil carries no types

from benchmarks.ack_latency import defer_only
from benchmarks.load_data import fill, members
from benchmarks.measured_bot import Bot, running
from benchmarks.table import Table
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.members import ORIGINAL
from tests.process.operator import Operator

WAITING = 1000
SETTLE_SECONDS, MEASURED_SECONDS = 200.0, 120.0


class Measured(NamedTuple):
    """A bot that runs, and the stand-ins that it asks."""

    process: psutil.Process
    discord: DiscordStandIn | None = None
    vendor: TwelveLabsStandIn | None = None

    def used(self) -> tuple[float, int, int]:
        """Seconds of processor time, edits, and requests to the vendor until now."""
        times = self.process.cpu_times()
        edits = 0 if self.discord is None else len(self.discord.calls("PATCH", ORIGINAL))
        asked = 0 if self.vendor is None else len(self.vendor.requests)
        return float(times.user + times.system), edits, asked


async def main() -> None:
    """Start all bots, let them settle, and print the table."""
    async with contextlib.AsyncExitStack() as stack:
        bots = {
            "Greenroom": await _greenroom(stack),
            "Greenroom with HTTP_PORT": await _greenroom(stack, HTTP_PORT=str(_free_port())),
            f"Greenroom, {WAITING:,} attempts waiting": await _greenroom(stack, waiting=WAITING),
            "defer only": Measured(await _defer_only(stack)),
        }
        await asyncio.sleep(SETTLE_SECONDS)
        before = {name: bot.used() for name, bot in bots.items()}
        await asyncio.sleep(MEASURED_SECONDS)
        table = Table("bot", "CPU ms", "% of core", "RSS MB", "edits/s", "asks/s", label_width=34)
        for name, bot in bots.items():
            used = [now - was for now, was in zip(bot.used(), before[name], strict=True)]
            seconds, edits, asks = (one / MEASURED_SECONDS for one in used)
            megabytes = bot.process.memory_info().rss / 1e6
            cells = (f"{1000 * used[0]:.0f}", f"{100 * seconds:.2f}", f"{megabytes:.1f}")
            table.row(name, *cells, f"{edits:.1f}", f"{asks:.1f}")


async def _greenroom(
    stack: contextlib.AsyncExitStack, *, waiting: int = 0, **settings: str
) -> Measured:
    """A connected Greenroom; without the sampler, which is never idle."""
    discord = await stack.enter_async_context(DiscordStandIn())
    vendor = await stack.enter_async_context(TwelveLabsStandIn(task_statuses=("processing",)))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    operator = Operator(folder, discord, vendor)
    await fill(operator.data_dir, discord, vendor, waiting=members(waiting))
    environment = operator.settings | {"MAX_IN_FLIGHT": "1000"} | settings
    bot: Bot = await stack.enter_async_context(running(folder, environment, sample=False))
    await discord.ready(within=60)
    return Measured(psutil.Process(bot.pid), discord, vendor)


async def _defer_only(stack: contextlib.AsyncExitStack) -> psutil.Process:
    before = set(psutil.Process().children())
    await stack.enter_async_context(defer_only())
    [process] = set(psutil.Process().children()) - before
    return process


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
