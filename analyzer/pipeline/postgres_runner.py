"""Runs attempts in as many processes as wanted, over a queue in Postgres (procrastinate)."""

from __future__ import annotations

import asyncio
import logging

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from analyzer.pipeline.postgres_watchdog import QueueWatch, alive
from analyzer.pipeline.postgres_worker import QUEUE, TASK, QueueWorker, Tidy
from analyzer.pipeline.runner import Unfinished, Work
from core.errors import StorageUnavailable, error_location
from core.logs import attempt_in_logs
from core.models import Owner
from storage.engine.errors import code_of
from storage.engine.postgres_queue import Connector, Jobs, migrate_queue

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
"""A worker that was not heard of for this long is taken for dead, and others do its work.

Long enough for a server to restart, short enough that a member hardly notices. A worker tells of
itself six times meanwhile. Where it cannot, it stops its work after two thirds of the time, before
anybody else begins.
"""

CANCEL_SECONDS = 10.0
"""How long a member who cancels waits until whoever works on the attempt has stopped."""

STOP_SECONDS = 3.0
"""How long stopping may wait for the server; supervisors kill after ten seconds."""

_DEFER_AGAIN_SECONDS = (0.2, 1.0, 5.0)
_CANCEL_LOOK_SECONDS = 0.1


class ProcrastinateRunner:
    """One job for each attempt that has not ended. The state lives in the rows, not in the jobs.

    A job names the attempt and nothing else. Its `lock` is the member, so that a member's attempts
    run one after the other over all processes, or the attempt where it goes beside those; its
    `queueing_lock` is the attempt, so that none waits twice.
    """

    def __init__(
        self,
        url: str,
        max_in_flight: int,
        *,
        tidy: Tidy,
        works: bool = True,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """Make one; `works` is false in a process that only puts attempts into the queue."""
        self._url = url
        connector = Connector(url, patience=silence_seconds / 2)
        jobs = Jobs(connector)
        self._app = App(connector=connector)
        self._app.job_manager = jobs
        self._worker = (
            QueueWorker(self._app, max_in_flight, silence_seconds=silence_seconds, tidy=tidy)
            if works
            else None
        )
        self._watch = QueueWatch(jobs, self._worker, self.enqueue, silence_seconds=silence_seconds)
        self._open = False
        self._defers: dict[str, asyncio.Task[None]] = {}

    @property
    def in_flight(self) -> int:
        """How many attempts this process is working on."""
        return 0 if self._worker is None else len(self._worker.running)

    async def go_on(self, work: Work, unfinished: Unfinished) -> None:
        """Begin, with what an earlier process left unfinished.

        Raises:
            SettingsProblem: the queue cannot be set up.
        """
        await migrate_queue(self._url)
        await self._app.open_async()
        self._open = True
        self._watch.start(unfinished)
        if self._worker is not None:
            self._worker.start(work)

    def enqueue(self, owner: Owner, attempt_id: str, *, beside: bool = False) -> None:
        """Put an attempt into the queue, in the background.

        Before `go_on` and after `stop` nothing happens: its row is committed, and some process
        will find that it has no job.
        """
        if self._open and attempt_id not in self._defers:
            task = asyncio.create_task(self._defer(owner, attempt_id, beside=beside))
            self._defers[attempt_id] = task
            task.add_done_callback(lambda _: self._defers.pop(attempt_id))

    async def cancel(self, owner: Owner, attempt_id: str) -> None:  # noqa: ARG002 - part of Runner
        """Take an attempt out of the queue and return when no process works on it any more.

        One that cannot be reached, because it has just died, is waited for ten seconds. Then the
        caller goes on: whoever moves the row first wins, so a late step elsewhere does no harm.

        Raises:
            StorageUnavailable: the queue cannot be reached now.
        """
        if not self._open:
            return
        if (deferring := self._defers.get(attempt_id)) is not None:
            deferring.cancel()
            await asyncio.wait([deferring])
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._take_out(attempt_id)
        except TimeoutError:
            log.warning("whoever works on it did not stop in time")
        except ConnectorException as error:
            raise StorageUnavailable(_code_of(error)) from None

    async def stop(self) -> None:
        """Stop all work here and return when it has stopped. Others can go on with it at once."""
        if not self._open:
            return
        self._open = False
        await self._watch.stop()
        stopping = [*self._defers.values()]
        if self._worker is not None:
            stopping.append(asyncio.create_task(self._worker.stop()))
        if stopping and (await asyncio.wait(stopping, timeout=STOP_SECONDS))[1]:
            log.warning("the queue does not answer: others will find what was under way here")
        for deferring in self._defers.values():
            deferring.cancel()
        # before the wait below: whoever still wants a connection is told that none comes
        await self._app.close_async()
        if stopping:
            await asyncio.wait(stopping)

    async def _defer(self, owner: Owner, attempt_id: str, *, beside: bool) -> None:
        job = self._app.configure_task(
            TASK,
            queue=QUEUE,
            lock=attempt_id if beside else f"{owner.guild_id}:{owner.user_id}",
            queueing_lock=attempt_id,
            task_kwargs={
                "guild_id": owner.guild_id,
                "user_id": owner.user_id,
                "attempt_id": attempt_id,
            },
        )
        with attempt_in_logs(attempt_id):
            for wait in (*_DEFER_AGAIN_SECONDS, None):
                try:
                    await job.defer_async()
                except AlreadyEnqueued:
                    return
                except ConnectorException as error:
                    log.warning("not in the queue yet: %s", error_location(error))
                else:
                    return
                if wait is None or not self._open:
                    return  # the watch of some process finds it
                await asyncio.sleep(wait)

    async def _take_out(self, attempt_id: str) -> None:
        """Cancel what waits, have what runs aborted, and wait until neither is left."""
        manager = self._app.job_manager
        while jobs := [
            job for job in await manager.list_jobs_async(queueing_lock=attempt_id) if alive(job)
        ]:
            for job in jobs:
                if job.id is not None and not job.abort_requested:
                    await manager.cancel_job_by_id_async(job.id, abort=True, delete_job=True)
            await asyncio.sleep(_CANCEL_LOOK_SECONDS)


def _code_of(error: ConnectorException) -> str:
    """The server's own code for what procrastinate has wrapped."""
    return code_of(error.__cause__ if isinstance(error.__cause__, Exception) else error)
