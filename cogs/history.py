"""`/history`: a member's own attempts, newest first, each with a button that shows it again."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.intake import owner_of
from cogs.ui.buttons import Action, PracticeButton
from cogs.ui.cards import history_embed

SHOWN = 10
"""Attempts in the list: two rows of five buttons under it."""


class History(commands.Cog):
    """Shows what a member has done before."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Your own attempts in this server, newest first.")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def history(self, interaction: Interaction) -> None:
        """List the latest attempts, privately."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        attempts = await self.bot.tools.attempts.history(owner_of(interaction), limit=SHOWN)
        view = discord.ui.View(timeout=None)
        for number, attempt in enumerate(attempts, start=1):
            view.add_item(PracticeButton(Action.RESULT, attempt.id, label=f"Show {number}"))
        view.stop()
        await interaction.edit_original_response(embed=history_embed(attempts, 1, 1), view=view)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(History(bot))
