"""Whatever happens at whichever await, an attempt ends once, is told, and leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import pytest

from analyzer.engines import Job, SaveRefs
from analyzer.services.deletion import Deleted
from core.errors import EngineRefused, EngineUnavailable, StorageUnavailable
from core.models import Attempt, AttemptState, Owner, ReplyAddress, VendorRefs
from tests.analyzer.harness import Harness, Process
from tests.analyzer.scripted import ScriptedEngine
from tests.storage.samples import ASSESSMENT

Do = Callable[[Process, Attempt], Awaitable[object]]

REPOSITORIES = ("attempts", "usage", "pending_deletions")


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


def member(number: int) -> Owner:
    """Another member for each try: no allowance is used up."""
    return Owner(guild_id=7, user_id=number + 1)


def raising(error: BaseException) -> Callable[[], Awaitable[NoReturn]]:
    async def act() -> NoReturn:
        raise error

    return act


def database_down() -> StorageUnavailable:
    return StorageUnavailable("SQLITE_IOERR_WRITE")


async def waiting(harness: Harness, owner: Owner) -> Attempt:
    """An attempt that no process works on yet."""
    return await harness.submit(harness.process(), owner)


async def points_of_a_journey(harness: Harness) -> list[str]:
    """The points of an undisturbed journey."""
    attempt = await waiting(harness, member(1000))
    harness.points.names.clear()
    await harness.process().attempts.advance(attempt.owner, attempt.id)
    return list(harness.points.names)


async def assert_delivered(harness: Harness, attempt: Attempt, where: str) -> None:
    ended = await harness.now(attempt)
    assert ended is not None, where
    assert ended.state is AttemptState.DELIVERED, where
    assert ended.assessment == ASSESSMENT, where
    assert ended.reply is None, where
    told = [
        (shown.assessment, before) for shown, before in harness.told.told if shown.id == ended.id
    ]
    assert 1 <= len(told) <= 2, where
    assert set(map(repr, told)) == {repr((ASSESSMENT, None))}, where
    assert harness.vendor.made[f"asset {ended.id}"] == 1, where
    assert harness.vendor.made[f"task {ended.id}-1"] == 1, where
    assert await harness.uses(attempt.owner) == 1, where
    await harness.assert_nothing_is_left()


@pytest.mark.parametrize("death", [Crash, asyncio.CancelledError])
async def test_wherever_a_process_dies_the_next_one_finishes(
    harness: Harness, death: type[BaseException]
) -> None:
    points = await points_of_a_journey(harness)
    assert len(points) >= 28
    for at, name in enumerate(points):
        attempt = await waiting(harness, member(at))
        harness.points.step_in(at, raising(death()))
        with pytest.raises(death):
            await harness.process().attempts.advance(attempt.owner, attempt.id)
        assert harness.points.names[-1] == name
        await harness.process().start()
        await assert_delivered(harness, attempt, name)


async def test_two_processes_that_die_one_after_the_other_lose_nothing(harness: Harness) -> None:
    points = await points_of_a_journey(harness)
    for at in range(len(points)):
        attempt = await waiting(harness, member(at))
        for later in (0, 3):
            harness.points.step_in(at + later, raising(Crash()))
            try:
                await harness.process().attempts.advance(attempt.owner, attempt.id)
            except Crash:
                continue
        harness.points.step_in(-1, raising(Crash()))
        await harness.process().start()
        ended = await harness.now(attempt)
        assert ended is not None
        assert ended.state is AttemptState.DELIVERED
        assert harness.vendor.made[f"task {attempt.id}-1"] == 1
        await harness.assert_nothing_is_left()


async def test_a_failed_attempt_is_told_and_refunded_wherever_its_process_died(
    harness: Harness,
) -> None:
    harness.engine.troubles["start"] = EngineRefused("too_short", "Record more.")
    points = await points_of_a_journey(harness)
    for at, name in enumerate(points):
        attempt = await waiting(harness, member(at))
        harness.points.step_in(at, raising(Crash()))
        with pytest.raises(Crash):
            await harness.process().attempts.advance(attempt.owner, attempt.id)
        await harness.process().start()
        ended = await harness.now(attempt)
        assert ended is not None
        assert ended.failure is not None
        assert (ended.state, ended.failure.sentence) == (AttemptState.FAILED, "Record more."), name
        told = [shown.failure for shown, _ in harness.told.told if shown.id == attempt.id]
        assert told in ([ended.failure], [ended.failure] * 2), name
        assert await harness.uses(attempt.owner) == 0, name
        await harness.assert_nothing_is_left()


async def test_wherever_a_submission_dies_it_is_whole_or_never_was(harness: Harness) -> None:
    harness.points.step_in(-1, raising(Crash()))
    await waiting(harness, member(1000))
    points = list(harness.points.names)
    assert "open_reply" in points
    for at, name in enumerate(points):
        owner = member(at)
        harness.points.step_in(at, raising(Crash()))
        with pytest.raises(Crash):
            await waiting(harness, owner)
        await harness.process().start()
        history = await harness.attempts.history(owner, limit=10)
        assert len(history) == (0 if name == "before attempts.admit" else 1), name
        for attempt in history:
            await assert_delivered(harness, attempt, name)


async def test_a_database_that_fails_once_anywhere_costs_no_attempt_and_no_vendor_id(
    harness: Harness,
) -> None:
    points = await points_of_a_journey(harness)
    cleaning = points.index("after engine.discard")
    for at, name in enumerate(points):
        if not name.split()[1].startswith(REPOSITORIES):
            continue
        process = harness.process()
        process.runner.start(process.attempts.advance)
        attempt = await harness.submit(process, member(at))
        harness.points.step_in(at, raising(database_down()))
        await process.rest()
        assert process.slept == ([] if at > cleaning else [1.0]), name
        await process.cleanup.run()
        await assert_delivered(harness, attempt, name)


class SwallowingEngine(ScriptedEngine):
    """An engine that takes whatever it meets for trouble with its vendor."""

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        try:
            return await super().prepare(job, save_refs)
        except Exception:  # noqa: BLE001 - what this engine does wrong
            raise EngineUnavailable("network", "Try again later.") from None


async def test_an_engine_cannot_turn_storage_trouble_into_a_failed_attempt(
    harness: Harness,
) -> None:
    points = await points_of_a_journey(harness)
    engine = SwallowingEngine(harness.vendor)
    process = harness.process(engines={engine.name: harness.points.watch("engine", engine)})
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process)
    keeping = points.index("before attempts.change", points.index("before engine.prepare"))
    harness.points.step_in(keeping, raising(database_down()))
    await process.rest()
    assert process.slept == [1.0]
    await assert_delivered(harness, attempt, "save_refs")


@pytest.mark.expects_logged_error
async def test_a_bug_anywhere_in_an_engine_or_announcer_ends_the_attempt_with_a_sentence(
    harness: Harness,
) -> None:
    points = await points_of_a_journey(harness)
    for at, name in enumerate(points):
        if name.split()[1].startswith(REPOSITORIES):
            continue
        process = harness.process()
        process.runner.start(process.attempts.advance)
        attempt = await harness.submit(process, member(at))
        harness.points.step_in(at, raising(ValueError("a text of the vendor's")))
        await process.rest()
        assert process.slept == [], name
        ended = await harness.now(attempt)
        assert ended is not None
        if ended.state is AttemptState.FAILED:
            assert ended.failure is not None
            assert ended.failure.code == "internal"
            assert "vendor" not in ended.failure.sentence
            assert [shown.failure for shown, _ in harness.told.told[-1:]] == [ended.failure]
        assert ended.state.ended, name
        assert await harness.uses(attempt.owner) == (ended.state is AttemptState.DELIVERED), name
        await process.cleanup.run()
        await harness.assert_nothing_is_left()


async def stopped_at(harness: Harness, at: int, owner: Owner, do: Do) -> tuple[Process, Attempt]:
    """Let a journey hang at a point, do something meanwhile, and then let everything rest."""
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    process = harness.process()
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process, owner)
    harness.points.step_in(at, hang)
    await reached.wait()
    await do(process, attempt)
    await process.rest()
    return process, attempt


async def test_a_member_may_cancel_at_any_point(harness: Harness) -> None:
    points = await points_of_a_journey(harness)
    begun = points.index("after attempts.move", points.index("after engine.prepare"))
    assessed = points.index("after attempts.move", points.index("after engine.poll"))

    async def cancel(process: Process, attempt: Attempt) -> None:
        assert await process.attempts.cancel(attempt.owner, attempt.id) is not None

    for at, name in enumerate(points):
        process, attempt = await stopped_at(harness, at, member(at), cancel)
        await process.cleanup.run()
        ended = await harness.now(attempt)
        assert ended is not None
        expected = AttemptState.CANCELLED if at < assessed else AttemptState.DELIVERED
        assert ended.state is expected, name
        assert ended.reply is None
        assert await harness.uses(attempt.owner) == (at >= begun), name
        told = [shown for shown, _ in harness.told.told if shown.id == attempt.id]
        assert bool(told) is (expected is AttemptState.DELIVERED), name
        await harness.assert_nothing_is_left()


async def test_a_member_may_delete_at_any_point(harness: Harness) -> None:
    points = await points_of_a_journey(harness)
    told_before = 0

    async def delete(process: Process, attempt: Attempt) -> None:
        nonlocal told_before
        assert await process.deletion.delete(attempt.owner, attempt.id) == Deleted(1)
        assert await harness.now(attempt) is None
        told_before = len(harness.told.told)

    for at in range(len(points)):
        process, _ = await stopped_at(harness, at, member(at), delete)
        assert len(harness.told.told) == told_before
        await process.cleanup.run()
        await harness.assert_nothing_is_left()
        assert await harness.attempts.unfinished() == []


@pytest.mark.parametrize("what", ["delete", "cancel"])
async def test_another_process_may_take_the_row_away_at_any_point(
    harness: Harness, what: str
) -> None:
    points = await points_of_a_journey(harness)
    for at, name in enumerate(points):
        process = harness.process()
        process.runner.start(process.attempts.advance)
        attempt = await harness.submit(process, member(at))

        async def elsewhere(attempt: Attempt = attempt) -> None:
            now = await harness.now(attempt)
            assert now is not None
            if what == "delete":
                await harness.attempts.delete(attempt.owner, attempt.id)
            elif not now.state.ended:
                await harness.attempts.move(now, AttemptState.CANCELLED)

        harness.points.step_in(at, elsewhere)
        await process.rest()
        assert process.slept == [], name
        await process.cleanup.run()
        await harness.assert_nothing_is_left()
        now = await harness.now(attempt)
        assert (now is None) is (what == "delete"), name


ACTIONS: dict[str, Do] = {
    "cancel": lambda process, attempt: process.attempts.cancel(attempt.owner, attempt.id),
    "delete": lambda process, attempt: process.deletion.delete(attempt.owner, attempt.id),
    "delete everything": lambda process, attempt: process.privacy.delete_everything(attempt.owner),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("hanging_at", ["before engine.prepare", "before engine.poll"])
async def test_a_crash_while_a_member_cancels_or_deletes_leaves_nothing_half_done(
    harness: Harness, action: str, hanging_at: str
) -> None:
    act = ACTIONS[action]
    at = (await points_of_a_journey(harness)).index(hanging_at)
    steps: list[str] = []

    async def count_steps(process: Process, attempt: Attempt) -> None:
        harness.points.names.clear()
        await act(process, attempt)
        steps.extend(harness.points.names)

    await stopped_at(harness, at, member(999), count_steps)
    assert "before attempts.move" in steps
    for number, name in enumerate(steps):

        async def die(process: Process, attempt: Attempt, number: int = number) -> None:
            harness.points.step_in(number, raising(Crash()))
            with pytest.raises(Crash):
                await act(process, attempt)
            await process.runner.stop()

        _, attempt = await stopped_at(harness, at, member(number), die)
        await harness.process().start()
        now = await harness.now(attempt)
        assert now is None or now.state.ended, name
        assert now is None or now.cleaned_at is not None, name
        if (now is None or now.state is AttemptState.CANCELLED) and "prepare" in hanging_at:
            assert await harness.uses(attempt.owner) == 0, name
        assert await harness.attempts.unfinished() == [], name
        await harness.assert_nothing_is_left()


@pytest.mark.parametrize("action", ["delete", "delete everything"])
@pytest.mark.parametrize("state", ["under way", "delivered"])
async def test_a_deletion_that_a_crash_interrupts_is_finished_by_the_next_one(
    harness: Harness, action: str, state: str
) -> None:
    """Also what everybody can see: as long as a message is there, its row says where it is."""
    act = ACTIONS[action]

    async def open_reply() -> ReplyAddress:
        reply = await harness.open_reply()
        return reply.model_copy(update={"message_id": 77})

    async def shared_attempt(owner: Owner) -> Attempt:
        attempt = await harness.submit(harness.process(), owner, shared=True, open_reply=open_reply)
        if state == "delivered":
            await harness.process().attempts.advance(owner, attempt.id)
        return attempt

    attempt = await shared_attempt(member(1000))
    harness.points.names.clear()
    await act(harness.process(), attempt)
    steps = list(harness.points.names)
    assert "before announcer.take_back" in steps
    for at, name in enumerate(steps):
        attempt = await shared_attempt(member(at))
        harness.told.taken_back.clear()
        harness.points.step_in(at, raising(Crash()))
        with pytest.raises(Crash):
            await act(harness.process(), attempt)
        process = harness.process()
        await process.start()
        await act(process, attempt)
        assert await harness.now(attempt) is None, name
        assert set(harness.told.taken_back) == {77}, name
        await harness.assert_nothing_is_left()


async def test_when_the_database_fails_while_a_member_cancels_the_attempt_goes_on(
    harness: Harness,
) -> None:
    at = (await points_of_a_journey(harness)).index("before engine.poll")

    async def fail(process: Process, attempt: Attempt) -> None:
        harness.points.step_in(0, raising(database_down()))
        with pytest.raises(StorageUnavailable):
            await process.attempts.cancel(attempt.owner, attempt.id)

    _, attempt = await stopped_at(harness, at, member(1), fail)
    await assert_delivered(harness, attempt, "cancel")
