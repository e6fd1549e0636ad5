"""Finishes what a crash or an outage left: at start and every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

from analyzer.dependencies import Dependencies
from analyzer.engines import Engine
from analyzer.pipeline.clip_files import discard, discard_pending
from analyzer.services.attempts import ALLOWANCE_WINDOW
from analyzer.services.interviews import InterviewService
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import KEPT_UNSENT
from analyzer.services.studio_tokens import LINK_LIFE
from core.errors import StorageUnavailable, UserFacingError, error_location
from core.logs import attempt_in_logs
from core.models import Owner
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.interviews import Interviews
from storage.repositories.pending_deletions import PendingDeletion
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.studio_links import StudioLinks

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0

WEBHOOK_MEMORY = timedelta(days=1)
"""How long an event is known to have come; its signature is good for five minutes."""

REQUEST_LIFE = timedelta(hours=24)
"""How long a request waits for its member's consent; Discord's file links live about as long."""


class Cleanup:
    """Deletes what nobody else will: copies, files, old attempts, requests, dead tokens."""

    def __init__(
        self, deps: Dependencies, privacy: PrivacyService, interviews: InterviewService
    ) -> None:
        self._deps = deps
        self._privacy = privacy
        self._interviews = interviews
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sweep now and then every hour, until `stop`."""
        self._task = asyncio.create_task(self._forever(), name="sweep")

    async def stop(self) -> None:
        """End the sweeping and return when it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def run(self) -> None:
        """Sweep once. One part that fails does not keep the others from running."""
        deps, now = self._deps, self._deps.clock()
        await _try("copies of ended attempts", self._copies_of_ended_attempts())
        await _try("pending deletions", self._pending_deletions())
        for engine in deps.engines.values():
            await _try(f"unrecorded copies at {engine.name}", self._unrecorded_copies(engine))
        await _try("files", self._files())
        await _try("recordings", self._recordings(now))
        await _try("interviews", self._interviews.settle_all())
        await _try("old attempts", self._old_attempts(now))
        await _try("old requests", deps.requests.purge(now - REQUEST_LIFE))
        await _try("old vendor minutes", deps.vendor_usage.forget(now))
        await _try("old uses", deps.usage.forget(now - ALLOWANCE_WINDOW))
        events = deps.webhook_events
        await _try("old webhook events", events.forget(now - WEBHOOK_MEMORY))
        await _try("dead tokens", deps.attempts.forget_tokens(now))
        await _try("dead tokens of links", deps.studio_links.forget_tokens(now))
        await _try("dead tokens of interviews", deps.interviews.forget_tokens(now))
        await _try("old links", deps.studio_links.purge(now - LINK_LIFE))
        await _try("past standings", deps.board.forget_past())
        await _try("servers left", self._privacy.erase_left_servers())
        await _try("replaced databases", self._privacy.in_kept(self._tidy_kept))

    async def _forever(self) -> None:
        while True:
            await self.run()
            await self._deps.sleep(EVERY_SECONDS)

    async def _copies_of_ended_attempts(self) -> None:
        for owner, attempt_id in await self._deps.attempts.uncleaned():
            with attempt_in_logs(attempt_id):
                await _try("copies", self._copies_of(owner, attempt_id))

    async def _copies_of(self, owner: Owner, attempt_id: str) -> None:
        attempt = await self._deps.attempts.get(owner, attempt_id)
        if attempt is not None:
            await discard(self._deps, attempt)

    async def _pending_deletions(self) -> None:
        for pending in await self._deps.pending_deletions.all():
            with attempt_in_logs(pending.attempt_id):
                await _try("pending deletion", self._pending_deletion(pending))

    async def _pending_deletion(self, pending: PendingDeletion) -> None:
        if pending.refs and pending.engine not in self._deps.engines:
            log.warning("copies at %s wait until it is set up again", pending.engine)
        else:
            await discard_pending(self._deps, pending)

    async def _unrecorded_copies(self, engine: Engine) -> None:
        if deleted := await engine.sweep(self._deps.attempts.open_ids):
            log.info("%s: %d unrecorded copies deleted", engine.name, deleted)

    async def _files(self) -> None:
        files = await asyncio.to_thread(lambda: list(self._deps.clips_dir.glob("*")))
        keep = await self._deps.attempts.open_ids()  # asked after: a file listed by now is known
        for file in files:
            if file.name.split(".", 1)[0] not in keep:
                await _try("file", asyncio.to_thread(file.unlink, missing_ok=True))

    async def _recordings(self, now: datetime) -> None:
        """Delete what was never sent in, and what an attempt has left in the clip store."""
        deps = self._deps
        uploads, stored = await deps.uploads.ids(), await deps.clip_store.ids()
        # asked after, and links before attempts: one that is sent in meanwhile is among either
        links = await deps.studio_links.ids(now - KEPT_UNSENT)
        attempts = await deps.attempts.open_ids()
        for link_id in uploads - links:
            await _try("upload", deps.uploads.drop(link_id))
        for clip_id in stored - links - attempts:
            await _try("recording", deps.clip_store.delete(clip_id))

    async def _tidy_kept(self, kept: Database) -> None:
        """Let nothing live longer in a database that a restore has replaced than it would here."""
        deps, now = self._deps, self._deps.clock()
        attempts, links = Attempts(kept, deps.clock), StudioLinks(kept, deps.clock)
        interviews = Interviews(kept, deps.clock)
        for before, guild_id in await self._retained(now):
            await attempts.purge(before, guild_id=guild_id, unfinished=True)
            await interviews.purge(before, guild_id=guild_id)
        await attempts.forget_tokens(now)
        await links.forget_tokens(now)
        await interviews.forget_tokens(now)
        await links.purge(now - LINK_LIFE)
        await PendingRequests(kept, deps.clock).purge(now - REQUEST_LIFE)
        await DailyUsage(kept, deps.clock).forget(now - ALLOWANCE_WINDOW)

    async def _retained(self, now: datetime) -> list[tuple[datetime, int | None]]:
        """From when on attempts are kept: all, and those of servers that chose less."""
        shorter = await self._deps.policy.shorter_retentions()
        found: list[tuple[datetime, int | None]] = [(now - self._deps.limits.retention, None)]
        return found + [(now - kept, guild_id) for guild_id, kept in shorter.items()]

    async def _old_attempts(self, now: datetime) -> None:
        gone = 0
        for before, guild_id in await self._retained(now):
            gone += await self._deps.attempts.purge(before, guild_id=guild_id)
            await self._deps.interviews.purge(before, guild_id=guild_id)
        if gone:
            log.info("%d attempts past their retention deleted", gone)


async def _try(what: str, part: Awaitable[object]) -> None:
    """Do one part; what goes wrong with it is logged, and it is tried again in an hour."""
    try:
        await part
    except StorageUnavailable as error:
        log.warning("%s: %s; again in an hour", what, error)
    except UserFacingError as error:
        log.warning("%s: %s; again in an hour", what, error.code)
    except Exception as error:  # noqa: BLE001 - housekeeping must not end with one surprise
        log.error("%s: %s; again in an hour", what, error_location(error))  # noqa: TRY400 - a trace may hold secrets
