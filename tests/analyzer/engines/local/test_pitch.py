"""The pitch variation of made voices, and where it is not that of one voice."""

from __future__ import annotations

import numpy as np
import pytest

from analyzer.engines.local.pitch import pitch_variation
from analyzer.engines.local.sound import RATE, Sound

SPEECH = [(0.5 + second, 1.3 + second) for second in range(12)]


def voice(hertz: float, spans: list[tuple[float, float]], *, spread: float = 0.0) -> Sound:
    """A voice of ten harmonics whose pitch swings around `hertz`, in semitones."""
    times = np.arange(13 * RATE) / RATE
    pitch = hertz * 2 ** (spread * np.sqrt(2) * np.sin(2 * np.pi * times * 0.7) / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = sum(np.sin(number * phase) / number for number in range(1, 11))
    heard = np.zeros(len(times))
    for start, end in spans:
        heard[int(start * RATE) : int(end * RATE)] = 0.2
    made: Sound = (sound * heard).astype(np.float32)
    return made


@pytest.mark.parametrize("spread", [1.0, 2.5, 3.8])
@pytest.mark.parametrize("hertz", [110.0, 210.0])
def test_one_voice_has_its_variation(hertz: float, spread: float) -> None:
    found = pitch_variation(voice(hertz, SPEECH, spread=spread), RATE, SPEECH)
    assert found == pytest.approx(spread, abs=0.3)


def test_somebody_who_speaks_in_the_pauses_leaves_no_pitch() -> None:
    pauses = [(end + 0.03, end + 0.12) for _, end in SPEECH]
    sound = voice(110, SPEECH, spread=1.5) + voice(150, pauses)
    assert pitch_variation(sound, RATE, SPEECH) is None


def test_two_voices_that_are_followed_in_turns_leave_no_pitch() -> None:
    sound = voice(105, SPEECH[::2], spread=1.0) + voice(200, SPEECH[1::2], spread=1.0)
    assert pitch_variation(sound, RATE, SPEECH) is None
