"""The child's side of the probe: opens one clip with PyAV and prints its facts as JSON.

Run as `python -m analyzer.media.probe FILE MAX_PIXELS` under the limits of
`analyzer.media.sandbox`. Prints either the fields of `ClipFacts` or `{"error": CODE}`, where CODE
is `unreadable`, `sound_unreadable` or `incomplete`.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import av

from analyzer.media.boxes import breaks_off, has_no_index, is_fragmented, stated_seconds

FORMATS = "mov,matroska,mp3,ogg,wav,flac"
"""Names of the demuxers for MP4, M4V, M4A, MOV and 3GP, for WebM and MKV, and for sound alone.

Without this list FFmpeg also opens pictures, playlists and scripts that name other files.
"""

S = TypeVar("S", av.VideoStream, av.AudioStream)

_OFF_SECONDS = 2.0  # what a header may be wrong about the duration, at most
_PACKETS_TRIED = 250  # a readable clip shows its first picture sooner than this
_SOUND_PACKETS_TRIED = 1000  # its beginning may be damaged
_SOUND_PACKETS_JUDGED = 50
_SOUND_PACKETS_FAILING = 3  # some formats need a packet or two before anything comes
_READABLE_SHARE = 0.5  # of a sound file's first packets: noise may look like an MP3
_MISSING_SECONDS = 1.0  # a last picture may have no length of its own
_STATES_LENGTH = frozenset({"matroska", "wav", "flac"})  # elsewhere FFmpeg's may be an estimate


class Unreadable(Exception):
    """The file is no clip this bot can work with. `code` goes to the parent."""

    def __init__(self, code: str = "unreadable") -> None:
        super().__init__(code)
        self.code = code


def open_clip(path: Path, *, max_pixels: int | None = None) -> av.container.InputContainer:
    """Open a file that may be hostile: only our formats, and only this one file.

    Opening may already decode pictures, to find out what they are: not beyond `max_pixels`.
    """
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    if max_pixels is not None:
        options["max_pixels"] = str(max_pixels)
    end = breaks_off(path)[1] if is_fragmented(path) else None
    file = str(path) if end is None else _Beginning(path, end)
    return av.open(file, mode="r", options=options, metadata_errors="ignore")


class _Beginning:
    """A file up to where it can be read, as PyAV reads one."""

    def __init__(self, path: Path, end: int) -> None:
        self._file = path.open("rb")
        self._end = end

    def __del__(self) -> None:
        """Close the file, since PyAV closes none that it has not opened."""
        self._file.close()

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes, and none behind the end."""
        return self._file.read(max(0, min(size, self._end - self._file.tell())))

    def tell(self) -> int:
        """Say where the next byte is read."""
        return self._file.tell()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the end is where it can be read no further."""
        if whence == io.SEEK_END:
            return self._file.seek(self._end + place)
        return self._file.seek(place, whence)


def probe(path: Path, max_pixels: int) -> dict[str, Any]:
    """Read a clip's facts: what is really in it, since headers may lie.

    The duration is counted over all packets that are to be shown, the first picture is decoded, and
    the beginning of the sound. Of a clip with larger pictures than `max_pixels` only the headers
    are read. A file without a picture is one of sound.

    Raises:
        Unreadable: nothing in it can be seen or heard (`unreadable`), there is sound and none of it
            can be decoded (`sound_unreadable`), or its end is missing (`incomplete`).
        av.error.FFmpegError, ValueError, MemoryError: FFmpeg gave up.
    """
    if has_no_index(path):
        raise Unreadable("incomplete")
    fragmented = is_fragmented(path)
    with open_clip(path, max_pixels=max_pixels) as container:
        kind = container.format.name.split(",")[0]
        said = (container.duration or 0) / av.time_base
        video = next(iter(picture_streams(container)), None)
        scan = _Scan(container, video, max_pixels, open_end=fragmented or kind != "mov")
        if video is None or video.width * video.height <= max_pixels:
            scan.run()
        else:
            scan.size = (video.width, video.height)
        duration = scan.shown.seconds or said
        if duration <= 0:
            raise Unreadable
        # what FFmpeg says of fragments is where the last one it has seen ends
        stated = stated_seconds(path) if fragmented else said
        missing = 0.0 if stated is None else stated - (scan.whole.seconds or stated)
        off = [abs((stated or 0.0) - seconds) for seconds in (duration, scan.whole.seconds)]
        cut = fragmented and breaks_off(path)[0]
        cut = cut or (missing > _MISSING_SECONDS and (fragmented or kind in _STATES_LENGTH))
        return {
            "size_bytes": path.stat().st_size,
            "duration_seconds": round(duration, 3),
            "width": scan.size[0],
            "height": scan.size[1],
            "has_audio": scan.heard,
            "container": "webm" if _is_webm(path) else kind,
            "video_codec": video.codec_context.name if video and scan.size[0] else "",
            "has_duration": min(off) < _OFF_SECONDS,
            "cut_short": scan.cut_short or cut,
        }


def picture_streams(container: av.container.InputContainer) -> Iterable[av.VideoStream]:
    """The pictures that can be decoded, without the cover of a song, as players choose them."""
    cover = av.stream.Disposition.attached_pic
    return in_order(s for s in container.streams.video if not s.disposition & cover)


def video_stream(container: av.container.InputContainer) -> av.VideoStream:
    """The picture of a clip.

    Raises:
        Unreadable: there is none.
    """
    for stream in picture_streams(container):
        return stream
    raise Unreadable


def in_order(streams: Iterable[S]) -> list[S]:
    """The streams whose format is known, those that players choose by themselves first."""
    known = [stream for stream in streams if stream.codec_context is not None]
    default = av.stream.Disposition.default
    return sorted(known, key=lambda stream: not stream.disposition & default)


def packets(
    container: av.container.InputContainer, streams: Iterable[av.stream.Stream]
) -> Iterator[av.Packet]:
    """All packets with something in them, up to where the file can't be read any further."""
    reading = container.demux(list(streams))
    while True:
        try:
            packet = next(reading, None)
        except av.error.FFmpegError:
            return
        if packet is None:
            return
        if packet.size:  # PyAV ends each stream with an empty one
            yield packet


