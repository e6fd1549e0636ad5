"""Where Discord is, and what an operator is told when the connection to it ends for good."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.client import GreenroomBot
from core.errors import SettingsProblem
from core.network import CONNECTION_ERRORS

_REFRESH_SECONDS = 20.0
_TOKEN_REFUSED = 4004  # close code (Discord's documentation, "Gateway Close Event Codes")


def point_requests_at(base: str | None) -> None:
    """Send REST and webhooks elsewhere; discord.py has a class attribute for it only."""
    if base is not None:
        Route.BASE = base.rstrip("/")


def make_requester() -> discord.Client:
    """A client that logs in and makes requests, and never connects to the gateway."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it joins no voice
    return discord.Client(intents=discord.Intents(guilds=True), max_messages=None)


async def point_discord_at(base: str | None, bot: GreenroomBot) -> None:
    """Send the gateway elsewhere, too."""
    point_requests_at(base)
    if base is None:
        return

    async def also_the_gateway() -> None:
        _, url, _ = await bot.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)

    bot.before_commands = also_the_gateway


async def fresh_link(client: discord.Client, url: str) -> str | None:
    """A fresh link to an attachment whose link has ended, where Discord gives one.

    discord.py has no call for it (Discord's documentation, "Refresh Attachment URLs").
    """
    route = Route("POST", "/attachments/refresh-urls")
    try:
        async with asyncio.timeout(_REFRESH_SECONDS):
            answer = await client.http.request(route, json={"attachment_urls": [url]})
        fresh = answer["refreshed_urls"][0]["refreshed"]
    except (discord.HTTPException, LookupError, TypeError):
        return None
    except CONNECTION_ERRORS:
        return None
    return fresh if isinstance(fresh, str) and fresh != url else None


@contextlib.contextmanager
def discord_told() -> Iterator[None]:
    """Turn what ends a connection to Discord for good into one sentence for the operator."""
    try:
        yield
    except (discord.LoginFailure, discord.ConnectionClosed) as refused:
        if isinstance(refused, discord.ConnectionClosed) and refused.code != _TOKEN_REFUSED:
            raise SettingsProblem(f"Discord ended the connection (code {refused.code}).") from None
        raise SettingsProblem(
            "Discord does not accept DISCORD_TOKEN. Copy it again from the Bot page of your "
            "application in the Discord developer portal."
        ) from None
    except discord.HTTPException as answer:
        raise SettingsProblem(
            f"Discord answered {answer.status}. Try again in a few minutes."
        ) from None
    except (aiohttp.ClientError, discord.GatewayNotFound, TimeoutError):
        raise SettingsProblem(
            "Discord could not be reached. Check this machine's internet connection."
        ) from None
