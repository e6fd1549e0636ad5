"""A waiting attempt looks again the moment it is woken, and soon after where that was early."""

from __future__ import annotations

import asyncio

from analyzer.dependencies import WITH_WEBHOOKS, Timings
from analyzer.wakeups import Wakeups
from core.models import Attempt, AttemptState
from tests.analyzer.harness import Harness
from tests.process.operator import eventually


class Waits:
    """What an attempt waits between looks; each wait lasts until it is woken or `over` is set.

    Waits before showing progress are not among them: they never end.
    """

    def __init__(self, edit_every: float) -> None:
        self._show_every = edit_every
        self.seconds: list[float] = []
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == self._show_every:
            await asyncio.Event().wait()
        self.seconds.append(seconds)
        await self.over.wait()
        self.over.clear()

    async def begun(self, many: int) -> None:
        await eventually(lambda: len(self.seconds) >= many, f"wait number {many}")


async def the_row(harness: Harness, attempt: Attempt) -> Attempt:
    row = await harness.now(attempt)
    assert row is not None
    return row


async def test_a_ring_ends_a_wait_and_what_was_early_is_looked_at_again_soon(
    harness: Harness,
) -> None:
    timings = Timings(
        poll_first=100, poll_growth=2, poll_longest=1000, poll_after_wakeup=3, edit_every=7777
    )
    wakeups, waits = Wakeups(), Waits(timings.edit_every)
    process = harness.process(wakeups=wakeups, timings=timings, sleep=waits.sleep)
    harness.engine.pending = 4
    attempt = await harness.submit(process)
    going = asyncio.create_task(process.attempts.advance(attempt.owner, attempt.id))
    await waits.begun(1)
    [task_id] = (await the_row(harness, attempt)).refs.task_ids
    wakeups.wake("another-task")
    waits.over.set()  # the first wait passes without being woken
    await waits.begun(2)
    wakeups.wake(task_id)
    await waits.begun(3)
    waits.over.set()
    await waits.begun(4)
    assert waits.seconds == [100, 200, 3, 6]  # grows again when nothing came of it
    wakeups.wake(task_id)
    await going
    assert (await the_row(harness, attempt)).state is AttemptState.DELIVERED
    assert harness.engine.calls.count("poll") == 5


async def test_a_ring_before_the_vendor_has_named_the_analysis_is_not_lost(
    harness: Harness,
) -> None:
    wakeups, waits = Wakeups(), Waits(WITH_WEBHOOKS.edit_every)
    process = harness.process(wakeups=wakeups, timings=WITH_WEBHOOKS, sleep=waits.sleep)
    harness.engine.pending = 1  # the look that comes of itself is too early
    attempt = await harness.submit(process)
    wakeups.wake("task-2")  # the asset is number one
    await process.attempts.advance(attempt.owner, attempt.id)
    row = await the_row(harness, attempt)
    assert row.refs.task_ids == ("task-2",)
    assert row.state is AttemptState.DELIVERED
    assert waits.seconds == []
