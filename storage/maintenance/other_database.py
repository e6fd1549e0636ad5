"""The other database: the SQLite file beside a Postgres one, or the reverse, so that none is lost.

Whoever changes DATABASE_URL, or forgets it, would else start with nothing and not notice at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from core.errors import SettingsProblem
from core.private_files import new_file
from storage.engine.connections import blocking_engine, checked, files_of, sqlite_file
from storage.tables import attempts, board_members, consents, member_settings, questions

MOVED = "moved_to"
"""The key in `meta` of a SQLite file whose rows are in Postgres now."""

_NOTE = "postgres-in-use"  # in DATA_DIR: which Postgres database a bot has worked on
_FULL = (attempts, consents, questions, board_members, member_settings)
_BUSY_SECONDS = 5.0


def shown(url: URL) -> str:
    """Which database this is, without who uses it and how."""
    return f"{url.host or 'local'}:{url.port or 5432}/{url.database}"


async def check_choice(url: str, data_dir: Path, default_file: Path) -> None:
    """Refuse a database that is hardly the one that was meant.

    Args:
        url: the database in force.
        data_dir: where a note says which Postgres database was in use.
        default_file: where a SQLite database lies when DATABASE_URL is not set.

    Raises:
        SettingsProblem: it is empty beside a full one, or everything in it has been moved.
    """
    await asyncio.to_thread(_check_choice, checked(url), data_dir, default_file)


def _check_choice(url: URL, data_dir: Path, default_file: Path) -> None:
    file = sqlite_file(url)
    if file is None:
        if moved_to(default_file) is None and _is_full(default_file) and _is_empty(url):
            raise SettingsProblem(
                f"DATABASE_URL leads to an empty database ({shown(url)}), but what the bot knows is"
                f" in {default_file}. Copy it first: python bot.py migrate-to. To begin with"
                " nothing all the same, add --any-database."
            )
        return
    if (target := moved_to(file)) is not None:
        raise SettingsProblem(
            f"Everything in {file} was moved to Postgres ({target}). Set DATABASE_URL to that"
            " database. To go on with the old file all the same, add --any-database."
        )
    before = _note_in(data_dir)
    if before is not None and not _is_full(file):
        raise SettingsProblem(
            f"DATABASE_URL is not set, and {file} is empty or not there, but the bot has worked on"
            f" Postgres ({before}). Set DATABASE_URL again. To begin with nothing all the same, add"
            " --any-database."
        )


async def note_postgres(url: str, data_dir: Path) -> None:
    """Leave a note in DATA_DIR of which Postgres database is in use; for SQLite do nothing."""
    parsed = checked(url)
    if sqlite_file(parsed) is None:
        await asyncio.to_thread(_write_note, data_dir / _NOTE, shown(parsed))


def _write_note(file: Path, text: str) -> None:
    # Where DATA_DIR cannot be written, whoever needs it tells
    with contextlib.suppress(OSError), new_file(file) as opened:
        opened.write(f"{text}\n".encode())


def _note_in(data_dir: Path) -> str | None:
    try:
        return (data_dir / _NOTE).read_text("utf-8").strip()[:200] or None
    except (OSError, UnicodeDecodeError):
        return None


def mark_moved(file: Path, target: URL) -> None:
    """Say in a SQLite file that its rows are in Postgres now. Blocks."""
    value = f"{shown(target)}, {datetime.now(UTC):%d %B %Y}"
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as database, database:
        database.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (MOVED, value))


def moved_to(file: Path) -> str | None:
    """Where the rows of a SQLite file have been moved; `None` if they have not. Blocks."""
    found = _ask(file, f"SELECT value FROM meta WHERE key = '{MOVED}'")  # noqa: S608 - our own
    return str(found) if found is not None else None


def other_files(url: str, default_file: Path) -> list[Path]:
    """With Postgres: the SQLite database in DATA_DIR from before, and its files. Blocks."""
    return files_of(default_file) if sqlite_file(checked(url)) is None else []


def other_postgres(url: str, data_dir: Path) -> str | None:
    """With SQLite: the Postgres database that is, or was, in use as well. Blocks."""
    file = sqlite_file(checked(url))
    return None if file is None else moved_to(file) or _note_in(data_dir)


def forget_postgres(data_dir: Path) -> None:
    """Take the note away, once nothing is left of the database. Blocks."""
    (data_dir / _NOTE).unlink(missing_ok=True)


def _is_full(file: Path) -> bool:
    return any(
        _ask(file, f"SELECT 1 FROM {table.name} LIMIT 1") is not None  # noqa: S608 - our own names
        for table in _FULL
    )


def _ask(file: Path, statement: str) -> object:
    """The first value that a statement gives; `None` where there is none, or no such table."""
    if not file.is_file():
        return None
    address = f"file:{quote(str(file.resolve()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
            row = database.execute(statement).fetchone()
    except sqlite3.Error:
        return None  # damaged, say: whoever opens it tells
    return None if row is None else row[0]


def _is_empty(url: URL) -> bool:
    engine = blocking_engine(url)
    try:
        with engine.connect() as connection:
            there = inspect(connection).get_table_names()
            known = [table for table in _FULL if table.name in there]
            return all(
                connection.scalar(select(table.c[table.primary_key.columns.keys()[0]]).limit(1))
                is None
                for table in known
            )
    except SQLAlchemyError:
        return False  # whoever opens it tells
    finally:
        engine.dispose()
