"""The child's side of mending: copies a clip into a file whose header says how long it is.

Browsers record as a stream, without knowing the end: WebM without a duration, MP4 in fragments.
Run as `python -m analyzer.media.remux FILE TARGET` under the limits of `analyzer.media.sandbox`.
Nothing is decoded or encoded again. Prints `{"error": null}` or `{"error": "unreadable"}`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import av

from analyzer.media.probe import Unreadable, in_order, open_clip, packets, shown_span, video_stream

_WEBM_CODECS = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
_ZERO = {"avoid_negative_ts": "make_zero"}
"""Begin at 0, as players show it: an encoder's delay makes sound begin a little before."""

_CUT = {"avoid_negative_ts": "disabled", "use_editlist": "1"}
"""Begin before 0: what lies there is needed to decode the first picture, and is not shown."""


@dataclass(slots=True)
class _Seen:
    """What a first pass over the packets has found."""

    cut: bool = False  # pictures lie before the beginning, or behind the end
    has_key: bool = False
    last_shown: int = 0  # the number of the last packet that is shown
    filled: set[int] = field(default_factory=set)  # the streams with something in them
    first_dts: dict[int, int] = field(default_factory=dict)  # by stream
    without_dts: dict[int, int] = field(default_factory=dict)  # packets before that, by stream


def remux(clip: Path, target: Path) -> None:
    """Write the picture and the sound of `clip` to `target`, as WebM or MP4 by their codecs.

    The turn of a phone's picture stays; what else the file says about itself does not, such as a
    place. What was cut off stays off, and so does what is damaged or shows nothing: pictures before
    the first key frame.

    Raises:
        Unreadable: there is no video stream, or its times make no sense.
        av.error.FFmpegError, ValueError: FFmpeg gave up.
    """
    seen = _look(clip)
    with open_clip(clip) as source:
        video = video_stream(source)
        sounds = [s for s in in_order(source.streams.audio) if s.index in seen.filled]
        streams: list[av.VideoStream | av.AudioStream] = [video, *sounds]
        codecs = {stream.codec_context.name for stream in streams}
        kind = "webm" if codecs <= _WEBM_CODECS and not seen.cut else "mp4"
        options = _CUT if seen.cut else _ZERO
        if kind == "mp4":
            options = options | {"movflags": "faststart"}
        begin = (source.start_time or 0) / av.time_base if seen.cut else 0.0
        with av.open(str(target), "w", format=kind, options=options) as output:
            copies = {
                stream.index: output.add_stream_from_template(stream, opaque=True)
                for stream in streams
            }
            shows = not seen.has_key
            for number, packet in enumerate(packets(source, _read_from(source))):
                is_picture = packet.stream is video
                shows = shows or (is_picture and packet.is_keyframe)
                if packet.is_corrupt or (is_picture and not shows):
                    continue
                if packet.stream_index not in copies or not _timed(packet, seen):
                    continue
                if shown_span(packet) is None and (not is_picture or number > seen.last_shown):
                    continue
                _shift(packet, begin)
                packet.stream = copies[packet.stream.index]
                output.mux(packet)


def _read_from(source: av.container.InputContainer) -> list[av.VideoStream | av.AudioStream]:
    return [video_stream(source), *in_order(source.streams.audio)]


def _look(clip: Path) -> _Seen:
    seen = _Seen()
    with open_clip(clip) as source:
        video = video_stream(source)
        for number, packet in enumerate(packets(source, _read_from(source))):
            _note_dts(packet, seen)
            if packet.stream is video:
                seen.cut = seen.cut or packet.is_discard
                seen.has_key = seen.has_key or packet.is_keyframe
            if shown_span(packet) is not None:
                seen.last_shown = number
                seen.filled.add(packet.stream_index)
    return seen


def _note_dts(packet: av.Packet, seen: _Seen) -> None:
    index = packet.stream_index
    if index in seen.first_dts:
        return
    if packet.dts is None:
        seen.without_dts[index] = seen.without_dts.get(index, 0) + 1
    else:
        seen.first_dts[index] = packet.dts


def _timed(packet: av.Packet, seen: _Seen) -> bool:
    """Whether a packet has a time to be decoded at, or can be given one.

    Matroska keeps none. FFmpeg guesses them, but for the first few where pictures are reordered.
    """
    index = packet.stream_index
    if packet.dts is None and packet.pts is not None and seen.without_dts.get(index, 0):
        packet.dts = seen.first_dts.get(index, packet.pts) - seen.without_dts[index]
        packet.dts = min(packet.dts, packet.pts)
        seen.without_dts[index] -= 1
    return packet.dts is not None


def _shift(packet: av.Packet, seconds: float) -> None:
    if not seconds or packet.time_base is None or packet.dts is None:
        return
    ticks = round(seconds / packet.time_base)
    packet.dts -= ticks
    if packet.pts is not None:
        packet.pts -= ticks


def main() -> None:
    """Mend the file named in the first argument; the second is where it goes."""
    answer: dict[str, str | None] = {"error": None}
    try:
        remux(Path(sys.argv[1]), Path(sys.argv[2]))
    except (Unreadable, av.error.FFmpegError, ValueError, MemoryError):
        answer = {"error": "unreadable"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
