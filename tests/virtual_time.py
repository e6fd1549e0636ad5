"""A clock that stands still while anybody works, and jumps to the next one that wakes up.

Real sockets and a real database take no time by it, and a day of waiting passes in no time at all.
The event loop's own clock jumps as well, so that every timeout passes as it would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

_BEGINS = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class VirtualTime:
    """Tells the time, sleeps, and moves on when all `workers` sleep."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the running loop's clock."""
        self.elapsed = 0.0
        self.jumps = 0
        self._asleep: dict[int, tuple[float, asyncio.Task[object] | None, asyncio.Event]] = {}
        self._numbers = count()
        loop = asyncio.get_running_loop()
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + self.elapsed)

    def __call__(self) -> datetime:
        """The time now."""
        return _BEGINS + timedelta(seconds=self.elapsed)

    def epoch(self) -> float:
        """The time now, in seconds."""
        return self().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Sleep until it is so much later."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        number, woken = next(self._numbers), asyncio.Event()
        self._asleep[number] = (self.elapsed + seconds, asyncio.current_task(), woken)
        try:
            await woken.wait()
        finally:
            self._asleep.pop(number, None)

    async def pass_until(
        self,
        done: Callable[[], bool],
        workers: Callable[[], Collection[asyncio.Task[None]]],
        idle: Callable[[], int],
    ) -> None:
        """Let time pass until it is done. `idle` of the workers wait for another one."""
        while not done():
            if not self._all_rest(workers(), idle()):
                await asyncio.sleep(0.0005)
                continue
            until = min(at for at, _, _ in self._asleep.values())
            self.elapsed = max(self.elapsed, until)
            self.jumps += 1
            for number, (at, _, woken) in list(self._asleep.items()):
                if at <= self.elapsed:
                    woken.set()
                    del self._asleep[number]

    async def pass_by(
        self,
        seconds: float,
        workers: Callable[[], Collection[asyncio.Task[None]]],
        idle: Callable[[], int],
    ) -> None:
        """Let so much time pass for nobody who is at work: what is on its way arrives first."""
        while not self._all_rest(workers(), idle()):  # noqa: ASYNC110 - nobody tells when all sleep
            await asyncio.sleep(0.0005)
        self.elapsed += seconds

    def _all_rest(self, workers: Collection[asyncio.Task[None]], idle: int) -> bool:
        asleep = {task for _, task, _ in self._asleep.values()}
        return sum(task in asleep for task in workers) + idle >= len(workers)
