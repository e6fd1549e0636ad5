"""A transaction that is cancelled gives the database's write lock back at once."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
from pathlib import Path

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
