"""A transaction that is cancelled gives the database's write lock back at once."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import StorageUnavailable
from storage.engine.database import Database
from storage.tables import meta
from tests.storage.conftest import ON_SQLITE


async def write(database: Database, key: str, began: asyncio.Event | None = None) -> None:
    async with database.write() as connection:
        if began is not None:
            began.set()
        for number in range(50):
            await connection.execute(insert(meta).values(key=f"{key}{number}", value="x" * 1000))


@ON_SQLITE
@pytest.mark.parametrize("turns", [0, 3, 10, 30])
async def test_whoever_comes_after_a_cancelled_transaction_gets_the_lock(
    database: Database, turns: int
) -> None:
    gc.disable()  # it would free the lock some time later
    try:
        began = asyncio.Event()
        cancelled = asyncio.create_task(write(database, "a", began))
        await began.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        async with asyncio.timeout(4):  # SQLite itself would try for five seconds
            await write(database, "b")
    finally:
        gc.enable()


@ON_SQLITE
async def test_a_lock_that_comes_after_the_cancellation_is_not_kept(
    database: Database, file: Path
) -> None:
    gc.disable()
    try:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(write(database, "a"))
        while database._engine.sync_engine.pool.checkedout() == 0:  # type: ignore[attr-defined]  # noqa: ASYNC110 - SQLAlchemy sets no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        waiting.cancel()
        other.execute("ROLLBACK")
        await asyncio.wait([waiting])
        async with asyncio.timeout(4):
            await write(database, "b")
    except StorageUnavailable:
        pytest.fail("the lock was kept")
    finally:
        gc.enable()
        other.close()


@ON_SQLITE
async def test_a_statement_that_ends_after_the_cancellation_keeps_no_lock(
    database: Database,
) -> None:
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        def slow() -> str:
            time.sleep(0.3)
            return "x"

        connection.create_function("slow", 0, slow)

    event.listen(database._engine.sync_engine, "connect", connected)
    gc.disable()  # it would free the lock some time later
    try:
        began = asyncio.Event()

        async def write_slowly() -> None:
            async with database.write() as connection:
                began.set()
                await connection.execute(
                    text("INSERT INTO meta (key, value) VALUES ('a', slow()) RETURNING key")
                )

        writing = asyncio.create_task(write_slowly())
        await began.wait()
        await asyncio.sleep(0.1)  # the statement is in its thread then
        writing.cancel()
        await asyncio.wait([writing])
        async with asyncio.timeout(4):  # SQLite itself would try for five seconds
            await write(database, "b")
    finally:
        gc.enable()


@ON_SQLITE
async def test_a_cancelled_statement_leaves_nothing_even_where_it_had_not_begun(
    database: Database,
) -> None:
    for turns in range(12):
        task = asyncio.create_task(write(database, f"a{turns}-"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    async with database.read() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM meta")) == 0


@ON_SQLITE
async def test_more_rows_than_come_with_the_statement_are_all_read(database: Database) -> None:
    await write(database, "a")
    await write(database, "b")
    keys = text("SELECT key FROM meta ORDER BY rowid")
    expected = [f"{key}{number}" for key in "ab" for number in range(50)]
    async with database.read() as connection:
        assert (await connection.scalars(keys)).all() == expected
        async with connection.stream(keys) as result:
            assert [row.key async for row in result] == expected
        async with connection.stream(keys) as result:  # and who stops early is in nobody's way
            assert (await anext(aiter(result))).key == "a0"
    async with database.write() as connection:
        statement = text("UPDATE meta SET value = '' RETURNING key")
        assert len((await connection.execute(statement)).all()) == 100


@ON_SQLITE
async def test_a_read_makes_one_trip_to_the_thread_and_one_nobody_waits_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(database, "a")  # a connection is there
    waited_for: list[object] = []
    original = aiosqlite.Connection._execute

    async def execute(self: aiosqlite.Connection, act: object, *args: object) -> object:
        waited_for.append(act)
        return await original(self, act, *args)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", execute)
    async with database.read() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM meta")) == 50
    assert len(waited_for) == 1
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM meta"))
    assert len(waited_for) == 3  # the statement and the commit
