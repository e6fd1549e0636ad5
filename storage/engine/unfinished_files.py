"""Files that are being made: private, under names of their own, and cleared away after a kill."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.private_files import make_file
from storage.engine.connections import BESIDE

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
