"""What a restore takes beside the plain case, and what is left of one that was stopped halfway."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from core.errors import SettingsProblem
from core.settings import ROOT
from storage.engine.connections import blocking_engine, checked, kept_beside
from storage.engine.database import Database
from storage.engine.file_lock import exclusive_lock
from storage.engine.migrate import alembic_config, known_revisions
from storage.maintenance import backup as backup_module
from storage.maintenance import inspection as inspecting
from storage.maintenance.backup import back_up, restore
from storage.repositories.metadata import Metadata
from tests.storage.conftest import Clock
from tests.storage.files import beside, content_of, kept_in, overwrite
from tests.storage.maintenance.tampering import tamper, vouch


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Only SQLite: Postgres restores with a program of its own."""
    return sqlite_url


def make_at(url: str, revision: str) -> None:
    """A database as a version of ours made it whose newest migration was this one."""
    engine = blocking_engine(checked(url))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
        connection.exec_driver_sql("INSERT INTO meta VALUES ('key', 'value')")


@pytest.mark.parametrize("revision", sorted(known_revisions()))
async def test_a_true_backup_of_every_revision_is_restored_and_brought_up_to_date(
    revision: str, tmp_path: Path, url: str, file: Path, backup: Path
) -> None:
    old = f"sqlite+aiosqlite:///{tmp_path / 'old.sqlite3'}"
    await asyncio.to_thread(make_at, old, revision)
    assert (await back_up(old, backup)).revision == revision
    assert (await restore(backup, url)).revision == revision
    database = Database(url)
    try:
        await database.open()
        assert await Metadata(database, Clock()).get("key") == "value"
    finally:
        await database.close()


async def test_a_layout_of_statements_that_has_changed_with_a_library_does_not_matter(
    taken: Path, url: str, file: Path
) -> None:
    script = (
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql ="
        " replace(replace(sql, char(10), ' '), ', ', ' ,   ') WHERE type = 'table'"
    )
    await asyncio.to_thread(tamper, taken, script)
    await restore(taken, url)
    assert await kept_in(file) == [("key", "value")]


def say_wal(backup: Path) -> None:
    """What the header of a database says that is in use with a log beside it."""
    overwrite(backup, b"\x02\x02", at=18)


async def test_a_backup_in_the_mode_of_a_database_in_use_is_taken(
    taken: Path, url: str, file: Path
) -> None:
    say_wal(taken)
    vouch(taken)
    await restore(taken, url)
    assert await kept_in(file) == [("key", "value")]
    assert {name for name in beside(file) if "part" in name} == set()


async def test_statistics_of_an_operator_are_no_obstacle_and_left_out(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    await Metadata(database, Clock()).set("key", "value")
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("ANALYZE")
    await back_up(url, backup)
    await asyncio.to_thread(tamper, backup, "ANALYZE")
    await database.close()
    await restore(backup, url)
    with closing(sqlite3.connect(file)) as raw:
        found = raw.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'")
        assert found.fetchall() == []
    assert await kept_in(file) == [("key", "value")]


async def test_a_database_that_could_not_be_restored_is_not_backed_up(
    database: Database, url: str, file: Path, backup: Path
) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE INDEX mine ON usage (used_at)")
    with pytest.raises(SettingsProblem, match=r"cannot be written: .* no index 'mine'"):
        await back_up(url, backup)
    assert beside(backup) == set()


async def test_who_cancels_a_restore_finds_the_database_as_it_was_and_nothing_else(
    taken: Path, url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = threading.Event()

    def slowly(part: Path, watch: inspecting.Watch) -> str:
        reached.set()
        while not watch.over():
            threading.Event().wait(0.01)
        return inspecting.inspect(part, watch)

    monkeypatch.setattr(backup_module, "inspect", slowly)
    before = content_of(file)
    restoring = asyncio.create_task(restore(taken, url))
    await asyncio.to_thread(reached.wait, 30)
    assert any(name.endswith("-part") for name in beside(file))
    restoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restoring
    assert content_of(file) == before
    assert not [name for name in beside(file) if "part" in name or "before" in name]
    async with exclusive_lock(url):
        pass


KILLED_AT = {
    "the copy": "backup._flush = kill",
    "the second name": "pathlib.Path.rename = kill",
    "the last step": "pathlib.Path.replace = kill",
    "the last step, without second names": (
        "pathlib.Path.hardlink_to = refuse; pathlib.Path.replace = kill"
    ),
}
"""What a process does so as to be killed at one of the steps of a restore."""

RESTORING = """
import asyncio, os, pathlib, signal, sys
from storage.maintenance import backup
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
def refuse(*_): raise OSError
{killed_at}
asyncio.run(backup.restore(pathlib.Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize("killed_at", KILLED_AT.values(), ids=KILLED_AT)
async def test_what_a_killed_restore_has_left_goes_at_the_next_start(
    taken: Path, url: str, file: Path, database: Database, killed_at: str
) -> None:
    await Metadata(database, Clock()).set("key", "only in the -wal file")
    wal = file.with_name(f"{file.name}-wal")
    left = content_of(file), content_of(wal)
    await database.close()
    overwrite(file, left[0])  # as a killed bot has left it
    overwrite(wal, left[1])
    program = RESTORING.format(killed_at=killed_at)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(taken), url), cwd=ROOT
    )
    assert await process.wait() == -9
    [part] = [name for name in beside(file) if name.endswith("-part")]
    overwrite(file.with_name(f"{part}-journal"), b"left as well")
    async with exclusive_lock(url):
        assert beside(file) == {file.name, wal.name, f"{file.name}.lock"}
        assert await kept_in(file) == [("key", "only in the -wal file")]


async def test_a_database_with_two_names_is_not_taken_for_one_that_was_replaced(
    database: Database, file: Path
) -> None:
    second = file.with_name("greenroom.before-restore-20260101T000000000000Z.sqlite3")
    await asyncio.to_thread(second.hardlink_to, file)
    assert kept_beside(file) == []
    await Metadata(database, Clock()).set("key", "value")
    assert await database.scrubbed()


async def test_what_a_killed_backup_has_left_goes_with_a_later_one_and_nothing_else_does(
    database: Database, url: str, backup: Path
) -> None:
    backup.parent.mkdir(exist_ok=True)
    names = {
        "abandoned": ".monday.sqlite3.0123abcd.greenroom-part",
        "at work": ".tuesday.sqlite3.0123abcd.greenroom-part",
        "not ours": ".theirs.0123abcd.part",
    }
    for what, name in names.items():
        overwrite(backup.with_name(name), b"what she said")
        if what != "at work":
            os.utime(backup.with_name(name), (0, 0))
    await back_up(url, backup)
    kept = {names["at work"], names["not ours"]}
    assert beside(backup) == {backup.name, f"{backup.name}.sha256", *kept}
