"""Recordings while they are being sent in, piece by piece: one file each, appended to in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO
from weakref import WeakValueDictionary

from analyzer.media.preflight import opened
from core.errors import ClipRefused, Refused, UploadRefused

log = logging.getLogger(__name__)

FREE_BYTES = 500_000_000
"""What stays free on the disk: the database needs some."""

_BLOCK_BYTES = 256_000


class UploadStore:
    """The files in one folder, named after their links."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def path(self, link_id: str) -> Path:
        """Where a recording lies."""
        return self._folder / f"{link_id}.part"

    def lock(self, link_id: str) -> asyncio.Lock:
        """Held by whoever changes a recording: two pieces at once would get into each other."""
        return self._locks.setdefault(link_id, asyncio.Lock())

    async def begin(self, link_id: str, size_bytes: int) -> None:
        """Make an empty file, in place of what was there. The caller holds the lock.

        Raises:
            Refused: `no_room`; the disk is too full.
        """
        if not await asyncio.to_thread(self._begin, self.path(link_id), size_bytes):
            raise _no_room()

    def _begin(self, path: Path, size_bytes: int) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if shutil.disk_usage(self._folder).free < FREE_BYTES + 2 * size_bytes:
            return False
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return True

    async def received(self, link_id: str) -> int | None:
        """How many bytes are here, `None` when no upload was begun."""
        try:
            return (await asyncio.to_thread(self.path(link_id).stat)).st_size
        except FileNotFoundError:
            return None

    async def append(
        self, link_id: str, offset: int, chunks: AsyncIterator[bytes], *, size_bytes: int
    ) -> int:
        """Add what comes to the end of the file; returns how many bytes are here then.

        What has come when the connection breaks is kept. The caller holds the lock.

        Raises:
            Refused: `no_upload`; none was begun.
            UploadRefused: `offset`; the file does not end there.
            ClipRefused: `clip_too_large`; more came than was said.
        """
        received = await self.received(link_id)
        if received is None:
            raise no_upload()
        if received != offset:
            raise UploadRefused(
                "offset", "Part of the recording is here already.", received_bytes=received
            )
        try:
            async with opened(lambda: _append_to(self.path(link_id))) as file:
                most = max(0, size_bytes - received)
                return received + await _write(file, _at_most(chunks, most))
        except FileNotFoundError:  # deleted meanwhile, with all that its member had here
            raise no_upload() from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise _no_room() from None

    async def drop(self, link_id: str) -> None:
        """Delete what is here of a recording."""
        await asyncio.to_thread(self.path(link_id).unlink, missing_ok=True)

    async def ids(self) -> frozenset[str]:
        """Ids of all links with a file here."""
        files = await asyncio.to_thread(lambda: list(self._folder.glob("*.part")))
        return frozenset(file.name.removesuffix(".part") for file in files)


def no_upload() -> Refused:
    """Nothing of a recording is here."""
    return Refused("no_upload", "Nothing of the recording is here. Send it from the beginning.")


def more_than_said() -> ClipRefused:
    """A piece goes beyond the size that was announced."""
    return ClipRefused("clip_too_large", "More came than was said. Send it from the beginning.")


def _no_room() -> Refused:
    log.warning("a recording was refused: the disk with DATA_DIR is too full")
    return Refused("no_room", "There is no room for your recording just now. Try again in an hour.")


def _append_to(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)


async def _at_most(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            raise more_than_said()
        yield chunk


async def _write(file: IO[bytes], chunks: AsyncIterator[bytes]) -> int:
    """Write what comes in blocks off the loop, also when it ends with an error; returns bytes."""
    written, block = 0, bytearray()
    try:
        async for chunk in chunks:
            block += chunk
            if len(block) >= _BLOCK_BYTES:
                full, block = bytes(block), bytearray()  # no error after this writes it twice
                written += await asyncio.to_thread(_write_all, file, full)
    except BaseException:
        with contextlib.suppress(OSError):  # what went wrong first is what is told
            await asyncio.to_thread(_write_all, file, bytes(block))
        raise
    return written + await asyncio.to_thread(_write_all, file, bytes(block))


def _write_all(file: IO[bytes], block: bytes) -> int:
    """Write a block: a file without a buffer may take a part of it at a time."""
    written = 0
    while written < len(block):
        written += file.write(block[written:])
    return written
