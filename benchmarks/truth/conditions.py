"""What happens to a recording on its way: noise, rooms, levels, telephones, other people."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from typing import Any

import av
import numpy as np

from benchmarks.truth.sound import RATE, Sound, convolved, filtered

Change = Callable[[Sound, random.Random, Sound], Sound]
"""Changes a sound, given chance and the sound of somebody else who speaks."""

_REVERBERATION_SECONDS = 0.6  # until it is 60 dB down: a bare living room
_PEAK_OF_LOW_LEVEL = 0.01  # -40 dB
_CLIPPED_AT = 0.25  # of the peak: 12 dB too loud
_MU = 255  # ITU-T G.711
_OTHER_SPEAKER_DB = 12.0  # quieter than the first


def noisy(decibels: float) -> Change:
    """Add white, pink or babble noise so far below the speech."""

    def change(sound: Sound, chance: random.Random, other: Sound) -> Sound:
        kind = chance.choice(("white", "pink", "babble"))
        generator = np.random.default_rng(chance.randrange(1 << 32))
        noise = generator.normal(0, 1, len(sound))
        if kind == "pink":
            spectrum = np.fft.rfft(noise)
            noise = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), len(sound))
        elif kind == "babble":
            long = _as_long(other, len(sound))
            noise = np.sum([np.roll(long, chance.randrange(RATE * 9)) for _ in range(5)], axis=0)
        return _with(sound, noise.astype(np.float32), decibels)

    return change


def reverberant(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """Put the speaker into a bare room, as far from the microphone that half is echo."""
    generator = np.random.default_rng(chance.randrange(1 << 32))
    times = np.arange(int(_REVERBERATION_SECONDS * RATE)) / RATE
    tail = generator.normal(0, 1, len(times)) * 10 ** (-3 * times / _REVERBERATION_SECONDS)
    tail[: RATE // 200] = 0
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return _fitting(convolved(sound, tail.astype(np.float32)))


def low(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """Turn the microphone nearly off, and keep what 16 bits keep of it."""
    quiet = sound / np.abs(sound).max() * _PEAK_OF_LOW_LEVEL
    kept: Sound = (np.round(quiet * 32767) / 32767).astype(np.float32)
    return kept


def clipped(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """Turn the microphone up too far."""
    peak = float(np.abs(sound).max()) * _CLIPPED_AT
    result: Sound = (np.clip(sound, -peak, peak) / peak * 0.99).astype(np.float32)
    return result


def telephone(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """300 to 3400 Hz at 8 kHz, in the 8 bits of G.711."""
    narrow = filtered(sound, "highpass=f=300,lowpass=f=3400,aresample=8000")
    narrow = np.clip(narrow[: len(sound)], -1, 1)
    packed = np.sign(narrow) * np.log1p(_MU * np.abs(narrow)) / np.log1p(_MU)
    packed = np.round(packed * 127) / 127
    result: Sound = (np.sign(packed) * ((1 + _MU) ** np.abs(packed) - 1) / _MU).astype(np.float32)
    return result


def mp3(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """Through MP3 at 32 kbit a second, at its place in time."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream: Any = container.add_stream("libmp3lame", rate=RATE)
        stream.layout, stream.bit_rate = "mono", 32_000
        resampler = av.AudioResampler(stream.format.name, "mono", RATE)
        frame = av.AudioFrame.from_ndarray(
            (np.clip(sound, -1, 1) * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    file.seek(0)
    blocks: list[Sound] = []
    back = av.AudioResampler("flt", "mono", RATE)
    with av.open(file, "r") as source:
        for decoded in source.decode(audio=0):
            blocks += [part.to_ndarray()[0] for part in back.resample(decoded)]
    return np.concatenate(blocks)


def two_voices(sound: Sound, chance: random.Random, other: Sound) -> Sound:  # noqa: ARG001
    """Let somebody else talk in the same room all the time, 12 dB quieter."""
    return _with(sound, _as_long(other, len(sound)), _OTHER_SPEAKER_DB)


CLEAN = "clean"
CONDITIONS: Mapping[str, Change] = {
    "noise at 30 dB": noisy(30),
    "noise at 20 dB": noisy(20),
    "noise at 10 dB": noisy(10),
    "noise at 5 dB": noisy(5),
    "reverberation": reverberant,
    "low level": low,
    "clipping": clipped,
    "8 kHz telephone": telephone,
    "MP3 at 32 kbit": mp3,
    "two voices": two_voices,
}


def _with(sound: Sound, noise: Sound, decibels: float) -> Sound:
    """Mix, with the noise so far below the audible part of the sound."""
    speech = float(np.sqrt(np.mean(sound[np.abs(sound) > 0.01] ** 2)))
    return _fitting(sound + noise / (noise.std() + 1e-9) * speech * 10 ** (-decibels / 20))


def _fitting(sound: Sound) -> Sound:
    result: Sound = (sound / max(1.0, float(np.abs(sound).max()) * 1.05)).astype(np.float32)
    return result


def _as_long(sound: Sound, length: int) -> Sound:
    return np.tile(sound, length // len(sound) + 1)[:length]
