"""One answer for every error: a sentence for the member, a line for the log, never a trace."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import discord
from discord import app_commands

from cogs.ui.embeds import refusal_embed
from core.errors import Refused, StorageUnavailable, UserFacingError, error_location
from core.network import CONNECTION_ERRORS

log = logging.getLogger(__name__)

TOKEN_GONE = frozenset({10008, 10015, 10062, 40060, 50027})
"""Discord's codes for an interaction that can no longer be answered: message or webhook unknown,
interaction unknown or answered already, token expired. All mean the same to us."""

TO_BE_EDITED = "to_be_edited"
"""In an interaction's `extras`: its first message only says that it was received."""

SOMETHING_WRONG = "Something went wrong on our side. Please try again in a minute."


@contextlib.asynccontextmanager
async def answering(interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
    """Answer what a command refuses on purpose. Bugs go on to the tree's error handler."""
    try:
        yield
    except UserFacingError as error:
        await answer_error(interaction, error)


async def answer_error(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the member what to do next; log a code, or the place of a bug.

    Called at the outermost places only: the command tree's, and the dispatcher's of presses.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    name = interaction.command.qualified_name if interaction.command else "component"
    if isinstance(error, StorageUnavailable):
        log.warning("%s: %s", name, error)
        await answer_privately(interaction, refusal_embed(error.sentence))
    elif isinstance(error, UserFacingError):
        log.info("%s refused: %s", name, error.code)
        await answer_privately(interaction, refusal_embed(sentence_of(error)))
    elif isinstance(error, app_commands.CommandNotFound):
        await answer_privately(
            interaction,
            refusal_embed("That command has changed. Restart Discord (Ctrl+R) and try again."),
        )
    elif isinstance(error, discord.HTTPException) and error.code in TOKEN_GONE:
        log.warning("%s: the interaction had ended before it was answered (%s)", name, error.code)
    else:
        log.error("%s: %s", name, error_location(error))
        await answer_privately(interaction, refusal_embed(SOMETHING_WRONG))


def sentence_of(error: UserFacingError) -> str:
    """The error's sentence, with the time of the next try in the reader's own time zone."""
    if isinstance(error, Refused) and error.next_at is not None:
        moment = int(error.next_at.timestamp())
        return f"{error.sentence} The next one is possible <t:{moment}:R>."
    return error.sentence


async def answer_privately(
    interaction: discord.Interaction[Any],
    embed: discord.Embed,
    view: discord.ui.View | None = None,
) -> None:
    """Answer so that only the member sees it; an interaction that has died is left alone.

    A private "thinking…" or "Received" becomes the answer, else it is a message of its own.
    """
    options: dict[str, Any] = {"embed": embed}
    if view is not None:
        options["view"] = view
    thinking = discord.InteractionResponseType.deferred_channel_message
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(ephemeral=True, **options)
        elif interaction.response.type is thinking or interaction.extras.get(TO_BE_EDITED):
            await interaction.edit_original_response(**options)
        else:
            await interaction.followup.send(ephemeral=True, **options)
    except discord.HTTPException as error:
        if error.code not in TOKEN_GONE:
            log.warning("could not answer: status %s, code %s", error.status, error.code)
    except CONNECTION_ERRORS as error:
        log.warning("could not answer: %s", error_location(error))
