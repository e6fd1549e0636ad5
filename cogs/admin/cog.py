"""`/admin status` and `/admin sync`: for whoever runs this bot, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.services.app import App
from cogs.client import GreenroomBot, Interaction
from cogs.shared.interactions import defer
from cogs.ui.embeds import WORKING, FittedEmbed, note_embed
from cogs.ui.error_replies import answer_privately, answering
from cogs.ui.text import plain
from core.errors import Refused
from core.version import version

DISCORD_SECONDS = 60.0
"""How long Discord may take to say who owns the bot, or to register the commands."""

FAILURES_SINCE = timedelta(hours=24)
FAILURES_SHOWN = 10

_WEIGHT = 10


@app_commands.guild_only()
@app_commands.default_permissions(administrator=True)
class Admin(commands.GroupCog, group_name="admin", group_description="For the operator."):
    """What the operator can look at and do from within Discord."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Operator only: how this bot is doing.")
    async def status(self, interaction: Interaction) -> None:
        """Show version, queue, failures, use of the vendor and sizes; nothing about a member."""
        await defer(interaction)
        async with answering(interaction):
            await _check_owner(interaction)
            await answer_privately(interaction, await _status(self.bot))

    @app_commands.command(description="Operator only: register the commands again.")
    async def sync(self, interaction: Interaction) -> None:
        """Register the commands with Discord, changed or not."""
        await defer(interaction)
        async with answering(interaction):
            await _check_owner(interaction)
            async with asyncio.timeout(DISCORD_SECONDS):
                registered = await self.bot.sync_commands(force=True)
            text = f"{registered} commands registered. Restart Discord (Ctrl+R) to see changes."
            await answer_privately(interaction, note_embed(text))


async def _check_owner(interaction: Interaction) -> None:
    """Let only the owner of the bot's application pass, or its team.

    Raises:
        Refused: somebody else asks.
    """
    async with asyncio.timeout(DISCORD_SECONDS):
        if await interaction.client.is_owner(interaction.user):
            return
    raise Refused("not_operator", "Only whoever runs this bot can use this command.")


async def _status(bot: GreenroomBot) -> discord.Embed:
    app, now = bot.app, bot.app.deps.clock()
    card = FittedEmbed("Greenroom", WORKING)
    for name, lines in {
        "Version": [await version(), f"Engine: {app.deps.engine}"],
        "Running": [f"Since <t:{int(bot.started_at.timestamp())}:R>, {_servers(bot)}"],
        "Attempts under way": await _queue(app),
        "Failures in the last 24 hours": await _failures(app, now),
        "Sent to TwelveLabs this month": await _vendor_minutes(app, now),
        "Storage": [
            f"Database: {await app.deps.statistics.database_bytes() / 1_000_000:.1f} MB",
            f"Copies still to be deleted: {await app.deps.statistics.left_to_delete()}",
        ],
    }.items():
        card.field(name, lines, weight=_WEIGHT)
    return card.build()


def _servers(bot: GreenroomBot) -> str:
    return "in 1 server" if len(bot.guilds) == 1 else f"in {len(bot.guilds)} servers"


async def _queue(app: App) -> list[str]:
    states = await app.deps.statistics.under_way()
    lines = [f"Worked on now: {app.attempts.in_flight}"]
    return lines + [f"{state}: {count}" for state, count in sorted(states.items())]


async def _failures(app: App, now: datetime) -> list[str]:
    failures = await app.deps.statistics.failures(now - FAILURES_SINCE)
    lines = [f"{plain(code, 60)}: {count}" for code, count in failures.items()][:FAILURES_SHOWN]
    if len(failures) > FAILURES_SHOWN:
        lines.append(f"and {len(failures) - FAILURES_SHOWN} more codes")
    return lines or ["None."]


async def _vendor_minutes(app: App, now: datetime) -> list[str]:
    deps = app.deps
    lines = [f"{await deps.vendor_usage.of(f'{now:%Y-%m}') / 60:.1f} minutes of clips"]
    lines += await deps.spending.lines()
    if (until := await deps.spending.goes_on_at()) is not None:
        then = "measured locally" if deps.spending.at_the_cap == "local" else "refused"
        lines.append(f"New attempts are {then} until <t:{int(until.timestamp())}:f>")
    if deps.turns is not None and (waiting := await deps.turns.waiting()):
        lines.append(f"Waiting for TwelveLabs' limits: {waiting}")
    return lines


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(Admin(bot))
