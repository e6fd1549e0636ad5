"""A backup beside a writing bot is whole and without tokens; it overwrites nothing."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.errors import SettingsProblem
from storage.engine.database import Database
from storage.engine.migrate import known_revisions
from storage.maintenance.backup import back_up, backup_name, delete_old_backups
from storage.repositories.attempts import Attempts
from storage.repositories.metadata import Metadata
from tests.storage.conftest import Clock
from tests.storage.files import beside, content_of, kept_in, mode_of, overwrite
from tests.storage.filling import EVERY_TABLE, fill
from tests.storage.samples import ANN, admitted, assessed

POSTGRES = "postgresql+psycopg://greenroom:secret@db.example:5433/room?connect_timeout=3"
BARE = "postgresql://greenroom@db.example:5433/room"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Only SQLite: Postgres has programs of its own, and that we name them is the last test."""
    return sqlite_url


async def test_a_backup_is_a_private_file_with_its_checksum_as_sha256sum_writes_it(
    database: Database, url: str, backup: Path
) -> None:
    await Metadata(database, Clock()).set("key", "value")
    made = await back_up(url, backup)
    content = content_of(backup)
    assert (made.sha256, made.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert made.revision == max(known_revisions())
    assert beside(backup) == {"greenroom.backup", "greenroom.backup.sha256"}
    assert {mode_of(backup.parent / name) for name in beside(backup)} == {0o600}
    checked = await asyncio.to_thread(
        subprocess.run,
        ["sha256sum", "--check", "--strict", "greenroom.backup.sha256"],
        cwd=backup.parent,
        capture_output=True,
        check=False,
    )
    assert checked.stdout == b"greenroom.backup: OK\n"
    assert await kept_in(backup) == [("key", "value")]


async def test_a_backup_beside_a_writing_bot_is_of_one_moment(
    database: Database, url: str, backup: Path
) -> None:
    """Each transaction writes both rows, so a backup with two numbers has torn one apart."""
    stop = asyncio.Event()
    facts = Metadata(database, Clock())

    async def write() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            async with database.write() as connection:
                for key in ("one", "two"):
                    await connection.exec_driver_sql(
                        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(number) * 5000)
                    )
        return number

    await facts.set("much", "x" * 3_000_000)
    writing = asyncio.create_task(write())
    for number in range(5):
        await back_up(url, backup.with_name(str(number)))
    stop.set()
    assert await writing > 5
    for number in range(5):
        values = {
            value for key, value in await kept_in(backup.with_name(str(number))) if key != "much"
        }
        assert len(values) <= 1


async def test_no_interaction_token_is_in_a_backup_nor_in_its_unused_pages(
    database: Database, attempts: Attempts, clock: Clock, url: str, backup: Path
) -> None:
    attempt = await admitted(attempts, clock.now)
    await assessed(attempts, clock.now)
    async with database.write() as connection:  # as another SQLite may have left them
        await connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        await connection.exec_driver_sql(
            "INSERT INTO meta VALUES ('old', ?)", ("interaction-token " * 2000,)
        )
    async with database.write() as connection:
        await connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        await connection.exec_driver_sql("DELETE FROM meta")
    await back_up(url, backup)
    assert b"interaction-token" not in content_of(backup)
    assert await attempts.get(ANN, attempt.id) == attempt  # the bot keeps it
    copy = Database(f"sqlite+aiosqlite:///{backup}")
    expected = attempt.model_copy(update={"reply": None})
    assert await Attempts(copy, clock).get(ANN, attempt.id) == expected
    await copy.close()


async def test_whatever_table_has_tokens_they_are_not_in_a_backup(
    database: Database, clock: Clock, url: str, backup: Path
) -> None:
    await fill(database, clock.now)
    holding = [table for table in EVERY_TABLE if "reply_token" in table.c]
    async with database.write() as connection:
        for table in holding:
            await connection.execute(update(table).values(reply_token="interaction-token"))
    await back_up(url, backup)
    assert {table.name for table in holding} == {"attempts", "interviews", "studio_links"}
    assert b"interaction-token" not in content_of(backup)


@pytest.mark.parametrize("taken", ["greenroom.backup", "greenroom.backup.sha256"])
async def test_nothing_that_is_there_is_overwritten(
    database: Database, url: str, backup: Path, taken: str
) -> None:
    backup.parent.mkdir(exist_ok=True)
    overwrite(backup.parent / taken, b"mine")
    with pytest.raises(SettingsProblem, match="already there"):
        await back_up(url, backup)
    assert content_of(backup.parent / taken) == b"mine"
    assert beside(backup) == {taken}


async def test_a_backup_that_fails_leaves_nothing(
    database: Database, url: str, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.maintenance.backup._flush", full)
    with pytest.raises(SettingsProblem, match=r"cannot be written \(No space left on device\)"):
        await back_up(url, backup)
    assert beside(backup) == set()


async def test_no_backup_of_nothing(tmp_path: Path, backup: Path) -> None:
    with pytest.raises(SettingsProblem, match="no database at"):
        await back_up(f"sqlite+aiosqlite:///{tmp_path}/missing", backup)
    assert not (tmp_path / "missing").exists()


async def test_a_damaged_database_is_not_passed_off_as_a_backup(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await Metadata(database, Clock()).set("key", "value " * 5000)
    await database.close()
    overwrite(file, b"\xff" * 4096 * 10, at=4096 * 10)
    with pytest.raises(SettingsProblem, match=r"damaged|SQLITE_CORRUPT"):
        await back_up(url, backup)
    assert beside(backup) == set()


async def test_for_postgres_its_own_program_is_named_without_the_password(backup: Path) -> None:
    with pytest.raises(SettingsProblem, match=rf"pg_dump .*{backup} {BARE}$"):
        await back_up(POSTGRES, backup)


def test_only_the_newest_backups_of_a_folder_are_kept(tmp_path: Path) -> None:
    moments = [datetime(2026, 11, day, 3, tzinfo=UTC) for day in (1, 2, 10, 30)]
    names = [backup_name(moment) for moment in moments]
    for name in (*names, "mine.backup", "greenroom-before-the-party.backup"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / f"{name}.sha256").write_bytes(b"")
    assert [path.name for path in delete_old_backups(tmp_path, 2)] == names[:2]
    left = {path.name for path in tmp_path.glob("*.backup")}
    assert left == {*names[2:], "mine.backup", "greenroom-before-the-party.backup"}
    assert len(list(tmp_path.glob("*.sha256"))) == 4
    assert delete_old_backups(tmp_path, 9) == []


async def test_a_mistyped_folder_is_not_made(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="There is no folder"):
        await back_up(sqlite_url, tmp_path / "bakcups" / "monday")
    assert not (tmp_path / "bakcups").exists()
