"""One process at a time works on one SQLite file; Postgres is made for many and needs no lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import SettingsProblem
from core.private_files import FILE_MODE
from storage.engine.connections import checked, make_file, sqlite_file
from storage.engine.unfinished_files import clear_unfinished, put_back


@asynccontextmanager
async def exclusive_lock(url: str) -> AsyncIterator[None]:
    """Keep every other process that asks from working on the same SQLite file meanwhile.

    What a restore that was killed has left halfway is undone: nobody else can be at it now.
    The lock is on a file beside it, `NAME.lock`, which stays and means nothing by itself: the
    system lets go of the lock when its process ends, however it ends. For Postgres this does
    nothing.

    Raises:
        SettingsProblem: another process works on it, or the folder cannot be written.
    """
    file = sqlite_file(checked(url))
    if file is None:
        yield
        return
    beside = file.with_name(f"{file.name}.lock")
    # Not of one thread: it is taken and released in several.
    lock = FileLock(beside, mode=FILE_MODE, thread_local=False)
    try:
        await asyncio.to_thread(make_file, beside)
        await asyncio.to_thread(lock.acquire, blocking=False)
    except Timeout:
        raise SettingsProblem(
            f"Another Greenroom is already running on this database ({file}): stop it first, or"
            " give this one a DATA_DIR of its own."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise SettingsProblem(
            f"The file {beside} cannot be locked ({type(error).__name__}): keep the database on a"
            " disk of this machine, not on a network drive."
        ) from None
    try:
        await asyncio.to_thread(_undo_killed, file)
        yield
    finally:
        lock.release()


def _undo_killed(file: Path) -> None:
    try:
        put_back(file)
    except OSError as error:
        raise SettingsProblem(
            f"A restore was cut off, and {file} cannot be given its name again ({error.strerror}):"
            " check who may write in its folder."
        ) from None
    clear_unfinished(file.parent, of=file.name)
