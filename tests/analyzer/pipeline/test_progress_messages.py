"""The progress a member sees while an attempt is under way; it never overtakes the end."""

from __future__ import annotations

import asyncio

import pytest

from analyzer.dependencies import Timings
from analyzer.engines import Job, Pending, SaveRefs
from core.assessment import Assessment
from core.models import AttemptState
from tests.analyzer.harness import Harness, row, run_attempt
from tests.analyzer.scripted import ScriptedEngine


class Ticking(ScriptedEngine):
    """An engine whose analysis takes until the progress was shown a number of times."""

    def __init__(self, harness: Harness, times: int) -> None:
        super().__init__(harness.vendor)
        self.waits: list[float] = []
        self._times = times
        self._begun, self._over = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self._begun.wait()
        if len(self.waits) == self._times:
            self._over.set()
            await asyncio.Event().wait()
        self.waits.append(seconds)

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        self._begun.set()
        await self._over.wait()
        return await super().poll(job, save_refs)


async def test_progress_is_shown_every_five_seconds_and_later_less_often(harness: Harness) -> None:
    engine = Ticking(harness, 26)
    await run_attempt(harness, engines={engine.name: engine}, timings=Timings(), sleep=engine.sleep)
    assert engine.waits == [5.0] * 12 + [10.0] * 12 + [30.0] * 2
    submitting = 1
    assert len(harness.told.shown) == submitting + len(engine.waits)
    assert [shown.state for shown in harness.told.shown[:2]] == ["queued", "analyzing"]


async def test_a_crowd_is_shown_less_often_but_not_too_seldom(harness: Harness) -> None:
    engine = Ticking(harness, 2)
    timings = Timings(max_edits_per_second=0.01, edit_longest=90)
    await run_attempt(harness, engines={engine.name: engine}, timings=timings, sleep=engine.sleep)
    assert engine.waits == [90.0, 90.0]


@pytest.mark.expects_logged_error
async def test_progress_that_cannot_be_shown_stops_nothing(harness: Harness) -> None:
    engine = Ticking(harness, 3)
    process = harness.process(engines={engine.name: engine}, sleep=engine.sleep)
    attempt = await harness.submit(process)
    harness.told.progress_trouble = ValueError("no such colour")
    await process.attempts.advance(attempt.owner, attempt.id)
    assert len(engine.waits) == 3
    ended = await row(harness, attempt)
    assert ended.state is AttemptState.DELIVERED


async def test_an_edit_under_way_is_finished_before_the_result_is_shown(harness: Harness) -> None:
    engine = Ticking(harness, 1)
    process = harness.process(engines={engine.name: engine}, sleep=engine.sleep)
    attempt = await harness.submit(process)
    harness.told.edits.clear()
    harness.told.editing.clear()
    harness.told.hold = asyncio.Event()
    advancing = asyncio.create_task(process.attempts.advance(attempt.owner, attempt.id))
    while (await row(harness, attempt)).state is not AttemptState.ASSESSED:
        engine._over.set()
        await asyncio.sleep(0)
    await a_while(harness)
    assert harness.told.edits == ["progress begins"]
    harness.told.hold.set()
    await advancing
    assert harness.told.edits == ["progress begins", "progress ends", "told"]


async def test_an_edit_under_way_is_finished_before_a_cancelled_journey_ends(
    harness: Harness,
) -> None:
    engine = Ticking(harness, 1)
    process = harness.process(engines={engine.name: engine}, sleep=engine.sleep)
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process)
    harness.told.edits.clear()
    harness.told.editing.clear()
    harness.told.hold = asyncio.Event()
    await harness.told.editing.wait()
    presses = [
        asyncio.create_task(process.attempts.cancel(attempt.owner, attempt.id)) for _ in range(2)
    ]
    await a_while(harness)
    assert not any(press.done() for press in presses)
    harness.told.hold.set()
    answers = [await press for press in presses]
    assert harness.told.edits == ["progress begins", "progress ends"]
    assert {answer and answer.state for answer in answers} == {AttemptState.CANCELLED}
    await process.rest()
    await harness.assert_nothing_is_left()


async def a_while(harness: Harness) -> None:
    """Long enough for whatever waits only for the database."""
    for _ in range(10):
        await harness.attempts.unfinished()
