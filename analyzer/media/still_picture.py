"""The child's side of preparing sound for a vendor that takes video only.

Puts the sound of a file behind a plain grey picture, as MP4 with H.264 and AAC. Run as
`python -m analyzer.media.still_picture FILE TARGET MAX_SECONDS` under the limits of
`analyzer.media.sandbox`. Prints `{"error": null}` or `{"error": CODE}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from analyzer.media.decoded_sound import Sound, SoundError, tracks_of

WIDTH, HEIGHT = 640, 360
"""The vendor's smallest picture that has the shape of a video."""

FRAMES_PER_SECOND = 5

_RATE = 24_000  # twice what speech needs
_BITS_PER_SECOND = 64_000
_GREY = 128  # in all three planes of yuv420p


def put_behind_picture(clip: Path, target: Path, *, max_seconds: float) -> None:
    """Write the sound of `clip` with a picture that stands still to `target`.

    Raises:
        SoundError: the sound cannot be decoded.
        av.error.FFmpegError, ValueError: FFmpeg gave up.
    """
    sound = tracks_of(clip, rate=_RATE, max_seconds=max_seconds)[0]
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output:
        video: Any = output.add_stream(
            "libx264", rate=FRAMES_PER_SECOND, options={"preset": "ultrafast", "tune": "stillimage"}
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.thread_count = 1  # threads would each ask for memory
        audio: Any = output.add_stream("aac", rate=_RATE)
        audio.layout, audio.bit_rate = "mono", _BITS_PER_SECOND
        pictures = _pictures(-(-len(sound) * FRAMES_PER_SECOND // _RATE))
        for second in _seconds(sound):
            for frame in second:
                output.mux(audio.encode(frame))
            for _ in range(FRAMES_PER_SECOND):
                output.mux(video.encode(picture) if (picture := next(pictures, None)) else [])
        output.mux([*audio.encode(None), *video.encode(None)])


def _pictures(count: int) -> Iterator[av.VideoFrame]:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([_GREY]) * plane.buffer_size)
    for index in range(count):
        frame.pts, frame.time_base = index, Fraction(1, FRAMES_PER_SECOND)
        yield frame


def _seconds(sound: Sound) -> Iterator[list[av.AudioFrame]]:
    """The sound second by second, in frames as AAC wants them."""
    fifo = av.AudioFifo()
    written = 0
    for start in range(0, len(sound), _RATE):
        frame = av.AudioFrame.from_ndarray(
            sound[None, start : start + _RATE], format="fltp", layout="mono"
        )
        frame.sample_rate = _RATE
        fifo.write(frame)
        frames = list(fifo.read_many(1024, partial=start + _RATE >= len(sound)))
        for each in frames:
            each.pts, each.time_base = written, Fraction(1, _RATE)
            written += each.samples
        yield frames


def main() -> None:
    """Do it with the file named in the first argument; the second is where it goes."""
    answer: dict[str, str | None] = {"error": None}
    try:
        put_behind_picture(Path(sys.argv[1]), Path(sys.argv[2]), max_seconds=float(sys.argv[3]))
    except SoundError as error:
        answer = {"error": error.code}
    except (av.error.FFmpegError, ValueError, MemoryError):
        answer = {"error": "unreadable"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
