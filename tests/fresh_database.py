"""A migrated SQLite database, copied: migrating each anew would take longer than most tests."""

from __future__ import annotations

import asyncio
import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from storage.engine.database import Database


async def fresh_database(folder: Path) -> Database:
    """Open the database in this folder, a new one if there is none; whoever asks closes it."""
    file = folder / "greenroom.sqlite3"
    if not await asyncio.to_thread(file.exists):
        await asyncio.to_thread(copy_migrated, file)
    database = Database(url_of(file))
    await database.open()
    return database


def copy_migrated(file: Path) -> None:
    """Put a migrated database where there is none, readable by us alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated_file(), file)
    file.chmod(0o600)


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@functools.cache
def migrated_file() -> Path:
    """The one that is copied, made once in each process; blocks."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "migrated.sqlite3"

    async def migrate() -> None:
        database = Database(url_of(file))
        await database.open()
        await database.close()

    asyncio.run(migrate())
    return file
