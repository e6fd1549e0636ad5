"""Takes what was deleted or written over out of a SQLite database's files, while it is in use.

`secure_delete` overwrites a deleted row where it lies, and no more. Two things stay:

- The log (`-wal`) keeps every page as it was written until it is written over itself, which may be
  never. A checkpoint that truncates it ends that (sqlite.org/pragma.html#pragma_wal_checkpoint).
- When SQLite moves rows from page to page, to balance its trees, it leaves their bytes in the
  space between a page's pointers and its rows (`rebuildPage` in its btree.c overwrites nothing
  there). Only a file that is written anew, by VACUUM, has none of them.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from contextvars import Context
from enum import IntEnum
from itertools import chain, repeat
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from core.errors import error_location
from storage.engine.errors import code_of
from storage.engine.time_limit import TimeLimit

logger = logging.getLogger(__name__)

T = TypeVar("T")

SOON_SECONDS = 20.0
"""From a commit to the checkpoint after it, of which there are no more than one in this time."""

WAIT_SECONDS = 5.0
"""How long a deletion waits until its traces are gone; after that it goes on by itself."""

_AGAIN = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds, while others read; the last one repeats
_TELL_SECONDS = 60.0  # of trying, before the operator is told
_BUSY_SECONDS = 0.25  # our writers wait meanwhile, so not for long
_REST = 4  # times as long as that took, before it is done again
_FREE_BYTES = 100_000_000  # of the disk, beside what a file written anew takes


class Traces(IntEnum):
    """What a transaction has deleted or written over; each includes those before it."""

    ANY = 0  # nothing in particular: it leaves the log soon
    TOKENS = 1  # of interactions: good for 15 minutes at most
    WORDS = 2  # of members: they have to go at once


COMPACTED_BYTES = {Traces.ANY: 0, Traces.TOKENS: 32_000_000, Traces.WORDS: 256_000_000}
"""How large a file may be to be written anew for their sake, which takes about a second for 100 MB.
As attempts are kept for months, one of 32 MB sees some 50 of them a day. In a larger one the bytes
of a token may stay between rows until words are deleted; by then Discord no longer takes it."""


_STALL_SECONDS = {Traces.TOKENS: 1.0, Traces.WORDS: 5.0}
"""How long our writers may wait for that; what takes longer is given up, and not tried again."""


class Scrubber:
    """Scrubs one database file. Whoever has committed something says so with `ask`."""

    def __init__(self, file: Path, queue: AbstractAsyncContextManager[None]) -> None:
        """`queue` is what every writer of this process goes through."""
        self._file = file
        self._queue = queue
        self._asked = self._done = 0  # transactions
        self._left = Traces.ANY  # what they have left
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        self._hurry = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self._rests_until = 0.0
        self._in_time: dict[Traces, int] = {}  # bytes: what this machine can write in time

    def ask(self, traces: Traces, *, at_once: bool = True) -> None:
        """Have what a transaction has left behind taken away: soon, or `at_once` if it is words."""
        self._asked += 1
        self._left = max(self._left, traces)
        self._hurry |= at_once and traces is Traces.WORDS
        self._begin()

    async def gone(self, within: float) -> bool:
        """Wait until nothing is left of what was asked for by now; whether that was in time."""
        if self._done >= self._asked or self._stop.is_set():
            return self._done >= self._asked
        gone: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._asked, gone))
        self._hurry = True
        self._begin()
        try:
            async with asyncio.timeout(within):
                return await gone
        except TimeoutError:
            return False

    async def stop(self) -> None:
        """End the scrubbing, and return when it has ended."""
        self._stop.set()
        self._cancel_timer()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self) -> None:
        """Begin soon or at once; while it is being done, that is seen at the end.

        In a context of its own: it belongs to nobody's command, and its log lines to no attempt.
        """
        if self._task is not None or self._stop.is_set():
            return
        if self._hurry:
            Context().run(self._run)
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = Context().run(loop.call_later, SOON_SECONDS, self._run)

    def _run(self) -> None:
        self._cancel_timer()
        self._task = asyncio.create_task(self._once(), name="scrubber")
        self._task.add_done_callback(self._ended)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or error is not None:
            self._answer(self._asked, gone=False)
        if error is not None:
            logger.error(
                "scrubbing failed: %s; again in %.0f s", error_location(error), SOON_SECONDS
            )
        if self._done < self._asked:
            self._begin()

    async def _once(self) -> None:
        asked, left = self._asked, self._left
        self._left, self._hurry = Traces.ANY, False
        try:
            await self._scrub(left)
        except BaseException:
            self._left = max(left, self._left)
            raise
        self._done = asked
        self._answer(asked, gone=True)

    def _answer(self, until: int, *, gone: bool) -> None:
        """Answer those who wait for the traces of transactions up to this one."""
        for asked, waiting in self._waiting:
            if asked <= until and not waiting.done():
                waiting.set_result(gone)
        self._waiting = [one for one in self._waiting if not one[1].done()]

    async def _scrub(self, left: Traces) -> None:
        await self._truncate()
        size = await asyncio.to_thread(_size_of, self._file)
        if size <= self._in_time.get(left, COMPACTED_BYTES[left]):
            if await self._compact(left, size):
                await self._truncate()
        elif left is Traces.WORDS:
            logger.info("%s is too large to be written anew while in use", self._file.name)

    async def _truncate(self) -> None:
        """Empty the log; as long as others read what is in it, try again."""
        since, told = time.monotonic(), False
        for seconds in chain(_AGAIN, repeat(_AGAIN[-1])):
            why = await self._truncate_once()
            if why is None:
                break
            if not told and time.monotonic() - since > _TELL_SECONDS:
                told = True
                logger.warning(
                    "what was deleted is still in %s-wal (%s): another program reads the database"
                    " for long, or the disk is full; it is tried again until it succeeds",
                    self._file.name,
                    why,
                )
            await asyncio.sleep(seconds)
        if told:
            logger.info("what was deleted is no longer in %s-wal", self._file.name)

    async def _truncate_once(self) -> str | None:
        """Copy the log into the database and empty it; else say why that was not possible."""
        try:
            await self._off_loop(lambda: self._checkpoint("PASSIVE"))  # the most, and nobody waits
            async with self._queue:
                emptied = await self._off_loop(lambda: self._checkpoint("TRUNCATE"))
        except sqlite3.Error as error:
            return code_of(error)
        return None if emptied else "SQLITE_BUSY"

    async def _compact(self, left: Traces, size: int) -> bool:
        """Write the file anew; whether that was possible."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._rests_until - loop.time())
        begun = loop.time()
        try:
            for seconds in chain(_AGAIN, repeat(_AGAIN[-1])):
                async with self._queue:
                    begun = loop.time()
                    done = await self._off_loop(lambda: self._vacuum(_STALL_SECONDS[left]))
                if done:
                    break
                await asyncio.sleep(seconds)
        except sqlite3.Error as error:
            if code_of(error) == "SQLITE_INTERRUPT":  # it took too long
                self._in_time[left] = size // 2
            logger.warning("%s was not written anew (%s)", self._file.name, code_of(error))
            return False
        finally:
            rest = min(_REST * (loop.time() - begun), SOON_SECONDS)
            self._rests_until = loop.time() + rest
        return True

    def _checkpoint(self, mode: str) -> bool:
        with closing(self._connect()) as connection:
            [(busy, _, _)] = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        return not busy

    def _vacuum(self, seconds: float) -> bool:
        """Write the file anew; `False` when another program writes meanwhile."""
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            TimeLimit(self._stop, seconds).guard(connection)
            try:
                connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if code_of(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                    return False
                raise
        return True

    def _connect(self) -> sqlite3.Connection:
        """A connection of its own, which makes no file where there is none."""
        address = f"file:{quote(str(self._file.resolve()))}?mode=rw"
        made = sqlite3.connect(address, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
        made.execute("PRAGMA synchronous = NORMAL")  # the disk is waited for in the checkpoint
        return made

    async def _off_loop(self, act: Callable[[], T]) -> T:
        """Act in a thread. Who is cancelled meanwhile waits for it: it holds the database."""
        acting = asyncio.create_task(asyncio.to_thread(act))
        try:
            return await asyncio.shield(acting)
        except asyncio.CancelledError:
            await asyncio.wait([acting])
            if not acting.cancelled():
                acting.exception()
            raise


def _size_of(file: Path) -> int:
    """Bytes; as good as endless where the disk has no room for a second copy and its log."""
    try:
        size = file.stat().st_size
        free = shutil.disk_usage(file.parent).free
    except OSError:
        return sys.maxsize
    return size if free > 3 * size + _FREE_BYTES else sys.maxsize
