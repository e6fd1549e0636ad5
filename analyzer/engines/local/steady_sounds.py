"""Finds level voiced stretches of sound: drawn-out "um" and "uh" are, most words are not.

The mouth holds still in a filled pause, so pitch and timbre stay where they are for a tenth of a
second and more. Pitch is Greenroom's own tracker; timbre is described by mel-frequency cepstral
coefficients (Davis & Mermelstein 1980).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.engines.local.pitch import Array

FRAME_SECONDS = 0.01
MIN_SECONDS = 0.1

_HIGHEST_HZ = 400.0
_MELS, _COEFFICIENTS, _FFT = 26, 12, 512
_MEL_RANGE = 100.0, 5000.0
_REACH = 3  # frames to either side that pitch and timbre are compared over: 60 ms in all
_MAX_SEMITONES = 1.6
_BRIDGED_FRAMES = 2
_OVER_QUIET_DB, _UNDER_LOUD_DB = 6.0, 25.0
_FRAMES_AT_ONCE = 3000


@dataclass(frozen=True, slots=True)
class Steadiness:
    """A clip in frames of 10 ms: how much the timbre moves, and which frames can be level."""

    movement: Array
    possible: npt.NDArray[np.bool_]
    voiced: npt.NDArray[np.bool_]

    def voiced_stretches(self, seconds: float) -> list[tuple[float, float]]:
        """The voiced stretches of at least so many seconds, as (start, end), however they move."""
        return [span for span in _stretches(self.voiced) if _long_enough(span, seconds)]

    def stretches(self, most_movement: float) -> list[tuple[float, float]]:
        """The stretches of at least a tenth of a second whose timbre moves less than that.

        Returns:
            (start, end) in seconds; gaps of up to two frames are bridged.
        """
        level = _stretches(self.possible & (self.movement < most_movement))
        return [span for span in level if _long_enough(span, MIN_SECONDS)]


def steadiness(
    samples: npt.NDArray[np.float32], rate: int, hertz: Array, first_seconds: float
) -> Steadiness:
    """Describe mono sound; about 0.01 s of processor time for a second of it.

    Args:
        samples: Mono sound.
        rate: Samples per second.
        hertz: The pitch every 10 ms, 0 where the sound is not voiced (`pitch.track`).
        first_seconds: When the first value of `hertz` is.
    """
    frames = int(len(samples) / (rate * FRAME_SECONDS))
    pitch = np.zeros(frames)
    offset = round(first_seconds / FRAME_SECONDS)
    pitch[offset : offset + len(hertz)] = hertz[: max(0, frames - offset)]
    pitch[pitch > _HIGHEST_HZ] = 0
    timbre, decibels = _timbre_and_energy(samples, rate, frames)
    movement = np.full(frames, np.inf)
    pitch_movement = np.full(frames, np.inf)
    if frames > 2 * _REACH:
        semitones = 12 * np.log2(np.maximum(pitch, 1))
        apart = timbre[2 * _REACH :] - timbre[: -2 * _REACH]
        inner = slice(_REACH, frames - _REACH)
        movement[inner] = np.sqrt((apart**2).mean(axis=1))
        pitch_movement[inner] = np.abs(semitones[2 * _REACH :] - semitones[: -2 * _REACH])
    voiced = pitch > 0
    possible = voiced & (pitch_movement < _MAX_SEMITONES)
    if frames:
        quiet, loud = np.percentile(decibels, [10, 95])
        possible &= decibels > max(quiet + _OVER_QUIET_DB, loud - _UNDER_LOUD_DB)
    return Steadiness(movement, possible, voiced)


def _stretches(frames: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where frames are set, as (start, end) in seconds; gaps of up to two frames are bridged."""
    found: list[tuple[float, float]] = []
    for frame in np.flatnonzero(frames):
        start = float(frame) * FRAME_SECONDS
        end = start + FRAME_SECONDS
        if found and start - found[-1][1] < (_BRIDGED_FRAMES + 0.5) * FRAME_SECONDS:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _long_enough(span: tuple[float, float], seconds: float) -> bool:
    return span[1] - span[0] >= seconds - FRAME_SECONDS / 2


def _timbre_and_energy(
    samples: npt.NDArray[np.float32], rate: int, frames: int
) -> tuple[Array, Array]:
    """Mel-frequency cepstral coefficients 1-12 and the energy in dB of each frame."""
    window, step = round(0.025 * rate), round(FRAME_SECONDS * rate)
    before = (window - step) // 2 + step // 2
    padded = np.pad(samples, (before, window))
    hann, filters, cosines = np.hanning(window), _mel_filters(rate), _cosines()
    timbre, decibels = np.zeros((frames, _COEFFICIENTS)), np.zeros(frames)
    for first in range(0, frames, _FRAMES_AT_ONCE):  # bounds memory however long the clip is
        last = min(frames, first + _FRAMES_AT_ONCE)
        cut = padded[np.arange(first, last)[:, None] * step + np.arange(window)]
        power = np.abs(np.fft.rfft(cut * hann, _FFT)) ** 2
        timbre[first:last] = np.log(power @ filters.T + 1e-7) @ cosines.T
        decibels[first:last] = 10 * np.log10((cut**2).mean(axis=1) + 1e-10)
    return timbre, decibels


def _mel_filters(rate: int) -> Array:
    """Triangles that are evenly spaced on the mel scale, as rows over the bins of the FFT."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in _MEL_RANGE)
    hertz = 700 * (10 ** (np.linspace(low, high, _MELS + 2) / 2595) - 1)
    corners = np.floor((_FFT + 1) * hertz / rate).astype(int)
    filters = np.zeros((_MELS, _FFT // 2 + 1))
    for row in range(_MELS):
        left, middle, right = corners[row : row + 3]
        top = max(middle, left + 1)
        end = max(right, top + 1)
        filters[row, left:top] = np.arange(top - left) / (top - left)
        filters[row, top:end] = 1 - np.arange(end - top) / (end - top)
    return filters


def _cosines() -> Array:
    """The rows 1-12 of the discrete cosine transform over the mel bands."""
    orders, bands = np.arange(1, _COEFFICIENTS + 1), np.arange(_MELS) + 0.5
    cosines: Array = np.cos(np.pi * np.outer(orders, bands) / _MELS) * np.sqrt(2 / _MELS)
    return cosines
