"""What a member can ask for: submit an answer, cancel it, delete it; and the work behind it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from analyzer.clip import check_declared_size
from analyzer.journey import Journey, discard
from analyzer.parts import Parts
from analyzer.runner import Runner
from errors import EngineError, Refused, Superseded, where
from logs import attempt_in_logs
from models import (
    QUESTION_MAX,
    Attempt,
    AttemptState,
    ClipSource,
    Owner,
    ReplyAddress,
)

log = logging.getLogger("greenroom.service")

ALLOWANCE_WINDOW = timedelta(hours=24)

DELETE_NOW_SECONDS = 10.0
"""How long a member waits for the vendor's copies to go before the sweep takes over."""

_BEFORE_THE_VENDOR = (AttemptState.QUEUED, AttemptState.FETCHED)


class Service:
    """The analyzer's front. Every call about an attempt takes the owner it is for."""

    def __init__(self, parts: Parts, runner: Runner) -> None:
        self._parts = parts
        self._runner = runner

    def check(self, question: str, source: ClipSource) -> str:
        """Check what can be checked without looking anything up, and return the cleaned question.

        Raises:
            Refused: the question is empty or too long.
            ClipRefused: the declared size is over the limit.
        """
        check_declared_size(source, max_bytes=self._parts.limits.clip_bytes)
        return clean_question(question)

    async def submit(
        self,
        *,
        owner: Owner,
        channel_id: int,
        question: str,
        source: ClipSource,
        shared: bool,
        open_reply: Callable[[], Awaitable[ReplyAddress]],
    ) -> Attempt:
        """Queue an attempt. When this returns it is committed and cannot be lost.

        `open_reply` says where to show it, and is asked only once the attempt has been taken.

        Raises:
            Refused: the question is empty or too long, the daily allowance is used up, or an
                attempt is waiting already; `next_at` says when the next is possible, if known.
            ClipRefused: the declared size is over the limit.
        """
        limits, now = self._parts.limits, self._parts.clock()
        attempt = Attempt(
            id=new_id(),
            owner=owner,
            channel_id=channel_id,
            question=self.check(question, source),
            shared=shared,
            source=source,
            engine=self._parts.engine,
            state=AttemptState.QUEUED,
            created_at=now,
        )
        admission = await self._parts.attempts.admit(
            attempt,
            used_since=now - ALLOWANCE_WINDOW,
            daily_limit=limits.daily_attempts,
            open_limit=limits.open_attempts,
        )
        if admission.admitted:
            log.info("attempt %s queued for engine %s", attempt.id, attempt.engine)
            attempt = await self._show(attempt, open_reply)
            self._runner.enqueue(owner, attempt.id)
            return attempt
        if len(admission.open_questions) >= limits.open_attempts:
            raise Refused(
                "waiting",
                "You already have an answer being assessed and another one waiting. "
                "Send the next one when the first result is here.",
            )
        raise Refused(
            "allowance",
            f"You have used your {limits.daily_attempts} attempts for today.",
            next_at=admission.used_at[-limits.daily_attempts] + ALLOWANCE_WINDOW,
        )

    async def _show(
        self, attempt: Attempt, open_reply: Callable[[], Awaitable[ReplyAddress]]
    ) -> Attempt:
        """Open the reply. Where that fails the work goes on: the result waits in /history."""
        try:
            reply = await open_reply()
        except Exception as error:  # noqa: BLE001 - the attempt is committed and must be worked on
            log.warning("attempt %s has no reply: %s", attempt.id, where(error))
            return attempt
        attempt = await self._parts.attempts.change(attempt, reply=reply)
        await self._parts.announcer.progress(attempt)
        return attempt

    async def advance(self, owner: Owner, attempt_id: str) -> None:
        """Move an attempt on until it has ended. Called by the runner, and safe to repeat."""
        attempt = await self._parts.attempts.get(owner, attempt_id)
        if attempt is not None:
            with attempt_in_logs(attempt_id):
                await Journey(self._parts, attempt).run()

    async def unfinished(self) -> list[tuple[Owner, str]]:
        """What the runner goes on with after a start."""
        return await self._parts.attempts.unfinished()

    async def cancel(self, owner: Owner, attempt_id: str) -> Attempt | None:
        """Stop an attempt that has not ended and delete its copies. Ended ones stay as they are.

        Before the analysis has begun it is taken off the daily allowance. Returns the attempt as
        it is now, `None` when this member has no such attempt here.
        """
        await self._runner.cancel(owner, attempt_id)
        while attempt := await self._parts.attempts.get(owner, attempt_id):
            if attempt.state.ended or attempt.state is AttemptState.ASSESSED:
                self._runner.enqueue(owner, attempt_id)  # what is left to tell or to delete
                break
            try:
                cancelled = await self._parts.attempts.move(attempt, AttemptState.CANCELLED)
            except Superseded:
                continue
            if attempt.state in _BEFORE_THE_VENDOR:
                await self._parts.usage.refund(attempt_id)
            log.info("attempt %s cancelled at %s", attempt_id, attempt.state)
            self._runner.enqueue(owner, attempt_id)  # deletes the copies
            return cancelled
        return attempt

    async def delete(self, owner: Owner, attempt_id: str) -> bool | None:
        """Delete an attempt for good, here and at the vendor.

        Returns whether the vendor's copies are gone too (the sweep finishes what is not), or
        `None` when this member has no such attempt here.
        """
        await self._runner.cancel(owner, attempt_id)
        attempt = await self._parts.attempts.get(owner, attempt_id)
        if attempt is None:
            return None
        gone = attempt.cleaned_at is not None
        if not gone:
            try:
                async with asyncio.timeout(DELETE_NOW_SECONDS):
                    attempt = await discard(self._parts, attempt)
                gone = True
            except (EngineError, TimeoutError, Superseded) as error:
                log.warning("attempt %s: copies not deleted yet: %s", attempt_id, where(error))
        if await self._parts.attempts.delete(owner, attempt_id) is None:
            return None
        log.info("attempt %s deleted by its owner", attempt_id)
        return gone


def new_id() -> str:
    """A random id for an attempt or request; it says nothing about whose it is."""
    return secrets.token_hex(8)


def clean_question(question: str) -> str:
    """Collapse white space and drop control characters.

    Raises:
        Refused: nothing is left, or it is longer than 300 characters.
    """
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not cleaned:
        raise Refused("question_empty", "Write the interview question your clip answers.")
    if len(cleaned) > QUESTION_MAX:
        raise Refused(
            "question_too_long",
            f"That question has {len(cleaned)} characters; please use {QUESTION_MAX} at most.",
        )
    return cleaned
