"""Deleting attempts: from the outside in, within a time, and what is said to be left."""

from __future__ import annotations

import asyncio

import pytest

from analyzer.services.deletion import AttemptDeletion, Deleted, TimeLimits
from core.errors import EngineRefused, EngineUnavailable, StorageUnavailable
from core.models import Attempt, AttemptState, Owner, ReplyAddress, VendorRefs
from tests.analyzer.harness import ANN, BEN, Harness, row
from tests.analyzer.scripted import PUBLIC_COPY
from tests.storage.samples import FACTS

ANN_ELSEWHERE = Owner(guild_id=8, user_id=ANN.user_id)
PROGRESS = 77
"""The id of the message that shows everybody how a shared attempt goes."""


async def begun(harness: Harness, *, shared: bool = False) -> Attempt:
    """An attempt under way whose clip is at the vendor; a shared one is seen by everybody."""

    async def open_reply() -> ReplyAddress:
        reply = await harness.open_reply()
        return reply.model_copy(update={"message_id": PROGRESS if shared else None})

    attempt = await harness.submit(harness.process(), shared=shared, open_reply=open_reply)
    refs = VendorRefs(asset_id=harness.vendor.make_asset(attempt.id))
    return await harness.attempts.move(attempt, AttemptState.UPLOADED, facts=FACTS, refs=refs)


async def delivered(harness: Harness, *, shared: bool = False) -> Attempt:
    """An attempt whose result everybody sees, or only its owner."""
    process = harness.process()
    attempt = await harness.submit(process, shared=shared)
    await process.attempts.advance(ANN, attempt.id)
    return attempt


async def test_what_runs_is_stopped_first_and_the_row_goes_last(harness: Harness) -> None:
    process = harness.process()
    attempt = await begun(harness, shared=True)
    harness.points.names.clear()
    assert await process.deletion.delete(ANN, attempt.id) == Deleted(1)
    steps = [
        name for name in harness.points.names if name.startswith("after") and "get" not in name
    ]
    assert steps == [
        "after attempts.move",
        "after announcer.deliver",
        "after engine.discard",
        "after attempts.change",
        "after announcer.take_back",
        "after attempts.delete",
    ]
    assert harness.told.told[-1][0].state is AttemptState.CANCELLED
    assert harness.told.taken_back == [PROGRESS]
    assert await harness.now(attempt) is None
    await harness.assert_nothing_is_left()


async def test_of_a_result_that_was_delivered_only_the_public_message_is_left(
    harness: Harness,
) -> None:
    for shared in (False, True):
        attempt = await delivered(harness, shared=shared)
        told = len(harness.told.told)
        assert await harness.process().deletion.delete(ANN, attempt.id) == Deleted(1)
        assert len(harness.told.told) == told
        assert await harness.now(attempt) is None
    assert harness.told.taken_back == [PUBLIC_COPY]


@pytest.mark.parametrize("how", ["failed", "cancelled"])
async def test_what_everybody_sees_of_an_attempt_without_a_result_goes_too(
    harness: Harness, how: str
) -> None:
    attempt, process = await begun(harness, shared=True), harness.process()
    if how == "cancelled":
        await process.attempts.cancel(ANN, attempt.id)
    else:
        harness.engine.troubles["start"] = EngineRefused("too_short", "Record more.")
    await process.attempts.advance(ANN, attempt.id)
    ended = await row(harness, attempt)
    assert ended.state == how
    assert ended.reply is None
    assert await process.deletion.delete(ANN, attempt.id) == Deleted(1)
    assert harness.told.taken_back == [PROGRESS]


async def test_a_public_message_out_of_reach_is_named_and_the_rest_deleted(
    harness: Harness,
) -> None:
    attempt = await delivered(harness, shared=True)
    harness.told.out_of_reach = True
    deleted = await harness.process().deletion.delete(ANN, attempt.id)
    assert deleted is not None
    assert [left.shared_message_id for left in deleted.out_of_reach] == [PUBLIC_COPY]
    assert await harness.now(attempt) is None


async def test_a_caller_may_have_a_better_way_to_the_public_message(harness: Harness) -> None:
    attempt = await delivered(harness, shared=True)
    asked: list[str] = []

    async def take_back(shown: Attempt) -> bool:
        asked.append(shown.id)
        return True

    await harness.process().deletion.delete(ANN, attempt.id, take_back=take_back)
    assert asked == [attempt.id]
    assert harness.told.taken_back == []


