"""Recordings while they are being sent in, piece by piece: one file each, appended to in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from weakref import WeakValueDictionary

from analyzer.media.disk_space import NO_ROOM, Room
from analyzer.media.preflight import opened
from core.errors import ClipRefused, Refused, UploadRefused
from core.private_files import new_file
from storage.repositories.studio_links import Begun

log = logging.getLogger(__name__)

_BLOCK_BYTES = 256_000
_BLOCK_SECONDS = 5.0
"""What comes slowly is written sooner: only what is on the disk counts as progress."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be under way at once. What makes no progress for two minutes is not."""

    uploads: int
    uploads_of_one: int
    size_bytes: int  # what they are said to come to in the end
    size_bytes_of_one: int


class UploadStore:
    """The files in one folder, named after their links.

    To each is promised the room for what is still to come, and for the one copy that is made of it
    before it is assessed: in a clip store elsewhere, or a mended one. A promise lapses after two
    minutes without progress, and with it the place among those under way. What has come stays,
    until the room is needed or the link ends; going on with it takes a promise again.
    """

    def __init__(self, folder: Path, room: Room) -> None:
        self._folder = folder
        self._room = room
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._begun: dict[str, Begun] = {}
        self._admitting = asyncio.Lock()

    def path(self, link_id: str) -> Path:
        """Where a recording lies."""
        return self._folder / f"{link_id}.part"

    def lock(self, link_id: str) -> asyncio.Lock:
        """Held by whoever changes a recording: two pieces at once would get into each other."""
        return self._locks.setdefault(link_id, asyncio.Lock())

    async def remember(self, begun: Iterable[Begun]) -> None:
        """Promise again what an earlier process has promised, where something of it is here."""
        for upload in begun:
            received = await self.received(upload.id)
            if received is not None and upload.id not in self._begun:
                self._begun[upload.id] = upload
                self._room.remember(upload.id, _need(upload, received))

    async def begin(self, upload: Begun, bounds: Bounds) -> None:
        """Make an empty file, in place of what was there. The caller holds the lock.

        Raises:
            Refused: `busy`; too much is under way. `no_room`; the disk is too full. Whatever was
                here before is as it was.
        """
        await self._admit(upload, 0, bounds, freed=await self.received(upload.id) or 0)
        made = False
        try:
            await asyncio.to_thread(lambda: new_file(self.path(upload.id)).close())
            made = True
        except OSError as error:
            raise _told(error) from None
        finally:
            if not made:
                await self.drop(upload.id)

    async def received(self, link_id: str) -> int | None:
        """How many bytes are here, `None` when no upload was begun."""
        try:
            return (await asyncio.to_thread(self.path(link_id).stat)).st_size
        except FileNotFoundError:
            return None

    async def append(
        self, upload: Begun, offset: int, chunks: AsyncIterator[bytes], bounds: Bounds
    ) -> int:
        """Add what comes to the end of the file; returns how many bytes are here then.

        What has come when the connection breaks is kept. The caller holds the lock.

        Raises:
            Refused: `no_upload`; none was begun. `no_room`; the disk has become too full. Or the
                promise has lapsed, and what `begin` refuses is in the way now.
            UploadRefused: `offset`; the file does not end there.
            ClipRefused: `clip_too_large`; more came than was said.
        """
        received = await self.received(upload.id)
        if received is None:
            raise no_upload()
        if received != offset:
            raise UploadRefused(
                "offset", "Part of the recording is here already.", received_bytes=received
            )

        async def write(block: bytes) -> None:
            nonlocal received
            if not self._room.holds(upload.id):
                if await self.received(upload.id) is None:  # dropped meanwhile
                    raise no_upload()
                await self._admit(upload, received, bounds)
            received += await asyncio.to_thread(self._write, file, block)
            self._room.progress(upload.id, _need(upload, received))

        try:
            async with opened(lambda: _append_to(self.path(upload.id))) as file:
                await _in_blocks(_at_most(chunks, upload.size_bytes - received), write)
        except OSError as error:
            raise _told(error) from None
        return received

    def _write(self, file: IO[bytes], block: bytes) -> int:
        with self._room.writing(self._folder, len(block)):
            return _write_all(file, block)

    async def sent(self, link_id: str) -> None:
        """Delete what is here of a recording that was sent in. Its copy keeps its promise."""
        self._begun.pop(link_id, None)
        await asyncio.to_thread(self.path(link_id).unlink, missing_ok=True)

    async def drop(self, link_id: str) -> None:
        """Delete what is here of a recording, and take its promise back."""
        self._room.release(link_id)
        await self.sent(link_id)

    async def ids(self) -> frozenset[str]:
        """Ids of all links with a file here."""
        files = await asyncio.to_thread(lambda: list(self._folder.glob("*.part")))
        return frozenset(file.name.removesuffix(".part") for file in files)

    async def _admit(self, upload: Begun, received: int, bounds: Bounds, *, freed: int = 0) -> None:
        """Give an upload its place among those under way, and promise the room that it needs."""
        need = _need(upload, received)
        async with self._admitting:
            if not self._fits(upload, bounds):
                raise Refused(
                    "busy", "Too many recordings are being sent just now. Try again in a minute."
                )
            lacking = await self._room.take(upload.id, need, freed=freed)
            if lacking and await self._make_room(lacking, but=upload.id):
                lacking = await self._room.take(upload.id, need, freed=freed)
            if lacking:
                raise _no_room()
            self._begun[upload.id] = upload

    def _fits(self, upload: Begun, bounds: Bounds) -> bool:
        under_way = [
            one for one in self._begun.values() if one.id != upload.id and self._room.holds(one.id)
        ]
        mine = [one for one in under_way if one.user_id == upload.user_id]
        return (
            len(under_way) < bounds.uploads
            and len(mine) < bounds.uploads_of_one
            and _sum([*under_way, upload]) <= bounds.size_bytes
            and _sum([*mine, upload]) <= bounds.size_bytes_of_one
        )

    async def _make_room(self, lacking: int, *, but: str) -> bool:
        """Delete uploads without a promise, those first that have stood still the longest.

        None where all of them would not be enough; returns whether they were.
        """
        idle = [
            (size, link_id)
            for _, size, link_id in await asyncio.to_thread(_files, self._folder)
            if link_id != but and self._is_idle(link_id)
        ]
        if sum(size for size, _ in idle) < lacking:
            return False
        for size, link_id in idle:
            if lacking > 0 and self._is_idle(link_id):  # it may go on meanwhile
                await self.drop(link_id)
                lacking -= size
        return lacking <= 0

    def _is_idle(self, link_id: str) -> bool:
        lock = self._locks.get(link_id)
        return not self._room.holds(link_id) and (lock is None or not lock.locked())


