"""The one door to the database: opens and migrates it, and hands out transactions."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import stamina
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from errors import SettingsProblem
from storage.migrate import Migrated, migrate

logger = logging.getLogger(__name__)

_SQLITE = "sqlite+aiosqlite"
_POSTGRES = "postgresql+psycopg"
_OLDEST_SQLITE = (3, 35)  # the first with RETURNING (sqlite.org/lang_returning.html)
_PRAGMAS = (
    "busy_timeout = 5000",  # milliseconds; first, since the next one may have to wait
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "secure_delete = ON",  # what a member deletes is overwritten, not only unlinked
)
_PATIENCE_SECONDS = 30.0  # another process may be migrating
_MIGRATION_TURN = -1  # no member's id, and not Meta's turn


class Database:
    """A database and its transactions. Make one, `open` it at start, `close` it at the end."""

    def __init__(self, url: str) -> None:
        """Take an SQLAlchemy URL: `sqlite+aiosqlite:///FILE` or `postgresql+psycopg://…`.

        Raises:
            SettingsProblem: the URL names something else, or its driver is not installed.
        """
        self._url = _checked(url)
        try:
            self._engine = create_async_engine(self._url)
        except ModuleNotFoundError as error:
            raise SettingsProblem(
                f"DATABASE_URL needs the Python package {error.name!r}: install it."
            ) from None
        self._queue: AbstractAsyncContextManager[None] = nullcontext()
        if self._url.drivername == _SQLITE:
            # A fair queue in front of the file's lock, for which SQLite only tries again and again.
            self._queue = asyncio.Lock()
            _behave(self._engine.sync_engine)
            event.listen(self._engine.sync_engine, "connect", _check_foreign_keys)
        self._writing_engine = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")

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

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for looking only: whatever it writes is undone.

        On SQLite all its statements see the same moment; on Postgres each sees its own.
        """
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self, *, turn: int | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at its end, or undoes everything if an error passes through.

        What is checked in it still holds when it commits: on SQLite it has the database's one
        write lock from its first moment. On Postgres that is true between transactions that name
        the same `turn`, so whoever looks before writing names one, such as the member's id.
        """
        async with self._queue, self._writing_engine.begin() as connection:
            if turn is not None:
                await connection.run_sync(_take_turn, turn)
            yield connection


def _checked(url: str) -> URL:
    """The URL, if it is one of a kind we work with."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsProblem("DATABASE_URL is not a database URL.") from None
    if parsed.drivername == _POSTGRES:
        return parsed
    if parsed.drivername != _SQLITE:
        raise SettingsProblem(f"DATABASE_URL must begin with {_SQLITE}:// or {_POSTGRES}://.")
    if not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise SettingsProblem("DATABASE_URL must name a file: attempts must outlive a restart.")
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise SettingsProblem(
            f"SQLite 3.35 is needed, but this Python has {sqlite3.sqlite_version}: update Python."
        )
    return parsed


def _prepare(url: URL) -> Migrated:
    """Make and migrate the database; blocks, so it runs in a thread of its own.

    Alembic knows no asyncio, so this uses the blocking twin of the driver.
    """
    if url.drivername == _SQLITE:
        url = url.set(drivername="sqlite")
        _make_file(Path(str(url.database)))
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _behave(engine)
    try:
        return _migrate_alone(engine)
    except DBAPIError as error:
        raise SettingsProblem(
            f"The database {url.set(query={}).render_as_string()} cannot be used ({_code(error)}):"
            " check DATABASE_URL or DATA_DIR, and who may write there."
        ) from error


def _is_busy(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and _code(error).startswith("SQLITE_BUSY")


@stamina.retry(on=_is_busy, attempts=None, timeout=_PATIENCE_SECONDS, wait_max=1.0)
def _migrate_alone(engine: Engine) -> Migrated:
    """Migrate while no other process that starts does.

    Changing a file to WAL does not wait for its lock as other statements do, so all is repeated.
    """
    with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        _take_turn(connection, _MIGRATION_TURN)
        return migrate(connection)


def _make_file(path: Path) -> None:
    """Make the file and its folder for us alone: it holds what members said and their tokens.

    SQLite gives the files beside it (-wal, -shm) the same mode (sqlite.org, os_unix.c).
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError as error:
        raise SettingsProblem(
            f"The database file {path} cannot be written ({error.strerror}):"
            " check DATABASE_URL or DATA_DIR, and who may write there."
        ) from error


def _behave(engine: Engine) -> None:
    """Set SQLite up on every connection, and take over from its driver when to BEGIN.

    The driver begins late and never for reading; SQLAlchemy's documentation of the SQLite dialect
    ("Enabling Non-Legacy SQLite Transactional Modes") gives these two listeners as the way out.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            _pragma(connection, pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))


def _check_foreign_keys(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Enforce them, but not in migrations: remaking a table would delete what refers to it."""
    _pragma(connection, "foreign_keys = ON")


def _pragma(connection: DBAPIConnection, pragma: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _take_turn(connection: Connection, turn: int) -> None:
    """Wait for other transactions with this `turn`. On SQLite, BEGIN IMMEDIATE has done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(turn)))


def _code(error: DBAPIError) -> str:
    """The database's own short code for what went wrong, such as SQLITE_READONLY."""
    for name in ("sqlite_errorname", "sqlstate"):
        if code := getattr(error.orig, name, None):
            return str(code)
    return type(error.orig).__name__
