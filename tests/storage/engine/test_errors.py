"""A database that is locked, full or gone is told from a bug, and is worked with again after."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import StorageUnavailable, UserFacingError
from storage.engine.database import Database
from storage.repositories.metadata import Metadata
from storage.tables import meta
from tests.postgres import PostgresServer
from tests.storage.conftest import ON_POSTGRES, ON_SQLITE, Clock, migrate


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else writes all the while."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def no_room(database: Database) -> None:
    """From now on the file may not grow, as on a full disk."""

    @event.listens_for(database._engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # it becomes the present size


async def test_the_sentence_says_what_to_do_and_the_text_names_the_cause() -> None:
    error = StorageUnavailable("SQLITE_FULL")
    assert isinstance(error, UserFacingError)
    assert (error.code, str(error)) == ("storage_unavailable", "storage_unavailable (SQLITE_FULL)")
    assert error.sentence.endswith("try again in a few minutes.")


async def test_a_file_locked_for_long_is_told_and_used_again_after_on_sqlite(
    sqlite_url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.connections._PRAGMAS", ("busy_timeout = 20",))
    database = Database(sqlite_url)
    facts = Metadata(database, Clock())
    with locked(file):
        with pytest.raises(StorageUnavailable) as caught:
            await facts.set("key", "value")
        assert caught.value.cause == "SQLITE_BUSY"
        assert caught.value.__cause__ is None  # the driver's text may hold what was written
        assert await facts.get("key") is None
    await facts.set("key", "value")
    assert await facts.get("key") == "value"
    await database.close()


@ON_SQLITE
async def test_a_full_disk_is_told_and_what_was_there_stays_on_sqlite(database: Database) -> None:
    facts = Metadata(database, Clock())
    await facts.set("before", "value")
    no_room(database)
    with pytest.raises(StorageUnavailable) as caught:
        await facts.set("key", "much " * 10_000)
    assert caught.value.cause == "SQLITE_FULL"
    assert await facts.get("before") == "value"
    assert await facts.get("key") is None


async def test_a_file_that_was_damaged_is_told_on_sqlite(sqlite_url: str, file: Path) -> None:
    await asyncio.to_thread(file.write_bytes, b"not a database any more" * 1000)
    database = Database(sqlite_url)
    with pytest.raises(StorageUnavailable, match="SQLITE_NOTADB"):
        await Metadata(database, Clock()).get("key")
    await database.close()


async def test_a_server_that_was_stopped_is_told_and_used_again_after_on_postgres() -> None:
    with await asyncio.to_thread(PostgresServer) as server:
        url = server.create("greenroom")
        await migrate(url)
        database = Database(url)
        facts = Metadata(database, Clock())

        async def stopped_while_writing() -> None:
            async with database.write() as connection:
                await connection.execute(insert(meta).values(key="key", value="lost"))
                await asyncio.to_thread(server.stop)

        with pytest.raises(StorageUnavailable):
            await stopped_while_writing()
        with pytest.raises(StorageUnavailable) as caught:
            await facts.get("key")
        assert "127.0.0.1" not in str(caught.value)
        await asyncio.to_thread(server.start)
        await facts.set("key", "value")
        assert await facts.get("key") == "value"
        await database.close()


async def test_a_server_that_was_restarted_unseen_costs_nobody_a_try_on_postgres() -> None:
    with await asyncio.to_thread(PostgresServer) as server:
        url = server.create("greenroom")
        await migrate(url)
        database = Database(url)
        facts = Metadata(database, Clock())
        for how in (signal.SIGINT, signal.SIGQUIT):
            await asyncio.gather(*(facts.get("key") for _ in range(4)))  # several connections
            await asyncio.to_thread(server.stop, how)
            await asyncio.to_thread(server.start)
        assert await asyncio.gather(*(facts.get("key") for _ in range(4))) == [None] * 4
        await database.close()


@ON_POSTGRES
async def test_a_statement_that_takes_too_long_is_told_on_postgres(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "storage.engine.connections._POSTGRES_SESSION", ("SET statement_timeout = '50ms'",)
    )
    database, other = Database(url), Database(url)
    async with other.write(turn=1):
        with pytest.raises(StorageUnavailable, match="57014"):
            async with database.write(turn=1):
                pass
    async with database.write(turn=1) as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await other.close()
    await database.close()


@ON_POSTGRES
async def test_when_no_connection_becomes_free_in_time_that_is_told_on_postgres(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    monkeypatch.setattr("storage.engine.connections._POSTGRES_POOL", pool)
    database = Database(url)
    async with database.read():
        with pytest.raises(StorageUnavailable, match="PoolTimeout"):
            await Metadata(database, Clock()).get("key")
    await database.close()


@ON_POSTGRES
async def test_connections_are_limited_on_postgres(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "30s"
        idle = await connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        assert idle == "1min"


async def test_a_transaction_that_hangs_is_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.database._LONGEST_SECONDS", 0.05)

    async def hang() -> None:
        async with database.write(turn=1) as connection:
            await connection.execute(insert(meta).values(key="key", value="value"))
            await asyncio.Event().wait()

    with pytest.raises(StorageUnavailable, match="Timeout"):
        await hang()
    monkeypatch.undo()
    facts = Metadata(database, Clock())
    assert await facts.get("key") is None
    await facts.set("key", "value")


async def test_another_timeout_inside_is_not_the_databases(database: Database) -> None:
    with pytest.raises(TimeoutError):
        async with database.read():
            raise TimeoutError


async def test_a_bug_is_no_trouble(database: Database) -> None:
    async def twice() -> None:
        async with database.write() as connection:
            for _ in range(2):
                await connection.execute(insert(meta).values(key="key", value="value"))

    async def nowhere() -> None:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1 FROM nowhere"))

    with pytest.raises(IntegrityError):
        await twice()
    with pytest.raises(DBAPIError, match="nowhere"):
        await nowhere()
    assert await Metadata(database, Clock()).get("key") is None


async def test_what_was_written_is_in_no_errors_text(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(meta).values(key="key", value="value"))
    with pytest.raises(IntegrityError) as caught:
        async with database.write() as connection:
            await connection.execute(insert(meta).values(key="key", value="what she said"))
    assert "she said" not in str(caught.value)
