"""The database file: made private, migrated, WAL, and transactions that hold what they promise."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text

from core.errors import SettingsProblem
from storage.engine.database import Database
from storage.engine.migrate import known_revisions
from storage.repositories.metadata import Metadata
from storage.tables import meta, metadata
from tests.storage.conftest import ON_SQLITE, Clock
from tests.storage.files import holding

REVISIONS = sorted(known_revisions())


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def pragma(database: Database, name: str) -> object:
    async with database.read() as connection:
        return await connection.scalar(text(f"PRAGMA {name}"))


async def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_first_start_names_migrations_and_second_one_changes_nothing(
    empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="storage.engine.database")
    for start in ("first", "second"):
        database = Database(empty_url)
        await database.open()
        async with database.write() as connection:
            await connection.execute(insert(meta).values(key=start, value="kept"))
        async with database.read() as connection:
            kept = (await connection.scalars(select(meta.c.value))).all()
        await database.close()
    assert kept == ["kept"] * 2
    said = [record.getMessage() for record in caplog.records if record.name.startswith("st")]
    assert said == [
        f"migrations applied: {', '.join(REVISIONS)}",
        f"database is up to date (revision {REVISIONS[-1]})",
    ]


async def test_two_processes_that_start_together_migrate_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in databases))
    async with databases[1].read() as connection:
        revisions = await connection.scalars(text("SELECT version_num FROM alembic_version"))
        assert revisions.all() == [REVISIONS[-1]]
    await databases[1].close()


async def test_newer_database_is_refused_with_a_sentence_and_left_alone(
    database: Database, url: str
) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsProblem, match=r"revision '9999'.*does not know.*newer version"):
        await Database(url).open()
    async with database.read() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


async def test_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsProblem, match=r"cannot be written.*DATA_DIR"):
        await Database(url_of(tmp_path / "file" / "greenroom.sqlite3")).open()


async def test_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, whatever its name says " * 50)
    with pytest.raises(SettingsProblem, match=r"is damaged.*restore.*SQLITE_NOTADB"):
        await Database(url_of(tmp_path / "notes.txt")).open()


async def test_database_of_another_program_is_left_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as theirs:
        theirs.execute("CREATE TABLE usage (theirs TEXT)")
        with pytest.raises(SettingsProblem, match="none of Greenroom's"):
            await Database(url_of(tmp_path / "other.db")).open()
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("usage",)]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("greenroom", "not a database URL"),
        ("mysql://localhost/greenroom", "must begin with"),
        ("sqlite:///greenroom.sqlite3", "must begin with"),
        ("sqlite+aiosqlite://", "must name a file"),
        ("sqlite+aiosqlite:///:memory:", "must name a file"),
        ("sqlite+aiosqlite:///file:x?mode=memory&uri=true", "must name a file"),
    ],
)
def test_url_we_cannot_work_with_is_refused_with_a_sentence(bad: str, sentence: str) -> None:
    with pytest.raises(SettingsProblem, match=sentence):
        Database(bad)


def test_old_sqlite_is_refused_with_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(SettingsProblem, match=r"SQLite 3\.35 is needed"):
        Database(url_of(file))


def test_missing_driver_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    with pytest.raises(SettingsProblem, match="needs the Python package 'psycopg'"):
        Database("postgresql+psycopg://greenroom:secret@localhost/greenroom")


async def test_deleted_text_is_in_no_file_though_the_database_is_open(file: Path) -> None:
    database = Database(url_of(file))
    await database.open()
    async with database.write() as connection:
        await connection.execute(insert(meta).values(key="key", value="what she said " * 900))
    async with database.write() as connection:
        await connection.execute(meta.delete())
    assert await holding(file.parent, "she said")
    assert await database.scrubbed()
    assert await holding(file.parent, "she said") == set()
    await database.close()


@ON_SQLITE
async def test_connections_are_set_up_on_sqlite(database: Database) -> None:
    assert await pragma(database, "journal_mode") == "wal"
    assert await pragma(database, "synchronous") == 1  # NORMAL
    assert await pragma(database, "busy_timeout") == 5000
    assert await pragma(database, "foreign_keys") == 1


@ON_SQLITE
async def test_folder_and_files_are_for_us_alone_on_sqlite(database: Database, file: Path) -> None:
    await Metadata(database, Clock()).set("key", "value")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {
        "greenroom.sqlite3": 0o600,
        "greenroom.sqlite3-wal": 0o600,
        "greenroom.sqlite3-shm": 0o600,
    }
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_file_that_others_could_read_becomes_private(file: Path) -> None:
    file.parent.mkdir()
    file.touch(mode=0o644)
    asyncio.run(Database(url_of(file)).open())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@ON_SQLITE
async def test_write_holds_the_lock_from_its_first_statement_on_sqlite(
    database: Database, file: Path
) -> None:
    async with database.write() as connection:
        await connection.scalar(text("SELECT count(*) FROM meta"))
        other = sqlite3.connect(file, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@ON_SQLITE
async def test_read_sees_one_moment_beside_a_writer_on_sqlite(database: Database) -> None:
    async with database.read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM meta")) == 0
        async with database.write() as writer:
            await writer.execute(insert(meta).values(key="key", value="value"))
        assert await reader.scalar(text("SELECT count(*) FROM meta")) == 0
    assert await Metadata(database, Clock()).get("key") == "value"


async def test_error_undoes_the_whole_write(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.write() as connection:
            await connection.execute(insert(meta).values(key="key", value="value"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    assert await Metadata(database, Clock()).get("key") is None


async def test_what_is_written_while_reading_is_undone(database: Database) -> None:
    async with database.read() as connection:
        await connection.execute(insert(meta).values(key="key", value="value"))
    assert await Metadata(database, Clock()).get("key") is None


async def test_cancelled_write_is_undone_and_blocks_nobody(database: Database) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.write() as connection:
            await connection.execute(insert(meta).values(key="key", value="value"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    await asyncio.wait([task])
    facts = Metadata(database, Clock())
    async with asyncio.timeout(2):
        await facts.set("other", "value")
    assert await facts.get("key") is None
