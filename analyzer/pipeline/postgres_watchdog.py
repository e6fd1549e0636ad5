"""Sees that no attempt is forgotten: jobs of the dead, jobs nobody runs, rows without a job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from analyzer.pipeline.postgres_worker import AT_ONCE, BEATS, QUEUE, QueueWorker
from analyzer.pipeline.runner import Unfinished
from core.errors import error_location
from core.models import Owner
from storage.engine.postgres_queue import Jobs

log = logging.getLogger(__name__)

Enqueue = Callable[[Owner, str], None]


class QueueWatch:
    """Looks several times as often as a silence takes to count as death.

    Not a periodic task of procrastinate's: that would wait in line behind the attempts.
    """

    def __init__(
        self,
        jobs: Jobs,
        worker: QueueWorker | None,
        enqueue: Enqueue,
        *,
        silence_seconds: float,
    ) -> None:
        self._jobs = jobs
        self._worker = worker
        self._enqueue = enqueue
        self._silence = silence_seconds
        self._adrift: dict[int, float] = {}  # jobs said to be ours that are not, and since when
        self._jobless: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def start(self, unfinished: Unfinished) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._forever(unfinished), name="queue watch")

    async def stop(self) -> None:
        """End it, and return when it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _forever(self, unfinished: Unfinished) -> None:
        looks = 0
        while True:
            try:
                await self._notice_being_taken_for_dead()
                await self._take_from_the_dead()
                await self._take_what_is_adrift()
                if looks % BEATS == 0:
                    await self._find_the_jobless(unfinished)
            except Exception as error:  # noqa: BLE001 - the next look may go better
                log.warning("the queue could not be looked after: %s", error_location(error))
            else:
                looks += 1
            await asyncio.sleep(self._silence / BEATS)

    async def _take_from_the_dead(self) -> None:
        """Strike off workers that fell silent, and put their jobs back into the queue."""
        await self._jobs.prune_stalled_workers(self._silence)
        for job in await self._jobs.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=self._silence
        ):
            await self._put_back(job)

    async def _notice_being_taken_for_dead(self) -> None:
        """Stop the work here, if this process only slept and others do it by now."""
        worker = self._worker
        if worker is None or worker.id is None or await self._jobs.knows(worker.id):
            return
        log.warning("this process was taken for dead: it stops what others do by now")
        worker.begin_again()

    async def _take_what_is_adrift(self) -> None:
        """Put jobs back that are said to run here and do not.

        So it is when the server was lost between taking a job and hearing of it, or while its end
        was written. After as long as another worker's silence may last, it is certain.
        """
        worker = self._worker
        if worker is None or worker.id is None:
            return
        now = asyncio.get_running_loop().time()
        ours = await self._jobs.list_jobs_async(queue=QUEUE, status="doing", worker_id=worker.id)
        adrift = {
            job.id: job for job in ours if job.id is not None and job.id not in worker.running
        }
        self._adrift = {number: self._adrift.get(number, now) for number in adrift}
        for number, since in self._adrift.items():
            if now - since >= self._silence:
                await self._put_back(adrift[number])

    async def _find_the_jobless(self, unfinished: Unfinished) -> None:
        """Queue attempts that have no job, now nor at the last look: theirs was never stored.

        One look is not enough: whoever has just committed a row first opens its reply.
        """
        rows = await unfinished()
        jobs = await self._jobs.list_jobs_async(queue=QUEUE)
        queued = {job.queueing_lock for job in jobs if alive(job)}
        jobless = {attempt_id: owner for owner, attempt_id in rows if attempt_id not in queued}
        for attempt_id in self._jobless & jobless.keys():
            self._enqueue(jobless[attempt_id], attempt_id)
        self._jobless = frozenset(jobless)

    async def _put_back(self, job: Job) -> None:
        try:
            await self._jobs.retry_job(job, retry_at=AT_ONCE)
        except ConnectorException:
            return  # it has ended meanwhile; or the server is lost, and the next look finds it
        log.warning("nobody worked on attempt %s any more: back in the queue", job.queueing_lock)


def alive(job: Job) -> bool:
    """Whether a job is still to be done, or being done."""
    return job.status in ("todo", "doing")
