"""A connection to SQLite that leaves no transaction behind when its caller is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


class SqliteConnection(aiosqlite.Connection):
    """Undoes what it has begun when a statement's caller is cancelled.

    The statement goes on in the connection's thread, and may get the database's write lock when
    nobody is there any more to give it back. SQLAlchemy closes such a connection, but
    `sqlite3.Connection.close` ends no transaction as long as there is a cursor: then others met a
    locked database until the garbage collector came by.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            # One after another in one thread: when this has ended, so has the statement.
            await asyncio.shield(asyncio.ensure_future(self._undo()))
            raise

    async def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error, ValueError):  # it is closed already
            await super()._execute(lambda: self._conn.rollback())  # type: ignore[no-untyped-call]


def connect(database: str, **options: Any) -> SqliteConnection:
    """Make a connection, not open yet, as `aiosqlite.connect` does."""
    connection = SqliteConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does for its own
    return connection
