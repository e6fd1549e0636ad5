"""The public message of a shared result: opened and taken back, whatever Discord does meanwhile.

The real discord.py speaks to the stand-in over a socket.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from analyzer.dependencies import Timings
from cogs.analyze.announcer import RESULT_BELOW, DiscordAnnouncer
from core.models import Attempt, AttemptState, DeliveredVia, ReplyAddress
from tests.cogs.ui import samples as made
from tests.fakes.discord_client import Meeting
from tests.fakes.discord_faults import (
    BAD_GATEWAY,
    MISSING_ACCESS,
    TOKEN_EXPIRED,
    UNKNOWN_WEBHOOK,
    Fault,
    Reset,
    Silence,
)
from tests.fakes.discord_world import Interaction, buttons_of, text_of

FAULTS = [BAD_GATEWAY, MISSING_ACCESS, TOKEN_EXPIRED, Reset(), Silence()]

EDIT = ("PATCH", "/webhooks/*/*/messages/@original")
FOLLOW_UP = ("POST", "/webhooks/*/*")
DELETE_SENT = ("DELETE", "/channels/*/messages/*")
DELETE_ORIGINAL = ("DELETE", "/webhooks/*/*/messages/@original")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def announcer(meeting: Meeting) -> DiscordAnnouncer:
    async def retention(_: int) -> timedelta:
        return timedelta(days=90)

    timings = Timings(tell_again=())
    return DiscordAnnouncer(meeting.client, clock=now, timings=timings, retention=retention)


async def answered(meeting: Meeting) -> tuple[Interaction, ReplyAddress]:
    """A command that was answered with "thinking…", and where that can be edited."""
    asked, got = await meeting.answered()
    return asked, address_of(got)


def address_of(got: discord.Interaction[Any]) -> ReplyAddress:
    return ReplyAddress(
        application_id=got.application_id, token=got.token, dies_at=now() + timedelta(minutes=14)
    )


async def shared(meeting: Meeting, announcer: DiscordAnnouncer) -> tuple[Interaction, Attempt]:
    """A shared attempt with its public message."""
    asked, reply = await answered(meeting)
    opened = await announcer.open_public(reply)
    assert opened is not None
    return asked, made.attempt(
        made.assessment(),
        shared=True,
        shared_message_id=opened.message_id,
        shared_channel_id=int(meeting.stand_in.channel_id),
    )


def is_there(meeting: Meeting, attempt: Attempt) -> bool:
    return str(attempt.shared_message_id) in meeting.stand_in.messages


async def test_the_private_reply_is_finished_before_the_public_message_is_sent(
    meeting: Meeting, announcer: DiscordAnnouncer
) -> None:
    asked, reply = await answered(meeting)
    opened = await announcer.open_public(reply)
    assert text_of(await asked.reply()) == RESULT_BELOW
    assert opened is not None
    assert opened.message_id is not None
    public = meeting.stand_in.messages[str(opened.message_id)]
    assert text_of(public) == "Working on it…"
    assert not public["flags"]
    assert opened.model_copy(update={"message_id": None}) == reply


@pytest.mark.parametrize("request_", [EDIT, FOLLOW_UP], ids=["edit", "follow-up"])
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_public_message_that_cannot_be_opened_raises_nothing(
    meeting: Meeting, announcer: DiscordAnnouncer, request_: tuple[str, str], fault: Fault
) -> None:
    _, reply = await answered(meeting)
    meeting.stand_in.fail(*request_, fault, times=9)
    assert await announcer.open_public(reply) is None
    assert meeting.stand_in.calls(*request_)


async def test_taking_back_deletes_the_message_and_a_second_time_finds_it_gone(
    meeting: Meeting, announcer: DiscordAnnouncer
) -> None:
    _, attempt = await shared(meeting, announcer)
    assert is_there(meeting, attempt)
    assert await announcer.take_back(attempt)
    assert not is_there(meeting, attempt)
    assert await announcer.take_back(attempt)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_what_cannot_be_taken_back_is_said_and_raises_nothing(
    meeting: Meeting, announcer: DiscordAnnouncer, fault: Fault
) -> None:
    _, attempt = await shared(meeting, announcer)
    meeting.stand_in.fail(*DELETE_SENT, fault, times=9)
    assert not await announcer.take_back(attempt)
    assert is_there(meeting, attempt)


async def pressed_under(meeting: Meeting) -> tuple[Interaction, ReplyAddress]:
    """A press of a button under a message of the bot."""
    asked, got = await meeting.answered()
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Unshare", custom_id="gr:unshare:0123456789abcdef"))
    await got.edit_original_response(content="public", view=view)
    await meeting.stand_in.press(await asked.reply(), "Unshare")
    press = await meeting.client.inbox.get()
    await press.response.defer()
    return asked, address_of(press)


async def test_a_press_under_the_message_takes_it_back_without_rights_in_the_channel(
    meeting: Meeting, announcer: DiscordAnnouncer
) -> None:
    asked, pressed = await pressed_under(meeting)
    meeting.stand_in.fail(*DELETE_SENT, MISSING_ACCESS, times=9)
    assert await announcer.take_back(made.attempt(made.assessment(), shared=True), pressed=pressed)
    assert asked.original is None
    assert not meeting.stand_in.calls(*DELETE_SENT)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_press_that_cannot_take_it_back_raises_nothing(
    meeting: Meeting, announcer: DiscordAnnouncer, fault: Fault
) -> None:
    asked, pressed = await pressed_under(meeting)
    assert asked.original is not None
    meeting.stand_in.fail(*DELETE_ORIGINAL, fault, times=9)
    attempt = made.attempt(made.assessment(), shared=True)
    assert not await announcer.take_back(attempt, pressed=pressed)
    assert asked.original["id"] in meeting.stand_in.messages


async def test_a_client_that_was_closed_raises_nothing_either(
    meeting: Meeting, announcer: DiscordAnnouncer
) -> None:
    _, attempt = await shared(meeting, announcer)
    _, reply = await answered(meeting)
    await meeting.client.close()
    assert await announcer.open_public(reply) is None
    assert not await announcer.take_back(attempt)
    assert not await announcer.take_back(attempt, pressed=reply)
    told = await announcer.deliver(attempt.model_copy(update={"reply": reply}), None)
    assert told.via is DeliveredVia.BUTTON


async def test_whether_a_reply_is_there_is_known_from_trying_not_from_the_clock(
    meeting: Meeting, announcer: DiscordAnnouncer
) -> None:
    asked, reply = await answered(meeting)
    waiting = made.attempt(None, state=AttemptState.ANALYZING, reply=reply)
    assert await announcer.progress(waiting)
    assert list(buttons_of(await asked.reply())) == ["Cancel", "Get result"]  # from the first on
    meeting.stand_in.fail(*EDIT, UNKNOWN_WEBHOOK)
    assert not await announcer.progress(waiting)
    meeting.stand_in.fail(*EDIT, Reset(), times=2)
    assert await announcer.progress(waiting)  # only out of reach
    assert not await announcer.progress(waiting.model_copy(update={"reply": None}))
