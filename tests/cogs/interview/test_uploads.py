"""An interview without a studio: a card a question, answered with files, one after the other."""

from __future__ import annotations

import pytest

from analyzer.interviews.course import Standing
from cogs.ui.buttons import Action, PracticeButton
from core.interviews import InterviewState
from core.models import AttemptState, ServerSettings
from tests.cogs.interview.courses import CARD, FOLLOW_UP, answer, ask_back, begin, latest, release
from tests.cogs.past_attempts import post_as_bot
from tests.cogs.simulation import CLIP, Simulation, labels_of, reply, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn


@pytest.fixture
async def sim(sim: Simulation) -> Simulation:
    await sim.agree(sim.ada)
    return sim


@pytest.fixture
async def slow_stage(slow_stage: Simulation) -> Simulation:
    await slow_stage.agree(slow_stage.ada)
    return slow_stage


async def test_the_whole_way_with_a_restart_a_follow_up_and_the_report(
    sim: Simulation, vendor: TwelveLabsStandIn
) -> None:
    ask_back(vendor)
    first = await begin(sim)
    course = await latest(sim)
    assert "Question 1 of 3" in text_of(first)
    assert "10 answers of your allowance left" in text_of(first)
    assert labels_of(first) == CARD
    await sim.restart()
    second = await answer(sim, first)
    assert "One strength" in text_of(first)  # the card has become the answer's own
    assert "Question 2 of 3" in text_of(second)
    assert "✓ Question 1 of 3: has its result" in text_of(second)
    third = await answer(sim, second)
    asked_back = await answer(sim, third)
    assert FOLLOW_UP in text_of(asked_back)
    assert "Follow-up to question 1" in text_of(asked_back)
    await sim.restart()
    report = await answer(sim, asked_back)
    course = await latest(sim)
    assert course.interview.state is InterviewState.FINISHED
    assert course.interview.reported_at is not None
    assert "Open" not in str(labels_of(report))
    assert labels_of(report) == [
        *("Question 1", "Follow-up to question 1", "Question 2", "Question 3"),
        *("New interview", "Delete"),
    ]
    attempts = {one.position or 0: one for one in course.attempts.values()}
    assert sorted(attempts) == [0, 1, 2, 4]
    assert attempts[1].parent_id == attempts[0].id
    assert not any(one.shared for one in attempts.values())
    opened = await sim.ada.click(report, label="Question 2")
    assert course.interview.questions[2].text in text_of(opened.response)
    assert sim.channel.history(viewer=sim.ben) == []


async def test_skipping_is_taken_back_and_the_last_question_is_asked_about(
    sim: Simulation,
) -> None:
    card = await begin(sim, follow_up="none")
    await sim.ada.click(card, label="Skip")
    assert "Question 2 of 3" in text_of(card)
    assert "Question 1 of 3: left out" in text_of(card)
    await sim.restart()
    await sim.ada.click(card, label="Bring back question 1")
    assert "Interview · Question 1 of 3" in text_of(card)
    for _ in range(2):
        await sim.ada.click(card, label="Skip")
    await sim.ada.click(card, label="Skip")
    assert "Finish the interview?" in text_of(card)
    await sim.ada.click(card, label="Go back")
    assert "Interview · Question 3 of 3" in text_of(card)
    await sim.ada.click(card, label="Skip")
    await sim.ada.click(card, label="Yes, finish")
    course = await latest(sim)
    assert course.interview.state is InterviewState.FINISHED
    assert labels_of(card) == ["New interview", "Delete"]


async def test_finishing_early_asks_first_and_stopping_can_be_taken_back(sim: Simulation) -> None:
    card = await answer(sim, await begin(sim, follow_up="none"))
    stopped = await sim.ada.slash(sim.channel, "interview stop")
    assert "Interview stopped" in text_of(stopped.response)
    await sim.restart()
    await sim.ada.click(reply(stopped), label="Go on")
    assert "Interview · Question 2 of 3" in text_of(stopped.response)
    await sim.ada.click(card, label="Finish")
    assert "2 questions would stay unanswered" in text_of(card)
    await sim.ada.click(card, label="Yes, finish")
    course = await latest(sim)
    assert course.interview.state is InterviewState.FINISHED
    assert labels_of(card) == ["Question 1", "New interview", "Delete"]
    assert "Interview · Question 2 of 3" not in text_of(stopped.response)  # told there as well


async def test_an_old_card_sends_nothing_twice(sim: Simulation) -> None:
    card = await begin(sim, follow_up="none")
    form = await sim.ada.click(card, label="Answer it")
    other = await sim.ada.click(card, label="Answer it")
    await sim.ada.submit_modal(form, {"clip": CLIP})
    again = await sim.ada.submit_modal(other, {"clip": CLIP})
    assert "has an answer already" in text_of(again.followups[-1])
    assert len(await sim.attempts(sim.ada)) == 1


