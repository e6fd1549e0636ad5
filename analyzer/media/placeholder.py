"""A copy of a sound recording behind a plain picture, for a vendor that takes video only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from analyzer.media.disk_space import NO_ROOM
from analyzer.media.preflight import SOUND_UNREADABLE, no_room_for_clip
from analyzer.media.sandbox import ChildFailed, run_child
from core.errors import EngineRefused, EngineUnavailable
from core.models import ClipFacts
from core.private_files import new_file

_MEMORY_BYTES = 1_000_000_000
_MEMORY_BYTES_PER_SECOND = 400_000  # the sound of one more second, a few times
_FILE_BYTES = 5_000_000
_FILE_BYTES_PER_SECOND = 20_000  # 64 kbit of sound, and next to nothing of a picture

_Answer: TypeAdapter[dict[str, str | None]] = TypeAdapter(dict[str, str | None])


@asynccontextmanager
async def behind_picture(clip: Path, facts: ClipFacts) -> AsyncIterator[Path]:
    """Give an MP4 with the sound of a clip and a plain picture, for as long as it is needed.

    It is made by a child process under limits that grow with the clip's seconds.

    Raises:
        EngineRefused: `sound_unreadable`.
        EngineUnavailable: `placeholder_failed` or `no_room`; the clip may be fine.
    """
    clip = await asyncio.to_thread(clip.absolute)
    target = clip.with_name(f"{clip.name}.placeholder")
    try:
        await _make(clip, target, facts.duration_seconds)
        yield target
    finally:
        await asyncio.to_thread(target.unlink, missing_ok=True)


async def _make(clip: Path, target: Path, seconds: float) -> None:
    try:
        await asyncio.to_thread(lambda: new_file(target).close())  # the child writes over it
        output = await run_child(
            "analyzer.media.still_picture",
            [str(clip), str(target), str(seconds * 1.02 + 2)],  # codecs pad the sound a little
            memory_bytes=_MEMORY_BYTES + int(seconds * _MEMORY_BYTES_PER_SECOND),
            cpu_seconds=30 + int(seconds),
            wall_seconds=60 + 2 * seconds,
            file_bytes=_FILE_BYTES + int(seconds * _FILE_BYTES_PER_SECOND),
            reads=[clip],
            writes=[target],
        )
        error = _Answer.validate_json(output)["error"]
    except OSError as problem:
        if problem.errno not in NO_ROOM:
            raise
        raise EngineUnavailable("no_room", no_room_for_clip().sentence) from None
    except (ChildFailed, ValidationError, KeyError):
        raise _failed() from None
    if error == "sound_unreadable":
        raise EngineRefused("sound_unreadable", SOUND_UNREADABLE)
    if error is not None:
        raise _failed()


def _failed() -> EngineUnavailable:
    return EngineUnavailable(
        "placeholder_failed",
        "Your sound recording could not be made ready here. Try again, or send it as a video.",
    )
