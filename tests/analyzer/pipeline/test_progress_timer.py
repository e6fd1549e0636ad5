"""One timer shows all attempts of a process; none of them holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from analyzer.dependencies import Timings
from analyzer.pipeline.progress_timer import ProgressTimer
from analyzer.throttle import Throttle
from tests.analyzer.harness import Harness

SOON = Timings(edit_every=0.02, max_edits_per_second=10_000)


@pytest.fixture
def timer(harness: Harness) -> ProgressTimer:
    deps = replace(harness.deps, timings=SOON, throttle=Throttle(), sleep=asyncio.sleep)
    return ProgressTimer(deps)


class Shown:
    """Counts how often an attempt was shown."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.times, self._meanwhile = 0, meanwhile
        self._more = asyncio.Event()

    async def show(self) -> None:
        self.times += 1
        self._more.set()
        if self._meanwhile is not None:
            await self._meanwhile()

    async def again(self, times: int) -> None:
        """Wait until it was shown so often."""
        async with asyncio.timeout(30):
            while self.times < times:
                self._more.clear()
                await self._more.wait()


async def test_each_is_shown_again_and_again_while_it_is_under_way(timer: ProgressTimer) -> None:
    shown = [Shown() for _ in range(20)]
    async with AsyncExitStack() as stack:
        for one in shown:
            await stack.enter_async_context(timer.showing(one.show))
        await asyncio.gather(*(one.again(3) for one in shown))
    ended = [one.times for one in shown]
    later = Shown()
    async with timer.showing(later.show):  # after all had ended
        await later.again(2)
    assert [one.times for one in shown] == ended


async def test_an_edit_that_hangs_holds_up_nobody_else(timer: ProgressTimer) -> None:
    goes_on = asyncio.Event()
    hangs, other = Shown(goes_on.wait), Shown()
    async with timer.showing(other.show):
        hanging = asyncio.create_task(_under_way(timer, hangs))
        await hangs.again(1)
        await other.again(other.times + 3)
        assert not hanging.done()  # whoever is being shown ends after that
        goes_on.set()
        await hanging
    assert hangs.times == 1


async def test_one_that_ends_takes_no_time_of_the_others(timer: ProgressTimer) -> None:
    stays = Shown()
    async with timer.showing(stays.show):
        for _ in range(50):
            async with timer.showing(Shown().show):
                pass
        await stays.again(3)


async def _under_way(timer: ProgressTimer, shown: Shown) -> None:
    async with timer.showing(shown.show):
        await shown.again(1)
