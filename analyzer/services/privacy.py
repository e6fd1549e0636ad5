"""A member's own data as a whole: what is held, a copy of it, its deletion, and consent taken back.

A deletion goes from the outside in: what runs is stopped, then the vendor's copies go, then public
messages, and the rows last. So whatever interrupts it, the rows still say what is left to delete.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from analyzer.dependencies import Dependencies
from analyzer.pipeline.attempt_pipeline import discard
from analyzer.pipeline.clip_files import forget_uploads
from analyzer.pipeline.runner import Runner
from analyzer.services.attempts import DELETE_NOW_SECONDS, AttemptService
from analyzer.services.data_export import Archive, make_archive
from core.models import Attempt, AttemptState, Consent, Metric, Owner
from storage.engine.database import Database
from storage.engine.kept_databases import in_kept
from storage.leaderboard.repository import Membership
from storage.repositories.member_attempts import AttemptCounts, Named

log = logging.getLogger(__name__)

SERVER_KEPT = timedelta(days=30)
"""How long a server's rows stay after the bot has left it: it may have been a mistake."""

TAKE_BACK_SECONDS = 60.0
"""How long a member waits for public messages to go. Discord lets a bot delete a few a second."""

_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class MemberDataSummary:
    """What is held about a member in one server."""

    attempts: AttemptCounts
    kept: timedelta  # how long an attempt is kept
    waiting: int  # requests for which consent is still asked
    uses: int  # of the daily allowance
    consent: Consent | None  # the latest, also one that was withdrawn
    board: Membership | None
    metrics_off: frozenset[Metric]  # by the member's own choice
    studio_links: int = 0  # of a day at most


@dataclass(frozen=True, slots=True)
class Deleted:
    """How a deletion went."""

    attempts: int
    copies_left: int  # attempts whose copies the vendor could not be made to delete yet
    out_of_reach: tuple[Attempt, ...] = ()  # whose public message is still there


