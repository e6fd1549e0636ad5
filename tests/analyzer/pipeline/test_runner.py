"""The in-process runner: lanes, the bound, cancelling, trying again, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from analyzer.pipeline.runner import RETRY_SECONDS, InProcessRunner
from core.models import Owner
from tests.analyzer.harness import ANN, BEN


class Workshop:
    """Work that goes on until a test lets it end, and what happened to it."""

    def __init__(self, *, max_in_flight: int = 100) -> None:
        self.runner = InProcessRunner(max_in_flight, sleep=self.sleep)
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.stopped: list[str] = []
        self.most = 0  # at work at the same time
        self.slept: list[float] = []
        self.sleeping: asyncio.Event | None = None  # sleep ends when it is set
        self.clean_up = asyncio.Event()  # what was stopped may end
        self.clean_up.set()
        self.troubles: list[BaseException] = []  # raised one after the other
        self._gates: dict[str, asyncio.Event] = {}

    def gate(self, attempt_id: str) -> asyncio.Event:
        return self._gates.setdefault(attempt_id, asyncio.Event())

    async def work(self, _owner: Owner, attempt_id: str) -> None:
        self.begun.append(attempt_id)
        at_work = len(self.begun) - len(self.ended) - len(self.stopped)
        self.most = max(self.most, at_work)
        try:
            if self.troubles:
                raise self.troubles.pop(0)  # noqa: TRY301 - an error among the work is what is meant
            await self.gate(attempt_id).wait()
        except BaseException:
            await self.clean_up.wait()  # stopping takes its time
            self.stopped.append(attempt_id)
            raise
        self.ended.append(attempt_id)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.sleeping is not None:
            await self.sleeping.wait()

    async def let_end(self, attempt_id: str) -> None:
        self.gate(attempt_id).set()
        await turns()


async def turns() -> None:
    """Let the loop go round often enough for everything that can happen now."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def shop() -> AsyncIterator[Workshop]:
    """A workshop, open; at the end no task of it is left."""
    workshop = Workshop()
    workshop.runner.start(workshop.work)
    yield workshop
    await workshop.runner.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert workshop.runner._lanes == {}
    assert workshop.runner._tasks == {}


async def test_a_members_attempts_are_worked_on_one_after_the_other_in_order(
    shop: Workshop,
) -> None:
    for attempt_id in ("a1", "a2", "a3"):
        shop.runner.enqueue(ANN, attempt_id)
    await turns()
    assert shop.begun == ["a1"]
    for attempt_id in ("a1", "a2", "a3"):
        await shop.let_end(attempt_id)
    assert shop.ended == ["a1", "a2", "a3"]
    assert shop.most == 1


