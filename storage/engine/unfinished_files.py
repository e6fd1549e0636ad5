"""Files that are being made: private, under names of their own, and cleared away after a kill."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.private_files import make_file
from storage.engine.connections import BESIDE, names_kept

_ENDING = "greenroom-part"
_NAME = re.compile(
    rf"\.(?P<of>.+)\.[0-9a-f]{{8}}\.{_ENDING}(-wal|-shm|-journal)?", re.ASCII | re.DOTALL
)
_ABANDONED_SECONDS = 3600.0
"""Nobody who is still at work leaves a file untouched for so long."""


@contextmanager
def unfinished(file: Path) -> Iterator[Path]:
    """A new file beside `file` to work in and to rename in the end; else it is gone at the end."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.{_ENDING}")
    try:
        make_file(part)
        yield part
    finally:
        for leftover in (part, *(part.with_name(f"{part.name}{ending}") for ending in BESIDE)):
            leftover.unlink(missing_ok=True)


def put_back(file: Path) -> None:
    """Give the database its only name again where a restore was killed before the last step.

    By then it had a second name, or a new one where the file system has no second names, and its
    log lay beside that: without it, the latest transactions would be missing.
    """
    killed = any(_is_part_of(path, file.name) for path in file.parent.glob(".*"))
    for kept in reversed(names_kept(file)):
        if file.exists() and not kept.samefile(file):
            continue
        if not file.exists() and not killed:
            return
        for ending in BESIDE:
            beside, wanted = Path(f"{kept}{ending}"), Path(f"{file}{ending}")
            if beside.exists() and not wanted.exists():
                beside.rename(wanted)
        if file.exists():
            kept.unlink()
        else:
            kept.rename(file)


def _is_part_of(path: Path, name: str) -> bool:
    found = _NAME.fullmatch(path.name)
    return found is not None and found["of"] == name


def clear_unfinished(folder: Path, of: str | None = None) -> None:
    """Delete what processes that were killed have left in a folder.

    What was to become the file `of` goes at once: the caller knows that nobody is at work on it.
    """
    with suppress(OSError):  # what cannot be deleted now is tried again the next time
        for path in folder.iterdir():
            found = _NAME.fullmatch(path.name)
            if found is not None and (found["of"] == of or _is_abandoned(path)):
                path.unlink(missing_ok=True)


def _is_abandoned(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False
