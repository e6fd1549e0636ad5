"""How a clip and a question become an attempt, whichever way a member gave them."""

from __future__ import annotations

from datetime import timedelta

import discord

from analyzer.service import new_id
from cogs.client import Interaction
from cogs.ui.buttons import Action, buttons
from cogs.ui.cards import consent_card, consent_version, note_embed
from cogs.ui.errors import answer_privately
from models import DIRECT_MESSAGES, ClipSource, Owner, ReplyAddress, Request

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


async def take(
    interaction: Interaction, *, source: ClipSource, question: str, shared: bool
) -> None:
    """Submit a deferred request, or show the consent card first and keep the request.

    Nothing is fetched before the member has agreed.

    Raises:
        Told: the request is refused; the caller's error handler answers it.
    """
    tools, owner = interaction.client.tools, owner_of(interaction)
    question = tools.service.check(question, source)
    consent = await tools.consents.get(owner)
    if consent is not None and consent.version >= consent_version(tools.engine):
        await submit(interaction, source=source, question=question, shared=shared)
        return
    request = Request(
        id=new_id(),
        owner=owner,
        channel_id=interaction.channel_id or 0,
        question=question,
        clips=(source,),
        shared=shared,
        created_at=tools.clock(),
    )
    await tools.requests.add(request)
    await answer_privately(
        interaction,
        consent_card(engine=tools.engine, retention_days=tools.retention.days),
        buttons(request.id, Action.AGREE, Action.NOT_NOW),
    )


async def submit(
    interaction: Interaction, *, source: ClipSource, question: str, shared: bool
) -> None:
    """Submit for this interaction's member; progress and result appear on its reply.

    A shared attempt gets a public message of its own, once it has been taken.

    Raises:
        Told: the request is refused.
    """

    async def open_reply() -> ReplyAddress:
        return ReplyAddress(
            application_id=interaction.application_id,
            token=interaction.token,
            message_id=await _public_message(interaction) if shared else None,
            dies_at=interaction.client.tools.clock() + REPLY_LIFE,
        )

    await interaction.client.tools.service.submit(
        owner=owner_of(interaction),
        channel_id=interaction.channel_id or 0,
        question=question,
        source=source,
        shared=shared,
        open_reply=open_reply,
    )


async def _public_message(interaction: Interaction) -> int:
    """Send the message that will become a shared result, and return its id.

    The private reply is finished first: until then Discord takes a follow-up for its edit.
    """
    await interaction.edit_original_response(
        embed=note_embed("Your result will appear below, for everyone in this channel."), view=None
    )
    message = await interaction.followup.send(embed=note_embed("Working on it…"), wait=True)
    return message.id
