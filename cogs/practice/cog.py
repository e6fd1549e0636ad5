"""`/practice`: a question and the way into the studio, where the answer is recorded."""

from __future__ import annotations

import logging

from discord import app_commands
from discord.ext import commands

from analyzer.questions.bank import Filter, pick, pool
from analyzer.services.attempts import clean_question, new_id
from cogs.analyze.cog import suggest_questions
from cogs.client import GreenroomBot, Interaction
from cogs.practice.cards import no_studio_card, studio_card
from cogs.questions.cog import Choices, suggest_tags
from cogs.shared.submission import (
    ask_consent,
    check_place,
    defer,
    has_agreed,
    owner_of,
    reply_of,
    source_of,
    take,
)
from cogs.ui.buttons import HANDLERS, Action
from cogs.ui.error_replies import answer_error, answering
from cogs.ui.modals import Submission, read_form, upload_form
from core.errors import Refused
from core.models import QUESTION_MAX, Request

log = logging.getLogger(__name__)

FORM = "practice"
"""The form's name; it is in the ids of forms already open: keep it."""

_GONE = "That question has expired. Use `/practice` again."


class Practice(commands.Cog):
    """Leads members into the studio."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Answer a question in the studio, in your browser.")
    @app_commands.describe(
        question="The interview question to answer. Left out: one is chosen for you.",
        tag="If one is chosen for you: only from questions with this tag.",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.autocomplete(tag=suggest_tags)
    async def practice(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
        tag: str | None = None,
    ) -> None:
        """Show the question and the way to answer it, privately."""
        await defer(interaction)
        async with answering(interaction):
            await practise(interaction, question, tag)

    @practice.autocomplete("question")
    async def _suggest(self, interaction: Interaction, typed: str) -> Choices:
        return await suggest_questions(interaction, typed)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Read the files that answer a question, also in forms an earlier process has shown."""
        form = read_form(interaction)
        if form is None or form.name != FORM:
            return
        try:
            await defer(interaction)
            await take_file(interaction, form)
        except Exception as error:  # noqa: BLE001 - the one place where a form's errors are answered
            await answer_error(interaction, error)


async def practise(interaction: Interaction, question: str | None, tag: str | None) -> None:
    """Lead a deferred interaction's member into the studio, once they have agreed.

    Raises:
        Refused: not here, no such question, or nothing could be submitted afterwards.
    """
    app, owner = interaction.client.app, owner_of(interaction)
    settings = await check_place(interaction)
    await app.attempts.check_allowance(owner)
    chosen = await _choose(interaction, tag) if question is None else clean_question(question)
    request = Request(
        id=new_id(),
        owner=owner,
        channel_id=interaction.channel_id or 0,
        question=chosen,
        shared=settings.share_by_default,
        created_at=app.deps.clock(),
    )
    if app.studio is None:
        await _without_studio(interaction, request)
    elif await has_agreed(interaction):
        await open_studio(interaction, question=chosen, shared=request.shared)
    else:
        await ask_consent(interaction, request)


async def open_studio(interaction: Interaction, *, question: str, shared: bool) -> None:
    """Give a deferred interaction's member a link of their own; `shared` as the server has set it.

    Raises:
        Refused: not here, the studio is no longer set up, or they have made many links.
    """
    await check_place(interaction)  # again: a request may have waited for consent meanwhile
    studio = interaction.client.app.studio
    if studio is None:
        raise Refused("no_studio", "The studio is not set up here any more. Use `/analyze`.")
    link, url = await studio.open(
        owner=owner_of(interaction),
        channel_id=interaction.channel_id or 0,
        question=question,
        shared=shared,
        reply=reply_of(interaction),
    )
    card = studio_card(link, url)
    await interaction.edit_original_response(embed=card.embed, view=card.view)


async def take_file(interaction: Interaction, form: Submission) -> None:
    """Submit the file that answers a question where there is no studio, privately.

    Raises:
        UserFacingError: the request is refused.
    """
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    request = await interaction.client.app.deps.requests.take(owner_of(interaction), form.subject)
    if request is None or request.question is None:
        raise Refused("request_gone", _GONE)
    source = source_of(form.attachments[0])
    await take(interaction, source=source, question=request.question, shared=False)


async def open_form(interaction: Interaction, request_id: str) -> None:
    """Ask for a file that answers the question."""
    request = await interaction.client.app.deps.requests.get(owner_of(interaction), request_id)
    if request is None or request.question is None:
        raise Refused("request_gone", _GONE)
    form = upload_form(FORM, request.id, request.question, title="Answer it")
    await interaction.response.send_modal(form)


async def _choose(interaction: Interaction, tag: str | None) -> str:
    """A question by chance, another one than the last."""
    app, owner = interaction.client.app, owner_of(interaction)
    questions = pool(await app.deps.questions.all(owner.guild_id), Filter.read(tag))
    found = pick(questions, (await app.deps.member_settings.get(owner)).last_question_id)
    await app.deps.member_settings.change(owner, last_question_id=found.id)
    return found.text


async def _without_studio(interaction: Interaction, request: Request) -> None:
    app = interaction.client.app
    log.warning("/practice was used, but the studio needs %s", " and ".join(app.deps.studio_needs))
    await app.deps.requests.add(request)
    is_manager = interaction.permissions.manage_guild and interaction.guild_id is not None
    knows = is_manager or await interaction.client.is_owner(interaction.user)
    needs = app.deps.studio_needs if knows else ()
    card = no_studio_card(request.question or "", request.id, needs)
    await interaction.edit_original_response(embed=card.embed, view=card.view)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make the button answer."""
    HANDLERS[Action.UPLOAD] = open_form
    await bot.add_cog(Practice(bot))
