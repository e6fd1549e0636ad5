"""What a member looks back on: narrowed, in pages and in outline, and never another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.models import AttemptState, Failure
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.history import AttemptFilter, History, latest_at
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, ASSESSMENT, BEN, STRANGERS, admitted, assessed, ended

ALL = AttemptFilter()


@pytest.fixture
def history(database: Database) -> History:
    return History(database)


async def test_strangers_find_nothing(attempts: Attempts, history: History, clock: Clock) -> None:
    await assessed(attempts, clock.now)
    for stranger in STRANGERS:
        page = await history.page(stranger, ALL, size=10)
        assert (page.attempts, page.number, page.pages, page.total) == ((), 1, 1, 0)
        assert await history.outline(stranger) == []


async def test_only_assessed_attempts_count(
    attempts: Attempts, history: History, clock: Clock
) -> None:
    await admitted(attempts, clock.now)
    failure = Failure(code="x", sentence="Try again.")
    await ended(attempts, clock.now, AttemptState.FAILED, failure=failure)
    await ended(attempts, clock.now, AttemptState.CANCELLED)
    seen = await assessed(attempts, clock.now)
    page = await history.page(ANN, ALL, size=10)
    assert page.attempts == (seen,)
    assert [entry.id for entry in await history.outline(ANN)] == [seen.id]


async def test_pages_are_cut_newest_first_and_held_within_range(
    attempts: Attempts, history: History, clock: Clock
) -> None:
    made = [await assessed(attempts, clock.forward(hours=1)) for _ in range(5)][::-1]
    for asked, number, expected in ((1, 1, made[:2]), (3, 3, made[4:]), (0, 1, made[:2])):
        page = await history.page(ANN, ALL, size=2, number=asked)
        assert (list(page.attempts), page.number, page.pages) == (expected, number, 3)
    assert (await history.page(ANN, ALL, size=2, number=99)).number == 3


async def test_narrowed_by_question_and_by_moments_that_are_included(
    attempts: Attempts, history: History, clock: Clock
) -> None:
    made = [
        await assessed(attempts, clock.forward(days=1), question=question)
        for question in ("Why us?", "Else?", "why  US")
    ]
    asked = await history.page(ANN, AttemptFilter(question_key="why us"), size=10)
    assert asked.attempts == (made[2], made[0])
    first, last = made[1].created_at, made[2].created_at
    between = await history.page(ANN, AttemptFilter(since=first, until=last), size=10)
    assert between.attempts == (made[2], made[1])
    moment = timedelta(microseconds=1)
    inside = AttemptFilter(since=first + moment, until=last - moment)
    assert (await history.page(ANN, inside, size=10)).total == 0


async def test_an_outline_names_each_attempt(
    attempts: Attempts, history: History, clock: Clock
) -> None:
    made = await assessed(attempts, clock.now, question="Why us?")
    await assessed(attempts, clock.now, BEN)
    [entry] = await history.outline(ANN)
    assert (entry.id, entry.question, entry.created_at) == (made.id, "Why us?", made.created_at)
    assert (entry.engine, entry.overall) == (made.engine, ASSESSMENT.overall)


async def test_a_question_is_found_by_text_or_code(
    attempts: Attempts, history: History, clock: Clock
) -> None:
    for question in ("Why us?", "Why us", "Else?"):
        await assessed(attempts, clock.forward(hours=1), question=question)
    entries = await history.outline(ANN)
    found = latest_at(entries, " why US!")
    assert found is not None
    assert found.question == "Why us"
    assert latest_at(entries, found.code) == found
    assert latest_at(entries, "Never asked?") is None
    assert latest_at(entries, "") is None


async def test_what_was_said_is_read_newest_first_without_the_rest(
    history: History, attempts: Attempts, clock: Clock
) -> None:
    # more than one part of the stream
    made = [await assessed(attempts, clock.forward(seconds=1)) for _ in range(30)]
    silent = ASSESSMENT.model_copy(update={"transcript": ()})
    quiet = await admitted(attempts, clock.forward(seconds=1))
    await attempts.move(quiet, AttemptState.DELIVERED, assessment=silent)
    said = await history.said(ANN, AttemptFilter(), limit=100)
    assert [one.id for one in said] == [attempt.id for attempt in reversed(made)]
    assert said[0].sentences == (("Hello.", 0.1),)
    assert await history.said(BEN, AttemptFilter(), limit=100) == []
    assert len(await history.said(ANN, AttemptFilter(), limit=3)) == 2
