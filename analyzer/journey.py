"""One attempt's way from `queued` to its end: one committed row update a step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, Unpack

from analyzer.clip import preflight
from analyzer.engines import Engine, Job, Pending
from analyzer.parts import Parts
from errors import EngineUnavailable, GreenroomError, Superseded, Told, where
from models import Attempt, AttemptState, ClipFacts, Failure, VendorRefs
from storage.rows import AttemptChanges

log = logging.getLogger("greenroom.attempt")

T = TypeVar("T")

INTERNAL = Failure(
    code="internal",
    sentence="Something went wrong on my side. Try again; this attempt doesn't count.",
)


def clip_path(parts: Parts, attempt_id: str) -> Path:
    """Where an attempt's clip lies while it is worked on."""
    return parts.clips_dir / f"{attempt_id}.clip"


def engine_of(parts: Parts, attempt: Attempt) -> Engine:
    """The engine an attempt was queued for.

    Raises:
        EngineUnavailable: the operator has switched it off since.
    """
    engine = parts.engines.get(attempt.engine)
    if engine is None:
        raise EngineUnavailable(
            "engine_switched_off",
            "The bot's set-up changed while your clip was being assessed. Please send it again.",
        )
    return engine


async def discard(parts: Parts, attempt: Attempt) -> Attempt:
    """Delete the vendor's copies and our file, and record when.

    Raises:
        EngineError: the vendor's copies could not be deleted now; the sweep tries again.
        Superseded: the row is gone.
    """
    await asyncio.to_thread(clip_path(parts, attempt.id).unlink, missing_ok=True)
    if attempt.refs:
        await engine_of(parts, attempt).discard(attempt.refs)
    return await parts.attempts.change(attempt, cleaned_at=parts.clock())


