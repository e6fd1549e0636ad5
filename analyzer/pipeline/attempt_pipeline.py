"""One attempt's way from `queued` to its end: one committed row update a step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar, Unpack

from analyzer.calibration.kept import with_ranges
from analyzer.consent import check_agreement, holds
from analyzer.dependencies import Announced, Dependencies
from analyzer.engines import Job, Pending
from analyzer.engines.vendor_turns import CallKind, calling_for, current_waiter
from analyzer.engines.work_pace import META_KEY
from analyzer.pipeline.analysis_watch import AnalysisWatch
from analyzer.pipeline.clip_files import clip_path, delete_clip, discard, engine_of, fetch
from analyzer.pipeline.local_line import with_turn
from analyzer.pipeline.progress_timer import ProgressTimer
from analyzer.pipeline.shared_look import SharedLook
from analyzer.questions.kinds import AboutQuestion, about_question
from analyzer.scoring.as_found import answers_follow_up
from analyzer.scoring.rubric import assessable
from analyzer.vendor_limits.line import pause
from analyzer.vendor_limits.spending import AttemptBill
from core.assessment import Assessment, EngineName, Metric
from core.errors import (
    ClipRefused,
    EngineUnavailable,
    MustWait,
    Postponed,
    StorageUnavailable,
    Superseded,
    UserFacingError,
    error_location,
)
from core.models import Attempt, AttemptState, DeliveredVia, Failure, VendorRefs, Waiting
from core.telemetry import count_ended, timed
from storage.mapping import AttemptChanges

log = logging.getLogger(__name__)

T = TypeVar("T")

INTERNAL = Failure(
    code="internal",
    sentence="Something went wrong on my side. Try again; this attempt doesn't count.",
)

_KEPT_SECONDS = 15 * 60.0
"""An attempt that waits for longer keeps no clip meanwhile."""

_NOTHING_TO_SEE = (
    "Your clip has no sound, and what can be seen in it is switched off here. Record it with "
    "sound, or see `/metrics`."
)
_NOTHING_TO_HEAR = (
    "Your recording has no picture, and what can be heard in it is switched off here. Record it "
    "with a picture, or see `/metrics`."
)


class AttemptPipeline:
    """Moves one attempt on until it has ended and its copies are gone.

    Safe to start again at any row: each step begins from what the row says.
    """

    def __init__(
        self,
        deps: Dependencies,
        attempt: Attempt,
        *,
        shared_look: SharedLook,
        progress_timer: ProgressTimer,
    ) -> None:
        """The last two serve all attempts of this process."""
        self._deps = deps
        self._shared_look, self._progress_timer = shared_look, progress_timer
        self._attempt = attempt
        self._clip = clip_path(deps, attempt.id)
        self._may_have_run = True  # the first step taken may have run before a crash
        self._about: AboutQuestion | None = None
        self._may_judge = False
        self._storage_error: StorageUnavailable | Superseded | None = None

    async def run(self) -> None:
        """Go on to the end.

        Raises:
            StorageUnavailable: a row cannot be written. Run again later, with the attempt as its
                row says then.
            Postponed: the vendor's limits or the operator's cap let it go on later.
        """
        with calling_for(self._attempt.id, self._attempt.created_at):
            try:
                await self._go_on()
            except Superseded:
                await self._look_again()
            if self._attempt.state.ended and self._attempt.cleaned_at is None:
                await discard(self._deps, self._attempt, in_line=True)

    async def _go_on(self) -> None:
        try:
            async with self._progress_timer.showing(self._show_once):
                while step := self._next_step():
                    await self._take(step)
        except MustWait as wait:
            waiting = Waiting(until=wait.until, place=wait.place)
            self._attempt = await self._write(waiting=waiting)
            await self._show_once()
            reply = self._attempt.reply
            shown = reply is not None and self._deps.clock() < reply.dies_at
            seconds = pause(wait.seconds, shown=shown)
            if seconds > _KEPT_SECONDS:  # it is fetched again: by then a link may be dead, too
                await asyncio.to_thread(self._clip.unlink, missing_ok=True)
            raise Postponed(seconds) from None
        await self._tell()

    def _next_step(self) -> Callable[[], Awaitable[Attempt]] | None:
        match self._attempt.state:
            case AttemptState.QUEUED:
                return self._fetch
            case AttemptState.FETCHED:
                return self._prepare
            case AttemptState.UPLOADED:
                return self._start
            case AttemptState.ANALYZING:
                return self._assess
            case _:
                return None

    async def _take(self, step: Callable[[], Awaitable[Attempt]]) -> None:
        before, self._storage_error = self._attempt.state, None
        try:
            if self._may_have_run or before is not AttemptState.ANALYZING:  # the vendor has it all
                await self._check_consent()
            with timed(self._attempt.engine, before):
                self._attempt = await step()
        except (MustWait, StorageUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - a bug in a step fails one attempt, with a sentence
            if self._storage_error is not None:  # whatever an engine has made of it
                raise self._storage_error from None
            await self._fail(error)
        else:
            log.info("%s -> %s", before, self._attempt.state)
        self._may_have_run = False

    async def _check_consent(self) -> None:
        """Stop where consent was withdrawn since, also when nobody cancelled before a crash.

        One that is older than the judge costs an attempt under way its judge, and nothing else.
        """
        consent = await self._stored(self._deps.consents.get(self._attempt.owner))
        check_agreement(consent, self._attempt.engine)
        self._may_judge = holds(consent, self._attempt.engine, self._deps.judge_host)

    async def _fail(self, error: Exception) -> None:
        at = self._attempt.state
        if isinstance(error, UserFacingError):
            failure = Failure(code=error.code, sentence=error.sentence)
            log.warning("failed at %s: %s", at, error.code)
        else:
            failure = INTERNAL
            log.error("failed at %s: internal: %s", at, error_location(error))
        self._attempt = await self._move(AttemptState.FAILED, failure=failure)
        count_ended(self._attempt.engine, self._attempt.state, failure.code)

    async def _fetch(self) -> Attempt:
        facts = await fetch(self._deps, self._attempt)
        if not assessable(
            has_audio=facts.has_audio,
            has_picture=facts.has_picture,
            off=self._attempt.metrics_off,
        ):
            why = _NOTHING_TO_SEE if facts.has_picture else _NOTHING_TO_HEAR
            raise ClipRefused("nothing_to_assess", why)
        if self._attempt.engine is EngineName.LOCAL:
            expected = round(self._deps.work_pace.expected(facts.duration_seconds), 1)
            facts = facts.model_copy(update={"expected_seconds": expected})
        return await self._move(AttemptState.FETCHED, facts=facts)

    async def _prepare(self) -> Attempt:
        await self._check_turn()
        await self._have_clip()
        engine = engine_of(self._deps, self._attempt.engine)
        refs = await engine.prepare(await self._job(), self._save_refs)
        if refs.asset_id is None:
            return await self._move(AttemptState.UPLOADED, refs=refs)
        await asyncio.to_thread(self._clip.unlink, missing_ok=True)  # the vendor has its own copy
        return await self._move(AttemptState.UPLOADED, refs=refs)

    async def _start(self) -> Attempt:
        if self._attempt.engine is EngineName.TWELVELABS:  # nothing is learned of others
            await self._deps.looks.refresh()
        engine = engine_of(self._deps, self._attempt.engine)
        refs = await engine.start(await self._job(), self._save_start)
        if self._attempt.state is AttemptState.ANALYZING:  # committed with the ids
            return self._attempt
        return await self._move(AttemptState.ANALYZING, refs=self._dated(refs))

    async def _assess(self) -> Attempt:
        await self._have_clip()
        engine, timings = engine_of(self._deps, self._attempt.engine), self._deps.timings
        deadline = asyncio.get_running_loop().time() + timings.analysis_deadline
        watch = AnalysisWatch(
            self._deps, self._attempt, self._shared_look, resumed=self._may_have_run
        )
        if (first := await watch.first_wait(self._attempt.refs)) > 0:
            await watch.wait(self._attempt.refs, first, longest=timings.analysis_deadline)
        while True:
            refs = self._attempt.refs
            watch.look(refs)
            job = replace(await self._job(), note_seconds=watch.note_seconds)
            result = await engine.poll(job, self._save_refs)
            watch.seen(refs, ended=not isinstance(result, Pending))
            await watch.learn()
            if not isinstance(result, Pending):
                await self._save_pace()
                found = self._for_its_question(result)
                assessment = await self._stored(with_ranges(self._deps.metadata, found))
                return await self._move(AttemptState.ASSESSED, assessment=assessment)
            deadline += result.held_up
            wait = await watch.next_wait(self._attempt.refs)
            left = deadline - asyncio.get_running_loop().time()
            if wait > left:
                await watch.give_up()
                raise EngineUnavailable(
                    "analysis_timeout",
                    "The analysis took too long. Try again later; this attempt doesn't count.",
                )
            await watch.wait(self._attempt.refs, wait, longest=left)

    async def _save_pace(self) -> None:
        """Keep what was learned for the next start; it is no reason to measure a clip again."""
        if learned := self._deps.work_pace.unsaved():
            with suppress(StorageUnavailable):
                await self._deps.metadata.set(META_KEY, learned)

    def _for_its_question(self, result: Assessment) -> Assessment:
        """The result of any engine, with the bank's line of what its question looks for."""
        if self._attempt.parent_id is not None:
            return answers_follow_up(result)
        if self._about is None or Metric.RELEVANCE in self._attempt.metrics_off:
            return result
        return result.model_copy(update={"looks_for": self._about.looks_for})

    async def _tell(self) -> None:
        """Tell the member how it ended; the row records it, so a restart tells nobody twice."""
        if self._attempt.state is AttemptState.ASSESSED:
            told = await self._deliver(await self._deps.attempts.previous(self._attempt))
            self._attempt = await self._move(
                AttemptState.DELIVERED,
                delivered_via=told.via,
                shared_message_id=told.message_id,
                shared_channel_id=told.channel_id,
                reply=None,
            )
            log.info("delivered via %s", told.via)
            count_ended(self._attempt.engine, self._attempt.state)
        elif self._attempt.state is AttemptState.FAILED and self._attempt.delivered_via is None:
            # refunded here and not when it failed: a crash in between would have cost the member
            await self._deps.usage.refund(self._attempt.id)
            told = await self._deliver(None)
            changes = reply_gone(self._attempt)
            changes["delivered_via"] = told.via
            self._attempt = await self._write(**changes)

    async def _deliver(self, previous: Attempt | None) -> Announced:
        try:
            with timed(self._attempt.engine, self._attempt.state):
                return await self._deps.announcer.deliver(self._attempt, previous)
        except Exception as error:  # noqa: BLE001 - what cannot be shown must not block the lane
            log.error("not told: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets
            return Announced(DeliveredVia.BUTTON)

    async def _look_again(self) -> None:
        """Somebody cancelled, deleted or moved the attempt: what it left may be ours to delete."""
        row = await self._deps.attempts.get(self._attempt.owner, self._attempt.id)
        if row is not None:
            self._attempt = row
        else:
            with suppress(UserFacingError):  # the cleanup finds it without its row
                await delete_clip(self._deps, self._attempt)

    async def _check_turn(self) -> None:
        """See that an upload has a turn soon, before the clip is fetched anew for it."""
        attempt, turns = self._attempt, self._deps.turns
        vendors = attempt.engine is EngineName.TWELVELABS and attempt.refs.asset_id is None
        if turns is not None and vendors:
            await turns.check(CallKind.UPLOAD, current_waiter())

    async def _have_clip(self) -> None:
        """Fetch the clip anew where it is needed and not on this machine: another has begun."""
        if self._attempt.refs.asset_id is None and not await asyncio.to_thread(self._clip.exists):
            await fetch(self._deps, self._attempt)

    async def _save_refs(self, refs: VendorRefs) -> None:
        """Commit vendor ids; where the row is gone, leave them to the sweep instead."""
        refs = self._dated(refs)
        try:
            self._attempt = await self._write(refs=refs)
        except Superseded:
            await self._deps.pending_deletions.add(self._attempt.id, self._attempt.engine, refs)
            raise

    async def _save_start(self, refs: VendorRefs) -> None:
        """Commit the ids of an analysis that has begun, and that it has, in one update."""
        try:
            self._attempt = await self._move(AttemptState.ANALYZING, refs=self._dated(refs))
        except Superseded:
            await self._deps.pending_deletions.add(self._attempt.id, self._attempt.engine, refs)
            raise

    def _dated(self, refs: VendorRefs) -> VendorRefs:
        """The same ids, with when the vendor took the latest analysis: a restart needs to know."""
        before, facts = self._attempt.refs, self._attempt.facts
        analysis = before.analysis
        if len(refs.task_ids) > len(before.task_ids) and facts is not None:
            analysis = self._deps.looks.under_way(facts.duration_seconds, before=analysis)
        return refs.model_copy(update={"analysis": analysis})

    async def _move(self, to: AttemptState, **changes: Unpack[AttemptChanges]) -> Attempt:
        if self._attempt.waiting is not None:
            changes["waiting"] = None
        return await self._stored(self._deps.attempts.move(self._attempt, to, **changes))

    async def _write(self, **changes: Unpack[AttemptChanges]) -> Attempt:
        return await self._stored(self._deps.attempts.change(self._attempt, **changes))

    async def _stored(self, storing: Awaitable[T]) -> T:
        """Remember that the storage cannot be used now: that never makes an attempt fail."""
        try:
            return await storing
        except (StorageUnavailable, Superseded) as error:
            self._storage_error = error
            raise

    async def _job(self) -> Job:
        attempt = self._attempt
        if attempt.facts is None:
            raise ValueError("an attempt past the pre-flight has facts")
        if self._about is None:
            asked = about_question(self._deps.questions, attempt.owner.guild_id, attempt.question)
            self._about = await self._stored(asked)
        return Job(
            attempt_id=attempt.id,
            question=attempt.question,
            clip=self._clip,
            facts=attempt.facts,
            refs=attempt.refs,
            resumed=self._may_have_run,
            metrics_off=attempt.metrics_off,
            kind=self._about.kind,
            looks_for=self._about.looks_for,
            language=attempt.language,
            may_judge=self._may_judge,
            bill=AttemptBill(self._deps.spending, attempt.id, attempt.facts.duration_seconds),
        )

    async def _show_once(self) -> None:
        try:
            state, noted = self._attempt.state, await with_turn(self._deps, self._attempt)
            if self._attempt.state is state:
                self._attempt = noted
            await self._deps.announcer.progress(self._attempt)
        except Exception as error:  # noqa: BLE001 - telling must never stop the work
            log.error("progress not shown: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets


def reply_gone(attempt: Attempt) -> AttemptChanges:
    """The changes to an attempt that has ended without a result, and that nobody edits any more.

    The token goes. Which message everybody can see stays, so that it can be deleted one day.
    """
    reply = attempt.reply
    if not attempt.shared or reply is None or reply.message_id is None:
        return AttemptChanges(reply=None)
    return AttemptChanges(
        reply=None, shared_message_id=reply.message_id, shared_channel_id=attempt.channel_id
    )
