"""Edits a reply by its address alone: it needs the token, never a gateway or an interaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from analyzer.dependencies import Clock, Timings
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import TOKEN_GONE
from core.errors import error_location
from core.models import ReplyAddress
from core.network import CONNECTION_ERRORS

log = logging.getLogger(__name__)

EDIT_SECONDS = 20.0
"""How long one edit may take. discord.py itself repeats what Discord answers with 429 or 5xx."""

_UNKNOWN_WEBHOOK = 10015  # Discord's code for a token it no longer knows


class TellLater(Exception):
    """Discord cannot be told now, but may be later."""


class Replies:
    """What a process can do with the replies of interactions, also of those it never saw.

    `client` may be one that is only logged in.
    """

    def __init__(self, client: discord.Client, *, clock: Clock, timings: Timings) -> None:
        self._client = client
        self._clock = clock
        self._waits = timings.tell_again  # discord.py repeats no request that was cut off

    async def insist(self, tell: Callable[[], Awaitable[int | None]]) -> int | None:
        """Tell, again and again while Discord cannot take it; `None` when it never could."""
        for wait in (*self._waits, None):
            try:
                return await tell()
            except TellLater:
                if wait is None:
                    break
                await asyncio.sleep(wait)
        return None

    async def edit(self, reply: ReplyAddress, **content: Any) -> int | None:
        """Edit a reply and return its message id, `None` when it can no longer be edited.

        Raises:
            TellLater: Discord could not be reached, or could not take it now.
        """
        if self._clock() >= reply.dies_at:
            return None
        return await self.tried("edit", lambda: _edit(self._client, reply, content))

    async def follow_up(self, reply: ReplyAddress) -> int | None:
        """Send a message below a reply, for everybody, and return its id.

        Raises:
            TellLater: see `edit`.
        """
        return await self.tried("follow-up", lambda: _follow_up(self._client, reply))

    async def delete(
        self, *, channel_id: int, message_id: int | None, pressed: ReplyAddress | None
    ) -> bool:
        """Delete a message of the bot's, if there is one; whether it is gone.

        Where a button of that very message was `pressed`, the press's token does it without any
        right in the channel.
        """
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                if pressed is not None:
                    await _delete_original(self._client, pressed)
                elif message_id is not None:
                    channel = self._client.get_partial_messageable(channel_id)
                    await channel.get_partial_message(message_id).delete()
        except discord.NotFound as error:
            return error.code != _UNKNOWN_WEBHOOK
        except discord.HTTPException as error:
            log.warning("deletion refused: status %s, code %s", error.status, error.code)
            return False
        except CONNECTION_ERRORS as error:
            log.warning("deletion failed: %s", error_location(error))
            return False
        return True

    async def tried(self, what: str, call: Callable[[], Awaitable[int]]) -> int | None:
        """Try once; `None` when Discord refuses it.

        Raises:
            TellLater: Discord could not be reached, or could not take it now.
        """
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                return await call()
        except discord.HTTPException as error:
            if error.code in TOKEN_GONE:
                return None
            log.warning("%s refused: status %s, code %s", what, error.status, error.code)
            if error.status == 429 or error.status >= 500:
                raise TellLater from None
        except CONNECTION_ERRORS as error:
            # also a session closed because we are stopping: then this ends before the next try,
            # and the next start tells
            log.warning("%s failed: %s", what, error_location(error))
            raise TellLater from None
        return None


async def _edit(client: discord.Client, reply: ReplyAddress, content: dict[str, Any]) -> int:
    """Edit a reply by its token alone, with the steps of `Interaction.edit_original_response`.

    discord.py has no public call for it: `Webhook.edit_message` quotes the `@` of `@original`.
    """
    webhook = _webhook(client, reply)
    if reply.message_id is not None:
        return (await webhook.edit_message(reply.message_id, **content)).id
    with handle_message_parameters(
        allowed_mentions=discord.AllowedMentions.none(), **content
    ) as parameters:
        message = await async_context.get().edit_original_interaction_response(
            reply.application_id,
            reply.token,
            session=webhook.session,
            payload=parameters.payload,
            multipart=parameters.multipart,
            files=parameters.files,
        )
    return int(message["id"])


async def _follow_up(client: discord.Client, reply: ReplyAddress) -> int:
    webhook = _webhook(client, reply)
    return (await webhook.send(embed=note_embed("Working on it…"), wait=True)).id


async def _delete_original(client: discord.Client, reply: ReplyAddress) -> None:
    """Delete a reply by its token, with the steps of `Interaction.delete_original_response`."""
    await async_context.get().delete_original_interaction_response(
        reply.application_id, reply.token, session=_webhook(client, reply).session
    )


def _webhook(client: discord.Client, reply: ReplyAddress) -> discord.Webhook:
    return discord.Webhook.from_state(
        data={"id": reply.application_id, "type": 3, "token": reply.token},
        state=client._connection,  # noqa: SLF001 - what Interaction.followup passes too
    )
