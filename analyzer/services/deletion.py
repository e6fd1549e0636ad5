"""Deletes attempts for good, from the outside in: the one way in which that is done.

First what runs is stopped, then the vendor's copies go, then public messages, and the rows last.
So whatever interrupts it, the rows that are left say what is still to be deleted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from analyzer.dependencies import Dependencies
from analyzer.pipeline.clip_files import discard
from analyzer.services.attempts import AttemptService
from core.logs import attempt_in_logs
from core.models import Attempt, Owner

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

TakeBack = Callable[[Attempt], Awaitable[bool]]
"""Deletes what everybody can see of an attempt; whether nothing of it is left there."""

_AT_ONCE = 5
_TIMEOUT: str | None = "timeout"


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a deletion waits for others, in seconds; `None` means as long as it takes."""

    copies: float | None  # for the vendor, all attempts together; the cleanup deletes the rest
    messages: float | None  # for Discord, which lets a bot delete a few messages a second


WHILE_A_MEMBER_WAITS = TimeLimits(copies=10.0, messages=60.0)

NO_LIMITS = TimeLimits(copies=None, messages=None)


@dataclass(frozen=True, slots=True)
class Deleted:
    """How a deletion went."""

    attempts: int
    why_left: tuple[str, ...] = ()  # for each attempt whose copies are not gone yet, a short code
    out_of_reach: tuple[Attempt, ...] = ()  # whose public message is still there

    @property
    def copies_left(self) -> int:
        """How many attempts have copies that the vendor could not be made to delete yet."""
        return len(self.why_left)


class AttemptDeletion:
    """Deletes attempts with all they have left outside of the database."""

    def __init__(
        self,
        deps: Dependencies,
        attempts: AttemptService,
        limits: TimeLimits = WHILE_A_MEMBER_WAITS,
    ) -> None:
        self._deps = deps
        self._attempts = attempts
        self._limits = limits

    async def delete(
        self,
        owner: Owner,
        attempt_id: str,
        *,
        take_back: TakeBack | None = None,
        keep_if_left: bool = False,
    ) -> Deleted | None:
        """Delete one attempt, as `delete_all` does; `None` when this member has none such here."""
        attempt = await self._deps.attempts.get(owner, attempt_id)
        if attempt is None:
            return None
        with attempt_in_logs(attempt_id):
            deleted = await self.delete_all(
                [attempt],
                partial(self._deps.attempts.delete, owner, attempt_id, scrub=not keep_if_left),
                take_back=take_back,
                keep_if_left=keep_if_left,
            )
            log.info("deleted, %s", "copies not yet" if deleted.copies_left else "copies too")
        return deleted

    async def delete_all(
        self,
        attempts: Sequence[Attempt],
        delete_rows: Callable[[], Awaitable[object]],
        *,
        take_back: TakeBack | None = None,
        keep_if_left: bool = False,
    ) -> Deleted:
        """Delete what these attempts have left outside, and then their rows.

        Vendor ids of copies that could not be deleted go to the pending deletions with the row.

        Args:
            attempts: As their rows were just now.
            delete_rows: Deletes the rows, and whatever else is to go with them.
            take_back: Deletes public messages; without it the announcer does.
            keep_if_left: Let no row go as long as anything is left outside.
        """
        async with AsyncExitStack() as stack:
            present = [now for one in attempts if (now := await self._stop(stack, one)) is not None]
            uncleaned = [attempt for attempt in present if attempt.cleaned_at is None]
            codes = await each(uncleaned, self._discard, _TIMEOUT, seconds=self._limits.copies)
            shared = [attempt for attempt in present if attempt.shared]
            gone = await each(
                shared,
                take_back or self._deps.announcer.take_back,
                False,
                seconds=self._limits.messages,
            )
            deleted = Deleted(
                attempts=len(attempts),
                why_left=tuple(code for code in codes if code is not None),
                out_of_reach=tuple(
                    attempt for attempt, done in zip(shared, gone, strict=True) if not done
                ),
            )
            if not (keep_if_left and (deleted.why_left or deleted.out_of_reach)):
                await delete_rows()
        return deleted

    async def _stop(self, stack: AsyncExitStack, attempt: Attempt) -> Attempt | None:
        """Let nothing work on an attempt until the stack is closed, and show that it is cancelled.

        Returns it as it is then; `None` when it has just been deleted.
        """
        await stack.enter_async_context(self._attempts.stopped(attempt.owner, attempt.id))
        now, reply = await self._attempts.cancel_stopped(attempt.owner, attempt.id)
        if now is not None and reply is not None:
            await self._attempts.show_cancelled(now, reply)
        return now

    async def _discard(self, attempt: Attempt) -> str | None:
        with attempt_in_logs(attempt.id):
            return await discard(self._deps, attempt)


async def each(
    items: Sequence[Item],
    act: Callable[[Item], Awaitable[Result]],
    unfinished: Result,
    *,
    seconds: float | None,
) -> list[Result]:
    """Act on each of them, a few at a time, within so many seconds for all together.

    Returns what each came to, or `unfinished`. Of several errors the first is raised.
    """
    results, left = [unfinished] * len(items), set(range(len(items)))
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(place: int, item: Item) -> None:
        async with slots:
            results[place] = await act(item)
            left.discard(place)

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for place, item in enumerate(items):
                group.create_task(one(place, item))
    except TimeoutError:
        log.warning("%d of %d not deleted in time", len(left), len(items))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return results
