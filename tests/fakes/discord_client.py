"""The real discord.py against the Discord stand-in, in one process: for the tests of that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import discord

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Interaction

COMMAND = {
    "name": "ask",
    "description": "Ask.",
    "options": [
        {"type": 11, "name": "clip", "description": "A clip."},
        {"type": 3, "name": "question", "description": "A question."},
    ],
}


class Listener(discord.AutoShardedClient):
    """Hands every interaction to the test."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents)
        self.inbox: asyncio.Queue[discord.Interaction[Any]] = asyncio.Queue()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Keep it for the test."""
        await self.inbox.put(interaction)


class Meeting:
    """A client of discord.py's, connected to the stand-in."""

    def __init__(self, stand_in: DiscordStandIn, client: Listener) -> None:
        self.stand_in = stand_in
        self.client = client

    async def ask(self, **options: Any) -> tuple[Interaction, discord.Interaction[Any]]:
        """Run the command: what the member sees of it, and what the client got."""
        asked = await self.stand_in.slash("ask", **options)
        async with asyncio.timeout(5):
            return asked, await self.client.inbox.get()

    async def answered(self) -> tuple[Interaction, discord.Interaction[Any]]:
        """The same, and the client has said "thinking…"."""
        asked, got = await self.ask()
        await got.response.defer(ephemeral=True, thinking=True)
        return asked, got


@contextlib.asynccontextmanager
async def connected(stand_in: DiscordStandIn, client: Listener) -> AsyncIterator[Meeting]:
    """Log a client in, connect it and register the command."""
    running = asyncio.create_task(client.start(stand_in.token))
    try:
        await stand_in.ready()
        await client.http.bulk_upsert_global_commands(int(stand_in.application_id), [COMMAND])
        yield Meeting(stand_in, client)
    finally:
        await client.close()
        await asyncio.wait({running})
