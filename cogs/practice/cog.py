"""`/practice`: a question and the way into the studio, where the answer is recorded."""

from __future__ import annotations

import logging

from discord import app_commands
from discord.ext import commands

from analyzer.questions.bank import Filter
from analyzer.questions.coming_back import comebacks, weakest
from cogs.client import GreenroomBot, Interaction
from cogs.practice.cards import no_studio_card
from cogs.shared.autocomplete import Choice, suggest_questions, suggest_tags
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of, receive, source_of, upload_limit_of
from cogs.shared.next_question import next_question
from cogs.shared.place import check_place
from cogs.shared.studio_link import answer_in_studio, offer_practice
from cogs.shared.submission import take
from cogs.ui.buttons import Action
from cogs.ui.dispatcher import Handlers
from cogs.ui.error_replies import answering
from cogs.ui.modals import FormAnswer, upload_form
from cogs.ui.text import plain
from core.errors import Refused
from core.models import QUESTION_MAX, Request, new_id
from core.questions import clean_question
from storage.repositories.studio_links import StudioLink

log = logging.getLogger(__name__)

FORM, LINK_FORM = "practice", "practicelink"
"""The forms' names; they are in the ids of forms already open: keep them."""

MOST_WEIGHED = 50
"""Results that are looked at to find the weakest: those that have waited longest."""

QUESTION_SHOWN = 200

_GONE = "That question has expired. Use `/practice` again."


class Practice(commands.Cog):
    """Leads members into the studio."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Answer a question in the studio, in your browser.")
    @app_commands.describe(
        question="The interview question to answer. Left out: one is chosen for you.",
        tag="If one is chosen for you: only from questions with this tag.",
        again="Answer a question again: the one whose last result was weakest.",
    )
    @everywhere
    @app_commands.autocomplete(tag=suggest_tags)
    async def practice(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
        tag: str | None = None,
        again: bool = False,
    ) -> None:
        """Show the question and the way to answer it, privately."""
        await defer(interaction)
        async with answering(interaction):
            if again:
                question = await question_again(interaction)
            if question is not None or not again:
                await practise(interaction, question, tag)

    @practice.autocomplete("question")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await suggest_questions(interaction, typed)


async def question_again(interaction: Interaction) -> str | None:
    """The question of a deferred interaction's member that comes back now.

    Of those whose time has come it is the one whose last result was weakest. `None` when there is
    none: then it was said when the next one comes back.
    """
    deps, owner = interaction.client.app.deps, owner_of(interaction)
    answered = comebacks(await deps.history.outline(owner))
    due = [one for one in answered if one.due_at <= deps.clock()]
    if due:
        ids = [one.attempt_id for one in due[:MOST_WEIGHED]]
        return weakest(await deps.history.several(owner, ids)).question
    if not answered:
        await offer_practice(
            interaction,
            "You haven't answered a question here yet. Press `Practise now` for the first.",
        )
        return None
    following = answered[0]
    await offer_practice(
        interaction,
        f"No question comes back yet. The next is “{plain(following.question, QUESTION_SHOWN)}”, "
        f"<t:{int(following.due_at.timestamp())}:R>; press `Try again` to answer it now.",
        again=following.attempt_id,
    )
    return None


async def practise(interaction: Interaction, question: str | None, tag: str | None) -> None:
    """Lead a deferred interaction's member into the studio, once they have agreed.

    Raises:
        Refused: not here, no such question, or nothing could be submitted afterwards.
    """
    app, place = interaction.client.app, await check_place(interaction)
    if question is None:
        chosen = (await next_question(interaction, Filter.read(tag)))[0].text
    else:
        chosen = clean_question(question)
    if app.studio is not None:
        await answer_in_studio(interaction, chosen)
        return
    await app.attempts.check_allowance(place.owner, place.settings)
    request = Request(
        id=new_id(),
        owner=place.owner,
        channel_id=place.channel_id,
        question=chosen,
        shared=place.settings.share_by_default,
        created_at=app.deps.clock(),
    )
    await _without_studio(interaction, request)


async def begin(interaction: Interaction, _subject: str) -> None:
    """Begin with a question by chance, from where there was nothing to show yet."""
    await defer(interaction)
    await practise(interaction, None, None)


async def take_file(interaction: Interaction, form: FormAnswer) -> None:
    """Submit the file that answers a question where there is no studio, privately.

    Raises:
        UserFacingError: the request is refused.
    """
    await receive(interaction)
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    request = await interaction.client.app.deps.requests.take(owner_of(interaction), form.subject)
    if request is None or request.question is None:
        raise Refused("request_gone", _GONE)
    source = source_of(form.attachments[0])
    await take(interaction, source=source, question=request.question, shared=False)


async def take_link_file(interaction: Interaction, form: FormAnswer) -> None:
    """Submit a file in place of a recording in the studio, privately.

    Raises:
        UserFacingError: the request is refused.
    """
    await defer(interaction)
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    link = await _link(interaction, form.subject)
    await take(
        interaction,
        source=source_of(form.attachments[0]),
        question=link.question,
        shared=False,
        parent_id=link.parent_id,
    )


async def open_link_form(interaction: Interaction, link_id: str) -> None:
    """Ask for a file in place of a recording in the studio."""
    link = await _link(interaction, link_id)
    limit = upload_limit_of(interaction)
    form = upload_form(LINK_FORM, link_id, link.question, limit=limit, title="Answer it")
    await interaction.response.send_modal(form)


async def _link(interaction: Interaction, link_id: str) -> StudioLink:
    link = await interaction.client.app.deps.studio_links.owned(owner_of(interaction), link_id)
    if link is None:
        raise Refused("request_gone", _GONE)
    return link


async def open_form(interaction: Interaction, request_id: str) -> None:
    """Ask for a file that answers the question."""
    request = await interaction.client.app.deps.requests.get(owner_of(interaction), request_id)
    if request is None or request.question is None:
        raise Refused("request_gone", _GONE)
    limit = upload_limit_of(interaction)
    form = upload_form(FORM, request.id, request.question, limit=limit, title="Answer it")
    await interaction.response.send_modal(form)


async def _without_studio(interaction: Interaction, request: Request) -> None:
    app = interaction.client.app
    log.warning("/practice was used, but the studio needs %s", " and ".join(app.deps.studio_needs))
    await app.deps.requests.add(request)
    is_manager = interaction.permissions.manage_guild and interaction.guild_id is not None
    knows = is_manager or await interaction.client.is_owner(interaction.user)
    needs = app.deps.studio_needs if knows else ()
    limit = upload_limit_of(interaction)
    card = no_studio_card(request.question or "", request.id, needs, limit=limit)
    await interaction.edit_original_response(embed=card.embed, view=card.view)


HANDLERS = Handlers(
    buttons={
        Action.PRACTICE_UPLOAD: open_form,
        Action.PRACTICE_BEGIN: begin,
        Action.LINK_UPLOAD: open_link_form,
    },
    forms={FORM: take_file, LINK_FORM: take_link_file},
)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its button and its form answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(Practice(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
