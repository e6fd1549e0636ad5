"""Interviews in the database: one goes on at a time, and which answer of several counts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.interviews import FollowUps, Interview, InterviewQuestion, InterviewState
from core.models import AttemptState, Failure, Owner
from core.questions import AnswerKind
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.interviews import Interviews
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, BEN, admit, an_attempt, reply


def question(position: int, **others: int) -> InterviewQuestion:
    return InterviewQuestion(
        position=position, text=f"Number {position}?", kind=AnswerKind.BEHAVIOURAL, **others
    )


def interview(clock: Clock, number: int = 1, owner: Owner = ANN) -> Interview:
    return Interview(
        id=f"{number:016x}",
        owner=owner,
        channel_id=11,
        follow_ups=FollowUps.END,
        questions=(question(0), question(2)),
        reply=reply(clock() + timedelta(minutes=15)),
        created_at=clock(),
    )


async def begun(interviews: Interviews, clock: Clock, number: int = 1) -> Interview:
    made = interview(clock, number)
    assert await interviews.begin(made, since=clock() - timedelta(days=1))
    return made


async def test_it_comes_back_as_it_was_kept(database: Database, clock: Clock) -> None:
    interviews = Interviews(database, clock)
    made = await begun(interviews, clock)
    found = await interviews.get(ANN, made.id)
    assert found is not None
    assert (found.interview, found.attempts) == (made, {})
    assert await interviews.get(BEN, made.id) is None
    assert await interviews.page(ANN, size=3) == ([made], 1)


async def test_of_two_that_begin_at_the_same_time_one_does(
    database: Database, clock: Clock
) -> None:
    interviews = Interviews(database, clock)
    since = clock() - timedelta(days=1)
    both = [interviews.begin(interview(clock, number), since=since) for number in (1, 2)]
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert (await interviews.page(ANN, size=3))[1] == 1


async def test_of_several_answers_the_last_that_came_to_something_counts(
    database: Database, clock: Clock
) -> None:
    interviews, attempts = Interviews(database, clock), Attempts(database, clock)
    made = await begun(interviews, clock)
    ids = []
    for _ in range(3):
        attempt = an_attempt(clock.forward(minutes=1), interview_id=made.id, position=2)
        await admit(attempts, attempt)
        ids.append(attempt.id)
    failure = Failure(code="made_up", sentence="Made up.")
    last = await attempts.get(ANN, ids[2])
    assert last is not None
    await attempts.move(last, AttemptState.FAILED, failure=failure)
    found = await interviews.get(ANN, made.id)
    assert found is not None
    assert [one.attempt_id for one in found.interview.questions] == [None, ids[1]]
    assert list(found.attempts) == [ids[1]]
    assert [one.id for one in await interviews.answers(ANN, made.id)] == ids
    [listed], _ = await interviews.page(ANN, size=3)
    assert listed == found.interview


async def test_one_follow_up_stands_at_a_place_and_at_the_end_only_one_at_all(
    database: Database, clock: Clock
) -> None:
    interviews = Interviews(database, clock)
    made = await begun(interviews, clock)
    follow_ups = [question(1, follows=0), question(3, follows=2)]
    added = [interviews.add_question(made, one, only=True) for one in follow_ups]
    assert sorted(await asyncio.gather(*added)) == [False, True]
    assert not await interviews.add_question(made, follow_ups[0], only=True)
    found = await interviews.get(ANN, made.id)
    assert found is not None
    assert len(found.interview.questions) == 3
    assert await interviews.end(ANN, made.id, InterviewState.FINISHED)
    assert not await interviews.end(ANN, made.id, InterviewState.STOPPED)
    assert not await interviews.add_question(made, question(5, follows=4))


async def test_it_is_left_to_whoever_works_on_its_answers_until_those_have_ended(
    database: Database, clock: Clock
) -> None:
    interviews, attempts = Interviews(database, clock), Attempts(database, clock)
    made = await begun(interviews, clock)
    assert await interviews.unsettled() == [(ANN, made.id)]
    attempt = an_attempt(clock.forward(minutes=1), interview_id=made.id, position=0)
    await admit(attempts, attempt)
    assert await interviews.unsettled() == []
    await attempts.move(attempt, AttemptState.CANCELLED)
    assert await interviews.unsettled() == [(ANN, made.id)]
    await interviews.end(ANN, made.id, InterviewState.FINISHED)
    assert await interviews.unsettled() == [(ANN, made.id)]
    assert await interviews.reported(ANN, made.id)
    assert not await interviews.reported(ANN, made.id)
    assert await interviews.unsettled() == []
    found = await interviews.get(ANN, made.id)
    assert found is not None
    assert found.interview.reply is None
