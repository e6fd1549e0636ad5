"""Measures how much a voice's pitch varies: Boersma's 1993 tracker in numpy, in two passes.

Method: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17 (1993), with his costs. Two passes,
the second in the speaker's own range, keep octave errors out (De Looze & Hirst 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzer.scoring.bands import MAX_PLAUSIBLE_SEMITONES
from analyzer.scoring.stretches import PITCH_STEP_SECONDS

Array = npt.NDArray[np.floating[Any]]

STEP_SECONDS = 0.01
LOWEST_HZ, HIGHEST_HZ = 75.0, 600.0
FIRST_SECONDS = 1.5 / LOWEST_HZ  # when the first value of a track in that range is
MIN_VOICED_SECONDS = 2.0
"""With less voiced sound than this a spread says nothing. Greenroom's own limit."""

_QUIETEST = ((10, 0.15), (20, 0.22))
"""Of so many per cent of the frames, the quietest, at most this share is voiced when one voice is
alone: they are pauses, breaths and voiceless sounds. With music under the voice they are music.
Measured: at most .08 and .17 for five synthetic voices, clean or in white noise of 10 and 20 dB;
with music from 12 dB below the voice at least .22 and .25.
"""

_MOST_OUTSIDE = 0.1
"""What may be voiced outside of speech, as a share of what is voiced during it.

Measured on made speech (docs/truth.md): at most .05 where one voice is alone, and .30 in the clip
where babble doubled the figure.
"""
_WIDEST_HALF = 8.5
"""Semitones that the middle half of the pitch may span: beyond it two voices take turns.

Measured on the same speech: at most 4.9 for one voice, and 11.7 in the clip where a second one
doubled the figure. A lively voice (3.8 semitones) that goes up and down evenly has 7.6.
"""

_CANDIDATES = 7
_SILENCE, _VOICING = 0.03, 0.45
_OCTAVE_COST, _OCTAVE_JUMP_COST, _VOICED_UNVOICED_COST = 0.01, 0.35, 0.14
_FRAMES_AT_ONCE = 1000  # bounds memory at about 50 MB however long the clip is


def pitch_variation(
    samples: npt.NDArray[np.float32],
    rate: int,
    speech: Sequence[tuple[float, float]],
    wide: Array | None = None,
) -> float | None:
    """Measure the standard deviation of the pitch during speech, in semitones.

    Args:
        samples: Mono sound.
        rate: Samples per second.
        speech: When somebody spoke, as (start, end) in seconds; sound outside is ignored.
        wide: The first pass, where it was made already: `track` from the lowest to the highest.

    Returns:
        `None` when less than two seconds were voiced, or the pitch is not that of the voice alone:
        with music under it, with others who speak, or a spread that no voice has.
    """
    if wide is None:
        wide = track(samples, rate, LOWEST_HZ, HIGHEST_HZ)
    if not _one_voice(samples, rate, wide):
        return None
    first = _during(speech, wide, LOWEST_HZ)
    if len(first) * STEP_SECONDS < MIN_VOICED_SECONDS:
        return None
    outside = int((wide > 0).sum()) - len(first)
    if outside > _MOST_OUTSIDE * len(first):
        return None
    lower, upper = np.percentile(first, [25, 75])
    own_range = max(LOWEST_HZ, 0.75 * float(lower)), min(HIGHEST_HZ, 1.5 * float(upper))
    voiced = _during(speech, track(samples, rate, *own_range), own_range[0])
    if len(voiced) * STEP_SECONDS < MIN_VOICED_SECONDS:
        return None
    pitches = 12 * np.log2(voiced)
    if np.subtract(*np.percentile(pitches, [75, 25])) > _WIDEST_HALF:
        return None
    semitones = float(np.std(pitches))
    return semitones if semitones <= MAX_PLAUSIBLE_SEMITONES else None


