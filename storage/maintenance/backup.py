"""Backs a SQLite database up while the bot works on it, and puts a backup in its place again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from core.errors import SettingsProblem
from storage.engine.connections import checked, make_file, sqlite_file
from storage.engine.file_lock import exclusive_lock
from storage.engine.migrate import known_revisions
from storage.mapping import NO_REPLY

_BUSY_SECONDS = 30.0
_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database file; with another database they would damage it."""

_TABLES_WITH_TOKENS = """
SELECT entry.name FROM sqlite_master AS entry, pragma_table_info(entry.name) AS part
WHERE entry.type = 'table' AND part.name = 'reply_token'
"""
"""Asked of the copy: a database from before an upgrade has fewer of them."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup, as it lies in its file."""

    sha256: str
    bytes: int
    revision: str  # of the tables


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has put in place, and where the database from before is now."""

    revision: str
    kept: Path | None  # None: there was none


async def back_up(source_url: str, file: Path) -> Backup:
    """Copy the database as it is at one moment into `file`, with its checksum in `FILE.sha256`.

    The bot may go on writing. Interaction tokens are left out: with one, who finds the backup could
    write in the bot's name for minutes.

    Raises:
        SettingsProblem: the database is not there or not SQLite, a file is in the way, or the
            backup cannot be written.
    """
    url = checked(source_url)
    source = sqlite_file(url)
    if source is None:
        raise SettingsProblem(
            "Back a Postgres database up with its own program: pg_dump --format=custom"
            f" --file={file} {_shown(url)}"
        )
    return await asyncio.to_thread(_back_up, source, file)


async def restore(file: Path, target_url: str) -> Restored:
    """Put a backup in the place of the database, which is kept beside it under another name.

    Raises:
        SettingsProblem: the backup is not whole, is from a newer version, or another process works
            on the database; it is then as it was. Or the database is not SQLite.
    """
    url = checked(target_url)
    target = sqlite_file(url)
    if target is None:
        raise SettingsProblem(
            "Restore a Postgres database with its own program: pg_restore --clean --if-exists"
            f" --dbname={_shown(url)} {file}"
        )
    async with exclusive_lock(target_url):
        return await asyncio.to_thread(_restore, file, target)


def _shown(url: URL) -> str:
    """As Postgres's own programs take it, and without the password, for which they ask."""
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


def _back_up(source: Path, file: Path) -> Backup:
    if not source.is_file():
        raise SettingsProblem(f"There is no database at {source}: check DATABASE_URL or DATA_DIR.")
    checksum = _checksum_file(file)
    for taken in (file, checksum):
        if taken.exists():
            raise SettingsProblem(f"{taken} is already there: choose another name.")
    with _in_part(file, "The backup cannot be written") as part:
        _copy(source, part)
        revision = _inspect(part)
        made = Backup(_sha256(part), part.stat().st_size, revision)
        _flush(part)
        _write_private(checksum, f"{made.sha256}  {file.name}\n")
        part.rename(file)  # last: where there is a backup, it is whole
        _flush(file.parent)
    return made


def _copy(source: Path, part: Path) -> None:
    """Copy at one moment, then leave the tokens out and nothing of them in unused pages.

    All pages in one step: with several, every write of the bot would start it anew. In WAL mode
    nobody waits for it (sqlite.org/backup.html, sqlite.org/wal.html).
    """
    with (
        closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as there,
        closing(sqlite3.connect(part, isolation_level=None)) as here,
    ):
        there.backup(here, pages=-1)
        here.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        nothing = ", ".join(f"{column} = NULL" for column in NO_REPLY)
        for (table,) in here.execute(_TABLES_WITH_TOKENS).fetchall():
            here.execute(f"UPDATE {table} SET {nothing} WHERE reply_token IS NOT NULL")  # noqa: S608 - our own names
        here.execute("VACUUM")


def _restore(file: Path, target: Path) -> Restored:
    wanted = _wanted_sha256(file)
    with _in_part(target, "The backup cannot be restored") as part:
        shutil.copyfile(file, part)
        if _sha256(part) != wanted:
            raise SettingsProblem(
                f"{file} is not what was backed up: its SHA-256 differs from the one in"
                f" {_checksum_file(file).name}. Take another backup."
            )
        revision = _inspect(part)
        _flush(part)
        kept = _set_aside(target)
        part.replace(target)
        _flush(target.parent)
    return Restored(revision, kept)


def _wanted_sha256(file: Path) -> str:
    checksum = _checksum_file(file)
    try:
        words = checksum.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise SettingsProblem(
            f"{checksum} cannot be read: a backup is both files, so keep them together."
        ) from None
    return words[0] if words else ""


def _set_aside(target: Path) -> Path | None:
    """Give the present database a second name, so that the next step replaces only the first."""
    if not target.exists():
        return None
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    kept = target.with_name(f"{target.stem}.before-restore-{moment}{target.suffix}")
    try:
        kept.hardlink_to(target)
    except OSError:  # not every file system can
        target.rename(kept)
    for ending in _BESIDE:  # not by SQLite: it may be damaged, which is why it is replaced
        with suppress(FileNotFoundError):
            Path(f"{target}{ending}").rename(f"{kept}{ending}")
    return kept


def _inspect(part: Path) -> str:
    """The revision of a database's tables, once it is known to be whole."""
    with closing(sqlite3.connect(part)) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise SettingsProblem("The database is damaged: SQLite's integrity check fails.")
        found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    revision = str(found[0][0]) if found else "none"
    if revision not in known_revisions():
        raise SettingsProblem(
            f"The database is at revision {revision!r}, which this version of Greenroom does not"
            " know: use the version that made it."
        )
    return revision


@contextmanager
def _in_part(file: Path, failing: str) -> Iterator[Path]:
    """A file of our own beside `file` to work in, which is gone at the end."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        make_file(part)
        yield part
    except (OSError, sqlite3.Error) as error:
        code = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None)
        raise SettingsProblem(f"{failing} ({code or type(error).__name__}).") from None
    finally:
        for leftover in (part, *(Path(f"{part}{ending}") for ending in (*_BESIDE, "-journal"))):
            leftover.unlink(missing_ok=True)


def _checksum_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _write_private(file: Path, text: str) -> None:
    make_file(file)
    file.write_text(text, "utf-8")
    _flush(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have a file, or what a folder says about its files, on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
