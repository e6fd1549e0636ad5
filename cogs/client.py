"""The bot itself: what the cogs find on `interaction.client`, and its life from start to end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.services.app import App
from cogs.ui.dispatcher import Dispatcher
from cogs.ui.error_replies import answer_error

log = logging.getLogger(__name__)

PERMISSIONS = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, embed_links=True
)
"""What the invite asks for: only to post a shared result in the channel where it was made."""

EXTENSIONS = (
    "cogs.analyze.consent",
    "cogs.analyze.cog",
    "cogs.practice.cog",
    "cogs.interview.cog",
    "cogs.analyze.results",
    "cogs.settings.cog",
    "cogs.admin.cog",
    "cogs.history.cog",
    "cogs.progress.cog",
    "cogs.compare.cog",
    "cogs.leaderboard.cog",
    "cogs.questions.cog",
    "cogs.privacy.cog",
    "cogs.guild_events",
)


DISCONNECT_SECONDS, CLOSE_SECONDS = 2.0, 5.0
"""How long closing may take: supervisors kill ten seconds after they asked a process to stop.

discord.py alone waits half a minute for a gateway that does not answer (discord.py 2.7.1).
"""


@dataclass(frozen=True, slots=True)
class Shards:
    """Which part of all servers this process serves (Discord's documentation, "Sharding")."""

    ids: tuple[int, ...]
    count: int

    def serve(self, guild_id: int) -> bool:
        """Whether this process is the one that is told about a server."""
        return (guild_id >> 22) % self.count in self.ids


def _sharding(shards: Shards | None) -> dict[str, Any]:
    return {} if shards is None else {"shard_ids": list(shards.ids), "shard_count": shards.count}


BuildApp = Callable[["GreenroomBot", AsyncExitStack], Awaitable[App]]
"""Opens what the cogs need, and pushes onto the stack how to close it."""


class Tree(app_commands.CommandTree["GreenroomBot"]):
    """The command tree, the outermost place of a command: whatever it raises is answered here."""

    async def on_error(
        self,
        interaction: discord.Interaction[GreenroomBot],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Tell the member one sentence and the log the rest."""
        await answer_error(interaction, error)


class GreenroomBot(commands.AutoShardedBot):
    """The bot: interactions only, so the guilds intent is all it asks for.

    An auto-sharded client even with one shard: the plain client dies when its first connection to
    the gateway is refused, this one tries again (discord.py 2.7.1).
    """

    app: App
    started_at: datetime

    def __init__(self, build: BuildApp, *, shards: Shards | None = None) -> None:
        # Greenroom never joins voice: no advice about the packages for it
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            **_sharding(shards),
        )
        self.shards_served = shards
        self.dispatcher = Dispatcher()
        self.works = True  # False: register commands only, leave unfinished attempts alone
        self.before_commands: Callable[[], Awaitable[None]] | None = None
        self._build = build
        self._stack = AsyncExitStack()

    async def load_features(self) -> None:
        """Load every feature; needs neither a login nor the app."""
        for extension in EXTENSIONS:
            await self.load_extension(extension)

    async def setup_hook(self) -> None:
        """Open the app, load the features, register changed commands, then go on with the work."""
        if self.before_commands is not None:
            await self.before_commands()
        self.app = await self._build(self, self._stack)
        self.started_at = self.app.deps.clock()
        await self.load_features()
        if not self.works:
            return
        if self.shards_served is None or 0 in self.shards_served.ids:  # one of many processes
            synced = await self.sync_commands()
            log.info("%s", f"{synced} commands registered" if synced else "commands unchanged")
        log.info("invite the bot with %s", self.invite_url())
        await self.app.start()

    def invite_url(self) -> str:
        """Where a server's manager adds the bot, with exactly the permissions it needs."""
        return discord.utils.oauth_url(
            self.application_id or 0,
            permissions=PERMISSIONS,
            scopes=("bot", "applications.commands"),
        )

    async def sync_commands(self, *, force: bool = False) -> int:
        """Register the commands when their payload has changed, and return how many, else 0.

        Discord allows 200 creates a day, and an unneeded sync makes commands flicker, so the hash
        of what was registered last is remembered for each application.
        """
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        payload.sort(key=lambda item: (item.get("type", 1), item["name"]))
        digest = hashlib.sha256(
            json.dumps(payload, sort_keys=True, default=str).encode()
        ).hexdigest()
        key = f"commands:{self.application_id}"
        if not force and await self.app.deps.metadata.get(key) == digest:
            return 0
        registered = await self.tree.sync()
        await self.app.deps.metadata.set(key, digest)
        return len(registered)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer presses and forms; discord.py has handed commands to the tree."""
        await self.dispatcher.dispatch(interaction)

    async def on_ready(self) -> None:
        """Say that the bot can be used."""
        log.info("connected to %d servers", len(self.guilds))

    async def close(self) -> None:
        """End the work, which may still tell somebody, close what was opened, and disconnect."""
        await _within(CLOSE_SECONDS, "the work", self._stack.aclose())
        await _within(DISCONNECT_SECONDS, "the connection to Discord", super().close())
        await self.http.close()  # also where a silent gateway has kept discord.py from it


async def _within(seconds: float, what: str, closing: Awaitable[None]) -> None:
    """Close something, but wait no longer than this: it must not keep the rest open."""
    try:
        async with asyncio.timeout(seconds):
            await closing
    except TimeoutError:
        log.warning("%s did not close within %.0f s", what, seconds)


Interaction = discord.Interaction[GreenroomBot]
