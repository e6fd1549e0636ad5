"""The pre-flight of a clip: fetches it to disk, finds out what it is, refuses what cannot work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO
from weakref import WeakKeyDictionary

import stamina
from pydantic import TypeAdapter, ValidationError

from analyzer.media.clip_limits import (
    MAX_PIXELS,
    check_declared_size,
    check_facts,
    megabytes,
    too_large,
)
from analyzer.media.disk_space import NO_ROOM, Room
from analyzer.media.fetcher import Fetcher
from analyzer.media.sandbox import ChildFailed, run_child
from core.errors import ClipRefused, UserFacingError, error_location
from core.models import ClipFacts, ClipSource
from core.private_files import new_file

log = logging.getLogger(__name__)

UNREADABLE = (
    "I couldn't read that file as a video. I take video as MP4, MOV, WebM or MKV, and sound alone"
    " as M4A, MP3, OGG, WAV or FLAC. Export it as one of these and try again."
)
SOUND_UNREADABLE = (
    "I can open your file, but its sound is in a format I can't decode. Export it with AAC or MP3"
    " sound and try again."
)
_INCOMPLETE = (
    "Your file breaks off: its end is missing. Upload it again, or export it anew and try again."
)

_REFUSALS = {
    "unreadable": ("clip_unreadable", UNREADABLE),
    "sound_unreadable": ("sound_unreadable", SOUND_UNREADABLE),
    "incomplete": ("clip_unreadable", _INCOMPLETE),
}
"""By the probe's code: the refusal's code, and what the member is told."""

_BLOCK_BYTES = 1_000_000
_ATTEMPTS = 3
_PROBE_MEMORY_BYTES = 1_000_000_000
_PROBE_CPU_SECONDS = 20
_PROBE_WALL_SECONDS = 40.0
_PROBES_AT_ONCE = 4  # each takes about 50 MB; many clips may arrive together
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

_Mended: TypeAdapter[dict[str, str | None]] = TypeAdapter(dict[str, str | None])
_Answer: TypeAdapter[ClipFacts | dict[str, str]] = TypeAdapter(ClipFacts | dict[str, str])


async def preflight(
    fetcher: Fetcher,
    source: ClipSource,
    target: Path,
    *,
    max_bytes: int,
    max_seconds: int,
    room: Room | None = None,
) -> ClipFacts:
    """Fetch a clip to `target`, probe it and check it; on any failure `target` does not exist.

    `room` is asked before anything is written: the clip, and one mended copy of it.

    Raises:
        ClipRefused: the clip is at fault.
        UserFacingError: it could not be fetched or probed; the clip may be fine.
    """
    await fetch_clip(fetcher, source, target, max_bytes=max_bytes, room=room)
    return await examine_clip(target, max_seconds=max_seconds, room=room)


async def examine_clip(target: Path, *, max_seconds: int, room: Room | None = None) -> ClipFacts:
    """Probe and check a clip that is here; else like `preflight`."""
    async with contextlib.AsyncExitStack() as undo:
        undo.push_async_callback(_remove, target)
        facts = await probe_clip(target)
        check_facts(facts, max_seconds=max_seconds)
        if facts.has_picture and not facts.has_duration:  # sound goes to no vendor as it is
            facts = await mend_clip(target, facts, room=room)
        undo.pop_all()
    return facts


async def fetch_clip(
    fetcher: Fetcher,
    source: ClipSource,
    target: Path,
    *,
    max_bytes: int,
    room: Room | None = None,
) -> int:
    """Stream a clip to disk and return its bytes. Memory stays at two blocks of 1 MB.

    Raises:
        ClipRefused: it is too large, by what was declared or by what came, or cannot be fetched.
        UserFacingError: `clip_unreachable`, after three tries or 45 s; or `no_room` on the disk.
    """
    check_declared_size(source, max_bytes=max_bytes)
    async for attempt in stamina.retry_context(
        on=_may_pass, attempts=_ATTEMPTS, timeout=45.0, wait_initial=0.5, wait_max=4.0
    ):
        with attempt:
            return await _fetch_once(fetcher, source.url, target, max_bytes, room)
    raise AssertionError  # the last try has returned or raised


async def probe_clip(path: Path) -> ClipFacts:
    """Find out what a file is, in a child process with 1 GB, 20 s of CPU and 40 s at most.

    Four probes run at once, more wait.

    Raises:
        ClipRefused: `clip_unreadable` or `sound_unreadable`.
        UserFacingError: `probe_failed`; the probe itself does not work here.
    """
    clip = await asyncio.to_thread(path.resolve)
    gate = _gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_PROBES_AT_ONCE))
    try:
        async with gate:
            output = await run_child(
                "analyzer.media.probe",
                [str(clip), str(MAX_PIXELS)],
                memory_bytes=_PROBE_MEMORY_BYTES,
                cpu_seconds=_PROBE_CPU_SECONDS,
                wall_seconds=_PROBE_WALL_SECONDS,
                reads=[clip],
            )
        answer = _Answer.validate_json(output)
    except (ChildFailed, ValidationError) as problem:
        if isinstance(problem, ChildFailed) and problem.exit_code == 1:
            # Python's own exit code for an error nobody foresaw, such as a missing library;
            # what a clip can do ends the child by a signal or by its deadline
            raise UserFacingError(
                "probe_failed", "Something went wrong on my side. Try again in a few minutes."
            ) from None
        raise ClipRefused("clip_unreadable", UNREADABLE) from None
    if not isinstance(answer, ClipFacts):
        why = answer.get("error", "")
        raise ClipRefused(*_REFUSALS.get(why, _REFUSALS["unreadable"]))
    return answer


async def mend_clip(path: Path, facts: ClipFacts, *, room: Room | None = None) -> ClipFacts:
    """Give a recording the duration its header lacks, in a child process, and return its facts.

    TwelveLabs refuses a file without one as too short. What cannot be mended stays as it is: the
    engine may read it all the same.
    """
    path = await asyncio.to_thread(path.absolute)
    mended = path.with_name(f"{path.name}.mended")
    try:
        await asyncio.to_thread(lambda: new_file(mended).close())  # the child writes over it
        output = await _remux(path, mended, facts.size_bytes, room)
        found = await probe_clip(mended) if _Mended.validate_json(output)["error"] is None else None
        if found is not None and _alike(found, facts):
            await asyncio.to_thread(mended.replace, path)
            return found.model_copy(update={"cut_short": facts.cut_short or found.cut_short})
        why = "unlike"
    except ChildFailed as failed:
        why = failed.reason
    except OSError as error:
        why = error_location(error)
    except (ValidationError, UserFacingError):
        why = "output"
    finally:
        await _remove(mended)
    log.warning("no duration could be written into the clip: %s", why)
    return facts


async def _remux(path: Path, mended: Path, size_bytes: int, room: Room | None) -> bytes:
    most = size_bytes + size_bytes // 4 + _BLOCK_BYTES  # the same packets, in another container
    if room is not None:
        most = min(most, await asyncio.to_thread(room.left, path.parent))
    if most <= 0:
        raise ChildFailed("no room")
    return await run_child(
        "analyzer.media.remux",
        [str(path), str(mended)],
        memory_bytes=_PROBE_MEMORY_BYTES,
        cpu_seconds=_PROBE_CPU_SECONDS,
        wall_seconds=_PROBE_WALL_SECONDS,
        file_bytes=most,
        reads=[path],
        writes=[mended],
    )


def _alike(one: ClipFacts, other: ClipFacts) -> bool:
    return (one.width, one.height, one.has_audio) == (
        other.width,
        other.height,
        other.has_audio,
    ) and abs(one.duration_seconds - other.duration_seconds) < 1


async def _fetch_once(
    fetcher: Fetcher, url: str, target: Path, max_bytes: int, room: Room | None
) -> int:
    """Write one try's bytes; whatever stops it, no partial file stays."""

    def write(file: IO[bytes], block: bytearray) -> None:
        with room.writing(target.parent, len(block)) if room else contextlib.nullcontext():
            file.write(block)

    try:
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(_remove, target)
            async with opened(lambda: new_file(target)) as file, fetcher(url) as chunks:
                received = await _write(chunks, lambda block: write(file, block), max_bytes)
            undo.pop_all()
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise no_room_for_clip() from None
    return received


