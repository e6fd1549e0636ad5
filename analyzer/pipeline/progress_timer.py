"""One timer that shows how far the attempts of this process are, for all of them."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass
from itertools import count

from analyzer.dependencies import Dependencies
from analyzer.wakeups import Wakeups

Show = Callable[[], Coroutine[None, None, None]]
"""Shows how far one attempt is. It raises nothing."""

_DUE = "due"  # rings where one is due before the timer would wake
_LONG = 3600.0
_STEP = 0.01  # seconds; whatever is due within one is shown together


@dataclass(slots=True, eq=False)
class _Shown:
    """An attempt under way."""

    show: Show | None  # `None` once nothing is to be shown any more
    context: Context  # the attempt's, so that its id is in the log
    seconds: float = 0.0  # it is under way for so long, as far as it was shown
    edit: asyncio.Task[None] | None = None  # under way now


class ProgressTimer:
    """Shows each attempt every five seconds at first, later every thirty; a crowd less often.

    A task and a timer for each would cost a few kilobytes more for each attempt that waits.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._timings, self._throttle, self._sleep = deps.timings, deps.throttle, deps.sleep
        self._due: list[tuple[float, int, _Shown]] = []
        self._numbers = count()
        self._inside = 0
        self._task: asyncio.Task[None] | None = None
        self._wakeups = Wakeups()

    @asynccontextmanager
    async def showing(self, show: Show) -> AsyncIterator[None]:
        """Call `show` now and then meanwhile. A call under way is finished before this ends."""
        one = _Shown(show, copy_context())
        # after a restart all begin at once, and would edit at once ever after
        turn = self._throttle.turn(self._timings.max_edits_per_second, "edit")
        self._schedule(one, turn)
        self._inside += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), context=Context())
        try:
            yield
        finally:
            one.show = None
            self._inside -= 1
            ending = [] if one.edit is None else [one.edit]
            if not self._inside:
                self._due.clear()
                self._task.cancel()
                ending.append(self._task)
                self._task = None
            if ending:
                await asyncio.wait(ending)

    def _schedule(self, one: _Shown, turn: float = 0.0) -> None:
        timings = self._timings
        wait = timings.edit_every * (1 if one.seconds < 60 else 2 if one.seconds < 180 else 6)
        wait = self._throttle.pause(wait, timings.max_edits_per_second, timings.edit_longest)
        one.seconds += wait
        due = asyncio.get_running_loop().time() + turn + wait
        if not self._due or due < self._due[0][0]:
            self._wakeups.wake(_DUE)
        heapq.heappush(self._due, (due, next(self._numbers), one))

    async def _run(self) -> None:
        while True:
            if not self._due:  # whatever is under way is being shown
                await self._wakeups.wait(_DUE, _LONG)
                continue
            due, _, one = self._due[0]
            wait = 0.0 if one.show is None else due - asyncio.get_running_loop().time()
            wait = math.ceil(wait / _STEP) * _STEP
            if wait > 0 and await self._wakeups.wait(_DUE, wait, self._sleep):
                continue
            self._show(heapq.heappop(self._due)[2])

    def _show(self, one: _Shown) -> None:
        if one.show is None:
            return

        def shown(_: asyncio.Task[None]) -> None:
            one.edit = None
            if one.show is not None:
                self._schedule(one)

        one.edit = asyncio.create_task(one.show(), context=one.context)
        one.edit.add_done_callback(shown)
