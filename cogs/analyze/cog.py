"""`/analyze`, the `Analyze clip` menu on a message, and the forms that ask for what is missing."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.questions.bank import starters_with
from analyzer.services.attempts import new_id
from cogs.analyze.cards import note_embed
from cogs.client import GreenroomBot, Interaction
from cogs.shared.submission import check_place, defer, owner_of, source_of, take
from cogs.ui.error_replies import answer_error, answering
from cogs.ui.modals import QUESTION_FIELD, Submission, question_form, read_form
from cogs.ui.text import CHOICE_NAME_LIMIT, SELECT_TEXT_LIMIT, raw
from core.errors import Refused, StorageUnavailable
from core.models import QUESTION_MAX, Request

STORE_SECONDS = 1.5
"""How long the menu waits for the memory: Discord wants its form within three seconds."""

CHOICES = 25  # Discord shows at most as many

_VIDEO_NAMES = (".mp4", ".mov", ".webm", ".m4v", ".mkv", ".qt")

ASK, AGAIN = "ask", "again"
"""The forms' names; they are in the ids of forms already open: keep them."""


class Analyze(commands.Cog):
    """Takes clips and questions."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(name="Analyze clip", callback=self.analyze_message)
        everywhere(self._menu)

    async def cog_load(self) -> None:
        """Add what a cog cannot declare by decorators."""
        self.bot.tree.add_command(self._menu)
        self.bot.add_dynamic_items(ClipPicker)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)
        self.bot.remove_dynamic_items(ClipPicker)

    @app_commands.command(description="Get feedback on a clip of your interview answer.")
    @app_commands.describe(
        clip="Your answer as a video: MP4, MOV or WebM, at least 4 seconds.",
        question="The interview question you answer. Pick one or write your own.",
        share="Show the result to everyone here. If left out, as this server has set it.",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def analyze(
        self,
        interaction: Interaction,
        clip: discord.Attachment,
        question: app_commands.Range[str, 1, QUESTION_MAX],
        share: bool | None = None,
    ) -> None:
        """Submit a clip with its question."""
        await defer(interaction)
        async with answering(interaction):
            await take(interaction, source=source_of(clip), question=question, shared=share)

    @analyze.autocomplete("question")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest_questions(interaction, typed)

    async def analyze_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask which question a message's clip answers."""
        async with answering(interaction):
            await self._ask_question(interaction, message)

    async def _ask_question(self, interaction: Interaction, message: discord.Message) -> None:
        await check_place(interaction)
        clips = [a for a in message.attachments if _may_be_video(a)]
        if not clips:
            raise Refused(
                "no_video",
                "I can't see a video attached to that message. Use /analyze and attach your clip.",
            )
        if message.author.id != interaction.user.id:
            raise Refused(
                "not_own_clip",
                "You can only have your own clips analyzed: whoever is in it has to agree first.",
            )
        request = Request(
            id=new_id(),
            owner=owner_of(interaction),
            channel_id=interaction.channel_id or 0,
            clips=tuple(source_of(clip) for clip in clips),
            created_at=self.bot.app.deps.clock(),
        )
        await self._remember(request)
        if len(clips) == 1:
            await interaction.response.send_modal(question_form(ASK, request.id))
            return
        view = discord.ui.View(timeout=None)
        view.add_item(ClipPicker(request.id, [clip.filename for clip in clips]))
        view.stop()
        await interaction.response.send_message(
            embed=note_embed("That message has several clips. Which one is your answer?"),
            view=view,
            ephemeral=True,
        )

    async def _remember(self, request: Request) -> None:
        """Store a request before Discord's three seconds are over: a form can't be deferred.

        Raises:
            StorageUnavailable: that can't be done now.
        """
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self.bot.app.deps.requests.add(request)
        except TimeoutError:
            raise StorageUnavailable("slow") from None

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Read the forms that are sent, also those an earlier process has shown."""
        submission = read_form(interaction)
        if submission is None or submission.name not in (ASK, AGAIN):
            return
        try:
            await defer(interaction)
            if submission.name == ASK:
                await self._asked(interaction, submission)
            else:
                await self._again(interaction, submission)
        except Exception as error:  # noqa: BLE001 - the one place where a form's errors are answered
            await answer_error(interaction, error)

    async def _asked(self, interaction: Interaction, form: Submission) -> None:
        request = await self.bot.app.deps.requests.take(owner_of(interaction), form.subject)
        if request is None or form.index >= len(request.clips):
            raise Refused("request_gone", "That form has expired. Please start again.")
        await take(
            interaction,
            source=request.clips[form.index],
            question=form.texts.get(QUESTION_FIELD, ""),
            shared=False,
        )

    async def _again(self, interaction: Interaction, form: Submission) -> None:
        earlier = await self.bot.app.deps.attempts.get(owner_of(interaction), form.subject)
        if earlier is None:
            raise Refused(
                "attempt_gone", "That attempt has been deleted. Use /analyze with your new clip."
            )
        if len(form.attachments) != 1:
            raise Refused("no_clip", "Attach one clip.")
        await take(
            interaction,
            source=source_of(form.attachments[0]),
            question=earlier.question,
            shared=False,
        )


async def suggest_questions(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The member's own earlier questions first, then the server's bank, then the starters."""
    owner, app = owner_of(interaction), interaction.client.app
    own = await app.deps.attempts.questions(owner, typed, CHOICES)
    bank = await app.deps.questions.search(owner.guild_id, typed, CHOICES)
    suggestions = list(dict.fromkeys(own + [q.text for q in bank + starters_with(typed)]))
    # A choice's value is cut off at 100 characters too, which would change a longer question
    fitting = [q for q in suggestions if raw(q, CHOICE_NAME_LIMIT) == q]
    return [app_commands.Choice(name=q, value=q) for q in fitting[:CHOICES]]


class ClipPicker(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"gr-pick:(?P<subject>[0-9a-f]{16})"
):
    """Chooses one of a message's clips; works after a restart."""

    def __init__(self, subject: str, names: list[str]) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"gr-pick:{subject}",
                placeholder="Choose your clip",
                options=[
                    discord.SelectOption(
                        label=raw(f"{number}. {name}", SELECT_TEXT_LIMIT), value=str(number - 1)
                    )
                    for number, name in enumerate(names[:CHOICES], start=1)
                ],
            )
        )
        self.subject = subject

    @classmethod
    async def from_custom_id(
        cls, _interaction: Any, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu again from a choice, also one of an earlier process."""
        return cls(match["subject"], ["-"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask the question the chosen clip answers."""
        values = dict(interaction.data or {}).get("values")
        chosen = str(values[0]) if isinstance(values, list) and values else ""
        index = int(chosen) if re.fullmatch(r"\d{1,2}", chosen) else 0
        await interaction.response.send_modal(question_form(ASK, self.subject, index))


def everywhere(command: app_commands.ContextMenu) -> None:
    """Offer a command in servers and in direct messages, for both kinds of installation."""
    command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    command.allowed_contexts = app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=True
    )


def _may_be_video(attachment: discord.Attachment) -> bool:
    """Whether it is worth asking; what the file really is, the pre-flight finds out."""
    declared = attachment.content_type or ""
    return declared.startswith("video/") or attachment.filename.lower().endswith(_VIDEO_NAMES)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(Analyze(bot))