async def test_members_do_not_wait_for_each_other(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(BEN, "b1")
    await turns()
    assert shop.begun == ["a1", "b1"]


async def test_a_lane_is_gone_when_its_last_attempt_has_ended(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    await turns()
    assert list(shop.runner._lanes) == [(ANN, "")]
    await shop.let_end("a1")
    assert shop.runner._lanes == {}
    shop.runner.enqueue(ANN, "a2")
    await turns()
    assert shop.begun == ["a1", "a2"]


async def test_no_more_are_worked_on_than_the_bound_allows() -> None:
    shop = Workshop(max_in_flight=3)
    shop.runner.start(shop.work)
    for number in range(10):
        shop.runner.enqueue(Owner(guild_id=1, user_id=number + 1), f"{number}")
    for number in range(10):
        await turns()
        assert len(shop.begun) == min(10, number + 3)
        await shop.let_end(f"{number}")
    assert shop.most == 3
    assert len(shop.ended) == 10
    await shop.runner.stop()


async def test_an_attempt_is_queued_once_however_often_it_is_asked_for(shop: Workshop) -> None:
    for _ in range(3):
        shop.runner.enqueue(ANN, "a1")
        shop.runner.enqueue(ANN, "a2")
        await turns()
    await shop.let_end("a1")
    await shop.let_end("a2")
    assert shop.begun == ["a1", "a2"]


async def test_cancelling_a_waiting_attempt_keeps_it_from_being_begun(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(ANN, "a2")
    shop.runner.enqueue(ANN, "a3")
    await turns()
    await shop.runner.cancel(ANN, "a2")
    await shop.let_end("a1")
    await shop.let_end("a3")
    assert shop.begun == ["a1", "a3"]


async def test_cancelling_returns_when_the_work_has_stopped_and_the_next_one_begins(
    shop: Workshop,
) -> None:
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(ANN, "a2")
    await turns()
    await shop.runner.cancel(ANN, "a1")
    assert shop.stopped == ["a1"]
    await turns()
    assert shop.begun == ["a1", "a2"]
    assert shop.slept == []


async def test_an_attempt_can_be_queued_again_right_after_it_was_cancelled(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    await turns()
    await shop.runner.cancel(ANN, "a1")
    shop.runner.enqueue(ANN, "a1")
    await turns()
    assert shop.begun == ["a1", "a1"]


async def test_an_attempt_cancelled_before_its_first_step_never_begins(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    await shop.runner.cancel(ANN, "a1")
    await turns()
    assert shop.begun == []


async def test_cancelling_while_it_waits_for_a_free_place_keeps_it_from_being_begun() -> None:
    shop = Workshop(max_in_flight=1)
    shop.runner.start(shop.work)
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(BEN, "b1")
    await turns()
    await shop.runner.cancel(BEN, "b1")
    await shop.let_end("a1")
    assert shop.begun == ["a1"]
    shop.runner.enqueue(BEN, "b2")
    await turns()
    assert shop.begun == ["a1", "b2"]  # the place was not lost
    await shop.runner.stop()


async def test_cancelling_twice_interrupts_no_clean_up_and_both_wait_for_its_end(
    shop: Workshop,
) -> None:
    shop.clean_up.clear()
    shop.runner.enqueue(ANN, "a1")
    await turns()
    presses = []
    for _ in range(2):
        presses.append(asyncio.create_task(shop.runner.cancel(ANN, "a1")))
        await turns()
    assert not any(press.done() for press in presses)
    shop.clean_up.set()
    await asyncio.gather(*presses)
    assert shop.stopped == ["a1"]


async def test_cancelling_what_is_not_here_does_nothing(shop: Workshop) -> None:
    shop.runner.enqueue(ANN, "a1")
    await turns()
    await shop.runner.cancel(BEN, "a1")
    await shop.runner.cancel(ANN, "other")
    assert shop.stopped == []


@pytest.mark.expects_logged_error
async def test_an_error_is_tried_again_with_growing_waits_before_the_next_attempt(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.troubles = [OSError("secret text") for _ in range(6)]
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(ANN, "a2")
    await turns()
    assert shop.slept == [*RETRY_SECONDS, RETRY_SECONDS[-1], RETRY_SECONDS[-1]]
    assert set(shop.begun) == {"a1"}
    await shop.let_end("a1")
    assert shop.begun[-1] == "a2"
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.expects_logged_error
async def test_a_cancellation_that_nobody_asked_for_loses_no_attempt(shop: Workshop) -> None:
    shop.troubles = [asyncio.CancelledError()]
    shop.runner.enqueue(ANN, "a1")
    await turns()
    await shop.let_end("a1")
    assert shop.ended == ["a1"]
    assert shop.slept == [RETRY_SECONDS[0]]


@pytest.mark.expects_logged_error
async def test_who_waits_to_try_again_takes_nobodys_place() -> None:
    shop = Workshop(max_in_flight=1)
    shop.sleeping = asyncio.Event()
    shop.troubles = [OSError()]
    shop.runner.start(shop.work)
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(BEN, "b1")
    await turns()
    assert shop.begun == ["a1", "b1"]
    await shop.runner.cancel(ANN, "a1")  # also out of its wait
    assert (ANN, "") not in shop.runner._lanes
    await shop.runner.stop()


@pytest.mark.expects_logged_error
async def test_an_error_on_the_way_out_of_a_cancelled_attempt_is_no_reason_to_try_again(
    shop: Workshop,
) -> None:
    async def work(_owner: Owner, attempt_id: str) -> None:
        shop.begun.append(attempt_id)
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError

    shop.runner.start(work)
    shop.runner.enqueue(ANN, "a1")
    await turns()
    await shop.runner.cancel(ANN, "a1")
    await turns()
    assert (shop.begun, shop.slept) == (["a1"], [])


async def test_a_start_goes_on_with_what_was_left_in_its_order() -> None:
    shop = Workshop()
    shop.runner.start(shop.work, [(ANN, "a1"), (BEN, "b1"), (ANN, "a2")])
    await turns()
    assert shop.begun == ["a1", "b1"]
    await shop.let_end("a1")
    assert shop.begun == ["a1", "b1", "a2"]
    await shop.runner.stop()


async def test_stopping_stops_all_work_and_takes_no_more() -> None:
    before = asyncio.all_tasks()
    shop = Workshop()
    shop.runner.enqueue(ANN, "too early")
    shop.runner.start(shop.work)
    shop.runner.enqueue(ANN, "a1")
    shop.runner.enqueue(ANN, "a2")
    shop.runner.enqueue(BEN, "b1")
    await turns()
    await asyncio.gather(shop.runner.stop(), shop.runner.stop())
    assert shop.stopped == ["a1", "b1"]
    shop.runner.enqueue(ANN, "too late")
    await turns()
    assert shop.begun == ["a1", "b1"]
    assert asyncio.all_tasks() == before
    assert shop.runner._lanes == {}


async def test_thousands_may_wait_for_one_place() -> None:
    shop = Workshop(max_in_flight=1)
    members = [Owner(guild_id=1, user_id=number) for number in range(1, 2001)]
    shop.runner.start(shop.work, [(member, str(member.user_id)) for member in members])
    for member in members:
        shop.gate(str(member.user_id)).set()
    while shop.runner._tasks:
        await asyncio.wait(list(shop.runner._tasks.values()))
    assert shop.ended == [str(member.user_id) for member in members]
    assert shop.most == 1
