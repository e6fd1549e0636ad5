"""An interview with the studio: one link, answers recorded or sent, and the report in Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import simcord

from core.interviews import InterviewState
from demo import SAMPLE_CLIP
from tests.cogs.interview.courses import answer, ask_back, begin, latest, release
from tests.cogs.practice.test_practice import URL, StudioSimulation, running
from tests.cogs.simulation import SLOW, labels_of, owner, reply, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn

CARD = ["Open the studio", "Send a file instead", "Skip", "Finish", "Stop", "Show the report"]


@pytest.fixture
async def sim(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[StudioSimulation]:
    async with running(tmp_path, vendor, http_port=8080, public_url=URL) as sim:
        await sim.agree(sim.ada)
        yield sim


async def record(sim: StudioSimulation, position: int) -> None:
    """Record an answer in the studio and send it in, as the page does."""
    course, studio, data = await latest(sim), sim.bot.app.studio, SAMPLE_CLIP.read_bytes()
    assert studio is not None

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    async def act() -> None:
        interview = course.interview
        link = await sim.bot.app.interviews.link(interview.owner, interview.id, position)
        await studio.begin_upload(link, len(data))
        found = await sim.bot.app.deps.studio_links.get(link.id)
        assert found is not None
        await studio.append(found, 0, chunks())
        await studio.submit(found, shared=False)

    await sim.run_inside(act())
    await sim.env.settle()


def address_in(message: simcord.ResponseMessage) -> str:
    """Where the link of a message leads."""
    urls = [item.get("url") for row in message.components for item in row["components"]]
    return str(next(filter(None, urls)))


async def test_recorded_answers_and_a_file_lead_to_the_report(
    sim: StudioSimulation, vendor: TwelveLabsStandIn
) -> None:
    ask_back(vendor)
    card = await begin(sim)
    assert labels_of(card) == CARD
    course, studio = await latest(sim), sim.bot.app.studio
    assert studio is not None
    token = address_in(card).removeprefix(f"{URL}/studio#")

    async def read() -> tuple[object, ...]:
        return studio.pages.interviews.read(token)[:2]

    assert await sim.run_inside(read()) == (owner(sim.ada), course.interview.id)
    await record(sim, 0)
    assert "Interview · Question 2 of 3" in text_of(card)
    below = await answer(sim, card, label="Send a file instead")
    assert "One strength" in text_of(card)
    assert "Interview · Question 3 of 3" in text_of(below)
    await sim.restart()
    await record(sim, 4)
    assert "Follow-up to question" in text_of(below)
    await sim.ada.click(below, label="Finish")
    await sim.ada.click(below, label="Yes, finish")
    assert "This is about 3 of 4 questions: 1 not answered." in text_of(below).replace("\\", "")
    assert labels_of(below)[:4] == ["Question 1", "Question 2", "Question 3", "Open the studio"]
    [chart] = below.attachments
    assert chart.filename == "interview.png"
    assert "Question 1" in str(chart.description)
    assert below.embeds[0].image.url


async def test_after_a_long_break_the_button_brings_the_report(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    async with running(tmp_path, vendor, http_port=8080, public_url=URL, pace=SLOW) as sim:
        await sim.agree(sim.ada)
        card = await begin(sim, follow_up="none")
        await sim.env.advance_time(16 * 60)
        for position in (0, 2, 4):
            await record(sim, position)
        release(vendor)
        await sim.env.advance_time(61)
        assert (await latest(sim)).interview.state is InterviewState.FINISHED
        assert labels_of(card) == CARD  # Discord does not let it be changed any more
        await sim.ada.click(card, label="Show the report")
        assert labels_of(card)[:3] == ["Question 1", "Question 2", "Question 3"]
        shown = await sim.ada.slash(sim.channel, "interview show")
        assert labels_of(shown.response) == labels_of(card)
        assert sim.channel.history(viewer=sim.ben) == []


async def test_a_report_is_deleted_only_when_that_is_meant(
    sim: StudioSimulation, vendor: TwelveLabsStandIn
) -> None:
    card = await begin(sim, follow_up="none")
    await record(sim, 0)
    await sim.ada.click(card, label="Finish")
    await sim.ada.click(card, label="Yes, finish")
    await sim.ada.click(card, label="Delete")
    assert labels_of(card) == ["Yes, delete it", "Keep it"]
    assert "its 1 answer, with their results" in text_of(card)
    await sim.restart()
    await sim.ada.click(card, label="Keep it")
    assert labels_of(card)[-2:] == ["New interview", "Delete"]
    await sim.ada.click(card, label="Delete")
    await sim.ada.click(card, label="Yes, delete it")
    assert "the interview and its answers are gone" in text_of(card)
    assert await sim.attempts(sim.ada) == []
    assert await sim.bot.app.interviews.last(owner(sim.ada)) is None
    assert vendor.live_assets() == []


async def test_a_follow_up_to_a_single_result_is_asked_in_the_studio(
    sim: StudioSimulation, vendor: TwelveLabsStandIn
) -> None:
    ask_back(vendor)
    shown = await sim.analyze(sim.ada)
    [parent] = await sim.attempts(sim.ada)
    await sim.restart()
    asked = await sim.ada.click(reply(shown), label="Follow-up")
    assert "What came of it in the end?" in text_of(asked.response)
    await sim.env.advance_time(1)
    await sim.send(asked)
    newest, _ = await sim.attempts(sim.ada)
    assert newest.parent_id == parent.id
    again = await sim.ada.click(reply(shown), label="Follow-up")
    form = await sim.ada.click(reply(again), label="Send a file instead")
    await sim.env.advance_time(1)
    await sim.ada.submit_modal(form, {"clip": ("late.mp4", SAMPLE_CLIP.read_bytes())})
    newest, *_ = await sim.attempts(sim.ada)
    assert newest.parent_id == parent.id
