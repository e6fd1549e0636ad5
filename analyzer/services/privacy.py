"""A member's own data as a whole: shown, copied, deleted, and consent taken back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from analyzer.dependencies import Dependencies
from analyzer.pipeline.clip_files import forget_uploads
from analyzer.services.attempts import AttemptService
from analyzer.services.data_export import Archive, make_archive
from analyzer.services.deletion import AttemptDeletion, Deleted
from core.assessment import Metric
from core.models import Attempt, AttemptState, Consent, Owner
from storage.engine.database import Database
from storage.engine.kept_databases import in_kept
from storage.leaderboard.repository import Membership
from storage.repositories.member_attempts import AttemptCounts, Named

log = logging.getLogger(__name__)

SERVER_KEPT = timedelta(days=30)
"""How long a server's rows stay after the bot has left it: it may have been a mistake."""


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
    interviews: int = 0


class PrivacyService:
    """Acts for one member in one server, or for a server that the bot has left."""

    def __init__(
        self, deps: Dependencies, attempts: AttemptService, deletion: AttemptDeletion
    ) -> None:
        self._deps = deps
        self._data = deps.member_data
        self._attempts = attempts
        self._deletion = deletion

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
            metrics_off=(await deps.member_settings.get(owner)).metrics_off,
            studio_links=len(await deps.studio_links.ids_of(owner)),
            interviews=await deps.interviews.count(owner),
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
        under_way = await self._data.attempts.under_way(owner.guild_id, owner.user_id)
        return await self._cancel(under_way)

    async def delete_everything(self, owner: Owner) -> Deleted:
        """Delete all that is held about the owner here, at the vendor and in public."""
        await self._deps.consents.withdraw(owner)  # from here on nothing new is fetched
        await self._deps.requests.erase(owner)
        await forget_uploads(self._deps, owner)
        stored = self._data.attempts
        total = (await stored.tally(owner)).total
        uncleaned = await stored.uncleaned(owner.guild_id, owner.user_id)
        outside = {one.id: one for one in (*uncleaned, *await stored.shared(owner))}
        deleted = await self._deletion.delete_all(
            [*outside.values()], lambda: self._data.erase(owner)
        )
        log.info("a member's %d attempts and all else deleted at their wish", total)
        return replace(deleted, attempts=total)

    async def erase_left_servers(self) -> None:
        """Delete all of the servers that the bot left 30 days ago. For the cleanup."""
        before = self._deps.clock() - SERVER_KEPT
        for guild_id in await self._deps.servers.due(before):
            uncleaned = await self._data.attempts.uncleaned(guild_id)
            await self._deletion.delete_all(
                uncleaned, partial(self._erase_server, guild_id, before), take_back=_leave
            )

    async def in_kept(self, act: Callable[[Database], Awaitable[object]]) -> None:
        """Act in each database that a restore has replaced. For the cleanup."""
        await in_kept(self._deps.database, act)

    async def _erase_server(self, guild_id: int, before: datetime) -> None:
        if await self._deps.servers.erase(guild_id, before):
            log.info("a server's rows deleted: the bot left it 30 days ago")

    async def _cancel(self, attempts: Sequence[Attempt]) -> int:
        """Cancel attempts and show so on their replies; returns how many had not ended."""
        cancelled = [await self._attempts.cancel(a.owner, a.id, show=True) for a in attempts]
        return sum(now is not None and now.state is AttemptState.CANCELLED for now in cancelled)


async def _leave(_: Attempt) -> bool:
    """The bot is no longer in the channel: no message is in its reach, and nobody is to be told."""
    return True
