"""Finishes what a crash or an outage left: at start and every hour."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from datetime import timedelta

from analyzer.journey import discard
from analyzer.parts import Parts
from analyzer.service import ALLOWANCE_WINDOW
from errors import EngineError, Superseded, where
from logs import attempt_in_logs

log = logging.getLogger("greenroom.sweep")

EVERY_SECONDS = 3600.0

REQUEST_LIFE = timedelta(hours=24)
"""How long a request waits for its member's consent; Discord's file links live about as long."""


class Sweep:
    """Deletes what nobody else will: copies, files, old attempts, requests, dead tokens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
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
        for part in (
            self._copies_of_ended_attempts,
            self._leftovers,
            self._unrecorded_copies,
            self._files,
            self._old_rows,
        ):
            try:
                await part()
            except EngineError as error:
                log.warning("%s: %s; again in an hour", part.__name__, error.code)
            except Exception as error:  # noqa: BLE001 - housekeeping must not end with one surprise
                log.error("%s: %s", part.__name__, where(error))  # noqa: TRY400 - a trace may hold secrets

    async def _forever(self) -> None:
        while True:
            await self.run()
            await asyncio.sleep(EVERY_SECONDS)

    async def _copies_of_ended_attempts(self) -> None:
        for owner, attempt_id in await self._parts.attempts.uncleaned():
            attempt = await self._parts.attempts.get(owner, attempt_id)
            if attempt is not None:
                with attempt_in_logs(attempt_id), contextlib.suppress(Superseded):
                    await _patiently(discard(self._parts, attempt))

    async def _leftovers(self) -> None:
        for leftover in await self._parts.leftovers.all():
            engine = self._parts.engines.get(leftover.engine)
            if engine is None:
                log.warning(
                    "attempt %s: copies at %s wait until its key is set again",
                    leftover.attempt_id,
                    leftover.engine,
                )
                continue
            if await _patiently(engine.discard(leftover.refs)):
                await self._parts.leftovers.done(leftover.id)

    async def _unrecorded_copies(self) -> None:
        for engine in self._parts.engines.values():
            if deleted := await engine.sweep(self._parts.attempts.open_ids):
                log.info("%s: %d unrecorded copies deleted", engine.name, deleted)

    async def _files(self) -> None:
        files = await asyncio.to_thread(lambda: list(self._parts.clips_dir.glob("*")))
        keep = await self._parts.attempts.open_ids()  # asked after: a file listed by now is known
        for file in files:
            if file.name.split(".", 1)[0] not in keep:
                await asyncio.to_thread(file.unlink, missing_ok=True)

    async def _old_rows(self) -> None:
        parts, now = self._parts, self._parts.clock()
        if gone := await parts.attempts.purge(now - parts.limits.retention):
            log.info("%d attempts past their retention deleted", gone)
        await parts.requests.purge(now - REQUEST_LIFE)
        await parts.usage.forget(now - ALLOWANCE_WINDOW)
        await parts.attempts.forget_tokens(now)


async def _patiently(discarding: Awaitable[object]) -> bool:
    """Try one deletion; a vendor that cannot be reached leaves it to the next sweep."""
    try:
        await discarding
    except EngineError as error:
        log.warning("copies not deleted yet: %s", error.code)
        return False
    return True
