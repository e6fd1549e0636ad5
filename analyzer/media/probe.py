"""The child's side of the probe: opens one clip with PyAV and prints its facts as JSON.

Run as `python -m analyzer.media.probe FILE MAX_PIXELS` under the limits of
`analyzer.media.sandbox`. Prints either the fields of `ClipFacts` or `{"error": "unreadable"}`.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import av

FORMATS = "mov,matroska"
"""Names of the demuxers for MP4, M4V, MOV, 3GP and for WebM, MKV.

Without this list FFmpeg also opens pictures, playlists and scripts that name other files.
"""

_OFF_SECONDS = 2.0  # what a header may be wrong about the duration, at most
_BOXES_LOOKED_AT = 20  # the first fragment comes right after a few headers
_FRAME_WITHIN_PACKETS = 250  # a readable clip shows its first picture sooner than this


class Unreadable(Exception):
    """The file is no video this bot can work with."""


def open_clip(path: Path, *, max_pixels: int | None = None) -> av.container.InputContainer:
    """Open a file that may be hostile: only our formats, and only this one file.

    Opening may already decode pictures, to find out what they are: not beyond `max_pixels`.
    """
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    if max_pixels is not None:
        options["max_pixels"] = str(max_pixels)
    return av.open(str(path), mode="r", options=options, metadata_errors="ignore")


def probe(path: Path, max_pixels: int) -> dict[str, Any]:
    """Read a clip's facts: what is really in it, since headers may lie.

    The duration is counted over all packets, and the first picture is decoded. Of a clip with
    larger pictures than `max_pixels` only the headers are read.

    Raises:
        Unreadable: there is no video stream, no picture in it, or its end is missing.
        av.error.FFmpegError, ValueError, MemoryError: FFmpeg gave up.
    """
    with open_clip(path, max_pixels=max_pixels) as container:
        video = video_stream(container)
        width, height = video.width, video.height
        scan = None
        if width * height <= max_pixels:
            scan = _Scan(container, video, max_pixels)
            scan.run()
            width, height = scan.size
        said = (container.duration or 0) / av.time_base
        duration = scan.duration if scan else None
        if duration is None:
            duration = said
        if min(width, height, duration) <= 0:
            raise Unreadable
        return {
            "size_bytes": path.stat().st_size,
            "duration_seconds": round(duration, 3),
            "width": width,
            "height": height,
            "has_audio": scan is not None and scan.has_audio,
            "container": "webm" if _is_webm(path) else container.format.name.split(",")[0],
            "video_codec": video.codec_context.name,
            "has_duration": abs(said - duration) < _OFF_SECONDS and not _is_fragmented(path),
        }


def _is_webm(path: Path) -> bool:
    """Whether a Matroska file says that it is the kind for browsers (RFC 8794, `DocType`)."""
    with path.open("rb") as file:
        return b"B\x82\x84webm" in file.read(64)


def _is_fragmented(path: Path) -> bool:
    """Whether it is an MP4 in fragments, whose header knows of none (ISO 14496-12, `moof`)."""
    with path.open("rb") as file:
        for _ in range(_BOXES_LOOKED_AT):
            size, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
            if kind == b"moof":
                return True
            if size == 1:  # the size is in the next eight bytes
                size = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0] - 8
            if size < 8:  # the last box, or none at all
                return False
            file.seek(size - 8, 1)
    return False


def video_stream(container: av.container.InputContainer) -> av.VideoStream:
    """The picture of a clip, which is not the cover of a song.

    Raises:
        Unreadable: there is none.
    """
    for stream in container.streams.video:
        is_cover = bool(stream.disposition & av.stream.Disposition.attached_pic)
        if stream.codec_context is not None and not is_cover:
            return stream
    raise Unreadable


class _Scan:
    """One pass over all packets of a container."""

    def __init__(
        self, container: av.container.InputContainer, video: av.VideoStream, max_pixels: int
    ) -> None:
        self._container, self._video = container, video
        self._codec = video.codec_context
        self._codec.options = {"max_pixels": str(max_pixels)}
        self._codec.thread_count = 1  # threads would each ask for memory, and one picture is enough
        self._first: float | None = None
        self._end: float | None = None
        self._last: av.Packet | None = None
        self._packets_tried = 0
        self.size: tuple[int, int] = (0, 0)
        self.has_audio = False

    @property
    def duration(self) -> float | None:
        """Seconds from the first to the end of the last packet, `None` when none had a time."""
        if self._first is None or self._end is None:
            return None
        return self._end - self._first

    def run(self) -> None:
        """Read all packets, decode the first picture, and see whether the end is there."""
        playable = [
            stream
            for stream in self._container.streams
            if stream is self._video or (stream.type == "audio" and stream.codec_context)
        ]
        for packet in self._container.demux(playable):
            if not packet.size:
                continue  # PyAV ends each stream with an empty packet
            if packet.is_corrupt:  # FFmpeg: the file ends in the middle of it
                raise Unreadable
            self._note_time(packet)
            if packet.stream is not self._video:
                self.has_audio = True
                continue
            self._last = packet
            if self.size == (0, 0):
                self._look_for_picture(packet)
        if self.size == (0, 0):
            self._take(self._codec.decode(None))
        if self.size == (0, 0) or self._last is None or not any(bytes(self._last)):
            raise Unreadable  # a broken-off download may be filled up with zeros

    def _note_time(self, packet: av.Packet) -> None:
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is None or packet.time_base is None:
            return
        start = float(ticks * packet.time_base)
        end = start + float((packet.duration or 0) * packet.time_base)
        self._first = start if self._first is None else min(self._first, start)
        self._end = end if self._end is None else max(self._end, end)

    def _look_for_picture(self, packet: av.Packet) -> None:
        self._packets_tried += 1
        if self._packets_tried > _FRAME_WITHIN_PACKETS:
            raise Unreadable
        self._take(self._codec.decode(packet))

    def _take(self, frames: list[Any]) -> None:
        if frames:
            width, height = frames[0].width, frames[0].height
            turned = frames[0].rotation % 180 != 0
            self.size = (height, width) if turned else (width, height)


def main() -> None:
    """Print the facts of the file named in the first argument; the second is the pixel limit."""
    try:
        answer = probe(Path(sys.argv[1]), max_pixels=int(sys.argv[2]))
    except (Unreadable, av.error.FFmpegError, ValueError, MemoryError):
        answer = {"error": "unreadable"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
