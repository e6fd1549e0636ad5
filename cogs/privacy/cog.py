"""`/privacy`: a member sees, takes along and deletes what is kept about them, or ends consent."""

from __future__ import annotations

import io
import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.privacy import cards
from cogs.shared.autocomplete import Choice
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.ui.buttons import Action, buttons
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import answering
from cogs.ui.text import CHOICE_NAME_LIMIT, CHOICES_LIMIT, raw
from core.errors import Refused
from core.models import AttemptState
from storage.repositories.member_attempts import Named

FILE_LIMIT_BYTES = 10 * 1024 * 1024 - 65_536
"""Discord takes files of 10 MiB from a bot; the rest of the request needs some room."""

ALL = "0" * 16
"""Stands in a button's id where an attempt's would: it is about all of whoever presses it."""

NO_SUCH = "You have no such attempt here. Choose one from the list that appears while you type."

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


@everywhere
class Privacy(
    commands.GroupCog, group_name="privacy", group_description="Your data with this bot."
):
    """Answers for the member who asks, and about nobody else."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="What is kept about you here, since when and until when.")
    async def view(self, interaction: Interaction) -> None:
        """Show it privately, with what can be done about it."""
        await defer(interaction)
        owner = owner_of(interaction)
        held = await self.bot.app.privacy.view(owner)
        await interaction.edit_original_response(
            embed=cards.held_embed(held, guild_id=owner.guild_id),
            view=buttons(
                ALL,
                Action.PRIVACY_EXPORT,
                Action.PRIVACY_DELETE_ALL,
                Action.PRIVACY_WITHDRAW,
                Action.PRIVACY_DETAILS,
            ),
        )

    @app_commands.command(description="Get a copy of everything kept about you here, as a file.")
    async def export(self, interaction: Interaction) -> None:
        """Send it privately."""
        await export(interaction, ALL)

    @app_commands.command(description="Delete everything kept about you here, or one attempt.")
    @app_commands.describe(attempt="One of your attempts. Leave it out to delete everything.")
    async def delete(
        self, interaction: Interaction, attempt: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Ask before deleting: it cannot be undone."""
        if attempt is None:
            await ask_all(interaction, ALL)
            return
        await defer(interaction)
        async with answering(interaction):
            found = None
            if _ID.fullmatch(attempt):
                found = await self.bot.app.deps.attempts.get(owner_of(interaction), attempt)
            if found is None:
                raise Refused("no_such_attempt", NO_SUCH)
            await interaction.edit_original_response(
                embed=cards.ask_one_embed(found),
                view=buttons(found.id, Action.PRIVACY_DELETE_ONE_YES, Action.PRIVACY_KEEP),
            )

    @delete.autocomplete("attempt")
    async def _own_attempts(self, interaction: Interaction, typed: str) -> list[Choice]:
        """The member's own attempts, however they ended, newest first."""
        found = await self.bot.app.privacy.attempts(owner_of(interaction), typed, CHOICES_LIMIT)
        return [_choice(named) for named in found]

    @app_commands.command(description="Take back your consent: nothing more of yours is fetched.")
    async def withdraw(self, interaction: Interaction) -> None:
        """Withdraw at once: that has to be as easy as agreeing."""
        await withdraw(interaction, ALL)


async def details(interaction: Interaction, _all: str) -> None:
    """Show all that is held, in place of the three things that matter most."""
    owner = owner_of(interaction)
    await interaction.response.defer()
    held = await interaction.client.app.privacy.view(owner)
    await interaction.edit_original_response(
        embed=cards.held_embed(held, guild_id=owner.guild_id, details=True),
        view=buttons(
            ALL, Action.PRIVACY_EXPORT, Action.PRIVACY_DELETE_ALL, Action.PRIVACY_WITHDRAW
        ),
    )


async def export(interaction: Interaction, _all: str) -> None:
    """Send everything kept about whoever asks, privately."""
    await defer(interaction)
    async with answering(interaction):
        archive = await interaction.client.app.privacy.export(
            owner_of(interaction), limit_bytes=FILE_LIMIT_BYTES
        )
        await interaction.edit_original_response(
            embed=cards.export_embed(without_transcripts=archive.without_transcripts),
            attachments=[discord.File(io.BytesIO(archive.content), filename="greenroom-data.zip")],
        )


async def ask_all(interaction: Interaction, _all: str) -> None:
    """Ask before deleting everything."""
    await interaction.response.send_message(
        embed=cards.ask_all_embed(interaction.client.app.deps.engine),
        view=buttons(ALL, Action.PRIVACY_DELETE_ALL_YES, Action.PRIVACY_KEEP),
        ephemeral=True,
    )


async def erase_all(interaction: Interaction, _all: str) -> None:
    """Delete everything of whoever presses."""
    await _working(interaction)
    deleted = await interaction.client.app.privacy.delete_everything(owner_of(interaction))
    await _done(interaction, embed=cards.deleted_embed(deleted, everything=True))


async def erase_one(interaction: Interaction, attempt_id: str) -> None:
    """Delete one attempt of whoever presses."""
    await _working(interaction)
    deleted = await interaction.client.app.deletion.delete(owner_of(interaction), attempt_id)
    if deleted is None:
        await _done(interaction, embed=note_embed("That attempt is deleted already."))
    else:
        await _done(interaction, embed=cards.deleted_embed(deleted, everything=False))


async def keep_data(interaction: Interaction, _subject: str) -> None:
    """Delete nothing."""
    await interaction.response.edit_message(embed=note_embed("Nothing was deleted."), view=None)


async def withdraw(interaction: Interaction, _all: str) -> None:
    """Withdraw the consent of whoever asks."""
    await defer(interaction)
    app, owner = interaction.client.app, owner_of(interaction)
    cancelled = await app.privacy.withdraw(owner)
    consent = await app.deps.consents.last(owner)
    await interaction.edit_original_response(embed=cards.withdrawn_embed(consent, cancelled))


async def _working(interaction: Interaction) -> None:
    """Take the buttons away at once: the work may last a minute, and is done once."""
    await interaction.response.edit_message(embed=note_embed("Deleting…"), view=None)


async def _done(interaction: Interaction, **content: Any) -> None:
    await interaction.edit_original_response(**content)


def _choice(named: Named) -> Choice:
    """An attempt in a menu, where Discord renders no timestamps."""
    if named.overall is not None:
        outcome = f"overall {named.overall:.1f}"
    elif named.state in (AttemptState.ASSESSED, AttemptState.DELIVERED):
        outcome = "assessed"
    else:
        outcome = named.state.value if named.state.ended else "under way"
    name = f"{named.created_at:%Y-%m-%d %H:%M} UTC · {outcome} · {named.question}"
    return app_commands.Choice(name=raw(name, CHOICE_NAME_LIMIT), value=named.id)


HANDLERS = Handlers(
    buttons={
        Action.PRIVACY_DETAILS: details,
        Action.PRIVACY_EXPORT: export,
        Action.PRIVACY_DELETE_ALL: ask_all,
        Action.PRIVACY_DELETE_ALL_YES: erase_all,
        Action.PRIVACY_DELETE_ONE_YES: erase_one,
        Action.PRIVACY_KEEP: keep_data,
        Action.PRIVACY_WITHDRAW: withdraw,
    }
)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its buttons answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(Privacy(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
