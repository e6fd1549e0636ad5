"""How connections to SQLite and to Postgres are made, set up and limited."""

from __future__ import annotations

import sqlite3
from glob import escape
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from core import private_files as private
from core.errors import SettingsProblem
from storage.engine.causes import cause_of_os_error
from storage.engine.sqlite_connection import SqliteConnection, connect

SQLITE = "sqlite+aiosqlite"
POSTGRES = "postgresql+psycopg"

_BEGIN = "BEGIN"  # a transaction that only reads
_OLDEST_SQLITE = (3, 35)  # the first with RETURNING (sqlite.org/lang_returning.html)
_PRAGMAS = (
    "busy_timeout = 5000",  # milliseconds; first, since the next one may have to wait
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "cache_size = -256",  # KiB for each of a dozen connections; the system caches the file as well
    "secure_delete = ON",  # what a member deletes is overwritten; see scrubbing.py for the rest
    "trusted_schema = OFF",  # nothing in a file's own schema may call more than plain functions
)
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database file; with another database they would damage it."""

_KEPT = "before-restore"
_POSTGRES_POOL = {
    "pool_size": 5,
    "max_overflow": 10,  # 15 at most in each process; a server takes 100 unless told otherwise
    "pool_timeout": 10.0,  # seconds, for a connection to become free
    "pool_pre_ping": True,  # a connection from before the server's restart is replaced unseen
    "pool_recycle": 1800.0,  # seconds; before a firewall in between forgets it
}
_POSTGRES_CONNECTION = {
    "connect_timeout": 5,  # seconds, as are the next two
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "client_encoding": "utf8",  # else psycopg gives bytes where a database is in SQL_ASCII
}
_POSTGRES_SESSION = (
    "SET statement_timeout = '30s'",  # also ends the wait for a lock
    "SET idle_in_transaction_session_timeout = '60s'",
)


def checked(url: str) -> URL:
    """The URL, if it is one of a kind we work with.

    Raises:
        SettingsProblem: it is not.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsProblem("DATABASE_URL is not a database URL.") from None
    if parsed.drivername == POSTGRES:
        return parsed
    if parsed.drivername != SQLITE:
        raise SettingsProblem(f"DATABASE_URL must begin with {SQLITE}:// or {POSTGRES}://.")
    if not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise SettingsProblem("DATABASE_URL must name a file: attempts must outlive a restart.")
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise SettingsProblem(
            f"SQLite 3.35 is needed, but this Python has {sqlite3.sqlite_version}: update Python."
        )
    return parsed


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; `None` for Postgres."""
    return Path(str(url.database)) if url.drivername == SQLITE else None


def async_engine(url: URL) -> AsyncEngine:
    """An engine with a pool, for everything but migrations.

    Raises:
        SettingsProblem: the driver is not installed.
    """
    try:
        if url.drivername == SQLITE:
            engine = create_async_engine(
                url, hide_parameters=True, connect_args={"async_creator_fn": connect}
            )
            _behave(engine.sync_engine)
            event.listen(engine.sync_engine, "connect", _check_foreign_keys)
        else:
            engine = create_async_engine(
                url, hide_parameters=True, connect_args=_POSTGRES_CONNECTION, **_POSTGRES_POOL
            )
            event.listen(engine.sync_engine, "connect", _limit_session)
    except ModuleNotFoundError as error:
        raise SettingsProblem(
            f"DATABASE_URL needs the Python package {error.name!r}: install it."
        ) from None
    return engine


def blocking_engine(url: URL) -> Engine:
    """An engine over the blocking twin of the driver, without a pool: Alembic knows no asyncio."""
    if url.drivername == SQLITE:
        engine = create_engine(
            url.set(drivername="sqlite"), poolclass=NullPool, hide_parameters=True
        )
        _behave(engine)
        return engine
    return create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=_POSTGRES_CONNECTION
    )


def make_file(path: Path) -> None:
    """Make the file and its folder for us alone: it holds what members said and their tokens.

    SQLite gives the files beside it (-wal, -shm) the same mode (sqlite.org, os_unix.c).

    Raises:
        SettingsProblem: it cannot be made.
    """
    try:
        private.make_file(path)
    except OSError as error:
        raise SettingsProblem(cause_of_os_error(error, path)) from error


def kept_name(file: Path, moment: str) -> Path:
    """What a database is called that a restore has replaced; it stays beside the new one."""
    return file.with_name(f"{file.stem}.{_KEPT}-{moment}{file.suffix}")


def kept_beside(file: Path) -> list[Path]:
    """The databases that restores have replaced and nobody has deleted since, oldest first. Blocks.

    One that is the present database under a second name, where a restore is halfway or was killed,
    is none: SQLite would keep a second log for it.
    """
    return [path for path in names_kept(file) if not (file.exists() and path.samefile(file))]


def names_kept(file: Path) -> list[Path]:
    """The same, with second names of the present database. Blocks."""
    pattern = f"{escape(file.stem)}.{_KEPT}-*{escape(file.suffix)}"
    found = (path for path in file.parent.glob(pattern) if not path.name.endswith(BESIDE))
    return sorted(path for path in found if path.is_file())


def files_of(file: Path) -> list[Path]:
    """A database file and all that SQLite and we put beside it, as far as it is there. Blocks."""
    ours = [file, *kept_beside(file)]
    ours += [path.with_name(f"{path.name}{ending}") for path in ours for ending in BESIDE]
    ours.append(file.with_name(f"{file.name}.lock"))
    return [path for path in ours if path.is_file()]


def take_turn(connection: Connection, turn: int) -> None:
    """Wait for other transactions with this `turn`. On SQLite, BEGIN IMMEDIATE has done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(turn)))


def _behave(engine: Engine) -> None:
    """Set SQLite up on every connection, and take over from its driver when to BEGIN.

    The driver begins late and never for reading; SQLAlchemy's documentation of the SQLite dialect
    ("Enabling Non-Legacy SQLite Transactional Modes") gives these two listeners as the way out.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        _run(connection, *(f"PRAGMA {pragma}" for pragma in _PRAGMAS))

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", _BEGIN)
        driver = connection.connection.driver_connection
        if isinstance(driver, SqliteConnection):
            driver.begin(statement, only_reads=statement == _BEGIN)
        else:
            connection.exec_driver_sql(statement)


def _check_foreign_keys(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Enforce them, but not in migrations: remaking a table would delete what refers to it."""
    _run(connection, "PRAGMA foreign_keys = ON")


def _limit_session(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Let nothing of ours hold a server's locks for long, also when we fall silent."""
    _run(connection, *_POSTGRES_SESSION)
    connection.commit()


def _run(connection: DBAPIConnection, *statements: str) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