async def test_an_answer_that_fails_is_said_and_sent_again(
    sim: Simulation, vendor: TwelveLabsStandIn
) -> None:
    first = await begin(sim, follow_up="none")
    second = await answer(sim, first)
    vendor.task_statuses = ("failed",)
    third = await answer(sim, second)
    assert labels_of(second) == ["Answer it again", "Delete"]
    assert "Question 2 of 3: no result" in text_of(third)
    vendor.task_statuses = ("ready",)
    await sim.restart()
    last = await answer(sim, third)
    assert "Question 2 of 3" in text_of(last)
    assert "has no result" in text_of(last)
    await sim.env.advance_time(1)  # of two answers the later one counts
    form = await sim.ada.click(second, label="Answer it again")
    await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "One strength" in text_of(second)
    assert labels_of(last) == ["Question 1", "Question 2", "Question 3", "New interview", "Delete"]
    assert (await latest(sim)).interview.state is InterviewState.FINISHED


async def test_results_that_are_awaited_come_to_the_same_message(
    slow_stage: Simulation, vendor: TwelveLabsStandIn
) -> None:
    sim = slow_stage
    card = await begin(sim, follow_up="none")
    for number in (2, 3):
        card = await answer(sim, card)
        assert f"Interview · Question {number} of 3" in text_of(card)
        assert "being assessed" in text_of(card)
    waiting = await answer(sim, card)
    assert "all questions are answered" in text_of(waiting)
    assert labels_of(waiting) == ["Show the report", "Finish"]
    release(vendor)
    await sim.env.advance_time(61)
    assert labels_of(waiting)[:3] == ["Question 1", "Question 2", "Question 3"]


async def test_an_interview_that_is_stopped_while_an_answer_is_assessed_keeps_the_answer(
    slow_stage: Simulation, vendor: TwelveLabsStandIn
) -> None:
    sim = slow_stage
    first = await begin(sim)
    card = await answer(sim, first)
    form = await sim.ada.click(card, label="Answer it")
    await sim.ada.click(card, label="Stop")
    late = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "has ended" in text_of(late.followups[-1])
    release(vendor)
    await sim.env.advance_time(61)
    assert "One strength" in text_of(first)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.state is AttemptState.DELIVERED
    assert (await latest(sim)).interview.state is InterviewState.STOPPED


async def test_a_member_who_leaves_halfway_loses_nothing(
    slow_stage: Simulation, vendor: TwelveLabsStandIn
) -> None:
    sim = slow_stage
    await answer(sim, await begin(sim))
    sim.env.backend.remove_member(sim.guild.id, sim.ada.id)
    release(vendor)
    await sim.env.advance_time(61)
    course = await latest(sim)
    assert len(course.with_standing(Standing.ASSESSED)) == 1
    assert course.interview.state is InterviewState.OPEN
    sim.ada = sim.guild.add_member(sim.ada_user)
    shown = await sim.ada.slash(sim.channel, "interview show")
    assert "Interview · Question 2 of 3" in text_of(shown.response)


async def test_others_cannot_use_the_buttons(sim: Simulation) -> None:
    card = await begin(sim)
    course = await latest(sim)
    subject = course.interview.id
    public = await post_as_bot(
        sim,
        sim.channel,
        PracticeButton(Action.INTERVIEW_STOP, subject),
        PracticeButton(Action.INTERVIEW_ANSWER, subject, position=0),
        PracticeButton(Action.INTERVIEW_DELETE_YES, subject),
        PracticeButton(Action.INTERVIEW_OPEN, subject),
    )
    await sim.agree(sim.ben)
    for label in ("Stop", "Answer it", "Yes, delete it", "Show it"):
        refused = await sim.ben.click(public, label=label)
        said = text_of(refused.followups[-1] if refused.followups else refused.response)
        assert "no longer kept" in said, label
    assert (await latest(sim)) == course
    assert labels_of(card) == CARD


async def test_the_servers_rules_hold_for_each_answer(sim: Simulation) -> None:
    card = await begin(sim)
    elsewhere = sim.guild.create_text_channel("only-here")
    rules = ServerSettings(channels=frozenset({elsewhere.id}))
    form = await sim.ada.click(card, label="Answer it")
    await sim.bot.app.deps.server_settings.set(sim.guild.id, rules)
    refused = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "practise in" in text_of(refused.followups[-1])
    assert labels_of(card) == CARD
    assert not (await latest(sim)).attempts
