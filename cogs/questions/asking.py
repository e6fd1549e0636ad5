"""Asks a question, takes the clip that answers it, and shows the list of questions."""

from __future__ import annotations

from analyzer.questions.bank import Filter, pool, starter
from cogs.client import Interaction
from cogs.questions.cards import filter_of, list_page, question_card
from cogs.shared.interactions import defer, owner_of, receive, source_of, upload_limit_of
from cogs.shared.next_question import next_question
from cogs.shared.studio_link import answer_in_studio
from cogs.shared.submission import take
from cogs.ui.modals import FormAnswer, upload_form
from core.errors import Refused
from core.questions import Question

ANSWER = "answer"
"""The form's name; it is in the ids of forms already open: keep it."""

_GONE = (
    "That question isn't here any more. Use `/question ask` for another one, or `/analyze` with "
    "your clip and its question."
)


async def show_question(interaction: Interaction, wanted: Filter) -> None:
    """Ask a deferred interaction's member another question than the last one.

    Raises:
        Refused: there is no such question.
    """
    question, only = await next_question(interaction, wanted)
    card = question_card(question, wanted, only=only, limit=upload_limit_of(interaction))
    await interaction.edit_original_response(embed=card.embed, view=card.view)


async def show_list(interaction: Interaction, wanted: Filter, page: int) -> None:
    """Show a deferred interaction's member a page of the questions there are here."""
    bank = await interaction.client.app.deps.questions.all(owner_of(interaction).guild_id)
    own = {question.id for question in bank}
    card = list_page(pool(bank, wanted), own, wanted, page)
    await interaction.edit_original_response(embed=card.embed, view=card.view)


async def take_answer(interaction: Interaction, form: FormAnswer) -> None:
    """Submit the clip that a form has brought, privately.

    Raises:
        UserFacingError: the request is refused.
    """
    await receive(interaction)
    question = await _known(interaction, form.subject)
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    source = source_of(form.attachments[0])
    await take(interaction, source=source, question=question.text, shared=False)


async def begin_answer(interaction: Interaction, question_id: str) -> None:
    """Lead to the question in the studio; where there is none, ask for a clip that answers it."""
    question = await _known(interaction, question_id)
    if interaction.client.app.studio is not None:
        await defer(interaction)
        await answer_in_studio(interaction, question.text)
        return
    limit = upload_limit_of(interaction)
    form = upload_form(ANSWER, question.id, question.text, limit=limit, title="Answer it")
    await interaction.response.send_modal(form)


async def ask_another(interaction: Interaction, _page: int, argument: str) -> None:
    """Ask another question in place of this one."""
    wanted = filter_of(argument)
    await interaction.response.defer()
    await show_question(interaction, wanted)


async def turn_page(interaction: Interaction, page: int, argument: str) -> None:
    """Show another page in place of this one."""
    wanted = filter_of(argument)
    await interaction.response.defer()
    await show_list(interaction, wanted, page)


async def _known(interaction: Interaction, question_id: str) -> Question:
    """The question with this id: of this server's bank, or a starter."""
    guild_id = owner_of(interaction).guild_id
    own = await interaction.client.app.deps.questions.get(guild_id, question_id)
    question = own or starter(question_id)
    if question is None:
        raise Refused("question_gone", _GONE)
    return question
