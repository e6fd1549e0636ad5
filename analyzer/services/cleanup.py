"""Finishes what a crash or an outage left: at start and every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

from analyzer.dependencies import Parts
from analyzer.engines import Engine
from analyzer.pipeline.attempt_pipeline import discard
from analyzer.services.attempts import ALLOWANCE_WINDOW
from analyzer.services.privacy import Privacy
from analyzer.services.studio import KEPT_UNSENT, LINK_LIFE
from core.errors import StorageUnavailable, Told, where
from core.logs import attempt_in_logs
from core.models import Owner
from storage.repositories.pending_deletions import Leftover

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0

WEBHOOK_MEMORY = timedelta(days=1)
"""How long an event is known to have come; its signature is good for five minutes."""

REQUEST_LIFE = timedelta(hours=24)
"""How long a request waits for its member's consent; Discord's file links live about as long."""


class Sweep:
    """Deletes what nobody else will: copies, files, old attempts, requests, dead tokens."""

    def __init__(self, parts: Parts, privacy: Privacy) -> None:
        self._parts = parts
        self._privacy = privacy
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
        parts, now = self._parts, self._parts.clock()
        await _try("copies of ended attempts", self._copies_of_ended_attempts())
        await _try("leftovers", self._leftovers())
        for engine in parts.engines.values():
            await _try(f"unrecorded copies at {engine.name}", self._unrecorded_copies(engine))
        await _try("files", self._files())
        await _try("recordings", self._recordings(now))
        await _try("old attempts", self._old_attempts(now))
        await _try("old requests", parts.requests.purge(now - REQUEST_LIFE))
        await _try("old uses", parts.usage.forget(now - ALLOWANCE_WINDOW))
        events = parts.webhook_events
        await _try("old webhook events", events.forget(now - WEBHOOK_MEMORY))
        await _try("dead tokens", parts.attempts.forget_tokens(now))
        await _try("dead tokens of links", parts.studio_links.forget_tokens(now))
        await _try("old links", parts.studio_links.purge(now - LINK_LIFE))
        await _try("past standings", parts.board.forget_past())
        await _try("servers left", self._privacy.erase_left_servers())

    async def _forever(self) -> None:
        while True:
            await self.run()
            await self._parts.sleep(EVERY_SECONDS)

    async def _copies_of_ended_attempts(self) -> None:
        for owner, attempt_id in await self._parts.attempts.uncleaned():
            with attempt_in_logs(attempt_id):
                await _try("copies", self._copies_of(owner, attempt_id))

    async def _copies_of(self, owner: Owner, attempt_id: str) -> None:
        attempt = await self._parts.attempts.get(owner, attempt_id)
        if attempt is not None:
            await discard(self._parts, attempt)

    async def _leftovers(self) -> None:
        for leftover in await self._parts.leftovers.all():
            with attempt_in_logs(leftover.attempt_id):
                await _try("leftover", self._leftover(leftover))

    async def _leftover(self, leftover: Leftover) -> None:
        if leftover.refs:
            engine = self._parts.engines.get(leftover.engine)
            if engine is None:
                log.warning("copies at %s wait until it is set up again", leftover.engine)
                return
            await engine.discard(leftover.refs)
        await self._parts.leftovers.done(leftover.id)

    async def _unrecorded_copies(self, engine: Engine) -> None:
        if deleted := await engine.sweep(self._parts.attempts.open_ids):
            log.info("%s: %d unrecorded copies deleted", engine.name, deleted)

    async def _files(self) -> None:
        files = await asyncio.to_thread(lambda: list(self._parts.clips_dir.glob("*")))
        keep = await self._parts.attempts.open_ids()  # asked after: a file listed by now is known
        for file in files:
            if file.name.split(".", 1)[0] not in keep:
                await _try("file", asyncio.to_thread(file.unlink, missing_ok=True))

    async def _recordings(self, now: datetime) -> None:
        """Delete what was never sent in, and what an attempt has left in the clip store."""
        parts = self._parts
        uploads, stored = await parts.uploads.ids(), await parts.clip_store.ids()
        # asked after, and links before attempts: one that is sent in meanwhile is among either
        links = await parts.studio_links.ids(now - KEPT_UNSENT)
        attempts = await parts.attempts.open_ids()
        for link_id in uploads - links:
            await _try("upload", parts.uploads.drop(link_id))
        for clip_id in stored - links - attempts:
            await _try("recording", parts.clip_store.delete(clip_id))

    async def _old_attempts(self, now: datetime) -> None:
        parts = self._parts
        gone = await parts.attempts.purge(now - parts.limits.retention)
        for guild_id, retention in (await parts.rules.shorter_retentions()).items():
            gone += await parts.attempts.purge(now - retention, guild_id=guild_id)
        if gone:
            log.info("%d attempts past their retention deleted", gone)


async def _try(what: str, part: Awaitable[object]) -> None:
    """Do one part; what goes wrong with it is logged, and it is tried again in an hour."""
    try:
        await part
    except StorageUnavailable as error:
        log.warning("%s: %s; again in an hour", what, error)
    except Told as error:
        log.warning("%s: %s; again in an hour", what, error.code)
    except Exception as error:  # noqa: BLE001 - housekeeping must not end with one surprise
        log.error("%s: %s; again in an hour", what, where(error))  # noqa: TRY400 - a trace may hold secrets
