"""Postgres LISTEN and NOTIFY: a short text from one process reaches all that listen."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from sqlalchemy import func, select

from core.errors import error_location
from storage.engine.connections import async_engine, checked
from storage.engine.database import Database

log = logging.getLogger(__name__)

CHANNEL = "greenroom_bell"

_KEY = re.compile(r"[A-Za-z0-9_-]{6,80}")  # a vendor's id; whoever reaches the database may notify
_CONNECT_SECONDS = 15.0
_WAITS = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before it listens again; the last one repeats


class Notifications:
    """Sends keys to every listening process, and hands those that come to `heard`.

    What is sent while a process does not listen is lost to it: good for hints only. Listening takes
    a connection of its own, straight to Postgres: a pooler that lends connections out for single
    transactions cannot keep one listening.
    """

    def __init__(
        self,
        database: Database,
        url: str,
        heard: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._url = url
        self._heard = heard
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        """Set while what is sent arrives here."""

    async def send(self, key: str) -> None:
        """Send a key to all that listen, this process included.

        Raises:
            StorageUnavailable: the database cannot be reached.
        """
        async with self._database.write() as connection:
            await connection.execute(select(func.pg_notify(CHANNEL, key)))

    def start(self) -> None:
        """Listen until `stop`, also over restarts of the server."""
        self._task = asyncio.create_task(self._forever(), name="notices")

    async def stop(self) -> None:
        """End the listening and return when it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _forever(self) -> None:
        losses = 0
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - whatever ended it, listening begins again
                losses = 0 if self.listening.is_set() else losses + 1
                wait = _WAITS[min(losses, len(_WAITS) - 1)]
                log.warning("not listening: %s; again in %.0f s", error_location(error), wait)
            finally:
                self.listening.clear()
            await self._sleep(wait)

    async def _listen(self) -> None:
        """Hand on what comes; ends with the connection's error."""
        async with (
            asyncio.timeout(_CONNECT_SECONDS) as limit,
            _connection(self._url) as (connection, driver),
        ):
            await connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            limit.reschedule(None)
            self.listening.set()
            log.info("listening")
            async with aclosing(driver.notifies()) as notices:
                async for notice in notices:
                    if _KEY.fullmatch(notice.payload):
                        self._heard(notice.payload)
        raise ConnectionError


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[tuple[Any, Any]]:
    """A connection of its own that commits each statement: SQLAlchemy's, and psycopg's within.

    Through SQLAlchemy, so that it is made like all others: time limits, keep-alives, sessions.
    """
    engine = async_engine(checked(url))
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            try:
                yield connection, (await connection.get_raw_connection()).driver_connection
            finally:
                await connection.invalidate()  # it may be broken, and listens: not to be used again
    finally:
        await engine.dispose()
