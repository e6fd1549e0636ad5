"""The pitch over time on sounds whose pitch is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from analyzer.engines.local.pitch import HIGHEST_HZ, LOWEST_HZ, Array, contour, track
from analyzer.scoring.stretches import PITCH_STEP_SECONDS

RATE = 16_000


def voice(hertz: Array) -> npt.NDArray[np.float32]:
    """A buzz whose pitch goes as told, a value for each sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    parts = np.array([np.sin(n * phase) / n for n in range(1, 8)])
    return np.asarray(parts.sum(0) * 0.2, np.float32)


def test_a_pitch_that_rises_by_an_octave_rises_by_twelve_semitones_at_its_time() -> None:
    seconds = np.arange(4 * RATE) / RATE
    rising = voice(150 * 2 ** np.clip(seconds - 1, 0, 1))
    found = contour(track(rising, RATE, LOWEST_HZ, HIGHEST_HZ), LOWEST_HZ)

    def at(second: float) -> float:
        value = found[round(second / PITCH_STEP_SECONDS)]
        assert value is not None
        return value

    assert at(1.5) - at(0.5) == pytest.approx(6, abs=0.7)
    assert len(found) == pytest.approx(4 / PITCH_STEP_SECONDS, abs=2)


def test_silence_has_no_pitch() -> None:
    seconds = np.arange(2 * RATE) / RATE
    half = voice(np.full(2 * RATE, 200.0)) * (seconds < 1)
    found = contour(track(np.asarray(half, np.float32), RATE, LOWEST_HZ, HIGHEST_HZ), LOWEST_HZ)
    assert all(value is not None for value in found[4:16])
    assert set(found[24:]) == {None}
    assert contour(np.zeros(100), LOWEST_HZ) == []
