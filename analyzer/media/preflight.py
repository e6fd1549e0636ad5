"""The pre-flight of a clip: fetches it to disk, finds out what it is, refuses what cannot work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO
from weakref import WeakKeyDictionary

import stamina
from pydantic import TypeAdapter, ValidationError

from analyzer.media.fetcher import Fetcher
from analyzer.media.sandbox import ChildFailed, run_child
from core.errors import ClipRefused, UserFacingError
from core.models import ClipFacts, ClipSource

log = logging.getLogger(__name__)

MIN_SECONDS = 4
MIN_SIDE_PIXELS = 360
MAX_ASPECT = 2.4
MAX_PIXELS = 5184 * 2160
"""What TwelveLabs takes; its documentation asked for 4 s until mid-2026, later for 1 s."""

UNREADABLE = "I couldn't read that file as a video. Export it as MP4, MOV or WebM and try again."

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
    fetcher: Fetcher, source: ClipSource, target: Path, *, max_bytes: int, max_seconds: int
) -> ClipFacts:
    """Fetch a clip to `target`, probe it and check it; on any failure `target` does not exist.

    Raises:
        ClipRefused: the clip is at fault.
        UserFacingError: it could not be fetched or probed; the clip may be fine.
    """
    await fetch_clip(fetcher, source, target, max_bytes=max_bytes)
    try:
        facts = await probe_clip(target)
        check_facts(facts, max_seconds=max_seconds)
        if not facts.has_duration:
            facts = await mend_clip(target, facts)
    except BaseException:
        await _remove(target)
        raise
    return facts


def check_declared_size(source: ClipSource, *, max_bytes: int) -> None:
    """Refuse a clip that Discord itself says is too large, before anything is fetched.

    Raises:
        ClipRefused: `clip_too_large`.
    """
    if source.size_bytes > max_bytes:
        raise _too_large(_megabytes(source.size_bytes), max_bytes)


async def fetch_clip(fetcher: Fetcher, source: ClipSource, target: Path, *, max_bytes: int) -> int:
    """Stream a clip to disk and return its bytes. Memory stays at two blocks of 1 MB.

    Raises:
        ClipRefused: it is too large, by what was declared or by what came, or cannot be fetched.
        UserFacingError: `clip_unreachable`, after three tries or 45 s.
    """
    check_declared_size(source, max_bytes=max_bytes)
    async for attempt in stamina.retry_context(
        on=_may_pass, attempts=_ATTEMPTS, timeout=45.0, wait_initial=0.5, wait_max=4.0
    ):
        with attempt:
            return await _fetch_once(fetcher, source.url, target, max_bytes)
    raise AssertionError  # the last try has returned or raised


async def probe_clip(path: Path) -> ClipFacts:
    """Find out what a file is, in a child process with 1 GB, 20 s of CPU and 40 s at most.

    Four probes run at once, more wait.

    Raises:
        ClipRefused: `clip_unreadable`.
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
        raise ClipRefused("clip_unreadable", UNREADABLE)
    return answer


async def mend_clip(path: Path, facts: ClipFacts) -> ClipFacts:
    """Give a recording the duration its header lacks, in a child process, and return its facts.

    TwelveLabs refuses a file without one as too short. What cannot be mended stays as it is: the
    engine may read it all the same.
    """
    path = await asyncio.to_thread(path.absolute)
    mended = path.with_name(f"{path.name}.mended")
    try:
        output = await run_child(
            "analyzer.media.remux",
            [str(path), str(mended)],
            memory_bytes=_PROBE_MEMORY_BYTES,
            cpu_seconds=_PROBE_CPU_SECONDS,
            wall_seconds=_PROBE_WALL_SECONDS,
            file_bytes=facts.size_bytes * 2 + _BLOCK_BYTES,
            reads=[path],
            writes=[mended],
        )
        found = await probe_clip(mended) if _Mended.validate_json(output)["error"] is None else None
        if found is not None and _alike(found, facts):
            await asyncio.to_thread(mended.replace, path)
            return found
        why = "unlike"
    except ChildFailed as failed:
        why = failed.reason
    except (ValidationError, UserFacingError):
        why = "output"
    finally:
        await _remove(mended)
    log.warning("no duration could be written into the clip: %s", why)
    return facts


