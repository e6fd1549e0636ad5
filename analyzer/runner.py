"""Runs attempts inside this process: a bound on work in flight, one at a time per member."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from typing import Protocol

from errors import where
from models import Owner

log = logging.getLogger("greenroom.runner")

Work = Callable[[Owner, str], Awaitable[None]]
"""Moves one attempt until it has ended; safe to call again for the same attempt."""

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0)
"""Waits before an attempt is tried again after an error that `Work` did not expect, such as a
database that cannot be written. The last one repeats; the row is still there, nothing is lost."""


class Runner(Protocol):
    """Sees to it that every queued attempt is advanced until it has ended."""

    def enqueue(self, owner: Owner, attempt_id: str) -> None:
        """Take an attempt whose row is committed."""
        ...

    async def cancel(self, owner: Owner, attempt_id: str) -> None:
        """Stop working on an attempt and return when nothing works on it any more."""
        ...


class InProcessRunner:
    """asyncio tasks, one for each member with attempts under way. The state lives in the rows."""

    def __init__(self, max_in_flight: int) -> None:
        self._slots = asyncio.Semaphore(max_in_flight)
        self._lanes: dict[Owner, deque[str]] = {}
        self._lane_tasks: dict[Owner, asyncio.Task[None]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._work: Work | None = None

    @property
    def in_flight(self) -> int:
        """How many attempts are being worked on now."""
        return len(self._running)

    def start(self, work: Work, resume: Iterable[tuple[Owner, str]] = ()) -> None:
        """Begin, with the attempts an earlier process left unfinished."""
        self._work = work
        for owner, attempt_id in resume:
            self.enqueue(owner, attempt_id)

    def enqueue(self, owner: Owner, attempt_id: str) -> None:
        """Put an attempt in its member's lane, once.

        Before `start` and after `stop` nothing happens: its row is committed, so the next start
        finds it.
        """
        if self._work is None:
            return
        lane = self._lanes.setdefault(owner, deque())
        if attempt_id in lane:
            return
        lane.append(attempt_id)
        if owner not in self._lane_tasks:
            self._lane_tasks[owner] = asyncio.create_task(
                self._run_lane(owner, lane, self._work), name=f"lane-{owner.user_id}"
            )

    async def cancel(self, owner: Owner, attempt_id: str) -> None:
        """Take a waiting attempt out of its lane, or stop the running one."""
        lane = self._lanes.get(owner)
        if lane is not None and attempt_id in lane:
            lane.remove(attempt_id)
        task = self._running.get(attempt_id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def stop(self) -> None:
        """Stop all work and return when it has stopped. The rows say where to go on."""
        self._work = None
        tasks = list(self._lane_tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run_lane(self, owner: Owner, lane: deque[str], work: Work) -> None:
        try:
            while lane:
                attempt_id = lane[0]
                async with self._slots:
                    task = asyncio.create_task(self._run(owner, attempt_id, work))
                    self._running[attempt_id] = task
                    try:
                        await asyncio.wait([task])
                    finally:
                        task.cancel()
                        await asyncio.wait([task])
                        del self._running[attempt_id]
                if lane and lane[0] == attempt_id:
                    lane.popleft()
        finally:
            del self._lanes[owner], self._lane_tasks[owner]

    async def _run(self, owner: Owner, attempt_id: str, work: Work) -> None:
        for tries in count():
            try:
                await work(owner, attempt_id)
                return
            except Exception as error:  # noqa: BLE001 - one attempt's bug must not end its lane
                wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                log.error("attempt %s: %s; again in %.0f s", attempt_id, where(error), wait)  # noqa: TRY400 - error texts may hold secrets
                await asyncio.sleep(wait)
