"""Decodes a clip's sound to mono at 16 kHz. Runs in the child only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from analyzer.media.probe import open_clip

RATE = 16_000
"""Samples per second that Whisper and Silero expect."""

_GAP_SECONDS = 0.2  # a jump in the sound's time stamps beyond this is filled with silence
Sound = npt.NDArray[np.float32]
Span = tuple[float, float]  # start and end in seconds


class SpeechError(Exception):
    """What stops the child. `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_sound(clip: Path, *, max_seconds: float) -> Sound:
    """Decode a clip's first audio stream to mono at 16 kHz, at its place in time.

    Damaged packets are left out, and gaps are silence, so that times are those of the clip.

    Raises:
        SpeechError: `unreadable` when nothing could be decoded, `too_long` beyond `max_seconds`.
    """
    try:
        with open_clip(clip) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise SpeechError("unreadable")
            first = (container.start_time or 0) / av.time_base
            blocks = list(_placed(_frames(container, stream), first, int(max_seconds * RATE)))
    except (av.error.FFmpegError, ValueError):
        raise SpeechError("unreadable") from None
    if not blocks:
        raise SpeechError("unreadable")
    return np.concatenate(blocks)


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[av.AudioFrame]:
    for packet in container.demux(stream):
        try:
            yield from stream.decode(packet)
        except av.error.InvalidDataError:
            continue


def _placed(frames: Iterable[av.AudioFrame], first: float, most: int) -> Iterator[Sound]:
    """Resample frames, filling the gaps between them; `first` is where the clip begins."""
    resampler = av.AudioResampler("flt", "mono", RATE)
    length = 0
    for frame in frames:
        gap = int(((frame.time or 0.0) - first) * RATE) - length if frame.pts is not None else 0
        blocks = [part.to_ndarray()[0] for part in resampler.resample(frame)]
        if gap > _GAP_SECONDS * RATE:
            if gap + length > most:
                raise SpeechError("too_long")
            blocks.insert(0, np.zeros(gap, np.float32))
        for block in blocks:
            length += len(block)
            if length > most:
                raise SpeechError("too_long")
            yield block
    for part in resampler.resample(None):
        yield part.to_ndarray()[0]
