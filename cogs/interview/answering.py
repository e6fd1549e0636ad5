"""Takes an answer to a question of an interview as a file; the next question follows at once."""

from __future__ import annotations

from cogs.client import Interaction
from cogs.interview.showing import follow, show
from cogs.shared.consent import has_agreed
from cogs.shared.interactions import defer, owner_of, reply_of, source_of, upload_limit_of
from cogs.shared.place import check_place
from cogs.ui.modals import FormAnswer, upload_form
from core.errors import Refused
from core.models import ReplyAddress

FORM, AGAIN_FORM = "interview", "interviewagain"
"""The forms' names; they are in the ids of forms already open: keep them."""


async def open_form(interaction: Interaction, interview_id: str, position: int) -> None:
    """Ask for a file that answers a question."""
    await _open(interaction, interview_id, position, FORM)


async def open_form_again(interaction: Interaction, interview_id: str, position: int) -> None:
    """Ask for another file where the first one came to nothing."""
    await _open(interaction, interview_id, position, AGAIN_FORM)


async def _open(interaction: Interaction, interview_id: str, position: int, name: str) -> None:
    if not await has_agreed(interaction):
        await defer(interaction)
        await show(interaction, interview_id)  # asks for the agreement
        return
    course = await interaction.client.app.interviews.of(owner_of(interaction), interview_id)
    question = course.interview.at(position)
    if question is None or course.standing(question).answered:
        raise Refused(
            "answered",
            "That question has an answer already. Use `/interview show` to go on with the next.",
        )
    form = upload_form(
        name,
        interview_id,
        question.text,
        limit=upload_limit_of(interaction),
        title="Answer it",
        index=position,
    )
    await interaction.response.send_modal(form)


async def take_answer(interaction: Interaction, form: FormAnswer) -> None:
    """Submit a file: the question's card becomes the answer's, and the interview goes on below.

    Raises:
        UserFacingError: the answer is refused; the card stays, with its buttons.
    """
    await _take(interaction, form, below=True)


async def take_answer_again(interaction: Interaction, form: FormAnswer) -> None:
    """Submit a file in place of one that came to nothing; the interview has its own message."""
    await _take(interaction, form, below=False)


async def _take(interaction: Interaction, form: FormAnswer, *, below: bool) -> None:
    await interaction.response.defer()
    app, owner = interaction.client.app, owner_of(interaction)
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    place = await check_place(interaction)
    if not await has_agreed(interaction):
        await show(interaction, form.subject)
        return

    async def open_reply() -> ReplyAddress | None:
        # Before the work begins: its end would show the interview in what is the answer's by then
        if below:
            await follow(interaction, form.subject)
        return reply_of(interaction)

    await app.interviews.submit(
        owner=owner,
        interview_id=form.subject,
        position=form.index,
        source=source_of(form.attachments[0]),
        open_reply=open_reply,
        settings=place.settings,
    )
    if not below:
        await app.interviews.settle(owner, form.subject)
