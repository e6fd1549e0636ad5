"""Backs a SQLite database up while the bot works on it, and puts a backup in its place again."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlalchemy import URL

from core.errors import SettingsProblem
from storage.engine.connections import BESIDE, checked, kept_name, make_file, sqlite_file
from storage.engine.file_lock import exclusive_lock
from storage.engine.unfinished_files import clear_unfinished, unfinished
from storage.maintenance.inspection import Unfit, Watch, drop_statistics, inspect
from storage.mapping import NO_REPLY

T = TypeVar("T")

_PREFIX, _SUFFIX = "greenroom-", ".backup"
_NAMED = re.compile(r"greenroom-\d{8}T\d{6}Z\.backup", re.ASCII)
_BUSY_SECONDS = 30.0
_CHUNK_BYTES = 1_000_000
_CHECKSUM_BYTES = 4_096  # far more than `sha256sum` writes for one file
_FREE_BYTES = 100_000_000
"""What stays free on the disk beside a restored database: its log needs some."""

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
    return await _off_loop(lambda stopped: _back_up(source, file, stopped))


def backup_name(moment: datetime) -> str:
    """What a backup in a folder is called: names sort by time."""
    return f"{_PREFIX}{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}{_SUFFIX}"


def delete_old_backups(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups that have names of `backup_name`; returns them. Blocks.

    Files of other names are left alone.

    Raises:
        SettingsProblem: one cannot be deleted.
    """
    found = sorted(path for path in folder.iterdir() if _NAMED.fullmatch(path.name))
    old = found[: max(len(found) - keep, 0)]
    for path in old:
        try:
            path.unlink()
            _checksum_file(path).unlink(missing_ok=True)
        except OSError as error:
            raise SettingsProblem(
                f"the old backup {path} cannot be deleted ({error.strerror})."
            ) from None
    return old


async def restore(file: Path, target_url: str) -> Restored:
    """Put a backup in the place of the database, which is kept beside it under another name.

    The backup may be anybody's: nothing of it is used before it is known to have exactly the tables
    that we make, and nothing in it that SQLite would run.

    Raises:
        SettingsProblem: the backup is not whole, is from a newer version or not one of ours, or
            another process works on the database; it is then as it was. Or the database is not
            SQLite.
    """
    url = checked(target_url)
    target = sqlite_file(url)
    if target is None:
        raise SettingsProblem(
            "Restore a Postgres database with its own program: pg_restore --clean --if-exists"
            f" --dbname={_shown(url)} {file}"
        )
    async with exclusive_lock(target_url):
        return await _off_loop(lambda stopped: _restore(file, target, stopped))


async def _off_loop(act: Callable[[threading.Event], T]) -> T:
    """Act in a thread. Where that is cancelled, the thread is told, and has ended afterwards."""
    stopped = threading.Event()
    acting = asyncio.create_task(asyncio.to_thread(act, stopped))
    try:
        return await asyncio.shield(acting)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.gather(acting, return_exceptions=True)
        raise


def _shown(url: URL) -> str:
    """As Postgres's own programs take it, and without the password, for which they ask."""
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


def _back_up(source: Path, file: Path, stopped: threading.Event) -> Backup:
    if not source.is_file():
        raise SettingsProblem(f"There is no database at {source}: check DATABASE_URL or DATA_DIR.")
    if not file.parent.is_dir():
        raise SettingsProblem(
            f"There is no folder {file.parent}: correct the name, or make it first."
        )
    checksum = _checksum_file(file)
    for taken in (file, checksum):
        if taken.exists():
            raise SettingsProblem(f"{taken} is already there: choose another name.")
    clear_unfinished(file.parent)
    with _part_of(file, "The backup cannot be written") as part:
        watch = Watch(stopped, source.stat().st_size)
        _copy(source, part, watch)
        revision = inspect(part, watch)
        made = Backup(_sha256(part), part.stat().st_size, revision)
        _flush(part)
        _write_private(checksum, f"{made.sha256}  {file.name}\n")
        try:
            watch.look()
            part.rename(file)  # last: where there is a backup, it is whole
        except BaseException:
            checksum.unlink()
            raise
        _flush(file.parent)
    return made


