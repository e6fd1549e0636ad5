"""What several processes do at the same moment: each case ends as if one had come after the other.

Every process is a `Database` of its own, which shares nothing with the others but file or server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text

from core.assessment import EngineName
from core.errors import Superseded
from core.models import AttemptState, Owner, Request, ServerSettings
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.leaderboard.updates import restate
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.metadata import Metadata
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.vendor_usage import VendorUsage
from storage.tables import attempts as attempts_table
from storage.tables import consents as consents_table
from tests.storage.conftest import ON_POSTGRES, Clock
from tests.storage.leaderboard.boards import assert_counts_agree, practised, scored, standings
from tests.storage.samples import ANN, BEN, CLIP, REFS, admit, admitted, an_attempt, assessed, ended

ROUNDS = 6


@pytest.fixture
async def sides(url: str) -> AsyncIterator[list[Database]]:
    databases = [Database(url) for _ in range(3)]
    yield databases
    for database in databases:
        await database.close()


async def at_once(*doings: Awaitable[Any]) -> list[Any]:
    """What each returned; who came too late counts as `None`."""
    results = await asyncio.gather(*doings, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Superseded):
            raise result
    return [None if isinstance(result, Superseded) else result for result in results]


async def test_no_more_are_admitted_than_there_are_places(
    sides: list[Database], clock: Clock
) -> None:
    rush = [
        admit(Attempts(side, clock), an_attempt(clock.now, owner), limit=3)
        for side in sides
        for owner in (ANN, BEN)
        for _ in range(6)
    ]
    admissions = await at_once(*rush)
    assert sum(admission.admitted for admission in admissions) == 6
    async with sides[0].read() as connection:
        owners = (await connection.scalars(select(attempts_table.c.user_id))).all()
    assert sorted(owners) == sorted([ANN.user_id, BEN.user_id] * 3)


async def test_one_of_many_moves_an_attempt_on(sides: list[Database], clock: Clock) -> None:
    for _ in range(ROUNDS):
        attempt = await admitted(Attempts(sides[0], clock), clock.now)
        moves = [
            Attempts(side, clock).move(attempt, state)
            for side in sides
            for state in (AttemptState.FETCHED, AttemptState.CANCELLED)
        ]
        [winner] = [moved for moved in await at_once(*moves) if moved is not None]
        assert await Attempts(sides[1], clock).get(ANN, attempt.id) == winner


async def test_vendor_ids_committed_beside_a_deletion_are_never_lost(
    sides: list[Database], clock: Clock
) -> None:
    mine, theirs, sweep = (Attempts(side, clock) for side in sides)
    for number in range(ROUNDS):
        attempt = await admitted(mine, clock.now)
        deletion: Awaitable[Any]
        if number % 2:
            attempt = await mine.move(attempt, AttemptState.CANCELLED)
            deletion = sweep.purge(clock.now + timedelta(seconds=1))
        else:
            deletion = theirs.delete(ANN, attempt.id)
        changed, _ = await at_once(mine.change(attempt, refs=REFS), deletion)
        assert await mine.get(ANN, attempt.id) is None
        [left] = await PendingDeletions(sides[0], clock).all()
        assert left.refs == (REFS if changed is not None else attempt.refs)
        await PendingDeletions(sides[0], clock).done(left.id)


async def test_the_board_agrees_with_attempts_that_changed_at_once(
    sides: list[Database], clock: Clock
) -> None:
    """Two members, results arriving, some deleted and some past their retention, all at once."""
    first, boards = Attempts(sides[0], clock), [Board(side, clock) for side in sides]
    await boards[0].join(ANN)
    await boards[1].join(BEN)
    values = count(1)
    doings: list[Awaitable[Any]] = []
    old = clock.now
    for owner in (ANN, BEN):
        await practised(first, clock, owner, 10)
        doomed = await practised(first, clock, owner, 9)
        doings.append(Attempts(sides[2], clock).delete(owner, doomed.id))
    clock.forward(minutes=1)
    doings += [
        Attempts(side, clock).move(
            await admitted(first, clock.now, owner, shared=True),
            AttemptState.ASSESSED,
            assessment=scored(next(values) % 7 + 1),
        )
        for side in sides
        for owner in (ANN, BEN)
    ]
    doings += [Attempts(side, clock).purge(old + timedelta(seconds=1)) for side in sides[:2]]
    await at_once(*doings)
    for owner in (ANN, BEN):
        found = await standings(sides[0], owner)
        assert {row[5] for row in found} == {3}
        await boards[2].refresh(owner)
        assert await standings(sides[0], owner) == found
    await assert_counts_agree(sides[0])


async def test_one_of_two_gets_an_alias(sides: list[Database], clock: Clock) -> None:
    for number in range(ROUNDS):
        joins = [
            Board(side, clock).join(owner, alias=f"Otter {number}")
            for side, owner in zip(sides, (ANN, BEN), strict=False)
        ]
        assert (await at_once(*joins)).count(None) == 1


async def waiting(database: Database) -> None:
    """Return when a transaction waits for another one."""
    async with asyncio.timeout(10):
        while True:
            async with database.read() as connection:
                if await connection.scalar(text("SELECT 1 FROM pg_locks WHERE NOT granted")):
                    return


@ON_POSTGRES
async def test_who_leaves_the_board_beside_a_purge_leaves_no_trace_on_postgres(
    sides: list[Database], clock: Clock
) -> None:
    """A purge goes over all members, so it cannot wait for their turn as `leave` does."""
    board, attempts = Board(sides[0], clock), Attempts(sides[0], clock)
    await practised(attempts, clock, ANN, 5)
    await board.join(ANN)
    async with sides[1].write() as purge:
        await purge.execute(attempts_table.update().values(question_key="another"))
        await restate(purge, [ANN], clock.now)
        leaving = asyncio.create_task(board.leave(ANN))
        await waiting(sides[2])
    await leaving
    assert await standings(sides[0], ANN) == set()
    await assert_counts_agree(sides[0])


@ON_POSTGRES
async def test_who_comes_second_sees_what_the_first_has_written_on_postgres(
    sides: list[Database], clock: Clock
) -> None:
    first, second = Metadata(sides[0], clock), Metadata(sides[1], clock)
    async with sides[2].write(turn=0) as connection:
        together = asyncio.gather(*(meta.installation() for meta in (first, second) * 3))
        await waiting(sides[2])
        assert await connection.scalar(text("SELECT count(*) FROM meta")) == 0
    assert len(set(await together)) == 1


async def test_consent_given_and_withdrawn_at_once_is_given_or_withdrawn(
    sides: list[Database], clock: Clock
) -> None:
    repositories = [Consents(side, clock) for side in sides]
    await at_once(
        *(r.agree(ANN, 1) for r in repositories), *(r.withdraw(ANN) for r in repositories)
    )
    await repositories[0].withdraw(ANN)
    assert await repositories[1].get(ANN) is None
    async with sides[0].read() as connection:
        rows = (await connection.execute(select(consents_table))).all()
    assert len(rows) == 3
    assert all(row.withdrawn_at is not None for row in rows)


async def test_a_request_is_taken_once(sides: list[Database], clock: Clock) -> None:
    for number in range(ROUNDS):
        request = Request(
            id=f"{number:016x}", owner=ANN, channel_id=1, clips=(CLIP,), created_at=clock.now
        )
        await PendingRequests(sides[0], clock).add(request)
        takers = [PendingRequests(side, clock).take(ANN, request.id) for side in sides * 2]
        assert [taken for taken in await at_once(*takers) if taken is not None] == [request]


async def test_no_change_of_settings_is_lost(sides: list[Database]) -> None:
    changes: list[dict[str, Any]] = [
        *({"board": False}, {"share_by_default": True}, {"daily_attempts": 3}),
        *({"retention_days": 5}, {"channels": frozenset({1})}, {"roles": frozenset({2})}),
    ]
    stores = [ServerSettingsStore(side) for side in sides] * 2
    await at_once(*(s.change(1, **c) for s, c in zip(stores, changes, strict=True)))
    expected = {name: value for change in changes for name, value in change.items()}
    assert await stores[0].get(1) == ServerSettings(**expected)


async def test_no_second_of_the_vendors_work_is_lost(sides: list[Database]) -> None:
    now = datetime(2026, 11, 5, tzinfo=UTC)
    analyses = [(VendorUsage(side), f"{number:016x}") for number, side in enumerate(sides * 4)]
    asked = analyses * 2  # by two processes at once
    done = await at_once(*(used.reserve(id_, 1, 1.5, now=now) for used, id_ in asked))
    assert sum(one.is_new for one in done) == len(analyses) == 12
    assert await VendorUsage(sides[0]).of("2026-11") == 18
    await at_once(*(used.release(id_, 1) for used, id_ in asked))
    assert await VendorUsage(sides[0]).of("2026-11") == 0


async def test_a_refund_beside_an_erasure_is_not_undone(
    sides: list[Database], clock: Clock
) -> None:
    attempts, usage = Attempts(sides[0], clock), DailyUsage(sides[1], clock)
    for number in range(ROUNDS):
        owner = Owner(guild_id=1, user_id=100 + number)
        attempt = await admitted(attempts, clock.now, owner)
        await at_once(DailyUsage(sides[2], clock).erase(owner), usage.refund(attempt.id))
        left = (await usage.export(owner))["usage"]
        assert attempt.id not in [use["attempt_id"] for use in left]


async def test_a_purge_beside_another_deletes_each_attempt_once(
    sides: list[Database], clock: Clock
) -> None:
    for _ in range(5):
        await ended(Attempts(sides[0], clock), clock.now, AttemptState.DELIVERED, refs=REFS)
    await assessed(Attempts(sides[0], clock), clock.now)  # under way: stays
    later = clock.forward(days=1)
    gone = await at_once(*(Attempts(side, clock).purge(later) for side in sides))
    assert sum(gone) == 5
    left = await PendingDeletions(sides[0], clock).all()
    assert [one.engine for one in left] == [EngineName.TWELVELABS] * 5
