"""Shows a member their interview: in the answer to what they pressed, or below it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord

from analyzer.interviews.course import Course
from cogs.client import Interaction
from cogs.interview.message import Message, message_of
from cogs.shared.consent import ask_consent, has_agreed
from cogs.shared.interactions import owner_of, reply_of
from cogs.shared.place import check_place
from cogs.ui.text import counted
from core.errors import Refused, error_location
from core.interviews import InterviewState
from core.models import Request, new_id
from core.network import CONNECTION_ERRORS

log = logging.getLogger(__name__)

_MOST_EDITS = 3


async def show(interaction: Interaction, interview_id: str, *, notes: Sequence[str] = ()) -> None:
    """Show a deferred interaction's member their interview in its answer, from now on.

    Who has not agreed to what happens with a clip is asked first. `notes` are sentences of ours.

    Raises:
        Refused: there is no such interview of theirs, or not here.
    """
    app, owner = interaction.client.app, owner_of(interaction)
    await app.interviews.settle(owner, interview_id, show=False)
    course = await app.interviews.of(owner, interview_id)
    if course.interview.state is InterviewState.OPEN:
        place = await check_place(interaction)
        if not await has_agreed(interaction):
            request = Request(
                id=new_id(),
                owner=owner,
                channel_id=place.channel_id,
                interview_id=interview_id,
                created_at=app.deps.clock(),
            )
            await ask_consent(interaction, place, request)
            return
        if not course.attempts:
            notes = [*notes, await _allowance(interaction, course)]
    await app.interviews.show_in(owner, interview_id, reply_of(interaction))
    shown: tuple[object, ...] = ()
    for _ in range(_MOST_EDITS):  # a result may have come in between, and told an older message
        course = await app.interviews.of(owner, interview_id)
        message = await _message(interaction, course, notes)
        if message.words == shown:
            return
        await interaction.edit_original_response(**message.content())
        if course.complete:
            return
        shown = message.words


async def follow(interaction: Interaction, interview_id: str) -> None:
    """Show an interview below the message of an interaction, and from now on there.

    Where Discord does not let it, `/interview show` goes on.
    """
    app, owner = interaction.client.app, owner_of(interaction)
    course = await app.interviews.of(owner, interview_id)
    content = (await _message(interaction, course, ())).content()
    files = content.pop("attachments")
    try:
        sent = await interaction.followup.send(**content, files=files, ephemeral=True, wait=True)
    except discord.HTTPException as error:
        log.warning("the next question was not shown: status %s", error.status)
        reply = None  # the message that had it is the answer's by now
    except CONNECTION_ERRORS as error:
        log.warning("the next question was not shown: %s", error_location(error))
        reply = None
    else:
        reply = reply_of(interaction).model_copy(update={"message_id": sent.id})
    await app.interviews.show_in(owner, interview_id, reply)


async def _message(interaction: Interaction, course: Course, notes: Sequence[str]) -> Message:
    app, interview = interaction.client.app, course.interview
    report = None
    if course.complete and interview.state is InterviewState.FINISHED:
        report = await app.interviews.report(interview.owner, interview.id)
    page = None if app.studio is None else app.studio.pages.of_interview(interview)
    return await message_of(course, report, now=app.deps.clock(), page=page, notes=notes)


async def _allowance(interaction: Interaction, course: Course) -> str:
    """What is left of the member's allowance, before the first answer."""
    try:
        left = await interaction.client.app.attempts.allowance_left(course.interview.owner)
    except Refused as refused:
        return refused.sentence
    return f"Each answer counts: {counted(left, 'answer')} of your allowance left now."
