"""A move to Postgres: all rows or none, each compared, and ids that go on where they were."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.assessment import EngineName
from core.errors import SettingsProblem
from core.models import VendorRefs
from storage.engine.database import Database
from storage.engine.file_lock import exclusive_lock
from storage.maintenance import copy_to_postgres as moving
from storage.maintenance.copy_to_postgres import MoveReport, move
from storage.repositories.attempts import Attempts
from storage.repositories.metadata import Metadata
from storage.repositories.pending_deletions import PendingDeletions
from storage.tables import metadata
from tests.storage.conftest import Clock
from tests.storage.filling import EVERYBODY, fill
from tests.storage.samples import ANN, assessed


def nobody(_table: str, _rows: int) -> None:
    """Progress that nobody looks at."""


async def everything(url: str) -> dict[str, list[Any]]:
    """Every row of every table, through the tables' own types."""
    database = Database(url)
    async with database.read() as connection:
        found = {
            table.name: sorted(
                map(tuple, (await connection.execute(select(table))).all()), key=repr
            )
            for table in metadata.tables.values()
        }
    await database.close()
    return found


@pytest.fixture
async def filled_url(sqlite_url: str, clock: Clock) -> str:
    """A SQLite database with rows in every table."""
    database = Database(sqlite_url)
    await fill(database, clock.now)
    await database.close()
    return sqlite_url


async def assert_nothing_moved(target_url: str) -> None:
    assert not any((await everything(target_url)).values())


async def test_every_row_of_every_table_arrives_as_it_was(
    filled_url: str, postgres_url: str
) -> None:
    copied: dict[str, int] = {}
    before = await everything(filled_url)
    report = await move(filled_url, postgres_url, progress=copied.__setitem__)
    assert report == MoveReport(dict.fromkeys(metadata.tables, len(EVERYBODY)))
    assert copied == report.rows
    assert await everything(postgres_url) == before
    after = await everything(filled_url)
    [mark] = [row for row in after["meta"] if row not in before["meta"]]
    assert mark[0] == "moved_to"  # a bot refuses the file from now on
    assert {**after, "meta": before["meta"]} == before


async def test_ids_go_on_after_those_that_were_moved(
    filled_url: str, postgres_url: str, clock: Clock
) -> None:
    await move(filled_url, postgres_url, progress=nobody)
    database = Database(postgres_url)
    pending_deletions = PendingDeletions(database, clock)
    await pending_deletions.add("a" * 16, EngineName.LOCAL, VendorRefs())
    assert [left.id for left in await pending_deletions.all()] == [1, 2, 3, 4]
    await database.close()


async def test_an_empty_database_moves_too(
    sqlite_url: str, postgres_url: str, clock: Clock
) -> None:
    report = await move(sqlite_url, postgres_url, progress=nobody)
    assert set(report.rows.values()) == {0}
    database = Database(postgres_url)
    await PendingDeletions(database, clock).add("a" * 16, EngineName.LOCAL, VendorRefs())
    await database.close()


