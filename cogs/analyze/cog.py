"""`/analyze`, and the `Analyze clip` menu on a message, which asks for the question."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.shared.autocomplete import (
    LANGUAGE_MAX,
    Choice,
    language_meant,
    suggest_languages,
    suggest_questions,
)
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import owner_of, receive, source_of
from cogs.shared.place import check_place
from cogs.shared.submission import take
from cogs.ui.buttons import view_of
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import answering
from cogs.ui.menus import pick_id
from cogs.ui.modals import QUESTION_FIELD, FormAnswer, question_form
from cogs.ui.text import CHOICES_LIMIT, SELECT_TEXT_LIMIT, raw
from core.errors import Refused, StorageUnavailable
from core.models import QUESTION_MAX, Request, new_id

STORE_SECONDS = 1.5
"""How long the menu waits for the memory: Discord wants its form within three seconds."""

_VIDEO_NAMES = (".mp4", ".mov", ".webm", ".m4v", ".mkv", ".qt", ".3gp")
_SOUND_NAMES = (".m4a", ".mp3", ".ogg", ".oga", ".opus", ".wav", ".flac", ".mka")

ASK = "ask"
"""The form's name; it is in the ids of forms already open: keep it."""


class Analyze(commands.Cog):
    """Takes clips and questions."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(name="Analyze clip", callback=self.analyze_message)
        everywhere(self._menu)

    async def cog_load(self) -> None:
        """Add what a cog cannot declare by decorators."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description="Get feedback on a clip of your interview answer.")
    @app_commands.describe(
        clip="Your answer as a video (MP4, MOV, WebM) or as sound (M4A, MP3, OGG, WAV), from 4 s.",
        question="The interview question you answer. Pick one or write your own.",
        share="Show the result to everyone here. If left out, as this server has set it.",
        language="What you speak in the clip. If left out, as you have set it with /language.",
    )
    @everywhere
    async def analyze(
        self,
        interaction: Interaction,
        clip: discord.Attachment,
        question: app_commands.Range[str, 1, QUESTION_MAX],
        share: bool | None = None,
        language: app_commands.Range[str, 1, LANGUAGE_MAX] | None = None,
    ) -> None:
        """Submit a clip with its question."""
        await receive(interaction)
        async with answering(interaction):
            await take(
                interaction,
                source=source_of(clip),
                question=question,
                shared=share,
                language=None if language is None else language_meant(language).code,
            )

    @analyze.autocomplete("question")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await suggest_questions(interaction, typed)

    @analyze.autocomplete("language")
    async def _suggest_language(self, _: Interaction, typed: str) -> list[Choice]:
        return suggest_languages(typed)

    async def analyze_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask which question a message's clip answers."""
        async with answering(interaction):
            await self._ask_question(interaction, message)

    async def _ask_question(self, interaction: Interaction, message: discord.Message) -> None:
        place = await check_place(interaction)
        clips = [a for a in message.attachments if _may_be_clip(a)]
        if not clips:
            raise Refused(
                "no_video",
                "I can't see a video, a voice message or another sound recording attached to that"
                " message. Use /analyze and attach your clip.",
            )
        if message.author.id != interaction.user.id:
            raise Refused(
                "not_own_clip",
                "You can only have your own clips analyzed: whoever is in it has to agree first.",
            )
        request = Request(
            id=new_id(),
            owner=place.owner,
            channel_id=place.channel_id,
            clips=tuple(source_of(clip) for clip in clips),
            created_at=self.bot.app.deps.clock(),
        )
        await self._remember(request)
        if len(clips) == 1:
            await interaction.response.send_modal(question_form(ASK, request.id))
            return
        await interaction.response.send_message(
            embed=note_embed("That message has several clips. Which one is your answer?"),
            view=view_of(clip_picker(request.id, [clip.filename for clip in clips])),
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


async def take_question(interaction: Interaction, form: FormAnswer) -> None:
    """Submit the clip of a message with the question that was asked for."""
    await receive(interaction)
    deps = interaction.client.app.deps
    request = await deps.requests.take(owner_of(interaction), form.subject)
    if request is None or form.index >= len(request.clips):
        raise Refused("request_gone", "That form has expired. Please start again.")
    await take(
        interaction,
        source=request.clips[form.index],
        question=form.texts.get(QUESTION_FIELD, ""),
        shared=False,
    )


def clip_picker(request_id: str, names: Sequence[str]) -> discord.ui.Select[Any]:
    """A menu that chooses one of a message's clips."""
    return discord.ui.Select(
        custom_id=pick_id(request_id),
        placeholder="Choose your clip",
        options=[
            discord.SelectOption(
                label=raw(f"{number}. {name}", SELECT_TEXT_LIMIT), value=str(number - 1)
            )
            for number, name in enumerate(names[:CHOICES_LIMIT], start=1)
        ],
    )


async def pick_clip(interaction: Interaction, request_id: str, chosen: list[str]) -> None:
    """Ask the question the chosen clip answers."""
    index = int(chosen[0]) if chosen and re.fullmatch(r"[0-9]{1,2}", chosen[0]) else 0
    await interaction.response.send_modal(question_form(ASK, request_id, index))


def _may_be_clip(attachment: discord.Attachment) -> bool:
    """Whether it is worth asking; what the file really is, the pre-flight finds out.

    A voice message is an attachment with a waveform, whatever it is called.
    """
    declared = attachment.content_type or ""
    return (
        declared.startswith(("video/", "audio/"))
        or attachment.is_voice_message()
        or attachment.filename.lower().endswith((*_VIDEO_NAMES, *_SOUND_NAMES))
    )


HANDLERS = Handlers(forms={ASK: take_question}, pick=pick_clip)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its menu and its form answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(Analyze(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
