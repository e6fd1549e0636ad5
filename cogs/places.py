"""Where a member practises, as Discord says: with a command, or asked over REST."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import discord
from discord.abc import GuildChannel

from analyzer.places import Place, no_access, not_member
from core.errors import Refused, UserFacingError, error_location
from core.models import Owner, ServerSettings

log = logging.getLogger(__name__)

ASK_SECONDS = 8.0
"""How long looking somebody up may take, in all: who sends an answer in waits for it."""

_NO_CHANNEL, _NO_MEMBER, _NOT_THERE = {10003}, {10007, 10013}, {10004, 50001}
"""Discord's codes ("JSON Error Codes" in its documentation): unknown channel; unknown member and
unknown user; unknown guild and missing access, where the bot is not in the server."""


def place_of(interaction: discord.Interaction[Any], settings: ServerSettings) -> Place:
    """The place of a command or a press, which Discord sends along."""
    guild, user, channels = interaction.guild, interaction.user, list[str]()
    if guild is not None and isinstance(user, discord.Member):
        channels = _seen(guild.channels, user, settings)
    parent = getattr(interaction.channel, "parent_id", None)
    return Place(
        channel_ids=frozenset(filter(None, (interaction.channel_id, parent))),
        role_ids=frozenset(role.id for role in getattr(user, "roles", ())),
        is_manager=interaction.permissions.manage_guild,
        may_use=True,  # else Discord would not have taken it
        channels_seen=channels,
        roles_wanted=_wanted(guild, settings),
    )


class DiscordPlaces:
    """Asks Discord for a member, and for whatever this client has no gateway to know."""

    def __init__(self, client: discord.Client) -> None:
        """`client` need only be logged in."""
        self._client = client

    async def look(self, owner: Owner, channel_id: int, settings: ServerSettings) -> Place | None:
        """The owner in a channel of their server; see `Places`."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._look(owner, channel_id, settings)
        except Refused:
            raise
        except discord.HTTPException as error:
            log.warning("nobody looked up: status %s, code %s", error.status, error.code)
        except Exception as error:  # noqa: BLE001 - no answer of Discord's may let somebody through
            log.warning("nobody looked up: %s", error_location(error))
        raise UserFacingError(
            "discord_away", "Discord doesn't answer just now. Try again in a minute."
        )

    async def _look(self, owner: Owner, channel_id: int, settings: ServerSettings) -> Place | None:
        try:
            guild = self._known_guild(owner.guild_id) or await self._client.fetch_guild(
                owner.guild_id, with_counts=False
            )
            member = await guild.fetch_member(owner.user_id)
        except discord.HTTPException as error:
            if error.code in _NO_MEMBER:
                raise not_member() from None
            if error.code in _NOT_THERE:
                return None
            raise
        channels = guild.channels or await guild.fetch_channels()
        channel = await _channel(guild, channels, channel_id)
        parent_id = channel.parent_id if isinstance(channel, discord.Thread) else channel_id
        parent = discord.utils.get(channels, id=parent_id)
        return Place(
            channel_ids=frozenset({channel_id} | ({parent.id} if parent else set())),
            role_ids=frozenset(role.id for role in member.roles),
            is_manager=member.guild_permissions.manage_guild,
            may_use=parent is None or await _may_use(member, parent, channel),
            channels_seen=_seen(channels, member, settings),
            roles_wanted=_wanted(guild, settings),
        )

    def _known_guild(self, guild_id: int) -> discord.Guild | None:
        """What a gateway has told of a server and keeps up to date."""
        guild = self._client.get_guild(guild_id)
        is_whole = guild is not None and not guild.unavailable and guild.default_role is not None
        return guild if is_whole else None


async def _channel(
    guild: discord.Guild, channels: Iterable[GuildChannel], channel_id: int
) -> GuildChannel | discord.Thread | None:
    """A channel or thread; `None` for a thread of a channel that the bot can't see."""
    known = discord.utils.get(channels, id=channel_id) or guild.get_thread(channel_id)
    if known is not None:
        return known
    try:
        return await guild.fetch_channel(channel_id)
    except discord.HTTPException as error:
        if error.code in _NO_CHANNEL:
            raise no_access() from None
        if error.code in _NOT_THERE:
            return None
        raise


async def _may_use(
    member: discord.Member, parent: GuildChannel, channel: GuildChannel | discord.Thread | None
) -> bool:
    """Whether Discord would offer a member commands there; whom a timeout silences, it does not."""
    rights = parent.permissions_for(member)
    if not (rights.view_channel and rights.use_application_commands):
        return False
    if not isinstance(channel, discord.Thread) or not channel.is_private() or rights.manage_threads:
        return True
    try:
        await channel.fetch_member(member.id)
    except discord.NotFound:
        return False
    return True


def _seen(
    channels: Iterable[GuildChannel], member: discord.Member, settings: ServerSettings
) -> list[str]:
    """Those of the channels chosen that this member can see: others' names are not for them."""
    return [
        f"#{channel.name}"
        for channel in channels
        if channel.id in settings.channels and channel.permissions_for(member).view_channel
    ]


def _wanted(guild: discord.Guild | None, settings: ServerSettings) -> list[str]:
    return [role.name for role in guild.roles if role.id in settings.roles] if guild else []
