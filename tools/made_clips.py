"""Writes clips of the portrait that speaks: a picture for each twelfth of a second, and a voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.truth.sound import RATE, Sound
from tools.portrait import SIZE, Picture, Portrait, Pose

FRAMES_A_SECOND = 12

_TURN_SECONDS = 0.4  # from the camera to the side, and back
_BLINK_EVERY, _BLINK_SECONDS = 3.7, 0.25
_AAC_BITS = 32_000


@dataclass(frozen=True, slots=True)
class Turn:
    """The head turned away from the camera from one second to another."""

    start: float
    end: float
    degrees: float


def poses(sound: Sound, turns: Sequence[Turn] = ()) -> Iterator[Pose]:
    """Hold the head as somebody does who speaks this: small movements, blinks, and the turns."""
    loudness = _loudness(sound)
    for number, loud in enumerate(loudness):
        time = number / FRAMES_A_SECOND
        away = sum(turn.degrees * _turned(time, turn) for turn in turns)
        yield Pose(
            yaw=away + 3.0 * sin(2 * pi * time / 6.1) + 1.5 * sin(2 * pi * time / 2.3),
            pitch=2.0 * sin(2 * pi * time / 4.3) + 2.0 * loud,
            roll=1.2 * sin(2 * pi * time / 7.9),
            mouth=0.55 * loud,
            lids=_lids(time),
            shift=(2.0 * sin(2 * pi * time / 9.7), 1.2 * sin(2 * pi * time / 5.3)),
            zoom=1.0 + 0.01 * sin(2 * pi * time / 13),
        )


def write_clip(
    file: Path, pictures: Iterator[Picture], sound: Sound | None, *, quality: int = 30
) -> None:
    """Write H.264 and AAC into an MP4; without sound it has no audio track.

    Args:
        file: What is written.
        pictures: One for each twelfth of a second, 480x360.
        sound: Mono at 16 kHz.
        quality: x264's constant rate factor; higher is smaller and worse.
    """
    options = {"movflags": "faststart", "fflags": "+bitexact"}
    with av.open(str(file), "w", options=options) as container:
        video: Any = container.add_stream("libx264", rate=FRAMES_A_SECOND)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.options = {"crf": str(quality), "preset": "veryslow", "threads": "1"}
        audio: Any = None
        if sound is not None:
            audio = container.add_stream("aac", rate=RATE)
            audio.layout, audio.bit_rate = "mono", _AAC_BITS
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
            block = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            block.sample_rate, block.pts = RATE, 0
            resampler = av.AudioResampler(audio.format.name, "mono", RATE, audio.frame_size)
            for part in [*resampler.resample(block), *resampler.resample(None)]:
                container.mux(audio.encode(part))
            container.mux(audio.encode(None))


def speaking(portrait: Portrait, sound: Sound, turns: Sequence[Turn] = ()) -> Iterator[Picture]:
    """The portrait, speaking."""
    return (portrait.shown(pose) for pose in poses(sound, turns))


def _loudness(sound: Sound) -> list[float]:
    """0 to 1 for each picture, by the sound's level around it."""
    width = RATE // FRAMES_A_SECOND
    count = len(sound) // width
    levels = np.sqrt(np.mean(sound[: count * width].reshape(count, width) ** 2, axis=1))
    shares = np.clip(levels / np.percentile(levels, 90), 0, 1)
    smooth = np.convolve(shares, [0.2, 0.6, 0.2], "same")
    return [float(share) for share in smooth]


def _turned(time: float, turn: Turn) -> float:
    rise = (time - turn.start) / _TURN_SECONDS
    fall = (turn.end - time) / _TURN_SECONDS
    share = min(1.0, max(0.0, min(rise, fall)))
    return share * share * (3 - 2 * share)


def _lids(time: float) -> float:
    into = (time + 1.3) % _BLINK_EVERY
    return sin(pi * into / _BLINK_SECONDS) if into < _BLINK_SECONDS else 0.0
