"""How an interview begins: what it is about, consent, the allowance, and what else stands open."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.assessment import Metric
from core.interviews import FollowUps
from tests.cogs.interview.courses import CARD, answer, begin, latest
from tests.cogs.simulation import Simulation, labels_of, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn


async def test_consent_comes_first_and_agreeing_goes_on(sim: Simulation) -> None:
    card = await begin(sim)
    assert "Before your first clip" in text_of(card)
    await sim.restart()
    await sim.ada.click(card, label="I agree")
    assert "Interview · Question 1 of 3" in text_of(card)
    assert labels_of(card) == CARD
    await answer(sim, card)


async def test_not_now_keeps_nothing(sim: Simulation) -> None:
    card = await begin(sim)
    await sim.ada.click(card, label="Not now")
    assert "nothing has begun" in text_of(card)
    assert await sim.bot.app.interviews.last(owner(sim.ada)) is None
    assert await sim.bot.app.deps.requests.export(owner(sim.ada)) == {"requests": []}


async def test_who_never_agreed_is_asked_again_by_show(sim: Simulation) -> None:
    await begin(sim)
    shown = await sim.ada.slash(sim.channel, "interview show")
    assert "Before your first clip" in text_of(shown.response)
    await sim.ada.click(reply(shown), label="I agree")
    assert "Interview · Question 1 of 3" in text_of(shown.response)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("   \t ", "Write in a few words which role it is"),
        ("\N{GRINNING FACE}" * 4000, "Write in a few words which role it is"),
    ],
)
async def test_an_about_that_says_nothing_gets_one_sentence(
    sim: Simulation, about: str, said: str
) -> None:
    await sim.agree(sim.ada)
    form = await sim.ada.slash(sim.channel, "interview start", paste=True)
    await sim.restart()
    refused = await sim.ada.submit_modal(form, {"about": about})
    assert refused.ephemeral
    assert said in text_of(refused.response)
    assert await sim.bot.app.interviews.last(owner(sim.ada)) is None


async def test_two_at_once_are_one_too_many(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await begin(sim)
    one = await latest(sim)
    second = await begin(sim)
    assert "an interview that goes on" in text_of(second)
    assert (await latest(sim)) == one
    await sim.restart()
    await sim.ada.click(second, label="Go on")
    assert "Interview · Question 1 of 3" in text_of(second)
    await sim.ada.click(second, label="Stop")
    await sim.env.advance_time(1)  # of two interviews the later one is the latest
    third = await begin(sim)
    assert "Interview · Question 1 of 3" in text_of(third)
    new = await latest(sim)
    asked = {one.text for one in (await latest(sim)).interview.questions}
    assert not asked & {question.text for question in one.interview.questions}
    refused = await sim.ada.click(second, label="Go on")
    assert "Another interview goes on" in text_of(refused.followups[-1])
    assert (await latest(sim)) == new


@pytest.mark.parametrize(
    ("allowed", "options", "label", "follow_ups"),
    [
        (3, {}, "Begin with 3 questions", FollowUps.NONE),
        (2, {"questions": 5}, "Begin with 2 questions", FollowUps.NONE),
        (4, {"questions": 3, "follow_up": "each"}, "Begin with 3 questions", FollowUps.END),
    ],
)
async def test_a_shorter_one_is_offered_where_the_allowance_would_not_do(
    tmp_path: Path,
    vendor: TwelveLabsStandIn,
    allowed: int,
    options: dict[str, object],
    label: str,
    follow_ups: FollowUps,
) -> None:
    async with running(tmp_path, vendor, daily_attempts_per_member=allowed) as sim:
        await sim.agree(sim.ada)
        card = await begin(sim, **options)
        assert f"{allowed} answers of your allowance are left" in text_of(card)
        assert labels_of(card) == [label, "Not now"]
        await sim.restart()
        await sim.ada.click(card, label=label)
        assert "Interview · Question 1 of" in text_of(card)
        assert (await latest(sim)).interview.follow_ups is follow_ups


async def test_one_answer_left_is_no_interview_and_none_is_a_date(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as sim:
        await sim.agree(sim.ada)
        card = await begin(sim)
        assert "an interview takes 2 at least" in text_of(card)
        assert labels_of(card) == ["Practise now"]
        await sim.analyze(sim.ada)
        assert "The next one is possible <t:" in text_of(await begin(sim))


async def test_who_has_switched_off_every_metric_is_told_so(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.bot.app.deps.member_settings.change(owner(sim.ada), metrics_off=frozenset(Metric))
    assert "Every metric is switched off" in text_of(await begin(sim))


async def test_in_direct_messages_too(sim: Simulation) -> None:
    shown = await sim.ada_user.slash("interview start")
    assert "Before your first clip" in text_of(shown.response)
