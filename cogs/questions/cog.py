"""`/question`: a question to practise with, and a server's own bank of them."""

from __future__ import annotations

import asyncio
import logging

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.questions.bank import Filter, add_to, edit_in, find, merge_into
from analyzer.questions.draft import Draft
from analyzer.questions.file_format import check_size, fetch_file, parse, to_csv, to_json
from cogs.client import GreenroomBot, Interaction
from cogs.questions.asking import (
    ANSWER,
    ask_another,
    begin_answer,
    show_list,
    show_question,
    take_answer,
    turn_page,
)
from cogs.questions.cards import ASK, LIST, bank_embed, import_embed, problems_card, text_file
from cogs.shared.autocomplete import Choice, suggest_tags
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.ui.buttons import Action, buttons
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import answering
from cogs.ui.text import CHOICE_NAME_LIMIT, CHOICES_LIMIT, raw
from core.errors import FileRefused, Refused
from core.models import QUESTION_MAX
from core.questions import LOOKS_FOR_MAX, QuestionKind, QuestionLevel

log = logging.getLogger(__name__)

KINDS = [app_commands.Choice(name=kind.value, value=kind.value) for kind in QuestionKind]
LEVELS = [app_commands.Choice(name=level.value, value=level.value) for level in QuestionLevel]
FORMATS = [app_commands.Choice(name=name, value=name) for name in ("csv", "json")]

_TAGS_HELP = "Up to five, with commas between them."
_LOOKS_FOR_HELP = "What a good answer contains, shown after an attempt."

Text = app_commands.Range[str, 1, QUESTION_MAX]
LooksFor = app_commands.Range[str, 1, LOOKS_FOR_MAX]


async def suggest_own(interaction: Interaction, typed: str) -> list[Choice]:
    """The questions of this server's bank that contain what was typed."""
    guild_id = owner_of(interaction).guild_id
    found = await interaction.client.app.deps.questions.search(guild_id, typed, CHOICES_LIMIT)
    return [
        app_commands.Choice(
            # A text can be of letters that show nothing, and Discord refuses an empty name
            name=raw(question.text, CHOICE_NAME_LIMIT) or question.id,
            value=question.id,
        )
        for question in found
    ]


