"""The child's side of mending: copies a clip into a file whose header says how long it is.

Browsers record as a stream, without knowing the end: WebM without a duration, MP4 in fragments.
Run as `python -m analyzer.media.remux FILE TARGET` under the limits of `analyzer.media.sandbox`.
Nothing is decoded or encoded again. Prints `{"error": null}` or `{"error": "unreadable"}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import av

from analyzer.media.probe import Unreadable, open_clip, video_stream

_WEBM_CODECS = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
_ZERO = {"avoid_negative_ts": "make_zero"}
"""Begin at 0, as players show it: an encoder's delay makes sound begin a little before."""


def remux(clip: Path, target: Path) -> None:
    """Write the first picture and sound of `clip` to `target`, as WebM or MP4 by their codecs.

    The turn of a phone's picture stays; what else the file says about itself does not, such as a
    place.

    Raises:
        Unreadable: there is no video stream, or its times make no sense.
        av.error.FFmpegError, ValueError: FFmpeg gave up.
    """
    with open_clip(clip) as source:
        streams: list[av.VideoStream | av.AudioStream] = [video_stream(source)]
        streams += [s for s in source.streams.audio if s.codec_context is not None][:1]
        codecs = {stream.codec_context.name for stream in streams}
        kind = "webm" if codecs <= _WEBM_CODECS else "mp4"
        options = _ZERO | ({} if kind == "webm" else {"movflags": "faststart"})
        with av.open(str(target), "w", format=kind, options=options) as output:
            copies = {
                stream.index: output.add_stream_from_template(stream, opaque=True)
                for stream in streams
            }
            for packet in source.demux(streams):
                if packet.dts is None or not packet.size:
                    continue  # PyAV ends each stream with an empty packet
                packet.stream = copies[packet.stream.index]
                output.mux(packet)


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
