"""Works on the attempts in the queue, in this process: one procrastinate worker, kept going."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from analyzer.pipeline.runner import RETRY_SECONDS, Work
from core.errors import Postponed, StorageUnavailable, error_location
from core.logs import attempt_in_logs
from core.models import Owner

log = logging.getLogger(__name__)

QUEUE: Final = "attempts"
TASK: Final = "advance"

BEATS = 6
"""How often a worker tells of itself before its silence has lasted long enough to be dead."""

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""When a job that is handed back may begin: our clock's "now" may lie in the server's future."""

LOOK_SECONDS = 1.0
"""How often the worker looks for jobs that nobody tells it of: those that were handed back, that
try again, or that waited for the member's other attempt. It is told of new ones at once."""

_BEGIN_AGAIN_SECONDS = 1.0

Tidy = Callable[[str], Awaitable[None]]
"""Deletes what an attempt, named by its id, has on this machine: another may go on with it."""


class QueueWorker:
    """Takes jobs until it is stopped. What it has not finished then goes back into the queue."""

    def __init__(self, app: App, max_in_flight: int, *, silence_seconds: float, tidy: Tidy) -> None:
        self._app = app
        self._max_in_flight = max_in_flight
        self._silence = silence_seconds
        self._tidy = tidy
        self._work: Work | None = None
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        self.running: set[int] = set()
        """Ids of the jobs that are worked on here."""
        app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_Patience())(self._take)
        # Without any periodic task procrastinate (3.10) no longer sees that its heartbeat has ended
        forget = app.task(name="forget", queue=QUEUE, queueing_lock="forget")(
            self._forget_cancelled
        )
        app.periodic(cron="0 * * * *")(forget)

    @property
    def id(self) -> int | None:
        """Its number in the queue, as long as it is known there."""
        return None if self._worker is None else self._worker.worker_id

    def start(self, work: Work) -> None:
        """Begin to take jobs."""
        self._work = work
        self._task = asyncio.create_task(self._keep_going(), name="queue worker")

    def begin_again(self) -> None:
        """Stop what is under way, and then take jobs under a new number."""
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]  # procrastinate left it so

    async def stop(self) -> None:
        """Take no more, hand back what is under way, and return when that is done."""
        self._work = None
        self.begin_again()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _keep_going(self) -> None:
        """Begin again whenever the worker has ended, as it does when the server is lost."""
        while self._work is not None:
            try:
                if self.id is not None:  # it ended without a word: its jobs are nobody's
                    await self._app.job_manager.unregister_worker(self.id)
                self._worker = self._make()
                await self._worker.run()  # type: ignore[no-untyped-call]  # as above
            except Exception as error:  # noqa: BLE001 - whatever it is, attempts wait for us
                if self._work is not None:
                    log.warning("the queue is out of reach: %s", error_location(error))
            if self._work is not None:
                await asyncio.sleep(_BEGIN_AGAIN_SECONDS)

    def _make(self) -> Worker:
        return Worker(
            self._app,
            queues=[QUEUE],
            concurrency=self._max_in_flight,
            fetch_job_polling_interval=LOOK_SECONDS,
            shutdown_graceful_timeout=0,  # an attempt may take half an hour; it goes on elsewhere
            delete_jobs="always",  # the row says how it ended
            install_signal_handlers=False,
            update_heartbeat_interval=self._silence / BEATS,
            stalled_worker_timeout=self._silence,
        )

    async def _take(
        self, context: JobContext, *, guild_id: int, user_id: int, attempt_id: str
    ) -> None:
        job = context.job
        assert job.id is not None  # noqa: S101 - for mypy: a job that runs has been stored
        self.running.add(job.id)
        try:
            with attempt_in_logs(attempt_id):
                await self._advance(context, Owner(guild_id=guild_id, user_id=user_id), attempt_id)
        finally:
            self.running.discard(job.id)

    async def _advance(self, context: JobContext, owner: Owner, attempt_id: str) -> None:
        if self._work is None:
            raise asyncio.CancelledError
        try:
            await self._work(owner, attempt_id)
        except Postponed as later:
            await self._tidy(attempt_id)  # another machine may go on with it
            raise _Interrupted(later.seconds) from None
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - no error loses work
            await self._tidy(attempt_id)
            reason = context.abort_reason()
            if reason is AbortReason.USER_REQUEST:
                raise JobAborted from None
            if reason is AbortReason.SHUTDOWN:
                raise asyncio.CancelledError from None
            wait = _wait_before(context.job)
            if isinstance(error, StorageUnavailable):  # no bug, and it passes
                log.warning("interrupted: %s; again in %.0f s", error, wait)
            else:
                log.error("interrupted: %s; again in %.0f s", error_location(error), wait)  # noqa: TRY400 - error texts may hold secrets
            raise _Interrupted(wait) from None

    async def _forget_cancelled(self, timestamp: int) -> None:  # noqa: ARG002 - procrastinate passes it
        """Delete jobs that were cancelled; all others are deleted when they end."""
        await self._app.job_manager.delete_old_jobs(
            1, QUEUE, include_failed=True, include_cancelled=True, include_aborted=True
        )


class _Interrupted(Exception):
    """An attempt could not go on now. It was logged, and nothing of it may be."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _Patience(BaseRetryStrategy):
    """A job is tried again for ever: the row says whether something is left to do."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=AT_ONCE)
        seconds = exception.seconds if isinstance(exception, _Interrupted) else _wait_before(job)
        return RetryDecision(retry_in={"seconds": max(1, math.ceil(seconds))})


def _wait_before(job: Job) -> float:
    """Seconds before a job is tried again."""
    return RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS) - 1)]
