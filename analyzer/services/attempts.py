"""What a member can ask for: submit an answer and cancel it; and the work behind it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

from analyzer.consent import check_agreement
from analyzer.dependencies import Dependencies
from analyzer.media.clip_limits import check_declared_size
from analyzer.pipeline.attempt_pipeline import AttemptPipeline, reply_gone
from analyzer.pipeline.progress_timer import ProgressTimer
from analyzer.pipeline.runner import Runner
from analyzer.pipeline.shared_look import SharedLook
from analyzer.policy import Chosen
from core.assessment import EngineName, Metric
from core.errors import Refused, StorageUnavailable, Superseded, error_location
from core.interviews import MOST_QUESTIONS
from core.logs import attempt_in_logs
from core.models import (
    Attempt,
    AttemptState,
    ClipSource,
    Owner,
    ReplyAddress,
    ServerSettings,
    new_id,
)
from core.questions import clean_question
from core.telemetry import count_ended
from storage.repositories.attempts import Admission

log = logging.getLogger(__name__)

ALLOWANCE_WINDOW = timedelta(hours=24)

_READ_AT_ONCE = 2
"""Rows read at the same time. After a restart all attempts begin at once: each that waited for the
database would hold a statement and a stack for it (docs/performance.md has the figures)."""

OPEN_ANSWERS = 2 * MOST_QUESTIONS
"""How many more attempts may be under way for whoever is in an interview: whoever answers its
next question must not wait for the result of the last one."""

Answered = Callable[[Owner, str], Awaitable[None]]
"""Is told which interview has an answer that has ended; safe to call again."""


class AskedIn(NamedTuple):
    """What an attempt is an answer in: a question of an interview, or a follow-up to an attempt."""

    interview_id: str | None = None
    position: int | None = None
    parent_id: str | None = None


NOWHERE = AskedIn()
"""An attempt of its own."""

_BEFORE_THE_VENDOR = (AttemptState.QUEUED, AttemptState.FETCHED)


class AttemptService:
    """The analyzer's front. Every call about an attempt takes the owner it is for."""

    def __init__(self, deps: Dependencies, runner: Runner) -> None:
        self._deps = deps
        self._runner = runner
        self._shared_look, self._progress_timer = SharedLook(deps), ProgressTimer(deps)
        self._turn_to_read = asyncio.Semaphore(_READ_AT_ONCE)
        self.answered: Answered = _nobody_asks

    @property
    def in_flight(self) -> int:
        """How many attempts this process is working on now."""
        return self._runner.in_flight

    def check(self, question: str, source: ClipSource) -> str:
        """Check what can be checked without looking anything up, and return the cleaned question.

        Raises:
            Refused: the question is empty or too long.
            ClipRefused: the declared size is over the limit.
        """
        check_declared_size(source, max_bytes=self._deps.limits.clip_bytes)
        return clean_question(question)

    async def submit(
        self,
        *,
        owner: Owner,
        channel_id: int,
        question: str,
        source: ClipSource,
        shared: bool,
        open_reply: Callable[[], Awaitable[ReplyAddress | None]] | None = None,
        reply: ReplyAddress | None = None,
        attempt_id: str | None = None,
        settings: ServerSettings | None = None,
        language: str | None = None,
        asked_in: AskedIn = NOWHERE,
    ) -> Attempt:
        """Queue an attempt. When this returns it is committed and cannot be lost.

        `reply` is where to show it. Where that is still to be made, `open_reply` makes it, and is
        asked only once the attempt has been taken; where Discord does not let it, it returns
        `None`. Without a reply the result waits in /history.
        `attempt_id` is one that was given out before, by which an attempt is made at most once.
        `settings` are the server's, where they have just been read. `language` is what the clip is
        spoken in; `None` leaves it to the member's setting. Answers in an interview run beside each
        other, and more of them may be under way.

        Raises:
            Superseded: there is or was an attempt with this id.
            Refused: the question is empty or too long, every metric is switched off, an allowance
                or the operator's cap is used up, or an attempt is waiting already; `next_at` says
                when the next is possible, if known. Or the local engine is used in the vendor's
                place, and the member has not agreed to that.
            ClipRefused: the declared size is over the limit.
        """
        limits, now = self._deps.limits, self._deps.clock()
        settings = settings or await self._deps.server_settings.get(owner.guild_id)
        chosen = await self._chosen(owner, settings)
        engine = await self._engine_for(owner)
        attempt = Attempt(
            id=attempt_id or new_id(),
            owner=owner,
            channel_id=channel_id,
            question=self.check(question, source),
            shared=shared,
            source=source,
            engine=engine,
            state=AttemptState.QUEUED,
            created_at=now,
            reply=reply,
            metrics_off=chosen.metrics_off,
            language=language or chosen.language,
            interview_id=asked_in.interview_id,
            position=asked_in.position,
            parent_id=asked_in.parent_id,
        )
        in_interview = asked_in.interview_id is not None
        here = self._deps.policy.daily_attempts(settings)
        open_limit = limits.open_attempts + (OPEN_ANSWERS if in_interview else 0)
        admission = await self._deps.attempts.admit(
            attempt,
            used_since=now - ALLOWANCE_WINDOW,
            daily_limit=limits.daily_attempts,
            open_limit=open_limit,
            server_limit=here,
        )
        if not admission.admitted:
            raise self._refusal(admission, here, open_limit)
        with attempt_in_logs(attempt.id):
            log.info("queued for engine %s", attempt.engine)
            try:
                return await self._show(attempt, open_reply)
            finally:
                self._runner.enqueue(owner, attempt.id, beside=in_interview)

    async def _engine_for(self, owner: Owner) -> EngineName:
        """The engine in use now; where it is in another's place, its own card must be known."""
        chosen, engine = self._deps.engine, await self._deps.engine_now()
        if engine is not chosen:
            consent = await self._deps.consents.get(owner)
            check_agreement(consent, engine, self._deps.judge_host, instead=True)
        return engine

    async def check_allowance(self, owner: Owner, settings: ServerSettings | None = None) -> None:
        """See whether the owner could submit now, before they take the trouble to record.

        An attempt that waits is no obstacle: it may have ended by then. `settings` are the
        server's, where they have just been read.

        Raises:
            Refused: every metric is switched off, an allowance or the operator's cap is used up.
        """
        await self.allowance_left(owner, settings)

    async def allowance_left(self, owner: Owner, settings: ServerSettings | None = None) -> int:
        """How many answers the owner may submit now; like `check_allowance`, else.

        Raises:
            Refused: every metric is switched off, or an allowance is used up.
        """
        settings = settings or await self._deps.server_settings.get(owner.guild_id)
        await self._chosen(owner, settings)
        here = self._deps.policy.daily_attempts(settings)
        await self._deps.engine_now()  # a cap that is used up refuses too
        since = self._deps.clock() - ALLOWANCE_WINDOW
        used_at, used_here_at = await self._deps.usage.used(owner, since)
        left = min(self._deps.limits.daily_attempts - len(used_at), here - len(used_here_at))
        if left <= 0:
            nothing_open = Admission(False, used_at, (), used_here_at)
            raise self._refusal(nothing_open, here, self._deps.limits.open_attempts)
        return left

    def _refusal(self, admission: Admission, here: int, open_limit: int) -> Refused:
        limits = self._deps.limits
        if len(admission.open_questions) >= open_limit:
            return Refused(
                "waiting",
                "You already have an answer being assessed and another one waiting. "
                "Send the next one when the first result is here.",
            )
        if len(admission.used_at) >= limits.daily_attempts:
            return Refused(
                "allowance",
                f"You have used your {limits.daily_attempts} attempts for today.",
                next_at=admission.used_at[-limits.daily_attempts] + ALLOWANCE_WINDOW,
            )
        return Refused(
            "server_allowance",
            f"You have used up what this server allows each member: {here} a day.",
            next_at=admission.used_here_at[-here] + ALLOWANCE_WINDOW,
        )

    async def _chosen(self, owner: Owner, settings: ServerSettings) -> Chosen:
        chosen = await self._deps.policy.chosen(owner, settings)
        if chosen.metrics_off == frozenset(Metric):
            raise Refused(
                "all_off",
                "Every metric is switched off for you here, so there is nothing to give feedback "
                "on. Switch one on with `/metrics`, or ask this server's managers.",
            )
        return chosen

    async def _show(
        self, attempt: Attempt, open_reply: Callable[[], Awaitable[ReplyAddress | None]] | None
    ) -> Attempt:
        """Show it. Where that fails the work goes on: the attempt is committed."""
        try:
            if open_reply is not None:
                attempt = await self._deps.attempts.change(attempt, reply=await open_reply())
        except (StorageUnavailable, Superseded) as error:
            log.warning("not shown: %s", error_location(error))
        else:
            await self._deps.announcer.progress(attempt)
        return attempt

    async def advance(self, owner: Owner, attempt_id: str) -> None:
        """Move an attempt on until it has ended. Called by the runner, and safe to repeat."""
        with attempt_in_logs(attempt_id), self._deps.throttle:
            async with self._turn_to_read:
                attempt = await self._deps.attempts.get(owner, attempt_id)
            if attempt is not None:
                pipeline = AttemptPipeline(
                    self._deps,
                    attempt,
                    shared_look=self._shared_look,
                    progress_timer=self._progress_timer,
                )
                await pipeline.run()
        if attempt is not None and attempt.interview_id is not None:
            await self.answered(owner, attempt.interview_id)

    async def unfinished(self) -> list[tuple[Owner, str]]:
        """What the runner goes on with after a start."""
        return await self._deps.attempts.unfinished()

    async def cancel(self, owner: Owner, attempt_id: str, *, show: bool = False) -> Attempt | None:
        """Stop an attempt that has not ended and delete its copies. Ended ones stay as they are.

        Before the vendor was asked it is taken off the daily allowance. With `show`, its reply in
        Discord says that it is cancelled.

        Returns the attempt as it is now, `None` when this member has no such attempt here.
        """
        with attempt_in_logs(attempt_id):
            async with self.stopped(owner, attempt_id):
                now, reply = await self.cancel_stopped(owner, attempt_id)
            if show and now is not None and reply is not None:
                await self.show_cancelled(now, reply)
        return now

    @contextlib.asynccontextmanager
    async def stopped(self, owner: Owner, attempt_id: str) -> AsyncIterator[None]:
        """Let nothing work on an attempt meanwhile, unless another call begins it.

        Afterwards the runner does what is left: to delete copies, to tell, or, when what was done
        meanwhile has failed, to go on.
        """
        try:
            await self._runner.cancel(owner, attempt_id)
            if self._deps.turns is not None:
                await self._deps.turns.forget(attempt_id)
            yield
        finally:
            self._runner.enqueue(owner, attempt_id)

    async def cancel_stopped(
        self, owner: Owner, attempt_id: str
    ) -> tuple[Attempt | None, ReplyAddress | None]:
        """Move a `stopped` attempt that still needs work to `cancelled`; others stay as they are.

        Returns it as it is now, and, if this has cancelled it, the reply that its row had.
        """
        while attempt := await self._deps.attempts.get(owner, attempt_id):
            if attempt.state.ended or attempt.state is AttemptState.ASSESSED:
                break
            with contextlib.suppress(Superseded):
                if attempt.state in _BEFORE_THE_VENDOR:
                    # before the move: a crash in between must not cost the member
                    await self._deps.usage.refund(attempt_id)
                cancelled = await self._deps.attempts.move(
                    attempt, AttemptState.CANCELLED, **reply_gone(attempt)
                )
                log.info("cancelled at %s", attempt.state)
                count_ended(attempt.engine, cancelled.state)
                return cancelled, attempt.reply
        return attempt, None

    async def show_cancelled(self, attempt: Attempt, reply: ReplyAddress) -> None:
        """Show on the reply that an attempt had that it is cancelled."""
        await self._deps.announcer.deliver(attempt.model_copy(update={"reply": reply}), None)


async def _nobody_asks(_owner: Owner, _interview_id: str) -> None:
    """Interviews are not followed here."""