async def test_keys_that_languages_sort_differently_are_compared_in_one_order(
    sqlite_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_AT_A_TIME", 2)
    database = Database(sqlite_url)
    facts = Metadata(database, Clock())
    for key in ("a", "B", "_", "ä", "Z", "é", "10", "9", "\U0001f600", "\uffee"):
        await facts.set(key, "")
    await database.close()
    assert (await move(sqlite_url, postgres_url, progress=nobody)).rows["meta"] == 10


async def test_a_row_whose_model_has_changed_since_moves_as_it_is(
    sqlite_url: str, file: Path, postgres_url: str, clock: Clock
) -> None:
    database = Database(sqlite_url)
    await assessed(Attempts(database, clock), clock.now)
    await database.close()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("""UPDATE attempts SET assessment = '{"old": 1.50, "b": [null]}'""")
        raw.commit()
    assert (await move(sqlite_url, postgres_url, progress=nobody)).rows["attempts"] == 1


async def test_a_target_with_rows_is_refused_and_left_as_it_is(
    filled_url: str, migrated_postgres_url: str
) -> None:
    database = Database(migrated_postgres_url)
    await Metadata(database, Clock()).set("key", "value")
    await database.close()
    before = await everything(migrated_postgres_url)
    with pytest.raises(SettingsProblem, match=r"not empty: 'meta' has rows"):
        await move(filled_url, migrated_postgres_url, progress=nobody)
    assert await everything(migrated_postgres_url) == before


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE attempts SET question = 'another' WHERE user_id = 3",
        "UPDATE attempts SET created_at = created_at + interval '1 microsecond' WHERE user_id = 3",
        'UPDATE attempts SET refs = \'{"asset_id": null, "task_ids": []}\' WHERE user_id = 3',
        "DELETE FROM attempts WHERE user_id = 3",
    ],
)
async def test_a_row_that_differs_is_named_and_nothing_stays(
    filled_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    copy = moving._insert

    def copy_and_change(there: Any, table: Any, rows: Any) -> None:
        copy(there, table, rows)
        if table.name == metadata.sorted_tables[-1].name:  # before anything is compared
            there.exec_driver_sql(planted)

    monkeypatch.setattr(moving, "_insert", copy_and_change)
    with pytest.raises(SettingsProblem, match=r"'attempts' is not the same .*\(id=0{15}3\)"):
        await move(filled_url, postgres_url, progress=nobody)
    await assert_nothing_moved(postgres_url)


async def test_a_row_that_postgres_does_not_take_is_named_without_what_it_says(
    filled_url: str, file: Path, postgres_url: str
) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute(
            "UPDATE questions SET text = 'what she' || char(0) || 'said' WHERE id LIKE '%2'"
        )
        raw.commit()
    with pytest.raises(SettingsProblem, match=r"'questions' does not fit .*id=0{15}2\)") as caught:
        await move(filled_url, postgres_url, progress=nobody)
    assert "she" not in str(caught.value)
    await assert_nothing_moved(postgres_url)


async def test_an_interrupted_move_leaves_nothing(filled_url: str, postgres_url: str) -> None:
    reached = asyncio.Event()

    def progress(table: str, _rows: int) -> None:
        if table == "usage":
            reached.set()

    moved = asyncio.create_task(move(filled_url, postgres_url, progress=progress))
    moved.add_done_callback(lambda _: reached.set())
    await reached.wait()
    moved.cancel()
    await asyncio.wait([moved])
    assert moved.cancelled()
    await assert_nothing_moved(postgres_url)


async def test_a_server_lost_on_the_way_leaves_nothing(
    filled_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = moving._Move._compare

    def lose(self: Any, here: Any, there: Any, table: Any) -> None:
        there.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        compare(self, here, there, table)

    monkeypatch.setattr(moving._Move, "_compare", lose)
    with pytest.raises(SettingsProblem, match=r"The move failed \(57P01\)"):
        await move(filled_url, postgres_url, progress=nobody)
    await assert_nothing_moved(postgres_url)


async def test_a_move_beside_a_running_bot_is_refused(filled_url: str, postgres_url: str) -> None:
    async with exclusive_lock(filled_url):
        with pytest.raises(SettingsProblem, match="already running"):
            await move(filled_url, postgres_url, progress=nobody)


async def test_only_from_a_file_that_is_there_to_postgres(
    filled_url: str, file: Path, postgres_url: str
) -> None:
    for source, target in ((postgres_url, postgres_url), (filled_url, filled_url)):
        with pytest.raises(SettingsProblem, match="from a SQLite database"):
            await move(source, target, progress=nobody)
    missing = f"sqlite+aiosqlite:///{file.with_name('missing')}"
    with pytest.raises(SettingsProblem, match="no database at"):
        await move(missing, postgres_url, progress=nobody)
    assert not file.with_name("missing").exists()


async def test_the_moved_attempt_is_found_by_its_owner(
    sqlite_url: str, postgres_url: str, clock: Clock
) -> None:
    database = Database(sqlite_url)
    attempt = await assessed(Attempts(database, clock), clock.now)
    await database.close()
    await move(sqlite_url, postgres_url, progress=nobody)
    moved = Database(postgres_url)
    assert await Attempts(moved, clock).get(ANN, attempt.id) == attempt
    await moved.close()