def _timed_span(packet: av.Packet) -> tuple[float, float] | None:
    """From which to which second a packet says that it lasts."""
    ticks, base = packet.pts if packet.pts is not None else packet.dts, packet.time_base
    if ticks is None or base is None:
        return None
    # integers, since sums of fractions took most of a probe; their quotient is as exact
    start = ticks * base.numerator / base.denominator
    return start, start + (packet.duration or 0) * base.numerator / base.denominator


def shown_span(packet: av.Packet) -> tuple[float, float] | None:
    """From which to which second a packet is seen or heard; `None` for one that was cut off.

    What was cut off may still be in the file, because decoding needs it or because only an edit
    list or a note on the packet says so. What lies before 0 is not shown.
    """
    timed = None if packet.is_discard else _timed_span(packet)
    if timed is None:
        return None
    start, end = timed
    if packet.has_sidedata("skip_samples") and isinstance(packet.stream, av.AudioStream):
        note = bytes(packet.get_sidedata("skip_samples"))  # AV_PKT_DATA_SKIP_SAMPLES
        rate = packet.stream.rate if packet.stream.codec_context is not None else 0
        if rate and len(note) >= 8:
            skipped = struct.unpack_from("<II", note)
            start, end = start + skipped[0] / rate, end - skipped[1] / rate
            if end <= start:
                return None
    return max(0.0, start), max(0.0, end)


def _is_webm(path: Path) -> bool:
    """Whether a Matroska file says that it is the kind for browsers (RFC 8794, `DocType`)."""
    with path.open("rb") as file:
        return b"B\x82\x84webm" in file.read(64)


@dataclass(slots=True)
class _Span:
    """The time that some packets take, in seconds."""

    start: float = math.inf
    end: float = -math.inf

    def add(self, start: float, end: float) -> None:
        self.start, self.end = min(self.start, start), max(self.end, end)

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - self.start)


