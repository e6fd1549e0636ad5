"""Where recordings wait between the process that took them and the one that works on them.

A folder by default; any fsspec URL, so that workers on other machines reach them too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, TypeVar

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from analyzer.media.disk_space import Room
from analyzer.media.fetcher import Fetcher
from analyzer.media.preflight import opened
from core.errors import (
    ClipRefused,
    GreenroomError,
    SettingsProblem,
    UserFacingError,
    error_location,
)
from core.private_files import make_file, make_folder

log = logging.getLogger(__name__)

T = TypeVar("T")

PUT_SECONDS = 300.0
CALL_SECONDS = 30.0

_BLOCK_BYTES = 1_000_000
_NAME = re.compile(r"([0-9a-f]{16})\.clip", re.ASCII)


class ClipStore:
    """Recordings by the id of their attempt. Blocking libraries work in threads."""

    def __init__(self, url: str, installation: str, *, room: Room | None = None) -> None:
        """Use the store at a path or fsspec URL, in a folder of this installation's own.

        `room` is asked before a recording is copied into a folder.

        Raises:
            SettingsProblem: there is no such kind of store, or its package is not installed.
        """
        unusable = SettingsProblem(
            "CLIP_STORE is neither a folder nor an address that can be used."
        )
        with _translate_store_errors(unusable):
            try:
                self._fs, root = url_to_fs(url)
            except ImportError:
                kind = url.partition(":")[0]
                raise SettingsProblem(
                    f"CLIP_STORE needs a Python package for {kind}:// that is not installed. "
                    "docs/studio.md says which."
                ) from None
        self._room = room
        self._is_folder = isinstance(self._fs, LocalFileSystem)
        self._root = f"{str(root).rstrip('/')}/{installation}"

    async def put(self, clip_id: str, file: Path) -> None:
        """Keep a copy of a file under this id, in place of what was there.

        Raises:
            UserFacingError: `store_unreachable`; it could not be written.
        """
        act = self._link if self._is_folder else self._upload
        await self._try(act, clip_id, file, seconds=PUT_SECONDS)

    async def link(self, clip_id: str, target: Path) -> bool:
        """Give a recording a second name, which costs no room; whether that is possible here."""
        if not self._is_folder:
            return False
        try:
            await asyncio.to_thread(_name_again, Path(self._path(clip_id)), target)
        except OSError:  # another disk, or a file system without links; or it is not there
            return False
        return True

    def fetcher(self, clip_id: str) -> Fetcher:
        """A fetcher of the one recording with this id, whatever address it is asked for."""

        @contextlib.asynccontextmanager
        async def fetch(url: str) -> AsyncIterator[AsyncIterator[bytes]]:  # noqa: ARG001 - the protocol's
            async with contextlib.AsyncExitStack() as stack:
                with _translate_fetch_errors():
                    file = await stack.enter_async_context(opened(lambda: self._open(clip_id)))
                yield await stack.enter_async_context(contextlib.aclosing(_chunks(file)))

        return fetch

    async def delete(self, clip_id: str) -> None:
        """Delete the recording with this id; one that is not there counts as deleted.

        Raises:
            UserFacingError: `store_unreachable`; it may still be there.
        """
        await self._try(self._delete, clip_id)

    async def ids(self) -> frozenset[str]:
        """Ids of all recordings that are here.

        Raises:
            UserFacingError: `store_unreachable`.
        """
        return await self._try(self._ids)

    async def _try(
        self, act: Callable[..., T], *arguments: Any, seconds: float = CALL_SECONDS
    ) -> T:
        unreachable = UserFacingError(
            "store_unreachable",
            "I couldn't keep your recording just now. Send it again in a few minutes.",
        )
        with _translate_store_errors(unreachable):
            async with asyncio.timeout(seconds):
                return await asyncio.to_thread(act, *arguments)

    def _path(self, clip_id: str) -> str:
        return f"{self._root}/{clip_id}.clip"

    def _link(self, clip_id: str, file: Path) -> None:
        """On one disk a second name for the file costs nothing; else it is copied."""
        target = Path(self._path(clip_id))
        try:
            _name_again(file, target)
        except OSError:
            self._copy(file, target)

    def _copy(self, file: Path, target: Path) -> None:
        size = file.stat().st_size
        try:
            with self._room.writing(target.parent, size) if self._room else nullcontext():
                make_file(target)
                shutil.copyfile(file, target)
        except BaseException:  # a part of it would only take up room
            target.unlink(missing_ok=True)
            raise

    def _upload(self, clip_id: str, file: Path) -> None:
        self._fs.makedirs(self._root, exist_ok=True)
        self._fs.put_file(str(file), self._path(clip_id))

    def _open(self, clip_id: str) -> IO[bytes]:
        file: IO[bytes] = self._fs.open(self._path(clip_id), "rb")
        return file

    def _delete(self, clip_id: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(clip_id))

    def _ids(self) -> frozenset[str]:
        self._fs.invalidate_cache()
        try:
            listed = self._fs.ls(self._root, detail=False)
        except FileNotFoundError:
            return frozenset()
        names = (_NAME.fullmatch(str(path).rsplit("/", 1)[-1]) for path in listed)
        return frozenset(match[1] for match in names if match)


def _name_again(file: Path, target: Path) -> None:
    make_folder(target.parent)
    target.unlink(missing_ok=True)
    os.link(file, target)


async def _chunks(file: IO[bytes]) -> AsyncGenerator[bytes]:
    while True:
        with _translate_fetch_errors():
            async with asyncio.timeout(CALL_SECONDS):
                chunk = await asyncio.to_thread(file.read, _BLOCK_BYTES)
        if not chunk:
            return
        yield chunk


@contextlib.contextmanager
def _translate_fetch_errors() -> Iterator[None]:
    unreachable = UserFacingError(
        "clip_unreachable", "I couldn't get your recording. Try again in a few minutes."
    )
    with _translate_store_errors(unreachable):
        try:
            yield
        except FileNotFoundError:
            raise ClipRefused(
                "clip_gone", "Your recording is no longer here. Record it again with `/practice`."
            ) from None


@contextlib.contextmanager
def _translate_store_errors(ours: GreenroomError) -> Iterator[None]:
    """Raise `ours` in place of what a store raises: fsspec lets each kind have its own errors."""
    try:
        yield
    except GreenroomError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        log.warning("the clip store fails: %s", error_location(error))
        raise ours from None