def _alike(one: ClipFacts, other: ClipFacts) -> bool:
    return (one.width, one.height, one.has_audio) == (
        other.width,
        other.height,
        other.has_audio,
    ) and abs(one.duration_seconds - other.duration_seconds) < 1


def check_facts(facts: ClipFacts, *, max_seconds: int) -> None:
    """Refuse what an engine would refuse.

    Limits: 4 s to `max_seconds`, at least 360 pixels on both sides, the longer side at most 2.4
    times the shorter one, at most 5184x2160 pixels in all.

    Raises:
        ClipRefused: the sentence names the limit and the clip's own figure.
    """
    seconds, short, long = (
        facts.duration_seconds,
        min(facts.width, facts.height),
        max(facts.width, facts.height),
    )
    found = f"Your clip is {facts.width}x{facts.height} pixels"
    if seconds < MIN_SECONDS:
        raise ClipRefused(
            "clip_too_short",
            f"Your clip is {_floored(seconds)} seconds long; I need at least {MIN_SECONDS} seconds."
            " Record a longer answer and try again.",
        )
    if seconds > max_seconds:
        raise ClipRefused(
            "clip_too_long",
            f"Your clip is {_minutes(seconds)} long; I take up to {_minutes(max_seconds)}."
            " Trim it and try again.",
        )
    if short < MIN_SIDE_PIXELS:
        raise ClipRefused(
            "clip_too_small",
            f"{found}; both sides need at least {MIN_SIDE_PIXELS}. Export it larger and try again.",
        )
    if long > short * MAX_ASPECT:
        raise ClipRefused(
            "clip_too_narrow",
            f"{found}; the longer side may be at most {MAX_ASPECT} times the shorter one."
            " Crop it and try again.",
        )
    if facts.width * facts.height > MAX_PIXELS:
        raise ClipRefused(
            "clip_too_many_pixels",
            f"{found}; I take up to 4K (3840x2160). Export it smaller and try again.",
        )


async def _fetch_once(fetcher: Fetcher, url: str, target: Path, max_bytes: int) -> int:
    """Write one try's bytes; whatever stops it, no partial file stays."""
    try:
        async with opened(lambda: _create(target)) as file, fetcher(url) as chunks:
            return await _write(chunks, file, max_bytes)
    except BaseException:
        await _remove(target)
        raise


async def _write(chunks: AsyncIterator[bytes], file: IO[bytes], max_bytes: int) -> int:
    """Write what comes in blocks off the loop, and return its bytes."""
    received, block = 0, bytearray()
    async for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise _too_large(f"over {_megabytes(max_bytes)}", max_bytes)
        block += chunk
        if len(block) >= _BLOCK_BYTES:
            await asyncio.to_thread(file.write, block)
            block = bytearray()
    await asyncio.to_thread(file.write, block)
    return received


@contextlib.asynccontextmanager
async def opened(opening: Callable[[], IO[bytes]]) -> AsyncIterator[IO[bytes]]:
    """Open and close a file off the loop; also one that opens while its opener is cancelled."""
    task = asyncio.create_task(asyncio.to_thread(opening))
    try:
        yield await asyncio.shield(task)
    finally:
        file = await task
        # a cancelled write goes on in its thread; closing waits for it, as both take its lock
        await asyncio.to_thread(file.close)


def _create(target: Path) -> IO[bytes]:
    """Open a new file that only this user may read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


async def _remove(target: Path) -> None:
    await asyncio.to_thread(target.unlink, missing_ok=True)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, UserFacingError) and error.code == "clip_unreachable"


def _too_large(found: str, max_bytes: int) -> ClipRefused:
    return ClipRefused(
        "clip_too_large",
        f"Your clip is {found}; I take up to {_megabytes(max_bytes)}."
        " Trim it or export it smaller and try again.",
    )


def _megabytes(size: int) -> str:
    """Name a size, rounded up: a clip just over the limit must not seem to be at it."""
    return f"{math.ceil(size / 100_000) / 10:g} MB"


def _minutes(seconds: float) -> str:
    """Name a duration as m:ss, rounded up."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _floored(seconds: float) -> str:
    return f"{math.floor(seconds * 10) / 10:g}"
