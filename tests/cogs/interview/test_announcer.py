"""What shows an interview in its message, whatever Discord does meanwhile; over a real socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analyzer.dependencies import Timings
from analyzer.interviews.course import Course
from analyzer.interviews.report import report_of
from cogs.interview.announcer import DiscordInterviewAnnouncer
from core.models import ReplyAddress
from tests.analyzer.interviews.answered import interview, result
from tests.fakes.discord_client import Meeting
from tests.fakes.discord_faults import BAD_GATEWAY, TOKEN_EXPIRED, Fault, Reset, Silence
from tests.fakes.discord_world import Interaction, text_of

EDIT = ("PATCH", "/webhooks/*/*/messages/@original")


def now() -> datetime:
    return datetime.now(UTC)


async def waiting(meeting: Meeting) -> tuple[Interaction, Course]:
    """A command that was answered, and an interview whose message is that answer."""
    asked, got = await meeting.answered()
    whole, attempts = interview([result(), result()])
    reply = ReplyAddress(
        application_id=got.application_id, token=got.token, dies_at=now() + timedelta(minutes=14)
    )
    return asked, Course(whole.model_copy(update={"reply": reply}), attempts)


async def show(meeting: Meeting, course: Course, *, tries: int) -> None:
    announcer = DiscordInterviewAnnouncer(
        meeting.client, clock=now, timings=Timings(tell_again=(0.01,) * (tries - 1))
    )
    await announcer.show(course, report_of(course.interview, course.attempts))


@pytest.mark.parametrize("fault", [BAD_GATEWAY, Reset(), Silence()], ids=repr)
async def test_a_report_is_told_again_with_its_chart_until_discord_takes_it(
    meeting: Meeting, fault: Fault
) -> None:
    asked, course = await waiting(meeting)
    meeting.stand_in.fail(*EDIT, fault, times=1)
    await show(meeting, course, tries=3)
    shown = await asked.reply()
    assert "Your interview" in text_of(shown)
    assert [one["filename"] for one in shown["attachments"]] == ["interview.png"]


@pytest.mark.parametrize("fault", [TOKEN_EXPIRED, BAD_GATEWAY, Reset(), Silence()], ids=repr)
async def test_what_discord_never_takes_raises_nothing(meeting: Meeting, fault: Fault) -> None:
    _, course = await waiting(meeting)
    meeting.stand_in.fail(*EDIT, fault, times=20)
    await show(meeting, course, tries=2)
    assert meeting.stand_in.calls(*EDIT)


async def test_a_reply_that_is_dead_is_not_tried(meeting: Meeting) -> None:
    _, course = await waiting(meeting)
    reply = course.interview.reply
    assert reply is not None
    dead = reply.model_copy(update={"dies_at": now()})
    gone = course.interview.model_copy(update={"reply": dead})
    await show(meeting, Course(gone, course.attempts), tries=1)
    assert not meeting.stand_in.calls(*EDIT)
