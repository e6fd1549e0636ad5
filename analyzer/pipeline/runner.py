"""Runs attempts inside this process: a bound on work in flight, one at a time per member."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from typing import Protocol

from analyzer.dependencies import Sleep
from core.errors import Postponed, StorageUnavailable, error_location
from core.logs import attempt_in_logs
from core.models import Owner

log = logging.getLogger(__name__)

Work = Callable[[Owner, str], Awaitable[None]]
"""Moves one attempt until it has ended; safe to call again for the same attempt.

It raises `Postponed` where it should be called again later, and not hold a slot until then.
"""

Unfinished = Callable[[], Awaitable[Iterable[tuple[Owner, str]]]]
"""Looks up every attempt whose row says that something is left to do."""

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0)
"""Waits before an attempt is tried again after an error that `Work` did not expect, such as a
database that cannot be written. The last one repeats; the row is still there, nothing is lost."""


class Runner(Protocol):
    """Sees to it that every queued attempt is advanced until it has ended."""

    @property
    def in_flight(self) -> int:
        """How many attempts are being worked on now."""
        ...

    async def go_on(self, work: Work, unfinished: Unfinished) -> None:
        """Begin, with what an earlier process left unfinished."""
        ...

    async def stop(self) -> None:
        """Stop all work and return when it has stopped. The rows say where to go on."""
        ...

    def enqueue(self, owner: Owner, attempt_id: str, *, beside: bool = False) -> None:
        """Take an attempt whose row is committed.

        It waits for its member's attempts that came before; one that goes `beside` them does not.
        """
        ...

    async def cancel(self, owner: Owner, attempt_id: str) -> None:
        """Stop working on an attempt and return when nothing works on it any more."""
        ...


Lane = tuple[Owner, str]
"""A member's lane, or, with the id of an attempt that goes beside it, that attempt's own."""


class InProcessRunner:
    """One lane for each member with attempts under way. The state lives in the rows.

    The first attempt in a lane has a task, the others wait for it; a lane without attempts is gone.
    """

    def __init__(self, max_in_flight: int, *, sleep: Sleep = asyncio.sleep) -> None:
        self._slots = asyncio.Semaphore(max_in_flight)
        self._sleep = sleep
        self._lanes: dict[Lane, list[str]] = {}
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._work: Work | None = None

    @property
    def in_flight(self) -> int:
        """How many attempts are being worked on, or wait for a slot."""
        return len(self._tasks)

    async def go_on(self, work: Work, unfinished: Unfinished) -> None:
        """Begin, with what an earlier process left unfinished."""
        self.start(work, await unfinished())

    def start(self, work: Work, resume: Iterable[tuple[Owner, str]] = ()) -> None:
        """Begin, with the attempts an earlier process left unfinished."""
        self._work = work
        for owner, attempt_id in resume:
            self.enqueue(owner, attempt_id)

    def enqueue(self, owner: Owner, attempt_id: str, *, beside: bool = False) -> None:
        """Put an attempt in its member's lane, or in one of its own, once.

        Before `start` and after `stop` nothing happens: its row is committed, so the next start
        finds it.
        """
        if self._work is None or self._lane_of(owner, attempt_id) is not None:
            return
        lane = (owner, attempt_id if beside else "")
        waiting = self._lanes.setdefault(lane, [])
        waiting.append(attempt_id)
        if len(waiting) == 1:
            self._begin(lane, self._work)

    async def cancel(self, owner: Owner, attempt_id: str) -> None:
        """Take a waiting attempt out of its lane, or stop the running one."""
        lane = self._lane_of(owner, attempt_id)
        if lane is None:
            return
        if self._lanes[lane][0] == attempt_id:
            await _stop([self._tasks[lane]])
        else:
            self._lanes[lane].remove(attempt_id)

    async def stop(self) -> None:
        """Stop all work and return when it has stopped. The rows say where to go on."""
        self._work = None
        await _stop(list(self._tasks.values()))

    def _lane_of(self, owner: Owner, attempt_id: str) -> Lane | None:
        """The lane that an attempt is in."""
        lanes = ((owner, ""), (owner, attempt_id))
        return next((one for one in lanes if attempt_id in self._lanes.get(one, ())), None)

    def _begin(self, lane: Lane, work: Work) -> None:
        task = asyncio.create_task(self._advance(lane[0], self._lanes[lane][0], work))
        self._tasks[lane] = task
        task.add_done_callback(lambda _: self._go_on(lane))

    def _go_on(self, lane: Lane) -> None:
        """Begin the lane's next attempt, or take the lane away."""
        waiting = self._lanes[lane]
        waiting.pop(0)
        del self._tasks[lane]
        if waiting and self._work is not None:
            self._begin(lane, self._work)
        else:
            del self._lanes[lane]

    async def _advance(self, owner: Owner, attempt_id: str, work: Work) -> None:
        with attempt_in_logs(attempt_id):
            for tries in count():
                try:
                    async with self._slots:
                        await work(owner, attempt_id)
                    return
                except Postponed as later:
                    wait = later.seconds
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - no error loses work
                    if _is_stopping():
                        return
                    wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                    if isinstance(error, StorageUnavailable):  # no bug, and it passes
                        log.warning("interrupted: %s; again in %.0f s", error, wait)
                    else:
                        log.error("interrupted: %s; again in %.0f s", error_location(error), wait)  # noqa: TRY400 - error texts may hold secrets
                await self._sleep(wait)  # outside the slot: others can work meanwhile


def _is_stopping() -> bool:
    """Whether we stopped this task. A `CancelledError` may also come out of a library."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        if not task.cancelling():  # a second time would interrupt what it still finishes
            task.cancel()
    if tasks:
        await asyncio.wait(tasks)
