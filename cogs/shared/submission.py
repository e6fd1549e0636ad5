"""How a clip and a question become an attempt, whichever way a member gave them."""

from __future__ import annotations

from datetime import timedelta

import discord

from analyzer.consent import holds
from analyzer.places import check
from analyzer.services.attempts import new_id
from cogs.analyze.announcer import RESULT_BELOW
from cogs.analyze.cards import consent_card, note_embed
from cogs.client import Interaction
from cogs.places import place_of
from cogs.ui.buttons import Action, buttons
from cogs.ui.error_replies import answer_privately
from core.models import DIRECT_MESSAGES, ClipSource, Owner, ReplyAddress, Request, ServerSettings

REPLY_LIFE = timedelta(minutes=15) - timedelta(seconds=20)
"""How long a reply can be edited: Discord's fifteen minutes, less the time one edit may take."""


def owner_of(interaction: Interaction) -> Owner:
    """Whose data this interaction may touch: this member's, in this server."""
    return Owner(guild_id=interaction.guild_id or DIRECT_MESSAGES, user_id=interaction.user.id)


def source_of(attachment: discord.Attachment) -> ClipSource:
    """An attachment as Discord declared it."""
    return ClipSource(url=attachment.url, name=attachment.filename, size_bytes=attachment.size)


async def defer(interaction: Interaction) -> None:
    """Answer within Discord's three seconds, privately: nobody else sees a refusal or a card."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def check_place(interaction: Interaction) -> ServerSettings:
    """Check that this server lets this member practise here, and return what it has chosen.

    A thread counts as the channel it belongs to.

    Raises:
        Refused: not in this channel, or not with these roles; the sentence says what would do.
    """
    settings = await interaction.client.app.deps.server_settings.get(owner_of(interaction).guild_id)
    check(settings, place_of(interaction, settings))
    return settings


async def take(
    interaction: Interaction, *, source: ClipSource, question: str, shared: bool | None
) -> None:
    """Submit a deferred request, or show the consent card first and keep the request.

    Nothing is fetched before the member has agreed.

    Args:
        interaction: deferred already.
        source: the clip.
        question: what it answers.
        shared: whether everybody sees the result; `None` leaves it to the server's default.

    Raises:
        UserFacingError: the request is refused; the caller's error handler answers it.
    """
    app, owner = interaction.client.app, owner_of(interaction)
    settings = await check_place(interaction)
    if shared is None:
        shared = settings.share_by_default
    question = app.attempts.check(question, source)
    if await has_agreed(interaction):
        await submit(interaction, source=source, question=question, shared=shared)
        return
    await ask_consent(
        interaction,
        Request(
            id=new_id(),
            owner=owner,
            channel_id=interaction.channel_id or 0,
            question=question,
            clips=(source,),
            shared=shared,
            created_at=app.deps.clock(),
        ),
    )


async def has_agreed(interaction: Interaction) -> bool:
    """Whether the member has agreed to the consent card as it is now."""
    app = interaction.client.app
    return holds(await app.deps.consents.get(owner_of(interaction)), app.deps.engine)


async def ask_consent(interaction: Interaction, request: Request) -> None:
    """Keep a request and show the consent card; agreeing goes on from it."""
    app = interaction.client.app
    await app.deps.requests.add(request)
    await answer_privately(
        interaction,
        consent_card(
            engine=app.deps.engine,
            retention_days=(await app.deps.policy.retention(request.owner.guild_id)).days,
            shared=request.shared and bool(request.clips),  # the studio asks when it is sent in
            operator=app.deps.operator,
        ),
        buttons(request.id, Action.AGREE, Action.NOT_NOW),
    )


async def submit(
    interaction: Interaction, *, source: ClipSource, question: str, shared: bool
) -> None:
    """Submit for this interaction's member; progress and result appear on its reply.

    A shared attempt gets a public message of its own, once it has been taken.

    Raises:
        UserFacingError: the request is refused.
    """
    await check_place(interaction)  # again: a request may have waited for consent meanwhile

    async def open_reply() -> ReplyAddress:
        reply = reply_of(interaction)
        if not shared:
            return reply
        return reply.model_copy(update={"message_id": await _public_message(interaction)})

    await interaction.client.app.attempts.submit(
        owner=owner_of(interaction),
        channel_id=interaction.channel_id or 0,
        question=question,
        source=source,
        shared=shared,
        open_reply=open_reply,
    )


def reply_of(interaction: Interaction) -> ReplyAddress:
    """Where an interaction's answer can be edited."""
    return ReplyAddress(
        application_id=interaction.application_id,
        token=interaction.token,
        dies_at=interaction.client.app.deps.clock() + REPLY_LIFE,
    )


async def _public_message(interaction: Interaction) -> int:
    """Send the message that will become a shared result, and return its id.

    The private reply is finished first: until then Discord takes a follow-up for its edit.
    """
    await interaction.edit_original_response(embed=note_embed(RESULT_BELOW), view=None)
    message = await interaction.followup.send(embed=note_embed("Working on it…"), wait=True)
    return message.id
