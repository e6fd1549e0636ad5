"""A restore puts a backup in place only if it is whole, and loses no database."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import SettingsProblem
from storage.engine.database import Database
from storage.engine.file_lock import exclusive_lock
from storage.maintenance.backup import back_up, restore
from storage.repositories.metadata import Metadata
from tests.storage.conftest import Clock
from tests.storage.files import beside, content_of, kept_in, mode_of, overwrite

POSTGRES = "postgresql+psycopg://greenroom:secret@db.example:5433/room?connect_timeout=3"
BARE = "postgresql://greenroom@db.example:5433/room"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Only SQLite: Postgres has programs of its own, and that we name them is the last test."""
    return sqlite_url


async def test_a_restore_puts_the_backup_in_place_and_keeps_what_was_there(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    facts = Metadata(database, Clock())
    await facts.set("key", "before")
    await back_up(url, backup)
    await facts.set("key", "after")
    await database.close()
    restored = await restore(backup, url)
    assert restored.kept is not None
    assert await kept_in(file) == [("key", "before")]
    assert await kept_in(restored.kept) == [("key", "after")]
    assert mode_of(file) == 0o600
    assert beside(file) == {file.name, f"{file.name}.lock", restored.kept.name}
    again = Database(url)
    await again.open()
    assert await Metadata(again, Clock()).get("key") == "before"
    await again.close()


async def test_what_a_killed_bot_left_in_the_wal_file_is_kept_and_does_not_spoil_the_backup(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    facts = Metadata(database, Clock())
    await back_up(url, backup)
    await facts.set("key", "only in the -wal file")
    wal = file.with_name(f"{file.name}-wal")
    left = content_of(wal), content_of(file)
    await database.close()
    overwrite(wal, left[0])  # as after a kill: the files of the moment before
    overwrite(file, left[1])
    restored = await restore(backup, url)
    assert restored.kept is not None
    assert await kept_in(restored.kept) == [("key", "only in the -wal file")]
    assert await kept_in(file) == []


async def test_a_damaged_database_with_its_wal_file_is_kept_as_it_is(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await back_up(url, backup)
    await database.close()
    wal = file.with_name(f"{file.name}-wal")
    overwrite(file, b"damaged" * 1000)
    overwrite(wal, b"its wal")
    restored = await restore(backup, url)
    assert restored.kept is not None
    assert content_of(restored.kept) == b"damaged" * 1000
    assert content_of(restored.kept.with_name(f"{restored.kept.name}-wal")) == b"its wal"
    assert wal.name not in beside(file)
    assert await kept_in(file) == []


async def test_a_restore_on_a_new_machine_makes_the_folder(
    database: Database, url: str, backup: Path, tmp_path: Path
) -> None:
    await Metadata(database, Clock()).set("key", "value")
    await back_up(url, backup)
    file = tmp_path / "new" / "greenroom.sqlite3"
    assert (await restore(backup, f"sqlite+aiosqlite:///{file}")).kept is None
    assert await kept_in(file) == [("key", "value")]


async def refuse(backup: Path, url: str, file: Path, match: str) -> None:
    """The restore is refused, and the database is as it was, with nothing beside it."""
    before = content_of(file)
    with pytest.raises(SettingsProblem, match=match):
        await restore(backup, url)
    assert content_of(file) == before
    assert {name for name in beside(file) if "before" in name or "part" in name} == set()


async def test_an_altered_backup_is_refused(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await back_up(url, backup)
    overwrite(backup, b"?", at=100)
    await refuse(backup, url, file, "not what was backed up")


async def test_a_backup_without_its_checksum_is_refused(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await back_up(url, backup)
    await asyncio.to_thread(backup.with_name("greenroom.backup.sha256").unlink)
    await refuse(backup, url, file, "keep them together")


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "revision '9999'"),
        ("DELETE FROM alembic_version", "revision 'none'"),
        ("DROP TABLE alembic_version", "cannot be restored"),
    ],
)
async def test_a_backup_of_a_newer_version_or_of_something_else_is_refused(
    database: Database, url: str, file: Path, backup: Path, statement: str, match: str
) -> None:
    await back_up(url, backup)
    with closing(sqlite3.connect(backup)) as raw:
        raw.execute(statement)
        raw.commit()
    checksum = hashlib.sha256(content_of(backup)).hexdigest()
    line = f"{checksum}  greenroom.backup\n"
    overwrite(backup.with_name("greenroom.backup.sha256"), line.encode())
    await refuse(backup, url, file, match)


async def test_no_restore_below_a_running_bot(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await back_up(url, backup)
    async with exclusive_lock(url):
        await refuse(backup, url, file, "already running")


async def test_for_postgres_its_own_program_is_named_without_the_password(backup: Path) -> None:
    with pytest.raises(SettingsProblem, match=rf"pg_restore .*{BARE} {backup}$"):
        await restore(backup, POSTGRES)