@everywhere
class QuestionBank(
    commands.GroupCog,
    group_name="question",
    group_description="Questions to practise with, and this server's own bank.",
):
    """Asks questions, and lets a server's managers keep their own."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Get a question to practise with.")
    @app_commands.describe(
        tag="Only questions with this tag.",
        kind="Only questions of this kind.",
        level="Only questions of this level.",
    )
    @app_commands.choices(kind=KINDS, level=LEVELS)
    @app_commands.autocomplete(tag=suggest_tags)
    async def ask(
        self,
        interaction: Interaction,
        tag: str | None = None,
        kind: str | None = None,
        level: str | None = None,
    ) -> None:
        """Ask one by chance, privately."""
        await defer(interaction)
        async with answering(interaction):
            await show_question(interaction, Filter.read(tag, kind, level))

    @app_commands.command(name="list", description="See the questions there are.")
    @app_commands.describe(tag="Only questions with this tag.", kind="Only questions of this kind.")
    @app_commands.choices(kind=KINDS)
    @app_commands.autocomplete(tag=suggest_tags)
    async def list_(
        self, interaction: Interaction, tag: str | None = None, kind: str | None = None
    ) -> None:
        """Show the first page, privately."""
        await defer(interaction)
        async with answering(interaction):
            await show_list(interaction, Filter.read(tag, kind), 1)

    @app_commands.command(description="Manage Server: add a question to this server's bank.")
    @app_commands.describe(
        text="The question, 300 characters at most.",
        kind="What it asks for; behavioural if you leave this out.",
        level="The experience it takes for granted; middle if you leave this out.",
        tags=_TAGS_HELP,
        looks_for=_LOOKS_FOR_HELP,
    )
    @app_commands.choices(kind=KINDS, level=LEVELS)
    async def add(
        self,
        interaction: Interaction,
        text: Text,
        kind: str | None = None,
        level: str | None = None,
        tags: str | None = None,
        looks_for: LooksFor | None = None,
    ) -> None:
        """Add one question."""
        await defer(interaction)
        async with answering(interaction):
            guild_id = managed_server(interaction)
            draft = Draft.read(text=text, kind=kind, level=level, tags=tags, looks_for=looks_for)
            change = await self.bot.app.deps.questions.change(
                guild_id, lambda bank: add_to(bank, draft)
            )
            await interaction.edit_original_response(embed=bank_embed("Added", change.added[0]))

    @app_commands.command(description="Manage Server: change a question of this server's bank.")
    @app_commands.describe(
        question="The question to change: pick it from the list.",
        text="The new text, 300 characters at most.",
        kind="What it asks for.",
        level="The experience it takes for granted.",
        tags=f"{_TAGS_HELP} A single hyphen takes all tags away.",
        looks_for=f"{_LOOKS_FOR_HELP} A single hyphen takes it away.",
    )
    @app_commands.choices(kind=KINDS, level=LEVELS)
    @app_commands.autocomplete(question=suggest_own)
    async def edit(
        self,
        interaction: Interaction,
        question: str,
        text: Text | None = None,
        kind: str | None = None,
        level: str | None = None,
        tags: str | None = None,
        looks_for: LooksFor | None = None,
    ) -> None:
        """Change what is given; the rest stays."""
        await defer(interaction)
        async with answering(interaction):
            guild_id = managed_server(interaction)
            draft = Draft.read(text=text, kind=kind, level=level, tags=tags, looks_for=looks_for)
            if draft == Draft():
                raise Refused(
                    "nothing_to_change",
                    "Say what to change: text, kind, level, tags or looks_for.",
                )
            change = await self.bot.app.deps.questions.change(
                guild_id, lambda bank: edit_in(bank, question, draft)
            )
            await interaction.edit_original_response(embed=bank_embed("Changed", change.changed[0]))

    @app_commands.command(description="Manage Server: remove a question from this server's bank.")
    @app_commands.describe(question="The question to remove: pick it from the list.")
    @app_commands.autocomplete(question=suggest_own)
    async def remove(self, interaction: Interaction, question: str) -> None:
        """Ask first; the button removes it."""
        await defer(interaction)
        async with answering(interaction):
            guild_id = managed_server(interaction)
            found = find(await self.bot.app.deps.questions.all(guild_id), question)
            await interaction.edit_original_response(
                embed=bank_embed("Remove this question?", found),
                view=buttons(found.id, Action.QUESTION_REMOVE_YES, Action.QUESTION_KEEP),
            )

    @app_commands.command(
        name="import", description="Manage Server: add or change many questions at once."
    )
    @app_commands.describe(
        file="CSV or JSON as export writes it: text, kind, level, tags, looks_for; 1.5 MB at most."
    )
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Take in a whole file or nothing of it."""
        await defer(interaction)
        async with answering(interaction):
            guild_id = managed_server(interaction)
            check_size(file.size)
            data = await fetch_file(self.bot.app.deps.fetcher, file.url)
            try:
                drafts = await asyncio.to_thread(parse, data)
            except FileRefused as refused:
                log.info("question import refused: %s", refused.code)
                embed, files = problems_card(refused)
                await interaction.edit_original_response(embed=embed, attachments=files)
                return
            change = await self.bot.app.deps.questions.change(
                guild_id, lambda bank: merge_into(bank, drafts)
            )
            await interaction.edit_original_response(embed=import_embed(change))

    @app_commands.command(description="Manage Server: get this server's bank as a file.")
    @app_commands.describe(format="CSV if you leave this out; import takes both back.")
    @app_commands.choices(format=FORMATS)
    async def export(self, interaction: Interaction, format: str = "csv") -> None:  # noqa: A002 - the option's name
        """Send the whole bank, privately."""
        await defer(interaction)
        async with answering(interaction):
            bank = await self.bot.app.deps.questions.all(managed_server(interaction))
            if not bank:
                raise Refused(
                    "bank_empty",
                    "This server has no questions of its own yet. `/question add` adds one.",
                )
            data = to_json(bank) if format == "json" else to_csv(bank)
            file = text_file(f"questions.{format}", data, "This server's own questions.")
            await interaction.edit_original_response(attachments=[file])


def managed_server(interaction: Interaction) -> int:
    """The server whose bank this member may change.

    Discord hides or shows a command with all its subcommands (`default_permissions` of a group
    is that of every subcommand), and `/question ask` is for everyone: so this looks at run time.

    Raises:
        Refused: not in a server that the bot is in, or without Manage Server.
    """
    if interaction.guild_id is None:
        raise Refused("no_server", "A bank belongs to a server: use this command in yours.")
    if not interaction.permissions.manage_guild:
        raise Refused(
            "not_manager", "Only members with the Manage Server permission can do that here."
        )
    if interaction.client.get_guild(interaction.guild_id) is None:
        # There by a member's own installation: nobody would tell us to delete this server's rows
        raise Refused("not_in_server", "Add Greenroom to this server first, then it has a bank.")
    return interaction.guild_id


async def remove_question(interaction: Interaction, question_id: str) -> None:
    """Remove a question for good."""
    guild_id = managed_server(interaction)
    removed = await interaction.client.app.deps.questions.remove(guild_id, question_id)
    if removed is None:
        raise Refused("question_gone", "That question has been removed already.")
    await interaction.response.edit_message(embed=bank_embed("Removed", removed), view=None)


async def keep_question(interaction: Interaction, _question_id: str) -> None:
    """Leave everything as it is."""
    await interaction.response.edit_message(embed=note_embed("Nothing was removed."), view=None)


HANDLERS = Handlers(
    buttons={
        Action.QUESTION_ANSWER: begin_answer,
        Action.QUESTION_REMOVE_YES: remove_question,
        Action.QUESTION_KEEP: keep_question,
    },
    pages={ASK: ask_another, LIST: turn_page},
    forms={ANSWER: take_answer},
)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its buttons and its form answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(QuestionBank(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
