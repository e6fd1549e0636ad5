"""Tells members how their attempt goes, by editing its reply; needs the row, never a gateway."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from analyzer.dependencies import Announced, Clock, Timings
from cogs.analyze.cards import cancelled_embed, failure_embed, progress_embed
from cogs.analyze.result_card import public_result_embed, result_embed
from cogs.ui.buttons import progress_buttons, result_buttons
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import TOKEN_GONE
from core.errors import error_location
from core.models import Attempt, AttemptState, DeliveredVia, ReplyAddress
from core.network import CONNECTION_ERRORS

log = logging.getLogger(__name__)

RESULT_BELOW = "Your result will appear below, for everyone in this channel."

EDIT_SECONDS = 20.0
"""How long one edit may take. discord.py itself repeats what Discord answers with 429 or 5xx."""

_UNKNOWN_WEBHOOK = 10015  # Discord's code for a token it no longer knows

ResultPage = Callable[[Attempt], Awaitable[str]]
"""Where an attempt's owner looks at its result in the studio: a credential of theirs."""

Retention = Callable[[int], Awaitable[timedelta]]
"""How long attempts of a server (by its id) are kept."""


class DiscordAnnouncer:
    """Edits the reply while it can; afterwards a shared result goes to its channel.

    `client` may be one that is only logged in: nothing here needs a gateway connection.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        clock: Clock,
        timings: Timings,
        retention: Retention,
        result_page: ResultPage | None = None,
    ) -> None:
        """`result_page` is `None` where there is no studio."""
        self._result_page = result_page
        self._client = client
        self._clock = clock
        self._waits = timings.tell_again  # discord.py repeats no request that was cut off
        self._retention = retention

    async def progress(self, attempt: Attempt) -> bool:
        """Show the stage and the elapsed time; whether there is a reply that can be edited."""
        if attempt.reply is None:
            return False
        try:
            shown = await self._edit(
                attempt.reply,
                embed=progress_embed(attempt, now=self._clock()),
                view=progress_buttons(attempt),
            )
        except _Later:
            return True
        return shown is not None

    async def deliver(self, attempt: Attempt, previous: Attempt | None) -> Announced:
        """Show how it ended: on the reply, else in the channel if shared, else behind a button."""
        if attempt.state is AttemptState.CANCELLED:
            embed = cancelled_embed(attempt)
        elif attempt.assessment is None:
            embed = failure_embed(attempt)
        elif attempt.shared:
            embed = public_result_embed(attempt)
        else:
            kept_until = attempt.created_at + await self._retention(attempt.owner.guild_id)
            embed = result_embed(attempt, previous, kept_until=kept_until)
        content: dict[str, Any] = {"embed": embed, "view": await self._buttons(attempt)}
        reply = attempt.reply
        if reply is not None:
            message_id = await self._insist(lambda: self._edit(reply, **content))
            if message_id is not None:
                return _announced(DeliveredVia.REPLY, attempt, message_id)
        if attempt.shared and attempt.assessment is not None:
            message_id = await self._insist(lambda: self._send(attempt, **content))
            if message_id is not None:
                return _announced(DeliveredVia.CHANNEL, attempt, message_id)
        return Announced(DeliveredVia.BUTTON)

    async def _buttons(self, attempt: Attempt) -> discord.ui.View:
        """A result's buttons: with the studio's address only where nobody else sees the message."""
        if self._result_page is None or attempt.assessment is None:
            return result_buttons(attempt)
        if attempt.shared:
            return result_buttons(attempt, has_studio=True)
        return result_buttons(attempt, page=await self._result_page(attempt))

    async def open_public(self, reply: ReplyAddress) -> ReplyAddress | None:
        """Send the message that will become a shared result, with the steps of a command's answer.

        The private reply is finished first: until then Discord takes a follow-up for its edit.
        """
        with contextlib.suppress(_Later):
            if await self._edit(reply, embed=note_embed(RESULT_BELOW), view=None) is not None:
                message_id = await self._tried("follow-up", lambda: _follow_up(self._client, reply))
                if message_id is not None:
                    return reply.model_copy(update={"message_id": message_id})
        return None

    async def take_back(self, attempt: Attempt, *, pressed: ReplyAddress | None = None) -> bool:
        """Delete the public message, with the bot's own rights in the channel.

        Where a button of that very message was `pressed`, the press's token does it without any.
        """
        message_id, channel_id = attempt.shared_message_id, attempt.shared_channel_id
        if message_id is None and attempt.shared and attempt.reply is not None:
            message_id = attempt.reply.message_id  # it shows the progress
        if message_id is None and pressed is None:
            return True
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                if pressed is not None:
                    await _delete_original(self._client, pressed)
                elif message_id is not None:
                    channel = self._client.get_partial_messageable(channel_id or attempt.channel_id)
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

    async def _insist(self, tell: Callable[[], Awaitable[int | None]]) -> int | None:
        """Tell, again and again while Discord cannot take it; `None` when it never could."""
        for wait in (*self._waits, None):
            try:
                return await tell()
            except _Later:
                if wait is None:
                    break
                await asyncio.sleep(wait)
        return None

    async def _edit(self, reply: ReplyAddress, **content: Any) -> int | None:
        """Edit the reply and return its message id, `None` when it can no longer be edited."""
        if self._clock() >= reply.dies_at:
            return None
        return await self._tried("edit", lambda: _edit_reply(self._client, reply, content))

    async def _send(self, attempt: Attempt, **content: Any) -> int | None:
        channel = self._client.get_partial_messageable(attempt.channel_id)

        async def send() -> int:
            # The same nonce gets the same message back: repeating does not post twice
            return (await channel.send(nonce=attempt.id, **content)).id

        return await self._tried("channel", send)

    async def _tried(self, what: str, call: Callable[[], Awaitable[int]]) -> int | None:
        """Try once; `None` when Discord refuses it.

        Raises:
            _Later: Discord could not be reached, or could not take it now.
        """
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                return await call()
        except discord.HTTPException as error:
            if error.code in TOKEN_GONE:
                return None
            log.warning("%s refused: status %s, code %s", what, error.status, error.code)
            if error.status == 429 or error.status >= 500:
                raise _Later from None
        except CONNECTION_ERRORS as error:
            # also a session closed because we are stopping: then this ends before the next try,
            # and the next start tells
            log.warning("%s failed: %s", what, error_location(error))
            raise _Later from None
        return None


class _Later(Exception):
    """Discord cannot be told now, but may be later."""


async def _edit_reply(client: discord.Client, reply: ReplyAddress, content: dict[str, Any]) -> int:
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


def _announced(via: DeliveredVia, attempt: Attempt, message_id: int) -> Announced:
    if not attempt.shared or attempt.assessment is None:
        return Announced(via)
    return Announced(via, message_id=message_id, channel_id=attempt.channel_id)
