"""Deletes everything, for an operator who shuts the bot down."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import StorageUnavailable
from core.models import AttemptState, Owner
from storage.engine.connections import BESIDE, kept_beside, sqlite_file
from storage.engine.database import Database
from storage.engine.errors import code_of
from storage.mapping import owner_of
from storage.tables import attempts, metadata

_QUEUE = "procrastinate"
"""The queue's schema on Postgres: its jobs name attempts and members."""

_BUSY_SECONDS = 30.0

_OPEN = tuple(state for state in AttemptState if not state.ended)

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


async def purge_all(database: Database) -> dict[str, int]:
    """Delete every row of every table; returns how many, by table. The tables stay.

    Nothing of them can be read from the files afterwards: SQLite overwrites what it deletes, and
    Postgres gets new files. Copies at the vendor are not ours to see from here: delete them first.

    Raises:
        StorageUnavailable: the database cannot be used now. Repeat it: until it succeeds, what was
            deleted may still be in the files.
    """
    file = sqlite_file(database.url)
    gone: dict[str, int] = {}
    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            count = select(func.count()).select_from(table)
            gone[table.name] = await connection.scalar(count) or 0
            if file is not None:
                await connection.execute(delete(table))
        if file is None:
            await _truncate(connection)
    if file is not None:
        try:
            await asyncio.to_thread(_compact, file)
        except sqlite3.Error as error:
            raise StorageUnavailable(code_of(error)) from None
    return gone


async def delete_kept(database: Database) -> None:
    """Delete the databases that restores have replaced, with what lies beside them.

    Raises:
        StorageUnavailable: one cannot be deleted.
    """
    if (file := sqlite_file(database.url)) is not None:
        try:
            await asyncio.to_thread(_delete_kept, file)
        except OSError as error:
            raise StorageUnavailable(type(error).__name__) from None


async def reaching_out(database: Database) -> list[tuple[Owner, str]]:
    """Attempts of which something is, or may be, outside: a clip's copy, a message, a reply.

    For who deletes all of it, whoever's it is: so it takes no owner, and gives none of their data.
    """
    outside = attempts.c.shared | attempts.c.cleaned_at.is_(None) | attempts.c.state.in_(_OPEN)
    columns = (attempts.c.id, attempts.c.guild_id, attempts.c.user_id)
    statement = select(*columns).where(outside).order_by(attempts.c.created_at, attempts.c.id)
    async with database.read() as connection:
        return [(owner_of(row), row.id) for row in await connection.execute(statement)]


async def others_connected(database: Database) -> bool:
    """Whether anybody else is connected to this Postgres database; for SQLite ask `alone_on`."""
    if sqlite_file(database.url) is not None:
        return False
    async with database.read() as connection:
        return bool(await connection.scalar(text(_OTHERS)))


async def _truncate(connection: AsyncConnection) -> None:
    names = [table.name for table in metadata.sorted_tables]
    queued = await connection.run_sync(lambda sync: inspect(sync).get_table_names(_QUEUE))
    names += [f"{_QUEUE}.{name}" for name in queued if name.startswith(f"{_QUEUE}_")]
    await connection.execute(text(f"TRUNCATE {', '.join(names)}"))


def _delete_kept(file: Path) -> None:
    for kept in kept_beside(file):
        for one in (*(kept.with_name(f"{kept.name}{ending}") for ending in BESIDE), kept):
            one.unlink(missing_ok=True)


def _compact(file: Path) -> None:
    """Make the file anew without its empty pages, and empty the one beside it."""
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = ON")
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
