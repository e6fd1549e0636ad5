"""The one door to the database: opens and migrates it, and hands out transactions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)

import stamina
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import SettingsProblem, StorageUnavailable
from storage.engine.causes import cause_of
from storage.engine.connections import (
    async_engine,
    blocking_engine,
    checked,
    make_file,
    sqlite_file,
    take_turn,
)
from storage.engine.errors import code_of, translate_storage_errors
from storage.engine.migrate import Migrated, migrate
from storage.engine.scrubbing import WAIT_SECONDS, Scrubber, Traces

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 30.0  # another process may be migrating
_LONGEST_SECONDS = 60.0  # a transaction; ours take milliseconds
_TURN_SECONDS = 10.0  # before it, in the queue: while a file is locked, each in it waits five
_MIGRATION_TURN = -1  # no member's id, and not Meta's turn


class Database:
    """A database and its transactions. Make one, `open` it at start, `close` it at the end."""

    def __init__(self, url: str) -> None:
        """Take an SQLAlchemy URL: `sqlite+aiosqlite:///FILE` or `postgresql+psycopg://…`.

        Raises:
            SettingsProblem: the URL names something else, or its driver is not installed.
        """
        self._url = checked(url)
        self._engine = async_engine(self._url)
        self._queue: AbstractAsyncContextManager[None] = nullcontext()
        self._scrubber: Scrubber | None = None
        file = sqlite_file(self._url)
        self._takes_turns = file is None  # on SQLite, BEGIN IMMEDIATE does
        if file is not None:
            # A fair queue in front of the file's lock, for which SQLite only tries again and again.
            self._queue = asyncio.Lock()
            self._scrubber = Scrubber(file, self._queue)
        self._writing_engine = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")

    @property
    def url(self) -> URL:
        """Where it is. As text it shows no password."""
        return self._url

    async def open(self) -> None:
        """Make the file if there is none, readable by us alone, and apply missing migrations.

        Raises:
            SettingsProblem: the file or server cannot be used, or a newer version has written it.
        """
        before, applied = await asyncio.to_thread(_prepare, self._url)
        if applied:
            logger.info("migrations applied: %s", ", ".join(applied))
        else:
            logger.info("database is up to date (revision %s)", before)
        if self._scrubber is not None and before is not None:
            self._scrubber.ask(Traces.WORDS, at_once=False)  # of a process that was killed

    async def close(self) -> None:
        """Close every connection."""
        if self._scrubber is not None:
            await self._scrubber.stop()
        await self._engine.dispose()

    def left_behind(self, traces: Traces) -> None:
        """Note what a transaction has deleted, once it has committed: it has to leave the files."""
        if self._scrubber is not None:
            self._scrubber.ask(traces)

    async def scrubbed(self, within: float = WAIT_SECONDS) -> bool:
        """Wait until nothing that was deleted by now can be read from the files; whether it was.

        Where it was not within these seconds, it goes on by itself. Postgres's files are not ours:
        docs/operating.md says what stays in them, and for how long.
        """
        return self._scrubber is None or await self._scrubber.gone(within)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for looking only: whatever it writes is undone.

        On SQLite all its statements see the same moment; on Postgres each sees its own.

        Raises:
            StorageUnavailable: the database cannot be read now.
        """
        async with _bounded(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self, *, turn: int | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at its end, or undoes everything if an error passes through.

        What is checked in it still holds when it commits: on SQLite it has the database's one
        write lock from its first statement, also where that only reads. On Postgres that is true
        between transactions that name the same `turn`, so whoever looks before writing names one,
        such as the member's id.

        Raises:
            StorageUnavailable: the database cannot be written now. Nothing was, unless a server
                was lost at the very moment of committing: then nobody knows.
        """
        async with _bounded(), _turn_in(self._queue), self._writing_engine.begin() as connection:
            if turn is not None and self._takes_turns:
                await connection.run_sync(take_turn, turn)
            yield connection
        self.left_behind(Traces.ANY)


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    """Bound a transaction's time, and put the database's trouble in our own words."""
    try:
        async with asyncio.timeout(_LONGEST_SECONDS) as limit:
            with translate_storage_errors():
                yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise StorageUnavailable("Timeout") from None


@asynccontextmanager
async def _turn_in(queue: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
    """Queue, but not for long: members are waiting to be told.

    Raises:
        StorageUnavailable: those before us take too long.
    """
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await stack.enter_async_context(queue)
        except TimeoutError:
            raise StorageUnavailable("Queue") from None
        yield


def _prepare(url: URL) -> Migrated:
    """Make and migrate the database; blocks, so it runs in a thread of its own."""
    file = sqlite_file(url)
    if file is not None:
        make_file(file)
    try:
        return _migrate_alone(blocking_engine(url))
    except DBAPIError as error:
        raise SettingsProblem(cause_of(error, url)) from error


def _is_busy(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and code_of(error).startswith("SQLITE_BUSY")


@stamina.retry(on=_is_busy, attempts=None, timeout=_PATIENCE_SECONDS, wait_max=1.0)
def _migrate_alone(engine: Engine) -> Migrated:
    """Migrate while no other process that starts does.

    Changing a file to WAL does not wait for its lock as other statements do, so all is repeated.
    """
    with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
            if connection.scalar(text("SHOW server_encoding")) != "UTF8":
                raise SettingsProblem(
                    "The database is not in UTF-8, so it cannot hold what members write. Make it"
                    " anew: createdb --encoding=UTF8 --template=template0 NAME"
                )
        take_turn(connection, _MIGRATION_TURN)
        return migrate(connection)
