"""Notes which servers the bot is in: 30 days after it left one, what is kept of it is deleted."""

from __future__ import annotations

import discord
from discord.ext import commands

from cogs.client import GreenroomBot


class GuildEvents(commands.Cog):
    """Listens; it has no commands."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited."""
        await self.bot.app.deps.servers.joined(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; discord.py does not call this when a server is only unavailable."""
        await self.bot.app.deps.servers.left(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Make up for what happened while the bot was away. Unavailable servers are listed too."""
        shards = self.bot.shards_served
        serves = (lambda _: True) if shards is None else shards.serve
        present = [guild.id for guild in self.bot.guilds]
        await self.bot.app.deps.servers.reconcile(present, serves)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(GuildEvents(bot))