class _Unexpected(Exception):
    """A bug or a surprise outside the storage: it fails this attempt, with a sentence."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


class Journey:
    """Moves one attempt on until it has ended and its copies are gone.

    Safe to start again at any row: each step begins from what the row says.
    """

    def __init__(self, parts: Parts, attempt: Attempt) -> None:
        self._parts = parts
        self._attempt = attempt
        self._may_have_run = True  # the first step taken may have run before a crash
        self._row_trouble: Exception | None = None
        self._edit: asyncio.Task[None] | None = None
        self._steps: Mapping[AttemptState, Callable[[], Awaitable[Attempt]]] = {
            AttemptState.QUEUED: self._fetch,
            AttemptState.FETCHED: self._prepare,
            AttemptState.UPLOADED: self._start,
            AttemptState.ANALYZING: self._assess,
        }

    async def run(self) -> None:
        """Go on to the end.

        Raises:
            Exception: what the storage raises when a row cannot be written. Run again later.
        """
        try:
            async with self._showing_progress():
                while step := self._steps.get(self._attempt.state):
                    await self._take(step)
            await self._tell()
        except Superseded:
            await self._after_superseded()
            return
        await self._clean()

    async def _take(self, step: Callable[[], Awaitable[Attempt]]) -> None:
        before = self._attempt.state
        try:
            self._attempt = await step()
        except Told as error:
            log.warning("failed at %s: %s", before, error.code)
            await self._fail(Failure(code=error.code, sentence=error.sentence))
        except _Unexpected as error:
            log.error("failed at %s: internal: %s", before, where(error.cause))  # noqa: TRY400 - a trace may hold secrets
            await self._fail(INTERNAL)
        else:
            log.info("%s -> %s", before, self._attempt.state)
        self._may_have_run = False

    async def _fetch(self) -> Attempt:
        facts = await self._outside(self._preflight())
        return await self._move(AttemptState.FETCHED, facts=facts)

    async def _prepare(self) -> Attempt:
        clip = clip_path(self._parts, self._attempt.id)
        if self._attempt.refs.asset_id is None and not await asyncio.to_thread(clip.exists):
            await self._outside(self._preflight())
        engine = engine_of(self._parts, self._attempt)
        refs = await self._outside(engine.prepare(self._job(), self._keep))
        if refs.asset_id is not None:  # the vendor has its own copy: ours is not needed any more
            await asyncio.to_thread(clip.unlink, missing_ok=True)
        return await self._move(AttemptState.UPLOADED, refs=refs)

    async def _start(self) -> Attempt:
        engine = engine_of(self._parts, self._attempt)
        refs = await self._outside(engine.start(self._job(), self._keep))
        return await self._move(AttemptState.ANALYZING, refs=refs)

    async def _assess(self) -> Attempt:
        engine, pace = engine_of(self._parts, self._attempt), self._parts.pace
        deadline = asyncio.get_running_loop().time() + pace.analysis_deadline
        wait = pace.poll_first
        while True:
            result = await self._outside(engine.poll(self._job(), self._keep))
            if not isinstance(result, Pending):
                return await self._move(AttemptState.ASSESSED, assessment=result)
            if asyncio.get_running_loop().time() + wait > deadline:
                raise EngineUnavailable(
                    "analysis_timeout",
                    "The analysis took too long. Try again later; this attempt doesn't count.",
                )
            await asyncio.sleep(wait)
            wait = min(wait * pace.poll_growth, pace.poll_longest)

    async def _tell(self) -> None:
        """Tell the member how it ended, once: the row records it."""
        announcer, attempts = self._parts.announcer, self._parts.attempts
        if self._attempt.state is AttemptState.ASSESSED:
            previous = await attempts.previous(self._attempt)
            told = await announcer.deliver(self._attempt, previous)
            self._attempt = await self._move(
                AttemptState.DELIVERED,
                delivered_via=told.via,
                shared_message_id=told.message_id,
                shared_channel_id=told.channel_id,
                reply=None,
            )
            log.info("delivered via %s", told.via)
        elif self._attempt.state is AttemptState.FAILED and self._attempt.delivered_via is None:
            told = await announcer.deliver(self._attempt, None)
            self._attempt = await attempts.change(self._attempt, delivered_via=told.via, reply=None)

    async def _fail(self, failure: Failure) -> None:
        self._attempt = await self._move(AttemptState.FAILED, failure=failure)
        await self._parts.usage.refund(self._attempt.id)

    async def _clean(self) -> None:
        if not self._attempt.state.ended or self._attempt.cleaned_at is not None:
            return
        try:
            self._attempt = await self._outside(discard(self._parts, self._attempt))
        except Told as error:
            log.warning("copies not deleted yet: %s; the sweep goes on", error.code)
        except _Unexpected as error:
            log.error("copies not deleted yet: %s", where(error.cause))  # noqa: TRY400 - a trace may hold secrets
        except Superseded:
            return

    async def _after_superseded(self) -> None:
        """Somebody cancelled or deleted the attempt: what it left is ours to delete."""
        row = await self._parts.attempts.get(self._attempt.owner, self._attempt.id)
        if row is not None:
            self._attempt = row
            await self._clean()
        else:
            await asyncio.to_thread(
                clip_path(self._parts, self._attempt.id).unlink, missing_ok=True
            )

    async def _preflight(self) -> ClipFacts:
        limits = self._parts.limits
        return await preflight(
            self._parts.fetcher,
            self._attempt.source,
            clip_path(self._parts, self._attempt.id),
            max_bytes=limits.clip_bytes,
            max_seconds=limits.clip_seconds,
        )

    async def _move(self, to: AttemptState, **changes: Unpack[AttemptChanges]) -> Attempt:
        return await self._parts.attempts.move(self._attempt, to, **changes)

    async def _keep(self, refs: VendorRefs) -> None:
        """Commit vendor ids; where the row is gone, leave them to the sweep instead."""
        try:
            self._attempt = await self._parts.attempts.change(self._attempt, refs=refs)
        except Superseded:
            await self._parts.leftovers.add(self._attempt.id, self._attempt.engine, refs)
            raise
        except Exception as error:
            self._row_trouble = error
            raise

    def _job(self) -> Job:
        attempt = self._attempt
        if attempt.facts is None:
            raise _Unexpected(ValueError("an attempt past the pre-flight has facts"))
        return Job(
            attempt_id=attempt.id,
            question=attempt.question,
            clip=clip_path(self._parts, attempt.id),
            facts=attempt.facts,
            refs=attempt.refs,
            resumed=self._may_have_run,
        )

    async def _outside(self, call: Awaitable[T]) -> T:
        """Await something that is not the storage, and tell its surprises from storage trouble."""
        try:
            return await call
        except (GreenroomError, _Unexpected):
            raise
        except Exception as error:
            if error is self._row_trouble:
                raise
            raise _Unexpected(error) from None

    @asynccontextmanager
    async def _showing_progress(self) -> AsyncIterator[None]:
        """Keep the reply up to date meanwhile. An edit under way is finished, never overtaken."""
        ticker = asyncio.create_task(self._show())
        try:
            yield
        finally:
            ticker.cancel()
            await asyncio.wait([ticker])
            if self._edit is not None:
                await asyncio.wait([self._edit])

    async def _show(self) -> None:
        shown = 0.0
        while not self._attempt.state.ended:
            self._edit = asyncio.create_task(self._parts.announcer.progress(self._attempt))
            await asyncio.shield(self._edit)
            wait = self._parts.pace.show_every * (1 if shown < 60 else 2 if shown < 180 else 6)
            await asyncio.sleep(wait)
            shown += wait