class PrivacyService:
    """Acts for one member in one server, or for a server that the bot has left."""

    def __init__(self, deps: Dependencies, attempts: AttemptService, runner: Runner) -> None:
        self._deps = deps
        self._data = deps.member_data
        self._attempts = attempts
        self._runner = runner

    async def attempts(self, owner: Owner, typed: str, limit: int) -> list[Named]:
        """The owner's attempts whose question contains what was typed, newest first."""
        return await self._data.attempts.named(owner, typed, limit)

    async def view(self, owner: Owner) -> MemberDataSummary:
        """Look up what is held about the owner."""
        deps = self._deps
        return MemberDataSummary(
            attempts=await self._data.attempts.tally(owner),
            kept=await deps.policy.retention(owner.guild_id),
            waiting=len((await deps.requests.export(owner))["requests"]),
            uses=len((await deps.usage.export(owner))["usage"]),
            consent=await deps.consents.last(owner),
            board=await deps.board.membership(owner),
            metrics_off=(await deps.policy.members.get(owner)).metrics_off,
            studio_links=len(await deps.studio_links.ids_of(owner)),
        )

    async def export(self, owner: Owner, *, limit_bytes: int) -> Archive:
        """Everything held about the owner, as one ZIP of at most this size.

        Raises:
            Refused: it is larger, even without the transcripts.
        """
        held = await self._data.export(owner)
        return await asyncio.to_thread(
            make_archive, owner, held, made_at=self._deps.clock(), limit_bytes=limit_bytes
        )

    async def withdraw(self, owner: Owner) -> int:
        """Take the owner's consent back and cancel what runs; returns how many that were."""
        await self._deps.consents.withdraw(owner)
        await forget_uploads(self._deps, owner)
        return await self._cancel(await self._under_way(owner))

    async def delete_everything(self, owner: Owner) -> Deleted:
        """Delete all that is held about the owner here, at the vendor and in public."""
        await self._deps.consents.withdraw(owner)  # from here on nothing new is fetched
        await self._deps.requests.erase(owner)
        await forget_uploads(self._deps, owner)
        total = (await self._data.attempts.tally(owner)).total
        left, out_of_reach = await self._clear(owner, lambda _: True)
        await self._data.erase(owner)
        log.info("a member's %d attempts and all else deleted at their wish", total)
        return Deleted(total, left, out_of_reach)

    async def delete_one(self, owner: Owner, attempt_id: str) -> Deleted | None:
        """Delete one attempt; `None` when this member has no such attempt here."""
        if await self._deps.attempts.get(owner, attempt_id) is None:
            return None
        left, out_of_reach = await self._clear(owner, lambda attempt: attempt.id == attempt_id)
        await self._deps.attempts.delete(owner, attempt_id)
        log.info("attempt %s deleted by its owner", attempt_id)
        return Deleted(1, left, out_of_reach)

    async def erase_left_servers(self) -> None:
        """Delete all of the servers that the bot left 30 days ago. For the sweep."""
        before = self._deps.clock() - SERVER_KEPT
        for guild_id in await self._deps.servers.due(before):
            await self._cancel(await self._data.attempts.under_way(guild_id))
            await self._discard(await self._data.attempts.uncleaned(guild_id))
            if await self._deps.servers.erase(guild_id, before):
                log.info("a server's rows deleted: the bot left it 30 days ago")

    async def in_kept(self, act: Callable[[Database], Awaitable[object]]) -> None:
        """Act in each database that a restore has replaced. For the sweep."""
        await in_kept(self._deps.database, act)

    async def _clear(
        self, owner: Owner, meant: Callable[[Attempt], bool]
    ) -> tuple[int, tuple[Attempt, ...]]:
        """Stop, then delete outside what is meant: how much is left there, and which in public."""
        stores = self._data.attempts
        running = [attempt for attempt in await self._under_way(owner) if meant(attempt)]
        await self._cancel(running)
        uncleaned = await stores.uncleaned(owner.guild_id, owner.user_id)
        left = await self._discard([attempt for attempt in uncleaned if meant(attempt)])
        # Cancelling takes the reply off the row, and in public it is the message to delete
        replies = {attempt.id: attempt.reply for attempt in running}
        public = [
            attempt.model_copy(update={"reply": replies.get(attempt.id)})
            for attempt in await stores.shared(owner)
            if meant(attempt)
        ]
        return left, await self._take_back(public)

    async def _under_way(self, owner: Owner) -> list[Attempt]:
        return await self._data.attempts.under_way(owner.guild_id, owner.user_id)

    async def _cancel(self, attempts: Sequence[Attempt]) -> int:
        """Cancel attempts and show so on their replies; returns how many had not ended."""
        count = 0
        for attempt in attempts:
            now = await self._attempts.cancel(attempt.owner, attempt.id)
            if now is not None and now.state is AttemptState.CANCELLED:
                count += 1
                shown_at = now.model_copy(update={"reply": attempt.reply})
                await self._deps.announcer.deliver(shown_at, None)
        return count

    async def _discard(self, attempts: Sequence[Attempt]) -> int:
        """Delete the vendor's copies and our files within ten seconds; returns how many are left.

        What is left is left to the sweep, by the ids that stay behind when the rows go.
        """

        async def discard_one(attempt: Attempt) -> bool:
            await self._runner.cancel(attempt.owner, attempt.id)  # it may be cleaning up itself
            now = await self._deps.attempts.get(attempt.owner, attempt.id)
            return now is None or now.cleaned_at is not None or await discard(self._deps, now)

        gone = await _each(attempts, discard_one, seconds=DELETE_NOW_SECONDS)
        return gone.count(False)

    async def _take_back(self, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        """Delete public messages; returns the attempts whose message is still there."""
        gone = await _each(attempts, self._deps.announcer.take_back, seconds=TAKE_BACK_SECONDS)
        return tuple(a for a, done in zip(attempts, gone, strict=True) if not done)


async def _each(
    attempts: Sequence[Attempt], act: Callable[[Attempt], Awaitable[bool]], *, seconds: float
) -> list[bool]:
    """Act on each, a few at a time, within this time for all; returns which of them succeeded."""
    results = [False] * len(attempts)
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(place: int, attempt: Attempt) -> None:
        async with slots:
            results[place] = await act(attempt)

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for place, attempt in enumerate(attempts):
                group.create_task(one(place, attempt))
    except TimeoutError:
        log.warning("%d of %d not deleted in time", results.count(False), len(results))
    return results
