"""What lies in database files and beside them, for the tests of deletions, backups and restores."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
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


async def holding(folder: Path, *words: str) -> set[str]:
    """The files below a folder that hold one of these words, in whatever case.

    Another process reads them: one that opens and closes a database file drops its own locks on it
    (sqlite.org/howtocorrupt.html), and here the database is in use.
    """
    patterns = [argument for word in words for argument in ("-e", word)]
    found = await asyncio.to_thread(
        subprocess.run,
        ["grep", "-rlaiF", *patterns, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode < 2, found.stderr
    return {name.removeprefix("./") for name in found.stdout.splitlines()}


async def eventually_none(folder: Path, *words: str, within: float = 20.0) -> None:
    """Wait until no file below a folder holds one of these words."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while found := await holding(folder, *words):
        assert loop.time() < until, found
        await asyncio.sleep(0.02)
