"""What lies in database files and beside them, for the tests of backups and restores."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any


async def kept_in(file: Path) -> list[tuple[Any, ...]]:
    """The small facts in a database file."""

    def read() -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(file)) as raw:
            return raw.execute("SELECT key, value FROM meta ORDER BY key").fetchall()

    return await asyncio.to_thread(read)


def overwrite(file: Path, content: bytes, at: int | None = None) -> None:
    """Write the whole file anew, or only what is from a place on."""
    with file.open("wb" if at is None else "r+b") as opened:
        opened.seek(at or 0)
        opened.write(content)


def content_of(file: Path) -> bytes:
    return file.read_bytes()


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def beside(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir()}
