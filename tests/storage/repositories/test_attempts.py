"""Attempts: moved one row update a step and found by their owner alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import Superseded
from core.models import AttemptState, DeliveredVia, Failure
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from tests.storage.conftest import ON_POSTGRES, ON_SQLITE, Clock
from tests.storage.samples import (
    ANN,
    ASSESSMENT,
    BEN,
    FACTS,
    REFS,
    STRANGERS,
    admitted,
    an_attempt,
    assessed,
    columns,
    ended,
    reply,
)


async def test_every_field_comes_back(attempts: Attempts, clock: Clock) -> None:
    attempt = await admitted(attempts, clock.now)
    changes: dict[str, Any] = {
        "shared": True,
        "reply": reply(clock.now).model_copy(update={"message_id": 2**61}),
        "facts": FACTS,
        "refs": REFS,
        "assessment": ASSESSMENT,
        "failure": Failure(code="x", sentence="Try again."),
        "delivered_via": DeliveredVia.CHANNEL,
        "shared_message_id": 2**61 + 1,
        "shared_channel_id": 2**61 + 2,
        "cleaned_at": clock.now,
    }
    moved = await attempts.move(attempt, AttemptState.DELIVERED, **changes)
    assert moved == attempt.model_copy(update=changes | {"state": AttemptState.DELIVERED})
    assert await attempts.get(ANN, attempt.id) == moved


async def test_attempts_that_were_read_share_their_names_but_no_changes(
    attempts: Attempts, clock: Clock
) -> None:
    one, other = [
        await attempts.get(ANN, (await admitted(attempts, clock.now)).id) for _ in range(2)
    ]
    assert one
    assert other
    assert one.model_fields_set is other.model_fields_set
    changed = one.model_copy(update={"unknown": 1})
    assert "unknown" not in other.model_fields_set
    assert changed.model_fields_set - other.model_fields_set == {"unknown"}


async def test_strangers_find_nothing(attempts: Attempts, clock: Clock) -> None:
    attempt = await assessed(attempts, clock.now)
    for stranger in STRANGERS:
        theirs = attempt.model_copy(update={"owner": stranger})
        later = an_attempt(clock.now + timedelta(hours=1), stranger)
        assert await attempts.get(stranger, attempt.id) is None
        assert await attempts.history(stranger, limit=10) == []
        assert await attempts.previous(later) is None
        assert await attempts.questions(stranger, "", 10) == []
        assert await attempts.delete(stranger, attempt.id) is None
        with pytest.raises(Superseded):
            await attempts.change(theirs, shared=True)
        with pytest.raises(Superseded):
            await attempts.move(theirs, AttemptState.DELIVERED)
    assert await attempts.get(ANN, attempt.id) == attempt


async def test_stale_step_is_superseded_and_changes_nothing(
    attempts: Attempts, clock: Clock
) -> None:
    stale = await admitted(attempts, clock.now)
    cancelled = await attempts.move(stale, AttemptState.CANCELLED)
    with pytest.raises(Superseded):
        await attempts.move(stale, AttemptState.FETCHED, facts=FACTS)
    with pytest.raises(Superseded):
        await attempts.change(stale, refs=REFS)
    assert await attempts.get(ANN, stale.id) == cancelled


async def test_step_on_a_deleted_attempt_is_superseded(attempts: Attempts, clock: Clock) -> None:
    attempt = await admitted(attempts, clock.now)
    await attempts.delete(ANN, attempt.id)
    with pytest.raises(Superseded):
        await attempts.move(attempt, AttemptState.FETCHED)


async def test_step_keeps_what_others_changed_meanwhile(attempts: Attempts, clock: Clock) -> None:
    before = await admitted(attempts, clock.now)
    await attempts.change(before, refs=REFS)
    assert (await attempts.move(before, AttemptState.FETCHED, facts=FACTS)).refs == REFS


async def test_moves_are_dated_and_the_end_too(
    attempts: Attempts, database: Database, clock: Clock
) -> None:
    begun = clock.now
    attempt = await admitted(attempts, begun)
    fetched = await attempts.move(attempt, AttemptState.FETCHED)
    assert (await columns(database, attempt))["ended_at"] is None
    clock.forward(minutes=1)
    failed = await attempts.move(fetched, AttemptState.FAILED)
    clock.forward(minutes=1)
    await attempts.change(failed, cleaned_at=clock.now)
    row = await columns(database, attempt)
    assert (row["created_at"], row["ended_at"], row["updated_at"]) == (
        begun,
        begun + timedelta(minutes=1),
        begun + timedelta(minutes=2),
    )


async def test_overall_stands_beside_the_assessment(
    attempts: Attempts, database: Database, clock: Clock
) -> None:
    attempt = await assessed(attempts, clock.now)
    assert (await columns(database, attempt))["overall"] == ASSESSMENT.overall == 6.2
    assert (await attempts.change(attempt, assessment=None)).assessment is None
    assert (await columns(database, attempt))["overall"] is None


async def test_token_is_in_its_own_column_only(
    attempts: Attempts, database: Database, clock: Clock
) -> None:
    row = await columns(database, await admitted(attempts, clock.now))
    assert [name for name, value in row.items() if "interaction-token" in str(value)] == [
        "reply_token"
    ]


async def test_history_is_the_assessed_attempts_newest_first(
    attempts: Attempts, clock: Clock
) -> None:
    made = [await assessed(attempts, clock.forward(hours=1)) for _ in range(4)]
    await ended(attempts, clock.forward(hours=1), AttemptState.FAILED)
    newest_first = made[::-1]
    assert await attempts.history(ANN, limit=10) == newest_first
    assert await attempts.history(ANN, limit=2, offset=1) == newest_first[1:3]


async def test_previous_is_the_latest_assessed_attempt_at_the_same_question_before(
    attempts: Attempts, clock: Clock
) -> None:
    first = await assessed(attempts, clock.forward(hours=1), question="Why us?")
    second = await assessed(attempts, clock.forward(hours=1), question="WHY  us")
    await assessed(attempts, clock.forward(hours=1), question="Why you?")
    await ended(attempts, clock.forward(hours=1), AttemptState.FAILED)
    third = await assessed(attempts, clock.forward(hours=1), question="why us?!")
    assert await attempts.previous(third) == second
    assert await attempts.previous(second) == first
    assert await attempts.previous(first) is None


async def test_questions_are_each_told_once_as_last_typed_most_recent_first(
    attempts: Attempts, clock: Clock
) -> None:
    for question in ("Why us?", "Your plan", "WHY us", "100% sure_?"):
        await admitted(attempts, clock.forward(hours=1), question=question)
    await admitted(attempts, clock.now, BEN, question="Why Ben?")
    assert await attempts.questions(ANN, "", 10) == ["100% sure_?", "WHY us", "Your plan"]
    assert await attempts.questions(ANN, "", 2) == ["100% sure_?", "WHY us"]
    assert await attempts.questions(ANN, "wHy  U", 10) == ["WHY us"]
    assert await attempts.questions(ANN, "%", 10) == ["100% sure_?"]
    assert await attempts.questions(ANN, "sure_", 10) == ["100% sure_?"]
    assert await attempts.questions(ANN, "s_re", 10) == []


async def test_typed_letters_match_in_any_case_beyond_ascii(
    attempts: Attempts, clock: Clock
) -> None:
    await admitted(attempts, clock.now, question="Was ist Ihre größte STÄRKE?")
    assert await attempts.questions(ANN, "GRÖSSTE stärke", 10) == ["Was ist Ihre größte STÄRKE?"]


async def test_unfinished_are_those_to_go_on_with_or_to_tell_of_oldest_first(
    attempts: Attempts, clock: Clock
) -> None:
    untold = await ended(attempts, clock.now, AttemptState.FAILED)
    analyzing = await ended(attempts, clock.forward(hours=1), AttemptState.ANALYZING, BEN)
    done = await assessed(attempts, clock.forward(hours=1))
    for state in (AttemptState.DELIVERED, AttemptState.FAILED):
        await ended(attempts, clock.now, state, delivered_via=DeliveredVia.REPLY)
    await ended(attempts, clock.now, AttemptState.CANCELLED)
    assert await attempts.unfinished() == [(ANN, untold.id), (BEN, analyzing.id), (ANN, done.id)]
    assert await attempts.open_ids() == {analyzing.id, done.id}


async def test_uncleaned_are_the_ended_ones_that_left_something(
    attempts: Attempts, clock: Clock
) -> None:
    await admitted(attempts, clock.now)
    failed = await ended(attempts, clock.now, AttemptState.FAILED)
    delivered = await ended(attempts, clock.forward(hours=1), AttemptState.DELIVERED, BEN)
    assert await attempts.uncleaned() == [(ANN, failed.id), (BEN, delivered.id)]
    await attempts.change(failed, cleaned_at=clock.now)
    assert await attempts.uncleaned() == [(BEN, delivered.id)]


@pytest.fixture
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What the database is asked while the test runs."""
    seen: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        seen.append((call[2], call[3]))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def look_ups(
    attempts: Attempts, clock: Clock, statements: list[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """The statements with which attempts are looked up."""
    attempt = an_attempt(clock.now)
    await admitted(attempts, clock.now)
    await attempts.history(ANN, limit=10)
    await attempts.previous(attempt)
    await attempts.unfinished()
    await attempts.uncleaned()
    await attempts.open_ids()
    asked = [one for one in statements if one[0].startswith("SELECT") and "FROM" in one[0]]
    asked = [one for one in asked if "FROM meta" not in one[0]]  # by its primary key
    assert len(asked) == 6
    return asked


@ON_SQLITE
async def test_look_ups_go_through_indexes_on_sqlite(
    attempts: Attempts, database: Database, clock: Clock, statements: list[tuple[str, Any]]
) -> None:
    for asked, values in await look_ups(attempts, clock, statements):
        async with database.read() as connection:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)
            steps = [row.detail for row in plan]
        assert any("USING" in step and "INDEX ix_" in step for step in steps), asked
        assert not [step for step in steps if step.startswith("SCAN")], asked


@ON_POSTGRES
async def test_look_ups_go_through_indexes_on_postgres(
    attempts: Attempts, database: Database, clock: Clock, statements: list[tuple[str, Any]]
) -> None:
    for asked, values in await look_ups(attempts, clock, statements):
        async with database.read() as connection:
            # Without rows it would not bother: this asks whether it could
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = await connection.exec_driver_sql(f"EXPLAIN {asked}", values)
            steps = "\n".join(row[0] for row in plan)
        assert " on ix_" in steps or " using ix_" in steps, asked
        assert "Seq Scan" not in steps, asked
