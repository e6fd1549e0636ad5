"""Prints how fast 100 `/analyze` a second are acknowledged while 1,000 attempts are in flight.

Run as `python -m benchmarks.load`. Greenroom and a bot that only defers are processes of their own
on stand-ins for Discord in a third, and take turns of four seconds. In Greenroom, 1,000 attempts
wait for an analysis, and each `/analyze` is committed and told about; one in ten comes from members
who have two under way already and is refused. Then the same again with 100 free slots, so that
clips are fetched and probed by child processes meanwhile, on the same cores.

From the event written to the gateway's socket to the callback received; the network and Discord
itself come on top. Late is what came after Discord's three seconds.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ack_latency import defer_only
from benchmarks.load_data import fill, members
from benchmarks.measured_bot import Bot, Report, running
from benchmarks.table import Table
from demo import SAMPLE_CLIP
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import LOADING, Interaction, Member, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import QUESTION, Operator

IN_FLIGHT = 1000
FREE_SLOTS = (0, 100)
A_SECOND = 100
TURN_SECONDS, TURNS = 4, 3
WARM_UP = 50  # interactions for each bot
EAGER_MEMBERS = 10
SETTLED_WITHIN = 120.0  # seconds, for every reply to say something
LATE_SECONDS = 3.0

CLIP = ("answer.mp4", SAMPLE_CLIP.read_bytes())


@dataclass
class Asked:
    """What was sent to one bot, and who is still to ask."""

    discord: DiscordStandIn
    askers: list[Member]
    sent: list[Interaction] = field(default_factory=list)

    async def ask(self, count: int) -> None:
        """Send so many, evenly spread."""
        begun = time.monotonic()
        for number in range(count):
            await asyncio.sleep(begun + number / A_SECOND - time.monotonic())
            asked = await self.discord.slash(
                "analyze", {"question": QUESTION}, attachment=CLIP, member=self.askers.pop()
            )
            self.sent.append(asked)


async def main() -> None:
    """Measure with and without free slots, and print a table and what became of the attempts."""
    table = Table("bot", "answers", "p50 ms", "p99 ms", "max ms", "late", label_width=38)
    for free in FREE_SLOTS:
        await measure(free, table)


async def measure(free: int, table: Table) -> None:
    """Let both bots be asked in turns, and print their lines."""
    clip = f", {free} clips probed" if free else ""
    async with (
        DiscordStandIn() as discord,
        TwelveLabsStandIn(task_statuses=("processing",)) as vendor,
        defer_only() as other,
    ):
        with tempfile.TemporaryDirectory() as name:
            operator, waiting, askers = (
                Operator(Path(name), discord, vendor),
                members(IN_FLIGHT),
                _askers(),
            )
            await fill(operator.data_dir, discord, vendor, waiting=waiting, agreed=set(askers))
            settings = operator.settings | {"MAX_IN_FLIGHT": str(IN_FLIGHT + free)}
            async with running(Path(name), settings) as bot:
                await discord.ready(within=120)
                await bot.under_way(IN_FLIGHT)
                ours, others = Asked(discord, askers), Asked(other, _askers())
                for one in (ours, others):
                    await one.ask(WARM_UP)
                await bot.report()
                for _ in range(TURNS):
                    for one in (others, ours):
                        await one.ask(A_SECOND * TURN_SECONDS)
                report = await bot.report()
                await _settled(ours.sent)
                _row(table, f"Greenroom /analyze{clip}", ours.sent[WARM_UP:])
                _row(table, "defer only, in turns with it", others.sent[WARM_UP:])
                print_rest(bot, report, ours.sent)


def print_rest(bot: Bot, report: Report, sent: Sequence[Interaction]) -> None:
    """Print what became of Greenroom's attempts, and how its process was meanwhile."""
    refused = sum("under way" in said or "being assessed" in said for said in map(_said, sent))
    taken = sum("Working on your answer" in said for said in map(_said, sent))
    seconds = 2 * TURNS * TURN_SECONDS
    print(
        f"  of {len(sent)}: {taken} taken, {refused} refused, {len(sent) - taken - refused} else; "
        f"errors logged: {bot.errors()}\n"
        f"  event loop late by p50 {report.lag_p50:.1f}, p99 {report.lag_p99:.1f}, "
        f"max {report.lag_max:.1f} ms; {100 * report.cpu_seconds / seconds:.0f} % of a core; "
        f"{report.rss_bytes / 1e6:.0f} MB"
    )


def _askers() -> list[Member]:
    """A new member each time, but one in ten is one of a few."""
    count = WARM_UP + TURNS * TURN_SECONDS * A_SECOND
    asking, eager = members(count, "asker"), members(EAGER_MEMBERS, "eager")
    asking[::10] = [eager[number % EAGER_MEMBERS] for number in range(len(asking[::10]))]
    return asking


async def _settled(sent: Sequence[Interaction]) -> None:
    """Wait until each has been acknowledged and its reply says something."""
    until = time.monotonic() + SETTLED_WITHIN
    while any(one.original is None or one.original["flags"] & LOADING for one in sent):
        if time.monotonic() > until:
            break  # what has come to nothing is counted
        await asyncio.sleep(0.2)


def _said(asked: Interaction) -> str:
    return "" if asked.original is None else text_of(asked.original)


def _row(table: Table, name: str, sent: Sequence[Interaction]) -> None:
    taken = [one.answered_at - one.sent_at for one in sent if one.answered_at is not None]
    late = len(sent) - len(taken) + sum(seconds > LATE_SECONDS for seconds in taken)
    cuts = statistics.quantiles(taken, n=100)
    figures = (1000 * cuts[49], 1000 * cuts[98], 1000 * max(taken))
    table.row(name, str(len(taken)), *(f"{figure:.2f}" for figure in figures), str(late))


if __name__ == "__main__":
    asyncio.run(main())