def _copy(source: Path, part: Path, watch: Watch) -> None:
    """Copy at one moment, then leave the tokens out and nothing of them in unused pages.

    All pages in one step: with several, every write of the bot would start it anew. In WAL mode
    nobody waits for it (sqlite.org/backup.html, sqlite.org/wal.html).
    """
    with (
        closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as there,
        closing(sqlite3.connect(part, isolation_level=None)) as here,
    ):
        there.backup(here, pages=-1)
        watch.guard(here)
        here.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        nothing = ", ".join(f"{column} = NULL" for column in NO_REPLY)
        for (table,) in here.execute(_TABLES_WITH_TOKENS).fetchall():
            here.execute(f"UPDATE {table} SET {nothing} WHERE reply_token IS NOT NULL")  # noqa: S608 - our own names
        drop_statistics(part)
        here.execute("VACUUM")


def _restore(file: Path, target: Path, stopped: threading.Event) -> Restored:
    with _part_of(target, "The backup cannot be restored") as part:
        wanted = _wanted_sha256(file)
        with _opened(file) as backup:
            size = os.fstat(backup.fileno()).st_size
            if size + _FREE_BYTES > shutil.disk_usage(target.parent).free:
                raise Unfit("there is too little room on the disk")
            watch = Watch(stopped, size)
            found = _copy_bytes(backup, part, size, watch)
        if found != wanted:
            raise SettingsProblem(
                f"{file} is not what was backed up: its SHA-256 differs from the one in"
                f" {_checksum_file(file).name}. Take another backup."
            )
        revision = inspect(part, watch)
        drop_statistics(part)
        _flush(part)
        watch.look()
        kept = _set_aside(target)
        part.replace(target)
        _flush(target.parent)
    return Restored(revision, kept)


def _wanted_sha256(file: Path) -> str:
    checksum = _checksum_file(file)
    try:
        with _opened(checksum) as opened:
            words = opened.read(_CHECKSUM_BYTES).decode("utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise SettingsProblem(
            f"{checksum} cannot be read: a backup is both files, so keep them together."
        ) from None
    return words[0] if words else ""


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """A file to read, and nothing else: a pipe would keep us waiting, and a device never end.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(errno.EINVAL, "Not a file")
        yield opened


def _copy_bytes(backup: BinaryIO, part: Path, size: int, watch: Watch) -> str:
    """Copy what has this size, and return the SHA-256 of what was copied."""
    digest, copied = hashlib.sha256(), 0
    with part.open("wb") as copy:
        while chunk := backup.read(_CHUNK_BYTES):
            watch.look()
            copied += len(chunk)
            if copied > size:
                raise Unfit("it grows while it is read")
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _set_aside(target: Path) -> Path | None:
    """Give the present database a second name, so that the next step replaces only the first."""
    if not target.exists():
        return None
    kept = kept_name(target, f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    try:
        kept.hardlink_to(target)
    except OSError:  # not every file system can
        target.rename(kept)
    for ending in BESIDE:  # not by SQLite: it may be damaged, which is why it is replaced
        with suppress(FileNotFoundError):
            Path(f"{target}{ending}").rename(f"{kept}{ending}")
    return kept


@contextmanager
def _part_of(file: Path, failing: str) -> Iterator[Path]:
    """A file of our own beside `file` to work in; what goes wrong with it is one sentence."""
    try:
        with unfinished(file) as part:
            yield part
    except Unfit as unfit:
        raise SettingsProblem(f"{failing}: {unfit}.") from None
    except (OSError, sqlite3.Error) as error:
        code = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None)
        raise SettingsProblem(f"{failing} ({code or type(error).__name__}).") from None


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
