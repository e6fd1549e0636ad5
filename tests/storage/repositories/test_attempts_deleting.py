"""Deleting: nothing of an attempt stays but what the sweep needs, and no token outlives its use."""

from __future__ import annotations

import pytest

from core.assessment import EngineName
from core.models import AttemptState, DeliveredVia, VendorRefs
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.attempts import Attempts
from storage.repositories.pending_deletions import PendingDeletions
from tests.storage.conftest import Clock
from tests.storage.leaderboard.boards import assert_counts_agree, best_of, practised, standings
from tests.storage.samples import ANN, BEN, REFS, admitted, columns, ended, reply


async def test_deleting_leaves_vendor_ids_to_the_sweep(
    attempts: Attempts, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    attempt = await admitted(attempts, clock.now)
    attempt = await attempts.change(attempt, refs=REFS)
    assert await attempts.delete(ANN, attempt.id) == attempt
    assert await attempts.get(ANN, attempt.id) is None
    assert await attempts.delete(ANN, attempt.id) is None
    (left,) = await pending_deletions.all()
    assert (left.attempt_id, left.engine, left.refs) == (attempt.id, attempt.engine, REFS)
    await pending_deletions.done(left.id)
    await pending_deletions.done(left.id)
    assert await pending_deletions.all() == []


async def test_vendor_ids_that_came_too_late_wait_for_the_sweep(
    pending_deletions: PendingDeletions,
) -> None:
    await pending_deletions.add("a" * 16, EngineName.TWELVELABS, REFS)
    await pending_deletions.add("a" * 16, EngineName.LOCAL, VendorRefs())
    first, second = await pending_deletions.all()
    assert (first.attempt_id, first.engine, first.refs) == ("a" * 16, EngineName.TWELVELABS, REFS)
    assert (second.engine, second.refs) == (EngineName.LOCAL, VendorRefs())
    await pending_deletions.done(first.id)
    assert await pending_deletions.all() == [second]


async def test_deleting_a_cleaned_attempt_leaves_nothing(
    attempts: Attempts, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    attempt = await ended(
        attempts, clock.now, AttemptState.DELIVERED, refs=REFS, cleaned_at=clock.now
    )
    assert await attempts.delete(ANN, attempt.id) == attempt
    assert await pending_deletions.all() == []


async def test_purge_deletes_old_ended_attempts_of_everybody(
    attempts: Attempts, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    under_way = await admitted(attempts, clock.now)
    dirty = await ended(attempts, clock.now, AttemptState.DELIVERED)
    await ended(attempts, clock.now, AttemptState.FAILED, BEN, cleaned_at=clock.now)
    limit = clock.forward(days=90)
    young = await ended(attempts, limit, AttemptState.DELIVERED)
    assert await attempts.purge(limit) == 2
    assert await attempts.get(ANN, under_way.id) == under_way
    assert await attempts.get(ANN, young.id) == young
    assert [(left.attempt_id, left.refs) for left in await pending_deletions.all()] == [
        (dirty.id, VendorRefs())
    ]
    assert await attempts.purge(limit) == 0


async def test_purge_goes_in_parts_and_the_board_follows_each(
    attempts: Attempts,
    board: Board,
    database: Database,
    pending_deletions: PendingDeletions,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.repositories.attempts._PURGED_AT_ONCE", 2)
    await board.join(ANN)
    await board.join(BEN)
    for value in (9, 8, 7):
        for owner in (ANN, BEN):
            await practised(attempts, clock, owner, value)
    limit = clock.forward(days=90)
    await practised(attempts, clock, BEN, 6)
    assert await attempts.purge(limit) == 6
    assert len(await pending_deletions.all()) == 6
    assert await standings(database, ANN) == set()
    assert set((await best_of(database, BEN)).values()) == {6}
    await assert_counts_agree(database)


async def test_tokens_go_when_the_owner_was_told_or_they_died(
    attempts: Attempts, database: Database, clock: Clock
) -> None:
    told = DeliveredVia.REPLY
    gone = [
        await ended(attempts, clock.now, AttemptState.DELIVERED, delivered_via=told),
        await ended(attempts, clock.now, AttemptState.FAILED, delivered_via=told),
        await ended(attempts, clock.now, AttemptState.CANCELLED),
        await admitted(attempts, clock.now, reply=reply(clock.now)),
    ]
    kept = [
        await ended(attempts, clock.now, AttemptState.FAILED),
        await admitted(attempts, clock.now),
    ]
    assert await attempts.forget_tokens(clock.now) == len(gone)
    for attempt in gone:
        row = await columns(database, attempt)
        assert [row[name] for name in row if name.startswith("reply_")] == [None] * 4
        assert await attempts.get(ANN, attempt.id) == attempt.model_copy(update={"reply": None})
    for attempt in kept:
        assert await attempts.get(ANN, attempt.id) == attempt
    assert await attempts.forget_tokens(clock.now) == 0
