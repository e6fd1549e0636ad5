"""Takes two pictures a second out of a clip that may be hostile, upright and small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from analyzer.engines.local.picture.sampling import Image
from analyzer.media.probe import open_clip, video_stream

PER_SECOND = 2
LONGER_SIDE = 640
"""Of the pictures, in pixels; a larger one is made smaller."""

_EARLY_SECONDS = 0.001  # time stamps are rounded
_ENOUGH_A_SECOND = 20.0  # from here on a picture that no other needs can be missed
_MANY_PIXELS = 1920 * 1080 * 30.5
"""A second. Up to here every picture is decoded, at about a tenth of the clip's time."""

_KEYS_AT_LEAST = 24
_KEY_GAP_SECONDS = 1.6
"""Cameras of phones make a picture that needs no other each second, browsers mostly fewer."""


def pictures(clip: Path, *, max_pixels: int, max_seconds: float) -> Iterator[tuple[float, Image]]:
    """The pictures of a clip, each with its second from the start of the clip.

    What cannot be decoded is left out. Of a clip with more pixels a second than a small machine can
    decode in bearable time, only pictures that need no other are taken, where there are enough.

    Raises:
        Unreadable: there is no picture in the file.
        av.error.FFmpegError, ValueError: the file cannot be opened.
    """
    with open_clip(clip, max_pixels=max_pixels) as container:
        stream = video_stream(container)
        first = (container.start_time or 0) / av.time_base
        _save_work(stream, clip, max_pixels)
        shape = float(stream.sample_aspect_ratio or 1)
        due = 0.0
        for frame in _decoded(container, stream, max_pixels):
            if frame.time is None:
                continue
            at = frame.time - first
            if due - _EARLY_SECONDS <= at <= max_seconds:
                due = (int((at + _EARLY_SECONDS) * PER_SECOND) + 1) / PER_SECOND
                yield max(0.0, at), _upright(frame, shape)


def enough_keys(seconds: Sequence[float]) -> bool:
    """Whether the pictures that need no other, at these seconds, show the clip well enough."""
    gaps = [later - one for one, later in pairwise(seconds)]
    return len(seconds) >= _KEYS_AT_LEAST and max(gaps) <= _KEY_GAP_SECONDS


def _save_work(stream: av.VideoStream, clip: Path, max_pixels: int) -> None:
    """Choose what is decoded at all."""
    codec = stream.codec_context
    codec.options = {"max_pixels": str(max_pixels)}
    stream.thread_type, codec.thread_count = "AUTO", 2
    rate = float(stream.average_rate or 0)
    if rate >= _ENOUGH_A_SECOND:
        codec.skip_frame = "NONREF"
    if stream.width * stream.height * rate > _MANY_PIXELS:
        codec.options = codec.options | {"skip_loop_filter": "all"}
        if enough_keys(_key_seconds(clip, max_pixels)):
            codec.skip_frame = "NONKEY"


def _key_seconds(clip: Path, max_pixels: int) -> list[float]:
    with open_clip(clip, max_pixels=max_pixels) as container:
        stream = video_stream(container)
        return sorted(
            float(packet.pts * packet.time_base)
            for packet in container.demux(stream)
            if packet.is_keyframe and packet.pts is not None and packet.time_base is not None
        )


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, max_pixels: int
) -> Iterator[av.VideoFrame]:
    for packet in container.demux(stream):
        try:
            frames = stream.decode(packet)
        except (av.error.FFmpegError, ValueError):  # damaged, or what it builds on is lost
            continue
        for frame in frames:
            if not frame.is_corrupt and frame.width * frame.height <= max_pixels:
                yield frame


def _upright(frame: av.VideoFrame, shape: float) -> Image:
    """Scale a picture, whose pixels are `shape` times as wide as high, and turn it upright."""
    width = frame.width * (shape if 0.2 < shape < 5 else 1.0)
    scale = min(1.0, LONGER_SIDE / max(width, frame.height))
    columns, rows = max(2, round(width * scale)), max(2, round(frame.height * scale))
    small = frame.reformat(width=columns, height=rows, format="rgb24", interpolation="AREA")
    image: Image = np.rot90(small.to_ndarray(), round(frame.rotation / 90))
    return np.ascontiguousarray(image)
