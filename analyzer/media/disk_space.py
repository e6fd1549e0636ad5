"""Room on the disk with DATA_DIR: what was promised to whom, and what stays free whatever comes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

FREE_BYTES = 500_000_000
"""What stays free on the disk: the database needs some."""

_BLOCK_BYTES = 4096
"""What file systems count in: a byte more may take a block more."""

LAPSE = timedelta(minutes=2)
"""How long a promise holds for somebody who makes no progress."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""How the system, and `Room.writing`, say that something does not fit."""


def free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder, also of one that does not exist yet."""
    while True:
        try:
            return shutil.disk_usage(folder).free
        except FileNotFoundError:
            if folder == folder.parent:
                raise
            folder = folder.parent


@dataclass(slots=True)
class _Promise:
    left: int  # bytes that may still be written
    at: datetime | None  # of the last progress; None: it holds until it is released


class Room:
    """Keeps account of the bytes that are still to come, so that all of them will fit.

    A promise is a figure in memory, and no space taken from the file system: `posix_fallocate`
    makes a file as long as it will be, while the length of ours says how much has come; it can't
    reserve a copy that is still to be made; and what has stalled would keep its room. What others
    write to the disk can break a promise, so whoever writes asks again, block by block, with
    `writing`. One process keeps account of one folder.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        *,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        """Keep account of the disk with this folder; `free` says what is free there, in bytes."""
        self._folder = folder
        self._clock = clock
        self._free = free
        self._promises: dict[str, _Promise] = {}
        self._taking = asyncio.Lock()
        self._being_written = 0
        self._counting = threading.Lock()

    async def take(self, key: str, need: int, *, freed: int = 0) -> int:
        """Promise `need` bytes in place of what this key was promised; returns how many lack.

        Where any lack, everything is as it was. It lapses after two minutes without `progress`.
        `freed` are bytes of files that will be deleted for it.
        """
        async with self._taking:  # of two at the same moment, the second sees the first
            lacking = need - freed - await self._unpromised(but=key)
            if lacking <= 0:
                self._promises[key] = _Promise(need, self._clock())
        return max(0, lacking)

    def remember(self, key: str, left: int) -> None:
        """Promise again what an earlier process has promised, whether or not it still fits."""
        self._promises[key] = _Promise(left, self._clock())

    def progress(self, key: str, left: int) -> None:
        """Note that something has come, and what is still to come. Of no promise: nothing."""
        promise = self._promises.get(key)
        if promise is not None and promise.at is not None:
            promise.left, promise.at = left, self._clock()

    def holds(self, key: str) -> bool:
        """Whether this key has a promise that has not lapsed."""
        promise = self._promises.get(key)
        return promise is not None and not self._has_lapsed(promise)

    def release(self, key: str) -> None:
        """Take a promise back; one that is `held` ends with its block."""
        promise = self._promises.get(key)
        if promise is not None and promise.at is not None:
            del self._promises[key]

    @contextlib.asynccontextmanager
    async def held(self, key: str, need: int) -> AsyncIterator[bool]:
        """Promise bytes for as long as the block takes; yields whether they fit.

        It takes over what this key was promised before.
        """
        promise = _Promise(need, None)
        async with self._taking:
            fits = need <= await self._unpromised(but=key)
            if fits:
                self._promises[key] = promise
        try:
            yield fits
        finally:
            if self._promises.get(key) is promise:
                del self._promises[key]

    @contextlib.contextmanager
    def writing(self, folder: Path, size: int) -> Iterator[None]:
        """Write so many bytes into a folder meanwhile. For threads: it asks the file system.

        Raises:
            OSError: ENOSPC; less than `FREE_BYTES` would stay free.
        """
        taken = size + _BLOCK_BYTES - size % _BLOCK_BYTES
        with self._counting:
            self._being_written += taken
        try:
            if self.left(folder) < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield
        finally:
            with self._counting:
                self._being_written -= taken

    def left(self, folder: Path) -> int:
        """How many bytes can be written into a folder now, below zero for none. For threads."""
        return self._free(folder) - self._being_written - FREE_BYTES

    async def _unpromised(self, *, but: str) -> int:
        """What is free and nobody else's; below zero where others have filled the disk."""
        for key in [key for key, promise in self._promises.items() if self._has_lapsed(promise)]:
            del self._promises[key]
        # before the disk is asked: what is written in between counts twice, and never not at all
        promised = sum(one.left for key, one in self._promises.items() if key != but)
        free = await asyncio.to_thread(self._free, self._folder)
        return free - FREE_BYTES - promised

    def _has_lapsed(self, promise: _Promise) -> bool:
        return promise.at is not None and self._clock() - promise.at >= LAPSE