@pytest.mark.parametrize("outside", ["copies", "message"])
async def test_a_row_may_be_kept_as_long_as_something_is_left_outside(
    harness: Harness, outside: str
) -> None:
    attempt = await begun(harness, shared=True)
    if outside == "copies":
        harness.engine.troubles["discard"] = EngineUnavailable("network", "Later.")
    harness.told.out_of_reach = outside == "message"
    deletion = harness.process().deletion
    left = await deletion.delete(ANN, attempt.id, keep_if_left=True)
    assert left is not None
    assert (left.why_left, len(left.out_of_reach)) == (
        (("network",), 0) if outside == "copies" else ((), 1)
    )
    assert await harness.now(attempt) is not None
    harness.engine.troubles.clear()
    harness.told.out_of_reach = False
    assert await deletion.delete(ANN, attempt.id, keep_if_left=True) == Deleted(1)
    assert set(harness.told.taken_back) == {PROGRESS}
    assert await harness.now(attempt) is None
    await harness.assert_nothing_is_left()


async def test_copies_that_cannot_be_deleted_are_counted_and_left_to_the_cleanup(
    harness: Harness,
) -> None:
    attempt = await begun(harness)
    harness.engine.troubles["discard"] = EngineUnavailable("network", "Later.")
    process = harness.process()
    deleted = await process.deletion.delete(ANN, attempt.id)
    assert deleted == Deleted(1, why_left=("network",))
    assert deleted.copies_left == 1
    assert await harness.now(attempt) is None
    assert not harness.vendor.empty
    harness.engine.troubles.clear()
    await process.cleanup.run()
    await harness.assert_nothing_is_left()


@pytest.mark.expects_logged_error
async def test_a_bug_in_an_engine_does_not_keep_an_attempt_from_being_deleted(
    harness: Harness,
) -> None:
    attempt = await begun(harness)
    harness.engine.troubles["discard"] = ValueError("a bug")
    process = harness.process()
    assert await process.deletion.delete(ANN, attempt.id) == Deleted(1, why_left=("internal",))
    assert await harness.now(attempt) is None
    harness.engine.troubles.clear()
    await process.cleanup.run()
    await harness.assert_nothing_is_left()


async def test_whoever_hangs_keeps_a_member_waiting_only_so_long(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await begun(harness, shared=True)

    async def hang(_: object) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(harness.engine, "discard", hang)
    monkeypatch.setattr(harness.told, "take_back", hang)
    process = harness.process()
    limits = TimeLimits(copies=0.01, messages=0.01)
    deleted = await AttemptDeletion(process.deps, process.attempts, limits).delete(ANN, attempt.id)
    assert deleted is not None
    assert deleted.why_left == ("timeout",)
    assert [left.id for left in deleted.out_of_reach] == [attempt.id]
    pending = await harness.pending_deletions.all()
    assert [left.refs for left in pending] == [attempt.refs]


async def test_a_database_that_cannot_be_used_is_said_to_be_just_that(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await delivered(harness, shared=True)

    async def unavailable(_: object) -> bool:
        raise StorageUnavailable("SQLITE_FULL")

    monkeypatch.setattr(harness.told, "take_back", unavailable)
    with pytest.raises(StorageUnavailable):
        await harness.process().deletion.delete(ANN, attempt.id)
    assert await harness.now(attempt) is not None


async def test_before_the_vendor_has_it_deleting_gives_the_use_back(harness: Harness) -> None:
    process = harness.process()
    attempt = await harness.submit(process)
    assert await process.deletion.delete(ANN, attempt.id) == Deleted(1)
    assert await harness.uses(ANN) == 0
    assert await harness.attempts.unfinished() == []


async def test_two_that_delete_at_once_do_not_disturb_each_other(harness: Harness) -> None:
    process = harness.process()
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process)
    answers = await asyncio.gather(*(process.deletion.delete(ANN, attempt.id) for _ in range(2)))
    assert Deleted(1) in answers
    assert await harness.now(attempt) is None
    await process.rest()
    await process.cleanup.run()
    await harness.assert_nothing_is_left()


@pytest.mark.parametrize("stranger", [BEN, ANN_ELSEWHERE])
async def test_nobody_else_can_delete_an_attempt(harness: Harness, stranger: Owner) -> None:
    process = harness.process()
    attempt = await harness.submit(process)
    assert await process.deletion.delete(stranger, attempt.id) is None
    assert await harness.now(attempt) == attempt
