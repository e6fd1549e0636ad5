"""Prints how fast `/analyze` is acknowledged, next to a bot that does nothing else.

Run as `python -m benchmarks.ack_latency`. Both bots are processes of their own, on the same
stand-in for Discord over loopback, asked in turn: an interaction every 25 ms, 20 a second for each.
From the event written to the gateway's socket to the callback received; the network and Discord
itself come on top. `/analyze` is a new member's each time and goes on to the consent card.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import yarl
from discord.ext import commands

from benchmarks.table import Table
from core.settings import ROOT
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Interaction, Member
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import QUESTION, Operator

WARM_UP, COUNTED = 20, 300  # interactions for each bot
A_SECOND = 20
CLIP = ("answer.mp4", b"never fetched: nobody agrees")


async def main() -> None:
    """Measure both bots in one run, and print the table."""
    async with greenroom() as one, defer_only() as other:
        answered: dict[DiscordStandIn, list[float]] = {one: [], other: []}
        sent: list[tuple[DiscordStandIn, Interaction]] = []
        for number in range(WARM_UP + COUNTED):
            for stand_in in (one, other):
                interaction = await stand_in.slash(
                    "analyze", {"question": QUESTION}, attachment=CLIP, member=Member("member")
                )
                if number >= WARM_UP:
                    sent.append((stand_in, interaction))
                await asyncio.sleep(1 / A_SECOND / 2)
        for stand_in, interaction in sent:
            answered[stand_in].append(1000 * await interaction.acknowledged())
        for stand_in, interaction in sent:
            if stand_in is one:
                await interaction.reply()  # the consent card has come too
    table = Table("bot", "answers", "p50 ms", "p99 ms", "max ms", label_width=22)
    for name, stand_in in {"Greenroom /analyze": one, "defer only": other}.items():
        taken = answered[stand_in]
        cuts = statistics.quantiles(taken, n=100)
        figures = (cuts[49], cuts[98], max(taken))
        table.row(name, str(len(taken)), *(f"{figure:.2f}" for figure in figures))


@contextlib.asynccontextmanager
async def greenroom() -> AsyncIterator[DiscordStandIn]:
    """Run Greenroom as its operator would, until the block ends."""
    async with DiscordStandIn() as stand_in, TwelveLabsStandIn() as vendor:
        with tempfile.TemporaryDirectory() as folder:
            operator = Operator(Path(folder), stand_in, vendor)
            try:
                await operator.run(LOG_LEVEL="INFO")
                yield stand_in
            finally:
                await operator.aclose()


@contextlib.asynccontextmanager
async def defer_only() -> AsyncIterator[DiscordStandIn]:
    """Run the other bot: this file, as a process of its own."""
    async with DiscordStandIn() as stand_in:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.ack_latency", stand_in.api_url, stand_in.token),
            cwd=ROOT,
            env={"PATH": os.defpath},
        )
        try:
            await stand_in.ready()
            yield stand_in
        finally:
            process.kill()
            await process.wait()


class DeferOnlyBot(commands.AutoShardedBot):
    """The least a bot can do: it acknowledges `/analyze`, and that is all."""

    async def setup_hook(self) -> None:
        """Register the one command."""

        @self.tree.command(name="analyze", description="Acknowledged and forgotten.")
        async def analyze(
            interaction: discord.Interaction,
            clip: discord.Attachment,  # noqa: ARG001 - the same options as the real command
            question: str,  # noqa: ARG001 - the same options as the real command
        ) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)

        await self.tree.sync()


def run_defer_only(api_url: str, token: str) -> None:
    """Run the other bot against a stand-in, until it is killed."""
    discord.http.Route.BASE = api_url
    gateway = str(yarl.URL(api_url).origin()).replace("http", "ws", 1) + "/gw"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    bot = DeferOnlyBot(commands.when_mentioned, intents=discord.Intents(guilds=True))
    bot.run(token, log_handler=None)


if __name__ == "__main__":
    if sys.argv[1:]:
        run_defer_only(*sys.argv[1:])
    else:
        asyncio.run(main())
