"""What every feature reads from an interaction: whose it is, its clip, and where to answer it."""

from __future__ import annotations

from datetime import timedelta

import discord

from cogs.client import Interaction
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import TO_BE_EDITED
from cogs.ui.modals import UploadLimit
from core.models import DIRECT_MESSAGES, ClipSource, Owner, ReplyAddress

REPLY_LIFE = timedelta(minutes=15) - timedelta(seconds=20)
"""How long a reply can be edited: Discord's fifteen minutes, less the time one edit may take."""


def owner_of(interaction: Interaction) -> Owner:
    """Whose data this interaction may touch: this member's, in this server."""
    return Owner(guild_id=interaction.guild_id or DIRECT_MESSAGES, user_id=interaction.user.id)


def source_of(attachment: discord.Attachment) -> ClipSource:
    """An attachment as Discord declared it."""
    return ClipSource(url=attachment.url, name=attachment.filename, size_bytes=attachment.size)


def reply_of(interaction: Interaction) -> ReplyAddress:
    """Where an interaction's answer can be edited."""
    return ReplyAddress(
        application_id=interaction.application_id,
        token=interaction.token,
        dies_at=interaction.client.app.deps.clock() + REPLY_LIFE,
    )


RECEIVED = (
    "Received. If this doesn't change within a minute, I was interrupted: look in `/history`, and "
    "if it isn't there, send it again."
)


async def receive(interaction: Interaction) -> None:
    """Answer a clip within Discord's three seconds, privately, with a sentence that may stay.

    A "thinking…" that a crash leaves behind says nothing for ever. What follows edits this.
    """
    await interaction.response.send_message(embed=note_embed(RECEIVED), ephemeral=True)
    interaction.extras[TO_BE_EDITED] = True


async def defer(interaction: Interaction) -> None:
    """Answer within Discord's three seconds, privately: nobody else sees a refusal or a card."""
    await interaction.response.defer(ephemeral=True, thinking=True)


def upload_limit_of(interaction: Interaction) -> UploadLimit:
    """How large a file may be that this member attaches here."""
    app = interaction.client.app
    return UploadLimit(
        discord=interaction.filesize_limit,
        ours=app.deps.limits.clip_bytes,
        studio=app.studio is not None,
    )
