"""Tells members how their attempt goes, by editing its reply; needs the row, never a gateway."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import discord

from analyzer.dependencies import Announced, Clock, Timings
from cogs.analyze.cards import cancelled_embed, failure_embed, progress_embed
from cogs.analyze.result_card import public_result_embed, result_embed
from cogs.shared.replies import Replies, TellLater
from cogs.ui.buttons import progress_buttons, result_buttons
from cogs.ui.embeds import note_embed
from core.models import Attempt, AttemptState, DeliveredVia, ReplyAddress

RESULT_BELOW = "Your result will appear below, for everyone in this channel."

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
        self._replies = Replies(client, clock=clock, timings=timings)
        self._retention = retention

    async def progress(self, attempt: Attempt) -> bool:
        """Show the stage and the elapsed time; whether there is a reply that can be edited."""
        if attempt.reply is None:
            return False
        try:
            shown = await self._replies.edit(
                attempt.reply,
                embed=progress_embed(attempt, now=self._clock()),
                view=progress_buttons(attempt),
            )
        except TellLater:
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
            message_id = await self._replies.insist(lambda: self._replies.edit(reply, **content))
            if message_id is not None:
                return _announced(DeliveredVia.REPLY, attempt, message_id)
        if attempt.shared and attempt.assessment is not None:
            message_id = await self._replies.insist(lambda: self._send(attempt, **content))
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
        with contextlib.suppress(TellLater):
            if (
                await self._replies.edit(reply, embed=note_embed(RESULT_BELOW), view=None)
                is not None
            ):
                message_id = await self._replies.follow_up(reply)
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
        return await self._replies.delete(
            channel_id=channel_id or attempt.channel_id, message_id=message_id, pressed=pressed
        )

    async def _send(self, attempt: Attempt, **content: Any) -> int | None:
        channel = self._client.get_partial_messageable(attempt.channel_id)

        async def send() -> int:
            # The same nonce gets the same message back: repeating does not post twice
            return (await channel.send(nonce=attempt.id, **content)).id

        return await self._replies.tried("channel", send)


def _announced(via: DeliveredVia, attempt: Attempt, message_id: int) -> Announced:
    if not attempt.shared or attempt.assessment is None:
        return Announced(via)
    return Announced(via, message_id=message_id, channel_id=attempt.channel_id)
