"""One look at the vendor's list of ended analyses, for all attempts of this process that wait."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context

from analyzer.dependencies import Dependencies
from analyzer.engines.vendor_turns import calling_for
from core.assessment import EngineName
from core.errors import EngineError, MustWait, error_location
from core.models import new_id

log = logging.getLogger(__name__)

_TELLS_FOR = 3  # times the interval at which the list is read
_AGAIN_LONGEST = 60.0  # seconds, after a list that could not be read or that does not tell
_CHECK_EVERY = 10.0
_WRONG_MAX = 2
_DOUBTED_SECONDS = 3600.0


class SharedLook:
    """Reads the list while many wait, and wakes those whose analysis is in it.

    A thousand attempts then cost two requests in two seconds, and no look each. Whether the list
    tells everything is checked now and then: one that is not in it is woken too. Where two of
    those in a row had ended after all, each is looked at by itself for an hour.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._engine = deps.engines.get(EngineName.TWELVELABS)
        self._timings, self._wakeups = deps.timings, deps.wakeups
        self._clock, self._sleep = deps.clock, deps.sleep
        self._waiter_id = f"list-{new_id()}"
        self._waiting: dict[str, float] = {}  # since when, by the loop's clock; the first is oldest
        self._task: asyncio.Task[None] | None = None
        self._listed: frozenset[str] = frozenset()
        self._read_at = -math.inf
        self._checked: str | None = None
        self._checked_at = -math.inf
        self._wrong = 0
        self._doubted_until = -math.inf

    @asynccontextmanager
    async def waiting(self, task_id: str) -> AsyncIterator[None]:
        """Wake whoever waits for this analysis meanwhile, when the list has it."""
        self._waiting[task_id] = _now()
        if (self._task is None or self._task.done()) and self._is_read(self._timings.crowd):
            self._task = asyncio.create_task(self._run(), context=Context())
        try:
            yield
        finally:
            self._waiting.pop(task_id, None)
            if self._task is not None and not self._waiting:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.wait([task])

    def tells(self, task_id: str) -> bool:
        """Whether whoever waits for this analysis would have been woken, had it ended."""
        since = self._waiting.get(task_id, math.inf)
        fresh = _now() - self._read_at < _TELLS_FOR * self._timings.list_every
        return fresh and since <= self._read_at

    def seen(self, task_id: str, *, ended: bool) -> None:
        """Note what a look at one analysis has shown."""
        if task_id != self._checked:
            return
        self._checked = None
        self._wrong = self._wrong + 1 if ended and task_id not in self._listed else 0
        if self._wrong >= _WRONG_MAX:
            log.warning("the list of ended analyses is not complete: looking at each for an hour")
            self._wrong, self._read_at = 0, -math.inf
            self._doubted_until = _now() + _DOUBTED_SECONDS

    def _is_read(self, crowd: float) -> bool:
        return len(self._waiting) >= crowd and self._engine is not None and self._is_believed()

    def _is_believed(self) -> bool:
        return _now() >= self._doubted_until

    async def _run(self) -> None:
        """Read the list until fewer wait than half a crowd."""
        pause = self._timings.list_every
        while self._is_read(self._timings.crowd / 2):
            told = await self._read()
            pause = self._timings.list_every if told else min(2 * pause, _AGAIN_LONGEST)
            await self._sleep(pause)
        for task_id in list(self._waiting):  # each looks for itself again
            self._wakeups.wake(task_id)

    async def _read(self) -> bool:
        """Read it once and wake whoever it is about; whether it tells."""
        begun, ended = _now(), None
        try:
            with calling_for(self._waiter_id, self._clock()):
                ended = None if self._engine is None else await self._engine.ended()
        except (EngineError, MustWait) as error:
            log.info("the list of ended analyses was not read: %s", error)
        except Exception as error:  # noqa: BLE001 - then each is looked at by itself
            log.error("the list of ended analyses: internal: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets
        if ended is None:
            return False
        self._listed, self._read_at = ended, begun
        for task_id in [one for one in self._waiting if one in ended]:
            self._wakeups.wake(task_id)
            await self._sleep(1 / self._timings.max_polls_per_second)
        self._check()
        return True

    def _check(self) -> None:
        """Let the one that waits longest look for itself."""
        longest, now = next(iter(self._waiting), None), _now()
        if longest is None or longest in self._listed or now < self._checked_at + _CHECK_EVERY:
            return
        if self._waiting[longest] <= self._read_at:
            self._checked, self._checked_at = longest, now
            self._wakeups.wake(longest)


def _now() -> float:
    return asyncio.get_running_loop().time()
