"""Deleting everything: no row stays, and on SQLite nothing can be read from the files."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import func, select, text

from storage.engine.database import Database
from storage.engine.postgres_queue import migrate_queue
from storage.maintenance.purge import delete_kept, purge_all
from storage.repositories.metadata import Metadata
from storage.tables import metadata
from tests.storage.conftest import ON_POSTGRES, ON_SQLITE, Clock
from tests.storage.files import beside, overwrite
from tests.storage.filling import EVERYBODY, fill


async def test_no_row_of_any_table_stays_and_the_tables_can_be_used_again(
    database: Database, clock: Clock
) -> None:
    await fill(database, clock.now)
    assert await purge_all(database) == dict.fromkeys(metadata.tables, len(EVERYBODY))
    async with database.read() as connection:
        for table in metadata.tables.values():
            assert await connection.scalar(select(func.count()).select_from(table)) == 0
    assert set((await purge_all(database)).values()) == {0}
    await fill(database, clock.now)
    await database.open()


@ON_SQLITE
async def test_nothing_can_be_read_from_the_files_on_sqlite(database: Database, file: Path) -> None:
    await Metadata(database, Clock()).set("key", "what she said " * 2000)

    def said() -> bool:
        return any(b"she said" in path.read_bytes() for path in file.parent.iterdir())

    assert await asyncio.to_thread(said)
    await purge_all(database)
    assert not await asyncio.to_thread(said)


@ON_SQLITE
async def test_databases_that_restores_have_replaced_go_with_what_lies_beside_them_on_sqlite(
    database: Database, file: Path
) -> None:
    kept = file.with_name("greenroom.before-restore-20260101T000000000000Z.sqlite3")
    others = {"notes.txt", "monday.sqlite3"}
    for name in (kept.name, f"{kept.name}-wal", f"{kept.name}-shm", *others):
        overwrite(file.with_name(name), b"what she said")
    await delete_kept(database)
    assert {name for name in beside(file) if not name.startswith(file.name)} == others


@ON_POSTGRES
async def test_the_queue_goes_too_on_postgres(database: Database, url: str) -> None:
    await migrate_queue(url)
    job = "INSERT INTO procrastinate.procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')"
    async with database.write() as connection:
        await connection.execute(text("SET LOCAL search_path TO procrastinate"))
        await connection.execute(text(job))
    await purge_all(database)
    async with database.read() as connection:
        for name in ("procrastinate_jobs", "procrastinate_events"):
            count = text(f"SELECT count(*) FROM procrastinate.{name}")  # noqa: S608 - our own names
            assert await connection.scalar(count) == 0
    await migrate_queue(url)
