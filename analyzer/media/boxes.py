"""Reads the few boxes of an MP4 that FFmpeg does not tell about (ISO 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_BOXES_LOOKED_AT = 20  # the first fragment comes right after a few headers
_FRAGMENTS_LOOKED_AT = 100_000  # boxes; a recorder may write a fragment a picture
_AFTER_FRAGMENTS = frozenset({b"mfra", b"free", b"skip"})  # nothing to be shown is in these
_LONGEST_BOX_READ = 64  # bytes of `mvhd` and `mehd` that are of interest


def is_fragmented(path: Path) -> bool:
    """Whether a file is an MP4 in fragments (`moof`), as browsers and recorders stream it."""
    with path.open("rb") as file:
        return any(kind == b"moof" for kind, _, _ in _boxes(file, 0, None))


def has_no_index(path: Path) -> bool:
    """Whether a file is an MP4 without `moov`, which many recorders write when they end."""
    with path.open("rb") as file:
        kinds = [kind for kind, _, _ in _boxes(file, 0, None)]
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds


def breaks_off(path: Path) -> tuple[bool, int | None]:
    """Whether an MP4 in fragments breaks off, and where to stop reading, if not at its end.

    FFmpeg takes what is there of the last fragment's data, but refuses the whole file when it ends
    within that fragment's header.
    """
    length = path.stat().st_size
    last, before, start = b"", 0, 0
    with path.open("rb") as file:
        for kind, content, end in _boxes(file, 0, None, most=_FRAGMENTS_LOOKED_AT):
            if start >= length:
                break
            if max(content, end) > length or not kind.strip(b"\0"):
                return kind not in _AFTER_FRAGMENTS, None if kind == b"mdat" else start
            last, before, start = kind, start, end
    return (True, before) if last == b"moof" else (False, None)


def stated_seconds(path: Path) -> float | None:
    """How long an MP4 in fragments says it is as a whole; `None` where it does not.

    That is in `mehd`, or in `mvhd`; there many recorders write 0, or what they had at that time.
    """
    with path.open("rb") as file:
        moov = _find(file, b"moov", 0, None)
        if moov is None:
            return None
        header = _content(file, _find(file, b"mvhd", *moov))
        mvex = _find(file, b"mvex", *moov)
        whole = _content(file, _find(file, b"mehd", *mvex)) if mvex else b""
        try:
            long = header[0] == 1
            scale = struct.unpack_from(">I", header, 20 if long else 12)[0]
            ticks = struct.unpack_from(">Q" if long else ">I", header, 24 if long else 16)[0]
            if whole:
                ticks = struct.unpack_from(">Q" if whole[0] == 1 else ">I", whole, 4)[0]
        except (struct.error, IndexError):
            return None
    return ticks / scale if scale and ticks else None


def _boxes(
    file: BinaryIO, start: int, end: int | None, *, most: int = _BOXES_LOOKED_AT
) -> Iterator[tuple[bytes, int, int]]:
    """The kinds of the boxes between two places, with where their contents begin and end."""
    for _ in range(most):
        if end is not None and start >= end:
            return
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
        head = 8
        if size == 1:  # the size is in the next eight bytes
            size, head = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0], 16
        if size < head:  # the last box, or none at all
            yield kind, start + head, start + head
            return
        yield kind, start + head, start + size
        start += size


def _find(file: BinaryIO, kind: bytes, start: int, end: int | None) -> tuple[int, int] | None:
    return next(((a, b) for found, a, b in _boxes(file, start, end) if found == kind), None)


def _content(file: BinaryIO, place: tuple[int, int] | None) -> bytes:
    if place is None:
        return b""
    file.seek(place[0])
    return file.read(min(_LONGEST_BOX_READ, place[1] - place[0]))
