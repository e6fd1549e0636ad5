"""The vendor is down for ten minutes, wherever an attempt is: it goes on as if nothing had been.

The minutes pass in the loop's own time: where nothing is left to do, its clock jumps to the next
timer, so deadlines, retries and the SDK's timeouts are the real ones and the test takes seconds.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from analyzer.engines import Job, Pending
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from core.models import VendorRefs
from tests.analyzer.engines.twelvelabs.setup import ATTEMPT, DEMO, FACTS, QUESTION
from tests.fakes.twelvelabs import TwelveLabsStandIn

OUTAGE_SECONDS = 600.0
_REST_SECONDS = 0.02
"""So long nothing may come in, in real time, before the clock jumps: sockets here are faster."""


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop that does not wait for its timers."""

    def __init__(self) -> None:
        self._ahead = 0.0
        super().__init__(_Impatient(self))

    def time(self) -> float:
        return super().time() + self._ahead

    def jump(self, seconds: float) -> None:
        self._ahead += seconds


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(min(_REST_SECONDS if timeout is None else timeout, _REST_SECONDS))
        if not ready and timeout is not None and timeout > _REST_SECONDS:
            self._loop.jump(timeout - _REST_SECONDS)
        return ready


class Attempted:
    """An attempt under way at the stand-in, as far as its engine knows it."""

    def __init__(self, vendor: TwelveLabsStandIn) -> None:
        self.vendor = vendor
        self.engine = TwelveLabsEngine(
            api_key=vendor.key, model="pegasus1.5", installation="test", base_url=vendor.url
        )
        self.refs = VendorRefs()

    async def save_refs(self, refs: VendorRefs) -> None:
        self.refs = refs

    def job(self) -> Job:
        return Job(ATTEMPT, QUESTION, DEMO, FACTS, self.refs)

    async def upload(self) -> None:
        await self.engine.prepare(self.job(), self.save_refs)

    async def start(self) -> None:
        await self.engine.start(self.job(), self.save_refs)

    async def assess(self) -> None:
        while isinstance(await self.engine.poll(self.job(), self.save_refs), Pending):  # noqa: ASYNC110 - as the pipeline does
            await asyncio.sleep(5)


@pytest.mark.parametrize("step", ["upload", "start", "assess"])
def test_ten_minutes_without_the_vendor_cost_nothing(step: str) -> None:
    async def live() -> float:
        loop = asyncio.get_running_loop()
        async with TwelveLabsStandIn() as vendor:
            attempt = Attempted(vendor)
            steps: dict[str, Callable[[], Awaitable[None]]] = {
                "upload": attempt.upload,
                "start": attempt.start,
                "assess": attempt.assess,
            }
            took = 0.0
            for name, go in steps.items():
                if name == step:
                    vendor.down = True
                    loop.call_later(OUTAGE_SECONDS, setattr, vendor, "down", False)
                began = loop.time()
                await go()
                took = loop.time() - began if name == step else took
            assert len(vendor.assets) == 1
            assert vendor.tasks_created == 1
            await attempt.engine.aclose()
            return took

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        took = runner.run(live())
    assert took >= OUTAGE_SECONDS  # it was there for the whole outage, and did not give up
