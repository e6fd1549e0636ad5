"""Admission: the daily allowance and the limit of attempts under way, also when members hurry."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.models import Attempt, AttemptState
from storage.engine.database import Database
from storage.repositories.attempts import Admission, Attempts
from storage.repositories.daily_usage import DailyUsage
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, ANN_ELSEWHERE, BEN, admit, admitted, an_attempt


async def admit_one_open(attempts: Attempts, attempt: Attempt) -> Admission:
    since = attempt.created_at - timedelta(days=1)
    return await attempts.admit(attempt, used_since=since, daily_limit=1000, open_limit=1)


async def test_admitted_attempt_is_kept_as_queued(attempts: Attempts, clock: Clock) -> None:
    attempt = an_attempt(clock.now, state=AttemptState.FETCHED)
    assert await admit(attempts, attempt) == Admission(True, (), ())
    assert await attempts.get(ANN, attempt.id) == attempt.model_copy(
        update={"state": AttemptState.QUEUED}
    )


async def test_allowance_counts_all_servers_and_says_when_it_was_used(
    attempts: Attempts, clock: Clock
) -> None:
    first = clock.now
    await admitted(attempts, first, question="One")
    second = clock.forward(hours=1)
    await admitted(attempts, second, ANN_ELSEWHERE, question="Two")
    await admitted(attempts, second, BEN)
    refused = an_attempt(clock.forward(hours=1))
    assert await admit(attempts, refused, limit=2) == Admission(
        False, (first, second), ("One",), used_here_at=(first,)
    )
    assert await attempts.get(ANN, refused.id) is None
    assert (await admit(attempts, an_attempt(clock.now), limit=3)).admitted


async def test_refused_attempt_uses_nothing(attempts: Attempts, clock: Clock) -> None:
    await admitted(attempts, clock.now)
    for _ in range(3):
        await admit(attempts, an_attempt(clock.now), limit=1)
    assert (await admit(attempts, an_attempt(clock.now), limit=2)).used_at == (clock.now,)


async def test_use_stops_counting_exactly_a_day_later(attempts: Attempts, clock: Clock) -> None:
    await admitted(attempts, clock.now)
    clock.forward(days=1, seconds=-1)
    assert not (await admit(attempts, an_attempt(clock.now), limit=1)).admitted
    clock.forward(seconds=1)
    assert (await admit(attempts, an_attempt(clock.now), limit=1)).admitted


async def test_attempt_under_way_holds_back_this_owner_only_until_it_ends(
    attempts: Attempts, clock: Clock
) -> None:
    waiting = await admitted(attempts, clock.now, question="Why us?")
    refusal = await admit_one_open(attempts, an_attempt(clock.now))
    assert (refusal.admitted, refusal.open_questions) == (False, ("Why us?",))
    assert (await admit_one_open(attempts, an_attempt(clock.now, BEN))).admitted
    assert (await admit_one_open(attempts, an_attempt(clock.now, ANN_ELSEWHERE))).admitted
    await attempts.move(waiting, AttemptState.CANCELLED)
    assert (await admit_one_open(attempts, an_attempt(clock.now))).admitted


async def test_one_place_left_goes_to_one_of_many_at_once(attempts: Attempts, clock: Clock) -> None:
    await admitted(attempts, clock.now)
    rush = [admit(attempts, an_attempt(clock.now), limit=2) for _ in range(8)]
    admissions = await asyncio.gather(*rush)
    assert sorted(admission.admitted for admission in admissions) == [False] * 7 + [True]


async def test_one_place_left_goes_to_one_of_two_processes(
    attempts: Attempts, url: str, clock: Clock
) -> None:
    # A second Database shares nothing with the first but the file or server.
    other = Database(url)
    sides = (attempts, Attempts(other, clock))
    for place in range(1, 6):
        rush = [admit(side, an_attempt(clock.now), limit=place) for side in sides]
        assert sorted(a.admitted for a in await asyncio.gather(*rush)) == [False, True]
    await other.close()


async def test_refund_gives_one_use_back(
    attempts: Attempts, usage: DailyUsage, clock: Clock
) -> None:
    refunded = await admitted(attempts, clock.now)
    await admitted(attempts, clock.now)
    await usage.refund(refunded.id)
    await usage.refund(refunded.id)
    assert not (await admit(attempts, an_attempt(clock.now), limit=1)).admitted
    assert (await admit(attempts, an_attempt(clock.now), limit=2)).admitted


async def test_deleting_an_attempt_gives_no_use_back(attempts: Attempts, clock: Clock) -> None:
    attempt = await admitted(attempts, clock.now)
    await attempts.delete(ANN, attempt.id)
    assert not (await admit(attempts, an_attempt(clock.now), limit=1)).admitted


async def test_old_uses_are_forgotten(attempts: Attempts, usage: DailyUsage, clock: Clock) -> None:
    await admitted(attempts, clock.now)
    await admitted(attempts, clock.forward(days=2))
    assert await usage.forget(clock.now) == 1
    left = await attempts.admit(
        an_attempt(clock.now),
        used_since=clock.now - timedelta(days=30),
        daily_limit=9,
        open_limit=9,
    )
    assert left.used_at == (clock.now,)