def no_upload() -> Refused:
    """Nothing of a recording is here."""
    return Refused("no_upload", "Nothing of the recording is here. Send it from the beginning.")


def more_than_said() -> ClipRefused:
    """A piece goes beyond the size that was announced."""
    return ClipRefused("clip_too_large", "More came than was said. Send it from the beginning.")


def _need(upload: Begun, received: int) -> int:
    """The bytes that are still to be written for an upload: the rest of it, and its copy."""
    return max(0, upload.size_bytes - received) + upload.size_bytes


def _sum(uploads: Iterable[Begun]) -> int:
    return sum(upload.size_bytes for upload in uploads)


def _told(error: OSError) -> Exception:
    """An error of the file system's in our own words, where we have some."""
    if isinstance(error, FileNotFoundError):  # deleted meanwhile, with all that its member had here
        return no_upload()
    return _no_room() if error.errno in NO_ROOM else error


def _no_room() -> Refused:
    log.warning("a recording was refused: the disk with DATA_DIR is too full")
    return Refused(
        "no_room", "There is no room for your recording just now. Try again in a few minutes."
    )


def _files(folder: Path) -> list[tuple[float, int, str]]:
    """What is here: when it was last written to, its bytes and its link; the oldest first."""
    found = []
    for path in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            about = path.stat()
            found.append((about.st_mtime, about.st_size, path.name.removesuffix(".part")))
    return sorted(found)


def _append_to(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)


async def _at_most(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            raise more_than_said()
        yield chunk


async def _in_blocks(
    chunks: AsyncIterator[bytes], write: Callable[[bytes], Awaitable[None]]
) -> None:
    """Write what comes in blocks, also when it ends with an error."""
    loop = asyncio.get_running_loop()
    block, written_at = bytearray(), loop.time()
    try:
        async for chunk in chunks:
            block += chunk
            if len(block) >= _BLOCK_BYTES or loop.time() - written_at > _BLOCK_SECONDS:
                full, block = bytes(block), bytearray()  # no error after this writes it twice
                await write(full)
                written_at = loop.time()
    except BaseException:
        if block:
            with contextlib.suppress(OSError, Refused):  # what went wrong first is what is told
                await write(bytes(block))
        raise
    if block:
        await write(bytes(block))


def _write_all(file: IO[bytes], block: bytes) -> int:
    """Write a block: a file without a buffer may take a part of it at a time."""
    written = 0
    while written < len(block):
        written += file.write(block[written:])
    return written
