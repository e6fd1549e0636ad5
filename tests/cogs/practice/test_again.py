"""The same question again from Discord, the studio first and a file second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import simcord

from core.models import AttemptState
from tests.cogs.past_attempts import remember
from tests.cogs.practice.test_practice import QUESTION, URL, StudioSimulation, running, token_of
from tests.cogs.questions.banks import fill
from tests.cogs.simulation import CLIP, SLOW, labels_of, owner, reply, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn

WAYS = ["Open the studio", "Get result", "Send a file instead"]


@pytest.fixture
async def sim(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[StudioSimulation]:
    async with running(tmp_path, vendor, http_port=8080, public_url=URL) as sim:
        await sim.agree(sim.ada)
        yield sim


async def leads_in(
    sim: StudioSimulation, shown: simcord.InteractionResult, question: str | None = None
) -> None:
    """See that an answer is a private card that leads into the studio."""
    assert shown.ephemeral
    assert labels_of(shown.response) == WAYS
    link = await sim.link_of(shown)
    assert link.owner == owner(sim.ada)
    assert question in (None, link.question)


async def test_the_result_keeps_its_way_to_the_studio_and_leads_to_the_question_again(
    sim: StudioSimulation,
) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.send(shown)
    assert labels_of(shown.response)[:2] == ["Try again", "Open the studio"]
    studio = sim.bot.app.studio
    assert studio is not None
    [attempt] = await sim.attempts(sim.ada)
    link, found = await sim.run_inside(studio.find(token_of(shown)))
    assert (found, link.attempt_id) == (attempt, attempt.id)
    await sim.restart()
    await sim.env.advance_time(60)
    again = await sim.ada.click(reply(shown), label="Try again")
    await leads_in(sim, again, QUESTION)
    await sim.send(again)
    assert "Since your last attempt" in text_of(again.response)
    assert len(await sim.attempts(sim.ada)) == 2


async def test_a_clip_from_discord_has_a_page_that_only_shows_it(sim: StudioSimulation) -> None:
    shown = await sim.analyze(sim.ada)
    [attempt] = await sim.attempts(sim.ada)
    studio = sim.bot.app.studio
    assert studio is not None
    found = await sim.run_inside(studio.result(token_of(shown)))
    assert found is not None
    assert found[0] == attempt
    listed = await sim.ada.slash(sim.channel, "history")
    opened = await sim.ada.click(reply(listed), label="Show 1")
    found = await sim.run_inside(studio.result(token_of(opened)))
    assert found is not None
    assert found[0].id == attempt.id


async def test_a_public_message_holds_no_address(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.send(shown, shared=True)
    [public] = sim.channel.history(viewer=sim.ben)
    assert "#" not in str([each.to_dict() for each in public.components])
    stranger = await sim.ben.click(public, label="Open the studio")
    assert "Only the person who made" in text_of(stranger.response)
    mine = await sim.ada.click(public, label="Open the studio")
    assert mine.ephemeral
    studio = sim.bot.app.studio
    assert studio is not None
    [attempt] = await sim.attempts(sim.ada)
    assert (await sim.run_inside(studio.find(token_of(mine))))[1] == attempt


async def test_get_result_finds_what_was_sent_in_with_a_later_try(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    link = await sim.link_of(shown)
    await sim.bot.app.deps.studio_links.reopen(link, "f" * 16)
    still = await sim.ada.click(reply(shown), label="Get result")
    assert "You haven't sent in an answer yet." in text_of(still.response)
    await sim.send(shown)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.id == "f" * 16
    result = await sim.ada.click(reply(shown), label="Get result")
    assert "One strength" in text_of(result.response)


async def test_stopping_in_discord_leaves_a_way_on(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    settings: dict[str, Any] = {"http_port": 8080, "public_url": URL, "pace": SLOW}
    async with running(tmp_path, vendor, **settings) as sim:
        await sim.agree(sim.ada)
        shown = await sim.practise(sim.ada, question=QUESTION)
        link = await sim.link_of(shown)
        await sim.send(shown)
        await sim.ada.click(reply(shown), label="Cancel")
        attempt = await sim.bot.app.deps.attempts.get(owner(sim.ada), link.id)
        assert attempt.state is AttemptState.CANCELLED
        assert labels_of(shown.response) == ["Try again", "Delete"]
        again = await sim.ada.click(reply(shown), label="Try again")
        await leads_in(sim, again, QUESTION)


async def test_answer_it_leads_to_the_studio_and_a_file_comes_second(
    sim: StudioSimulation,
) -> None:
    await fill(sim, sim.ada, QUESTION, tags="sailing")
    asked = await sim.ada.slash(sim.channel, "question ask", tag="sailing")
    assert "in the studio" in text_of(asked.response)
    shown = await sim.ada.click(reply(asked), label="Answer it")
    await leads_in(sim, shown, QUESTION)
    await sim.restart()
    form = await sim.ada.click(reply(shown), label="Send a file instead")
    answered = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "One strength" in text_of(answered.response)
    [attempt] = await sim.attempts(sim.ada)
    assert (attempt.question, attempt.source.name) == (QUESTION, "answer.mp4")


@pytest.mark.parametrize("command", ["history", "progress", "compare"])
async def test_where_there_is_nothing_yet_a_button_begins(
    sim: StudioSimulation, command: str
) -> None:
    shown = await sim.ada.slash(sim.channel, command)
    assert labels_of(shown.response) == ["Practise now"]
    begun = await sim.ada.click(reply(shown), label="Practise now")
    await leads_in(sim, begun)


@pytest.mark.parametrize("command", ["progress", "compare"])
async def test_one_answer_is_one_too_few_and_leads_to_the_same_question(
    sim: StudioSimulation, command: str
) -> None:
    await remember(sim, sim.ada, days_ago=1, question=QUESTION)
    shown = await sim.ada.slash(sim.channel, command)
    assert labels_of(shown.response) == ["Try again"]
    again = await sim.ada.click(reply(shown), label="Try again")
    await leads_in(sim, again, QUESTION)


async def test_without_a_studio_the_form_says_how_large_a_file_may_be(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor) as sim:
        await sim.agree(sim.ada)
        shown = await sim.practise(sim.ada, question=QUESTION)
        assert "Discord takes files up to 25 MB here" in text_of(shown.response)
        form = await sim.ada.click(reply(shown), label="Send a file")
        assert "Your clip, up to 25 MB" in str(form.modal)
        assert "Discord takes files up to 25 MB here" in str(form.modal)


async def test_with_a_studio_it_is_named_for_what_is_larger(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    form = await sim.ada.click(reply(shown), label="Send a file instead")
    assert "Discord takes files up to 25 MB here" in str(form.modal)
    assert "its studio takes up to 200 MB" in str(form.modal)


async def test_what_is_taken_back_has_its_address_in_private_only(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.send(shown)
    await sim.ada.click(reply(shown), label="Share")
    [public] = sim.channel.history(viewer=sim.ben)
    for message in (public, reply(shown)):  # both show a result that everybody sees
        assert "gr:studio:" in str(message.components)
        assert "/studio#" not in str(message.components)
    await sim.ada.click(reply(shown), label="Unshare")
    assert "/studio#" in str(reply(shown).components)
    assert sim.channel.history(viewer=sim.ben) == []