def _one_voice(samples: npt.NDArray[np.float32], rate: int, hertz: Array) -> bool:
    """Whether the quiet moments are without pitch, as they are where nothing but a voice is."""
    step = round(STEP_SECONDS * rate)
    offset = round(FIRST_SECONDS / STEP_SECONDS)
    frames = min(len(samples) // step - offset, len(hertz))
    if frames < 1:
        return True
    cut = samples[offset * step : (offset + frames) * step].reshape(frames, step)
    decibels = 10 * np.log10((cut**2).mean(axis=1) + 1e-12)
    decibels = np.convolve(decibels, np.full(3, 1 / 3), "same")
    voiced = hertz[:frames] > 0
    return all(
        voiced[decibels <= np.percentile(decibels, share)].mean() <= most
        for share, most in _QUIETEST
    )


def contour(hertz: Array, lowest_hz: float) -> list[float | None]:
    """Thin a track out to a value every 0.05 s from the start of the clip, in semitones.

    `None` where it is not voiced, and where it is outside of the speaker's own range, as in the
    second pass: there the tracker has jumped by an octave.
    """
    voiced = hertz[hertz > 0]
    if not len(voiced):
        return []
    lower, upper = np.percentile(voiced, [25, 75])
    own = (hertz >= 0.75 * lower) & (hertz <= 1.5 * upper)
    semitones = 12 * np.log2(np.where(own, hertz, 1.0))
    times = np.arange(len(hertz)) * STEP_SECONDS + 1.5 / lowest_hz
    place = (times / PITCH_STEP_SECONDS).astype(int)
    count = np.bincount(place, own)
    total = np.bincount(place, np.where(own, semitones, 0.0))
    return [
        round(float(one / many), 2) if many else None
        for one, many in zip(total, count, strict=True)
    ]


def track(
    samples: npt.NDArray[np.float32], rate: int, lowest_hz: float, highest_hz: float
) -> Array:
    """Track the pitch in Hz, one value every 10 ms; 0 where the sound is not voiced.

    The first value belongs to the middle of the first window, 1.5 / `lowest_hz` seconds in.
    """
    window = int(3 * rate / lowest_hz)
    step = round(STEP_SECONDS * rate)
    if len(samples) < window or not (peak := float(np.max(np.abs(samples)))):
        return np.zeros(0)
    starts = np.arange(0, len(samples) - window + 1, step)
    parts = [
        _candidates(samples, starts[i : i + _FRAMES_AT_ONCE], window, rate, (lowest_hz, highest_hz))
        for i in range(0, len(starts), _FRAMES_AT_ONCE)
    ]
    hertz, strength, loudness = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    unvoiced = _VOICING + np.maximum(0, 2 - (loudness / peak) / (_SILENCE / (1 + _VOICING)))
    return _best_path(
        np.column_stack([np.zeros(len(hertz)), hertz]), np.column_stack([unvoiced, strength])
    )


def _during(speech: Sequence[tuple[float, float]], hertz: Array, lowest_hz: float) -> Array:
    """Keep of a track what was voiced during speech."""
    times = np.arange(len(hertz)) * STEP_SECONDS + 1.5 / lowest_hz
    spoken = np.zeros(len(hertz), dtype=bool)
    for start, end in speech:
        spoken |= (times >= start) & (times <= end)
    voiced: Array = hertz[spoken & (hertz > 0)]
    return voiced


def _candidates(
    samples: npt.NDArray[np.float32],
    starts: npt.NDArray[np.intp],
    window: int,
    rate: int,
    limits: tuple[float, float],
) -> tuple[Array, Array, Array]:
    """Find each frame's strongest autocorrelation peaks: their Hz, strength, and its loudness."""
    lowest_hz, highest_hz = limits
    frames = samples[starts[:, None] + np.arange(window)].astype(np.float32)
    frames -= frames.mean(axis=1, keepdims=True)
    loudness = np.abs(frames).max(axis=1)
    shortest, longest = max(2, int(rate / highest_hz)), int(rate / lowest_hz)
    correlation = _normalised_autocorrelation(frames, longest + 2)
    middle, before, after = (
        correlation[:, shortest + shift : longest + 1 + shift] for shift in (0, -1, 1)
    )
    bend = before - 2 * middle + after
    is_peak = (middle > before) & (middle >= after) & (middle > 0.5 * _VOICING)
    safe_bend = np.where(is_peak, bend, -1.0)
    offset = np.clip(0.5 * (before - after) / safe_bend, -0.5, 0.5)
    height = middle - 0.25 * (before - after) * offset
    height = np.where(height > 1, 1 / np.maximum(height, 1), height)
    lag = np.arange(shortest, longest + 1) + offset
    strength = np.where(is_peak, height - _OCTAVE_COST * np.log2(lowest_hz * lag / rate), -np.inf)
    keep = min(_CANDIDATES, strength.shape[1])
    best = np.argpartition(-strength, keep - 1, axis=1)[:, :keep]
    return (
        rate / np.take_along_axis(lag, best, axis=1),
        np.take_along_axis(strength, best, axis=1),
        loudness,
    )


def _normalised_autocorrelation(frames: Array, lags: int) -> Array:
    """Autocorrelate windowed frames and divide by the window's own (Boersma's equation 9)."""
    width = frames.shape[1]
    hann = np.hanning(width).astype(np.float32)
    size = 1 << int(np.ceil(np.log2(width + lags)))

    def autocorrelate(signal: Array) -> Array:
        power = np.abs(np.fft.rfft(signal, size)) ** 2
        result: Array = np.fft.irfft(power, size)[..., :lags]
        return result / np.maximum(result[..., :1], 1e-12)

    ratio: Array = autocorrelate(frames * hann) / autocorrelate(hann)
    return ratio


def _best_path(hertz: Array, strength: Array) -> Array:
    """Choose one candidate a frame (column 0: unvoiced), with Viterbi, at the least jumping."""
    octaves = np.log2(np.where(hertz > 0, hertz, 1))
    voiced = hertz > 0
    frames, width = hertz.shape
    total = strength[0].copy()
    came_from = np.zeros((frames, width), dtype=np.int8)
    columns = np.arange(width)
    for frame in range(1, frames):
        jump = _OCTAVE_JUMP_COST * np.abs(octaves[frame - 1][:, None] - octaves[frame][None, :])
        both = voiced[frame - 1][:, None] & voiced[frame][None, :]
        one = voiced[frame - 1][:, None] ^ voiced[frame][None, :]
        reach = total[:, None] - np.where(both, jump, 0) - np.where(one, _VOICED_UNVOICED_COST, 0)
        came_from[frame] = reach.argmax(axis=0)
        total = reach[came_from[frame], columns] + strength[frame]
    path = np.zeros(frames, dtype=np.intp)
    path[-1] = int(total.argmax())
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    chosen: Array = hertz[np.arange(frames), path]
    return chosen
