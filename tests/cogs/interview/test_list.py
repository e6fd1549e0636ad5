"""`/interview list`, `show` and `stop`, and what `/history` and `/compare` know of interviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cogs.ui.buttons import may_be_followed_up
from core.interviews import FollowUps, Interview, InterviewQuestion, QuestionOrigin
from core.models import Attempt, new_id
from core.questions import AnswerKind
from tests.cogs.interview.courses import FOLLOW_UP, ask_back
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import CLIP, Simulation, labels_of, owner, reply, text_of
from tests.cogs.ui import samples as made

FIRST, SECOND = "How do you plan a day?", "How do you end one?"


async def keep(sim: Simulation, *, days_ago: float = 0) -> Interview:
    """An interview of Ada's that is over, with two questions and a follow-up to the first."""
    asked = ((0, FIRST, None), (1, FOLLOW_UP, 0), (2, SECOND, None))
    interview = Interview(
        id=new_id(),
        owner=owner(sim.ada),
        channel_id=sim.channel.id,
        follow_ups=FollowUps.END,
        questions=tuple(
            InterviewQuestion(
                position=position,
                text=text,
                kind=AnswerKind.SITUATIONAL,
                origin=QuestionOrigin.BANK if follows is None else QuestionOrigin.FOLLOW_UP,
                follows=follows,
            )
            for position, text, follows in asked
        ),
        created_at=sim.env.now() - timedelta(days=days_ago),
    )
    assert await sim.bot.app.deps.interviews.begin(interview, since=sim.env.now())
    return interview


async def test_thirty_interviews_are_in_pages(sim: Simulation) -> None:
    for number in range(30):
        await keep(sim, days_ago=2 + number)
    shown = await sim.ada.slash(sim.channel, "interview list")
    assert shown.ephemeral
    assert "Page 1 of 6" in text_of(shown.response)
    assert labels_of(shown.response) == [*(f"Show {place}" for place in range(1, 6)), "Next"]
    await sim.restart()
    for _ in range(5):
        await sim.ada.click(reply(shown), label="Next")
    assert "Page 6 of 6" in text_of(shown.response)
    opened = await sim.ada.click(reply(shown), label="Show 5")
    assert opened.ephemeral
    assert "Interview stopped" in text_of(opened.response)
    assert labels_of(opened.response) == ["New interview", "Delete"]  # too late to go on
    others = await sim.ben.slash(sim.channel, "interview list")
    assert "You have no interview here yet" in text_of(others.response)
    elsewhere = await sim.ada_elsewhere.slash(sim.other_channel, "interview show")
    assert "You have no interview here yet" in text_of(elsewhere.response)


async def test_where_there_is_none_a_button_begins(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    stopped = await sim.ada.slash(sim.channel, "interview stop")
    assert "No interview of yours goes on here" in text_of(stopped.response)
    shown = await sim.ada.slash(sim.channel, "interview show")
    assert labels_of(shown.response) == ["New interview"]
    begun = await sim.ada.click(reply(shown), label="New interview")
    assert "Interview · Question 1 of 3" in text_of(begun.response)


async def answers(sim: Simulation) -> tuple[Interview, Attempt, Attempt]:
    """An interview of an hour ago, with an answer and one to its follow-up."""
    interview = await keep(sim, days_ago=1.5)
    within: dict[str, Any] = {"interview_id": interview.id}
    parent = await remember(sim, sim.ada, days_ago=1.4, question=FIRST, position=0, **within)
    child = await remember(
        sim, sim.ada, days_ago=1.3, question=FOLLOW_UP, position=1, parent_id=parent.id, **within
    )
    return interview, parent, child


async def test_history_shows_the_answers_of_an_interview_together(sim: Simulation) -> None:
    interview, parent, _ = await answers(sim)
    await remember(sim, sim.ada, days_ago=1, question="And then?", parent_id=parent.id)
    await remember(sim, sim.ada, days_ago=0.5, question="Alone?", parent_id="f" * 16)
    text = text_of((await sim.ada.slash(sim.channel, "history")).response)
    assert text.count("Interview of <t:") == 1
    order = ("Alone?", "And then?", "Interview of", FOLLOW_UP, FIRST)
    places = [text.rindex(part) if part == FIRST else text.index(part) for part in order]
    assert places == sorted(places)
    assert f"Interview of <t:{int(interview.created_at.timestamp())}:D>" in text
    assert "question 1 of 2" in text
    assert "follow-up to question 1" in text
    assert f"follow-up to “{FIRST}”" in text
    assert "follow-up to a deleted answer" in text


async def test_compare_knows_a_follow_up_and_its_parent(sim: Simulation) -> None:
    _, parent, child = await answers(sim)
    found = await sim.ada.slash(sim.channel, "compare")
    assert f"The follow-up to “{FIRST}”" in text_of(found.response)
    offered = await sim.ada.autocomplete(sim.channel, "compare", "first", "", second=parent.id)
    assert [choice["value"] for choice in offered] == [child.id]
    assert "follow-up: " in offered[0]["name"]
    picked = await sim.ada.slash(sim.channel, "compare", first=child.id, second=parent.id)
    assert "The follow-up to" in text_of(picked.response)
    other = await remember(sim, sim.ada, days_ago=0.1, question=SECOND)
    refused = await sim.ada.slash(sim.channel, "compare", first=child.id, second=other.id)
    assert "answers to different questions" in text_of(refused.response)


async def test_a_follow_up_is_answered_with_a_file_where_there_is_no_studio(
    sim: Simulation,
) -> None:
    ask_back(sim.vendor)
    shown = await sim.analyze(sim.ada)
    await sim.ada.click(reply(shown), label="I agree")
    [parent] = await sim.attempts(sim.ada)
    await sim.bot.app.deps.consents.withdraw(owner(sim.ada))
    await sim.restart()
    await sim.env.advance_time(1)
    form = await sim.ada.click(reply(shown), label="Follow-up")
    assert FOLLOW_UP in str(form.modal)
    asked = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "Before your first clip" in text_of(asked.response)
    await sim.ada.click(reply(asked), label="I agree")
    newest, _ = await sim.attempts(sim.ada)
    assert (newest.question, newest.parent_id) == (FOLLOW_UP, parent.id)
    await sim.bot.app.deletion.delete(parent.owner, parent.id)
    gone = await sim.ada.click(reply(shown), label="Follow-up")
    assert "Only the person who made this attempt" in text_of(gone.response)


def test_a_result_without_anything_missing_has_no_follow_up() -> None:
    assert not may_be_followed_up(made.attempt(made.assessment()))
    assert may_be_followed_up(made.attempt(made.assessment(follow_up=FOLLOW_UP)))
    assert not may_be_followed_up(made.attempt(None))
