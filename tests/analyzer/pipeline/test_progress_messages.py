"""The progress a member sees while an attempt is under way; it never overtakes the end."""

from __future__ import annotations

import asyncio

import pytest

from analyzer.dependencies import Pace
from analyzer.engines import Job, Keep, Pending
from core.models import Assessment, AttemptState
from tests.analyzer.harness import House, journey, row
from tests.analyzer.scripted import ScriptedEngine


class Ticking(ScriptedEngine):
    """An engine whose analysis takes until the progress was shown a number of times."""

    def __init__(self, house: House, times: int) -> None:
        super().__init__(house.vendor)
        self.waits: list[float] = []
        self._times = times
        self._begun, self._over = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self._begun.wait()
        if len(self.waits) == self._times:
            self._over.set()
            await asyncio.Event().wait()
        self.waits.append(seconds)

    async def poll(self, job: Job, keep: Keep) -> Assessment | Pending:
        self._begun.set()
        await self._over.wait()
        return await super().poll(job, keep)


async def test_progress_is_shown_every_five_seconds_and_later_less_often(house: House) -> None:
    engine = Ticking(house, 26)
    await journey(house, engines={engine.name: engine}, pace=Pace(), sleep=engine.sleep)
    assert engine.waits == [5.0] * 12 + [10.0] * 12 + [30.0] * 2
    submitting = 1
    assert len(house.told.shown) == submitting + len(engine.waits)
    assert [shown.state for shown in house.told.shown[:2]] == ["queued", "analyzing"]


async def test_a_crowd_is_shown_less_often_but_not_too_seldom(house: House) -> None:
    engine = Ticking(house, 2)
    pace = Pace(shows_a_second=0.01, show_longest=90)
    await journey(house, engines={engine.name: engine}, pace=pace, sleep=engine.sleep)
    assert engine.waits == [90.0, 90.0]


@pytest.mark.expects_logged_error
async def test_progress_that_cannot_be_shown_stops_nothing(house: House) -> None:
    engine = Ticking(house, 3)
    process = house.process(engines={engine.name: engine}, sleep=engine.sleep)
    attempt = await house.submit(process)
    house.told.progress_trouble = ValueError("no such colour")
    await process.service.advance(attempt.owner, attempt.id)
    assert len(engine.waits) == 3
    ended = await row(house, attempt)
    assert ended.state is AttemptState.DELIVERED


async def test_an_edit_under_way_is_finished_before_the_result_is_shown(house: House) -> None:
    engine = Ticking(house, 1)
    process = house.process(engines={engine.name: engine}, sleep=engine.sleep)
    attempt = await house.submit(process)
    house.told.edits.clear()
    house.told.editing.clear()
    house.told.hold = asyncio.Event()
    advancing = asyncio.create_task(process.service.advance(attempt.owner, attempt.id))
    while (await row(house, attempt)).state is not AttemptState.ASSESSED:
        engine._over.set()
        await asyncio.sleep(0)
    await a_while(house)
    assert house.told.edits == ["progress begins"]
    house.told.hold.set()
    await advancing
    assert house.told.edits == ["progress begins", "progress ends", "told"]


async def test_an_edit_under_way_is_finished_before_a_cancelled_journey_ends(house: House) -> None:
    engine = Ticking(house, 1)
    process = house.process(engines={engine.name: engine}, sleep=engine.sleep)
    process.runner.start(process.service.advance)
    attempt = await house.submit(process)
    house.told.edits.clear()
    house.told.editing.clear()
    house.told.hold = asyncio.Event()
    await house.told.editing.wait()
    presses = [
        asyncio.create_task(process.service.cancel(attempt.owner, attempt.id)) for _ in range(2)
    ]
    await a_while(house)
    assert not any(press.done() for press in presses)
    house.told.hold.set()
    answers = [await press for press in presses]
    assert house.told.edits == ["progress begins", "progress ends"]
    assert {answer and answer.state for answer in answers} == {AttemptState.CANCELLED}
    await process.rest()
    await house.assert_nothing_is_left()


async def a_while(house: House) -> None:
    """Long enough for whatever waits only for the database."""
    for _ in range(10):
        await house.attempts.unfinished()
