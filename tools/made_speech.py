"""Puts speech of a synthetic voice together from pieces, so that all that is in it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.truth.sound import RATE, Sound, lasting, level, silence, trimmed
from benchmarks.truth.voices import FESTIVAL, Voice

VOICE = Voice(FESTIVAL, "cmu_us_slt_arctic_hts")
"""The HTS voice of CMU's US English speaker "slt", as Debian has it in festvox-us-slt-hts.

Its licence asks nothing of the sound that it makes; the voice may be used, changed and passed on
for any purpose.
"""

_LEVEL = 0.1  # root mean square of the louder parts
_LEAD_SECONDS, _TAIL_SECONDS = 0.4, 0.6
_FILLER_SECONDS = 0.45
_HISS = 2e-4  # of a quiet room: -74 dB

Part = str | float
"""Something said, or seconds of silence. A filler is written with a tilde: "~um"."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A track of speech with its truth; times in seconds."""

    sound: Sound  # 16 kHz
    text: str  # without fillers
    words_at: tuple[float, float]
    pauses: tuple[tuple[float, float], ...]  # start and length of those over a second
    fillers: tuple[float, ...]
    said_at: tuple[float, ...]  # the start of each part that is said, fillers left out

    @property
    def seconds(self) -> float:
        """The length of the whole track."""
        return len(self.sound) / RATE

    @property
    def words_per_minute(self) -> float:
        """Words from the first sound to the last, pauses included."""
        return len(self.text.split()) / (self.words_at[1] - self.words_at[0]) * 60


def speak(parts: Sequence[Part], *, speed: float = 1.0, voice: Voice = VOICE) -> Speech:
    """Speak the parts one after the other."""
    blocks = [silence(_LEAD_SECONDS)]
    sounds: list[tuple[float, float]] = []
    words: list[tuple[float, float]] = []
    fillers: list[float] = []
    for part in parts:
        if isinstance(part, float):
            blocks.append(silence(part))
            continue
        start = sum(map(len, blocks)) / RATE
        spoken = trimmed(voice.say(part.removeprefix("~"), speed))
        if part.startswith("~"):
            spoken = lasting(spoken, _FILLER_SECONDS)
            fillers.append(round(start, 2))
        spoken = spoken / level(spoken) * _LEVEL
        blocks.append(spoken.astype(np.float32))
        sounds.append((start, start + len(spoken) / RATE))
        if not part.startswith("~"):
            words.append(sounds[-1])
    blocks.append(silence(_TAIL_SECONDS))
    silent = np.concatenate(blocks)
    sound = silent + np.random.default_rng(1).normal(0, _HISS, len(silent))
    gaps = [(one[1], two[0] - one[1]) for one, two in pairwise(sounds)]
    return Speech(
        sound=np.clip(sound, -1, 1).astype(np.float32),
        text=" ".join(part for part in parts if isinstance(part, str) and part[0] != "~"),
        words_at=(words[0][0], words[-1][1]),
        pauses=tuple((round(at, 2), round(gap, 2)) for at, gap in gaps if gap > 1),
        fillers=tuple(fillers),
        said_at=tuple(round(start, 2) for start, _ in words),
    )
