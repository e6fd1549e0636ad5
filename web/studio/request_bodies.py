"""Bodies that browsers send: small JSON ones, and recordings piece by piece; never too slowly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from core.errors import ClipRefused, Refused
from web.studio.middleware import bad_request

PIECE_TYPE = "application/offset+octet-stream"
"""The content type of the tus protocol, 1.0.0 (tus.io, "PATCH")."""

TYPES = frozenset({"video/webm", "video/mp4", "video/x-matroska", "video/quicktime"}) | {
    *("audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/webm")
}
"""What browsers record, and the files that are taken. What a file really is, the probe finds."""

_BODY_MAX = 4096
_OFFSET = re.compile(r"\d{1,12}", re.ASCII)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ReadTimeouts:
    """How slow a body may be."""

    idle_seconds: float = 15.0
    grace_seconds: float = 20.0
    bytes_a_second: float = 2000.0  # after the grace; the slowest mobile networks have more
    body_seconds: float = 10.0  # for a small body, as a whole
    piece_seconds: float = 300.0  # for a piece, as a whole; the page's have 1 MiB


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BeginBody(_Body):
    """`POST upload`: what is to come."""

    size_bytes: Annotated[int, Field(gt=0)]
    type: Annotated[str, Field(max_length=200)]
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]  # 0: not known

    def check_type(self) -> None:
        """Refuse what is neither video nor sound that is taken.

        Raises:
            Refused: `type_unknown`.
        """
        if self.type.partition(";")[0].strip().lower() not in TYPES:
            raise _type_unknown()


class SubmitBody(_Body):
    """`POST submit`."""

    shared: bool


class QuestionBody(_Body):
    """`POST interview/question`: which one."""

    position: Annotated[int, Field(ge=0, le=1000)]


class LeaveOutBody(QuestionBody):
    """`POST interview/leave-out`."""

    left_out: bool


async def body_of(request: web.Request, kind: type[M], timeouts: ReadTimeouts) -> M:
    """Read and validate a small JSON body.

    Raises:
        pydantic.ValidationError: it is something else.
        Refused: `too_slow`.
        ClipRefused: `clip_too_large`; nothing that is meant is longer.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(timeouts.body_seconds):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > _BODY_MAX:
                    raise ClipRefused("clip_too_large", "That is too long.")
    except TimeoutError:
        raise _too_slow() from None
    return kind.model_validate_json(bytes(body))


def offset_of(request: web.Request) -> int:
    """Where a piece begins, by its header.

    Raises:
        Refused: it does not say, or it is no piece.
    """
    # not `request.content_type`: for 8 KB of semicolons that takes 0.8 s (email.parser)
    if request.headers.get("Content-Type", "").strip().lower() != PIECE_TYPE:
        raise _type_unknown()
    offsets = request.headers.getall("Upload-Offset", [])
    if len(offsets) != 1 or not _OFFSET.fullmatch(offsets[0]):
        raise bad_request()
    return int(offsets[0])


async def pieces(request: web.Request, timeouts: ReadTimeouts) -> AsyncGenerator[bytes]:
    """The body as it comes.

    Raises:
        Refused: `too_slow`.
    """
    loop = asyncio.get_running_loop()
    begun, received = loop.time(), 0
    while True:
        try:
            async with asyncio.timeout(timeouts.idle_seconds):
                chunk = await request.content.readany()
        except TimeoutError:
            raise _too_slow() from None
        if not chunk:
            return
        received += len(chunk)
        yield chunk
        elapsed = loop.time() - begun
        slow = received < elapsed * timeouts.bytes_a_second
        if elapsed > timeouts.piece_seconds or (elapsed > timeouts.grace_seconds and slow):
            raise _too_slow()


def _type_unknown() -> Refused:
    return Refused(
        "type_unknown",
        "I take video as WebM, MP4, MOV or MKV, and sound as M4A, MP3, OGG, WAV or FLAC."
        " Choose another file, or use another browser to record.",
    )


def _too_slow() -> Refused:
    return Refused("too_slow", "The connection is too slow or has stopped. Try again.")
