"""A connection to SQLite: few trips to its thread, and no transaction left behind."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

_FIRST_ROWS = 64
"""Rows that come with the statement; where there are more, each further fetch is a trip."""


class SqliteConnection(aiosqlite.Connection):
    """Undoes what it has begun when a statement's caller is cancelled; begins with a statement.

    A trip to the connection's thread and back costs more than most statements: two threads wake
    and wait for Python's one lock. aiosqlite makes eight for a transaction of one statement (one
    each to open a cursor, execute, fetch and close, for BEGIN as well, and one to end it). This
    makes two: `cursor` gives a `Cursor`, and `begin` goes with the first statement.

    A statement whose caller was cancelled goes on in the connection's thread, and may get the
    database's write lock when nobody is there any more to give it back. SQLAlchemy closes such a
    connection, but `sqlite3.Connection.close` ends no transaction as long as there is a cursor:
    then others met a locked database until the garbage collector came by.
    """

    _begin_with: str | None = None
    _only_reads = False

    def begin(self, statement: str, *, only_reads: bool) -> None:
        """Begin a transaction with this statement: just before the next one, in the same trip."""
        self._begin_with, self._only_reads = statement, only_reads

    def cursor(self) -> Cursor:  # type: ignore[override] # as far as SQLAlchemy uses one
        """A cursor, which is opened when it executes something."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit, where a statement has come since `begin`."""
        self._begin_with = None
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Undo, where something was begun and not committed: SQLAlchemy asks after each use.

        Nobody waits for the end of a transaction that has written nothing: what comes next waits
        its turn in the thread.
        """
        self._begin_with = None
        if self.in_transaction and self._only_reads:
            self._tx.put_nowait((None, self._conn.rollback))
        elif self.in_transaction:
            await super().rollback()

    @contextlib.contextmanager
    def opened(self) -> Iterator[sqlite3.Cursor]:
        """A cursor of the driver's, in the transaction that was to begin; blocks.

        An error closes it: as long as there is one, its transaction cannot be ended.
        """
        cursor = self._conn.cursor()
        try:
            if self._begin_with is not None:
                cursor.execute(self._begin_with)
                self._begin_with = None
            yield cursor
        except BaseException:
            cursor.close()
            raise

    async def run(self, act: Callable[[], Any]) -> Any:
        """Act in the connection's thread."""
        return await self._execute(act)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            # One after another in one thread: when this has ended, so has the statement.
            await asyncio.shield(asyncio.ensure_future(self._undo()))
            raise

    async def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error, ValueError):  # it is closed already
            await super()._execute(self._undone)  # type: ignore[no-untyped-call]

    def _undone(self) -> None:
        self._begin_with = None  # not before its statement had its turn in the thread
        self._conn.rollback()


class Cursor:
    """What SQLAlchemy needs of a cursor: a statement and its first rows are one trip."""

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None  # as long as it may have more rows
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Execute a statement, and fetch its first rows."""
        await self._connection.run(lambda: self._executed(statement, parameters))
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement that gives no rows, once for each."""
        await self._connection.run(lambda: self._executed_for_all(statement, parameters))
        return self

    async def fetchone(self) -> Any | None:
        """The next row."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows; by default as many as came with the statement."""
        if not self._rows:
            await self._fetch_more(size or _FIRST_ROWS)
        count = min(size or len(self._rows), len(self._rows))
        return [self._rows.popleft() for _ in range(count)]

    async def fetchall(self) -> Sequence[Any]:
        """All rows that are left."""
        await self._fetch_more(None)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany():
            for row in rows:
                yield row

    async def close(self) -> None:
        """Close it."""
        self._rows.clear()
        if self._open is not None:
            opened, self._open = self._open, None
            await self._connection.run(opened.close)

    async def _fetch_more(self, size: int | None) -> None:
        if self._open is not None:
            opened = self._open
            await self._connection.run(lambda: self._fetched(opened, size))

    def _executed(self, statement: str, parameters: Any) -> None:
        with self._connection.opened() as opened:
            opened.execute(statement, parameters)
            self.description, self.lastrowid = opened.description, opened.lastrowid
            self._fetched(opened, _FIRST_ROWS)
        self.rowcount = opened.rowcount  # with RETURNING it is known once the rows are fetched

    def _executed_for_all(self, statement: str, parameters: Iterable[Any]) -> None:
        with self._connection.opened() as opened:
            opened.executemany(statement, parameters)
            self.rowcount, self.lastrowid = opened.rowcount, opened.lastrowid
            opened.close()

    def _fetched(self, opened: sqlite3.Cursor, size: int | None) -> None:
        rows = opened.fetchall() if size is None else opened.fetchmany(size)
        self._rows.extend(rows)
        more = size is not None and len(rows) == size
        self._open = opened if more else None
        if not more:
            opened.close()


def connect(database: str, **options: Any) -> SqliteConnection:
    """Make a connection, not open yet, as `aiosqlite.connect` does."""
    connection = SqliteConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does for its own
    return connection
