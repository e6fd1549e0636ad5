"""Tells a database that cannot work from a bug in what we ask of it, and names its trouble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import StorageUnavailable

_SQLITE = (
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"),  # somebody else has it
    *("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM"),
    *("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
    *("SQLITE_CORRUPT", "SQLITE_NOTADB"),
)
"""How the codes begin that say nothing about our statement (sqlite.org/rescode.html)."""

_POSTGRES = (
    "08",  # the connection broke
    "25006",  # read-only: it has become a standby
    "25P",  # a transaction was idle for too long
    "28",  # we are no longer let in
    "3D000",  # the database is not there
    "40",  # a deadlock, resolved at our cost
    "53",  # no room, no memory, too many connections
    "55P03",  # a lock was not to be had in time
    "57",  # stopping, starting, or the statement took too long
    "58",  # a file could not be read or written
    "XX",  # broken inside
)
"""The same for Postgres (its manual, appendix A)."""


@contextmanager
def translate_storage_errors() -> Iterator[None]:
    """Turn a database's trouble into `StorageUnavailable`; bugs pass through.

    Raises:
        StorageUnavailable: instead of what the driver has raised, whose text may hold anything.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if not is_unavailable(error):
            raise
        raise StorageUnavailable(code_of(error)) from None


def is_unavailable(error: Exception) -> bool:
    """Whether the same may work later, or on another disk or server."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    code = code_of(error)
    if code.startswith("SQLITE_"):
        return code.startswith(_SQLITE)
    if getattr(error.orig, "sqlstate", None) is not None:
        return code.startswith(_POSTGRES)
    # psycopg has no code for a server that went silent or that was never reached
    unreached = isinstance(error, InterfaceError | OperationalError)
    return error.connection_invalidated or (unreached and hasattr(error.orig, "sqlstate"))


def code_of(error: Exception) -> str:
    """The database's own short code for what went wrong, such as SQLITE_READONLY."""
    origin = getattr(error, "orig", None) or error
    for name in ("sqlite_errorname", "sqlstate"):
        if code := getattr(origin, name, None):
            return str(code)
    return "PoolTimeout" if isinstance(error, PoolTimeout) else type(origin).__name__