class _Scan:
    """One pass over all packets of a container."""

    def __init__(
        self,
        container: av.container.InputContainer,
        video: av.VideoStream | None,
        max_pixels: int,
        *,
        open_end: bool,
    ) -> None:
        """Prepare; with `open_end` a file is taken as far as it goes, without it refused."""
        self._container, self._video, self._open_end = container, video, open_end
        self._pictures = None if video is None else _Pictures(video, max_pixels)
        self._sounds: dict[int, _Sound] = {}
        self._end_of_data = 0.0
        self._has_unknown = False
        self._ends_in_zeros = False
        self.shown = _Span()  # what is to be seen and heard
        self.whole = _Span()  # with what was cut off
        self.size: tuple[int, int] = (0, 0)
        self.cut_short = False

    @property
    def heard(self) -> bool:
        """Whether some sound could be decoded."""
        return any(sound.frames for sound in self._sounds.values())

    def run(self) -> None:
        """Read all packets, decode the first picture and the first sound, and look at the end."""
        streams = [*self._container.streams.audio, *filter(None, [self._video])]
        for packet in packets(self._container, streams):
            if packet.is_corrupt:  # FFmpeg: the file ends in the middle of it
                self._break_off()
                continue
            self._note_time(packet)
            if packet.stream is self._video:
                self._look(packet)
            else:
                self._listen(packet)
        if self._ends_in_zeros:  # a broken-off download may be filled up with zeros
            self._break_off()
            self.shown.end = self._end_of_data
        if self._pictures is not None and self._pictures.packets:
            self.size = self._pictures.finish()
        failing = self._has_unknown or any(sound.is_failing for sound in self._sounds.values())
        if failing and not self.heard:
            raise Unreadable("sound_unreadable")
        if self.size == (0, 0) and not any(sound.is_sound for sound in self._sounds.values()):
            raise Unreadable

    def _break_off(self) -> None:
        if not self._open_end:
            raise Unreadable("incomplete")
        self.cut_short = True

    def _note_time(self, packet: av.Packet) -> None:
        span = shown_span(packet)
        if span is not None:
            self.shown.add(*span)
        timed = _timed_span(packet)
        if timed is not None:
            start = max(0.0, timed[0])
            self.whole.add(start, start + timed[1] - timed[0])

    def _look(self, packet: av.Packet) -> None:
        self._ends_in_zeros = not any(bytes(packet))
        if not self._ends_in_zeros:
            self._end_of_data = self.shown.end
        if self._pictures is not None:
            self._pictures.take(packet)

    def _listen(self, packet: av.Packet) -> None:
        if packet.is_discard:
            return
        if packet.stream.codec_context is None:
            self._has_unknown = True
        else:
            self._sounds.setdefault(packet.stream_index, _Sound()).take(packet)


class _Pictures:
    """Decodes up to the first picture."""

    def __init__(self, stream: av.VideoStream, max_pixels: int) -> None:
        self._codec = stream.codec_context
        self._codec.options = {"max_pixels": str(max_pixels)}
        self._codec.thread_count = 1  # threads would each ask for memory
        self._size: tuple[int, int] | None = None
        self._tried = 0
        self._needs_key = False
        self.packets = 0

    def take(self, packet: av.Packet) -> None:
        """Decode a packet. After a failure only a key frame helps: the first ones may be lost.

        Raises:
            Unreadable: too many have failed.
        """
        self.packets += 1
        if self._size is not None or (self._needs_key and not packet.is_keyframe):
            return
        self._tried += 1
        if self._tried > _PACKETS_TRIED:
            raise Unreadable
        try:
            self._note(self._codec.decode(packet))
        except av.error.FFmpegError:
            self._needs_key = True

    def finish(self) -> tuple[int, int]:
        """The first picture's width and height as shown.

        Raises:
            Unreadable: there was none.
        """
        if self._size is None:
            self._note(self._codec.decode(None))
        if self._size is None:
            raise Unreadable
        return self._size

    def _note(self, frames: list[Any]) -> None:
        if frames:
            width, height = frames[0].width, frames[0].height
            turned = frames[0].rotation % 180 != 0
            self._size = (height, width) if turned else (width, height)


class _Sound:
    """Decodes the beginning of a track of sound."""

    def __init__(self) -> None:
        self._tried = 0
        self.frames = 0

    def take(self, packet: av.Packet) -> None:
        """Decode a packet, if it is still to be found out whether that works."""
        if self._tried >= (_SOUND_PACKETS_JUDGED if self.frames else _SOUND_PACKETS_TRIED):
            return
        self._tried += 1
        with contextlib.suppress(av.error.FFmpegError):
            self.frames += len(packet.decode())

    @property
    def is_sound(self) -> bool:
        """Whether that what was decoded is sound, and not noise that looks like an MP3."""
        return self.frames >= self._tried * _READABLE_SHARE > 0

    @property
    def is_failing(self) -> bool:
        """Whether so much of it could not be decoded that the beginning alone is no reason."""
        return not self.frames and self._tried >= _SOUND_PACKETS_FAILING


def main() -> None:
    """Print the facts of the file named in the first argument; the second is the pixel limit."""
    try:
        answer = probe(Path(sys.argv[1]), max_pixels=int(sys.argv[2]))
    except Unreadable as error:
        answer = {"error": error.code}
    except (av.error.FFmpegError, ValueError, MemoryError):
        answer = {"error": "unreadable"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