async def _write(
    chunks: AsyncIterator[bytes], write: Callable[[bytearray], None], max_bytes: int
) -> int:
    """Write what comes in blocks off the loop, and return its bytes."""
    received, block = 0, bytearray()
    async for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise too_large(f"over {megabytes(max_bytes)}", max_bytes)
        block += chunk
        if len(block) >= _BLOCK_BYTES:
            await asyncio.to_thread(write, block)
            block = bytearray()
    await asyncio.to_thread(write, block)
    return received


@contextlib.asynccontextmanager
async def opened(opening: Callable[[], IO[bytes]]) -> AsyncIterator[IO[bytes]]:
    """Open and close a file off the loop, whenever its opener is cancelled."""
    task = asyncio.create_task(asyncio.to_thread(opening))
    try:
        yield await asyncio.shield(task)
    finally:
        closing = asyncio.create_task(_close(task))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait([closing])
            raise


async def _close(task: asyncio.Task[IO[bytes]]) -> None:
    """Close a file that is, or is being, opened.

    A cancelled write goes on in its thread; closing waits for it, as both take the file's lock.
    """
    file = await task
    await asyncio.to_thread(file.close)


async def _remove(target: Path) -> None:
    await asyncio.to_thread(target.unlink, missing_ok=True)


def no_room_for_clip() -> UserFacingError:
    """The disk is too full to work on a clip."""
    log.warning("a clip was not fetched: the disk with DATA_DIR is too full")
    return UserFacingError(
        "no_room", "There is no room for your clip just now. Try again in an hour."
    )


def _may_pass(error: Exception) -> bool:
    return isinstance(error, UserFacingError) and error.code == "clip_unreachable"
