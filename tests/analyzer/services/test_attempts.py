"""What a member can ask for: what is refused, what is taken and what is cancelled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.errors import ClipRefused, Refused, StorageUnavailable
from core.models import AttemptState, ClipSource, Owner, ReplyAddress, new_id
from tests.analyzer.harness import ANN, BEN, Harness, row

ANN_ELSEWHERE = Owner(guild_id=8, user_id=ANN.user_id)


def test_ids_say_nothing_and_never_repeat() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(made) == 16 for made in ids)


async def test_what_is_declared_too_large_is_refused_before_a_row_is_made(harness: Harness) -> None:
    big = ClipSource(url="https://cdn.example/big.mp4", name="big.mp4", size_bytes=1001)
    with pytest.raises(ClipRefused):
        await harness.submit(harness.process(), source=big)
    assert await harness.attempts.unfinished() == []
    assert await harness.uses(ANN) == 0


async def test_a_submission_is_committed_with_its_reply_and_shown_once(harness: Harness) -> None:
    attempt = await harness.submit(harness.process())
    kept = await harness.now(attempt)
    assert kept == attempt
    assert kept.reply is not None
    assert kept.reply.token == "reply-token"
    assert [shown.id for shown in harness.told.shown] == [attempt.id]


async def test_only_so_many_may_be_under_way(harness: Harness) -> None:
    process = harness.process()
    for _ in range(2):
        await harness.submit(process)
    with pytest.raises(Refused) as refused:
        await harness.submit(process)
    assert (refused.value.code, refused.value.next_at) == ("waiting", None)
    assert len(harness.told.shown) == 2  # no reply was opened for it
    await harness.submit(process, BEN)


async def test_the_allowance_says_when_the_next_one_is_possible(harness: Harness) -> None:
    process = harness.process()
    process.runner.start(process.attempts.advance)
    first = harness.clock()
    for _ in range(5):
        await harness.submit(process)
        await process.rest()
        harness.clock.forward(hours=1)
    with pytest.raises(Refused) as refused:
        await harness.submit(process)
    assert refused.value.code == "allowance"
    assert refused.value.next_at == first + timedelta(hours=24)
    harness.clock.now = first + timedelta(hours=24)
    await harness.submit(process)


async def test_an_attempt_whose_reply_cannot_be_opened_is_worked_on_all_the_same(
    harness: Harness,
) -> None:
    async def no_reply() -> None:
        return None

    process = harness.process()
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process, open_reply=no_reply)
    assert attempt.reply is None
    await process.rest()
    assert (await row(harness, attempt)).state is AttemptState.DELIVERED


async def test_an_attempt_whose_reply_cannot_be_kept_is_worked_on_all_the_same(
    harness: Harness,
) -> None:
    harness.points.names.clear()
    await harness.submit(harness.process(), BEN)
    at = harness.points.names.index("before attempts.change")
    process = harness.process()
    process.runner.start(process.attempts.advance)

    async def fail() -> None:
        raise StorageUnavailable("SQLITE_FULL")

    harness.points.step_in(at, fail)
    attempt = await harness.submit(process)
    await process.rest()
    assert (await row(harness, attempt)).state is AttemptState.DELIVERED


async def test_a_bug_while_the_reply_is_opened_is_for_the_caller_and_the_work_goes_on(
    harness: Harness,
) -> None:
    async def open_reply() -> ReplyAddress:
        raise ValueError

    process = harness.process()
    process.runner.start(process.attempts.advance)
    with pytest.raises(ValueError):  # noqa: PT011 - it has no text
        await harness.submit(process, open_reply=open_reply)
    await process.rest()
    [attempt] = await harness.attempts.history(ANN, limit=2)
    assert attempt.state is AttemptState.DELIVERED


async def test_a_waiting_attempt_that_is_cancelled_is_never_fetched(harness: Harness) -> None:
    process = harness.process()
    process.runner.start(process.attempts.advance)
    polling = asyncio.Event()
    done = asyncio.Event()

    async def hang() -> None:
        polling.set()
        await done.wait()

    harness.points.step_in(await points_to(harness, "before engine.poll"), hang)
    await harness.submit(process)
    await polling.wait()
    second = await harness.submit(process)
    cancelled = await process.attempts.cancel(ANN, second.id)
    assert cancelled is not None
    assert cancelled.state is AttemptState.CANCELLED
    assert cancelled.reply is None
    done.set()
    await process.rest()
    assert len(harness.fetched) == 1 + 1  # `points_to` has made one too
    assert await harness.uses(ANN) == 1
    await harness.assert_nothing_is_left()


async def points_to(harness: Harness, name: str) -> int:
    """The number of a point, counted from before a submission."""
    harness.points.names.clear()
    process = harness.process()
    attempt = await harness.submit(process, BEN)
    await process.attempts.advance(BEN, attempt.id)
    return harness.points.names.index(name)


async def test_what_has_ended_stays_as_it_is_when_it_is_cancelled(harness: Harness) -> None:
    process = harness.process()
    attempt = await harness.submit(process)
    await process.attempts.advance(ANN, attempt.id)
    ended = await harness.now(attempt)
    assert await process.attempts.cancel(ANN, attempt.id) == ended
    assert await harness.uses(ANN) == 1


@pytest.mark.parametrize("stranger", [BEN, ANN_ELSEWHERE])
async def test_nobody_else_can_advance_or_cancel_an_attempt(
    harness: Harness, stranger: Owner
) -> None:
    process = harness.process()
    attempt = await harness.submit(process)
    await process.attempts.advance(stranger, attempt.id)
    assert await process.attempts.cancel(stranger, attempt.id) is None
    assert await harness.now(attempt) == attempt
