"""Makes filled pauses ("um", "uh", "er", "hmm"): spoken by the voice itself, or from formants.

A synthesiser says "um" as the word in a dictionary; people hold a level vowel. So two of five are
made as a source and resonances, at about the pitch of the voice they go with: a simple form of
D. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67:971 (1980).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.truth.sound import RATE, Sound, lasting, level, silence, trimmed
from benchmarks.truth.voices import ESPEAK, HIBARI, PIPER, Voice

SHORTEST, LONGEST = 0.2, 0.7  # seconds

_VOWELS = {
    "um": (620, 1190, 2390),
    "uh": (620, 1200, 2550),
    "er": (490, 1350, 1690),
    "hmm": (270, 1100, 2300),
}
_CLOSED_LIPS = (270, 1050, 2200)  # the "m" of "um"
_WIDTHS, _CLOSED_WIDTHS, _FOURTH = (70, 100, 140), (60, 200, 250), (3500, 250)
_HOW_OFTEN = {"um": 4.0, "uh": 4.0, "er": 1.5, "hmm": 1.2}
_SPELLED = {"um": ("um", "umm", "um,"), "uh": ("uh", "uhh", "uh,"), "er": ("er", "er,")}
_SPELLED_NEURAL = _SPELLED | {"hmm": ("hmm", "mm", "hmm,")}
_PHONEMES = {"um": "[[V:m:]]", "uh": "[[V::]]", "er": "[[3::]]", "hmm": "[[h@m:]]"}

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Filler:
    """A filled pause and how it was made."""

    kind: str
    sound: Sound


def filler(voice: Voice, chance: random.Random, beside: Sound) -> Filler:
    """Make a filler for a voice; `beside` is speech of it, for its pitch and level."""
    kind = chance.choices(list(_HOW_OFTEN), list(_HOW_OFTEN.values()))[0]
    seconds = chance.uniform(SHORTEST, LONGEST)
    sound = silence(0)
    if chance.random() < 0.6:
        sound = _spoken(voice, kind, chance)
        sound = lasting(sound, seconds) if len(sound) > 0.08 * RATE else silence(0)
    if not len(sound):
        seconds = max(seconds, 0.25)
        sound = _held(kind, seconds, pitch_of(beside) * chance.uniform(0.85, 1.0), chance)
    sound = trimmed(sound, 0)
    sound = sound / (level(sound) + 1e-6) * level(beside) * chance.uniform(0.6, 1.0)
    edge = min(len(sound) // 4, 240)
    sound[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    sound[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
    return Filler(kind, sound.astype(np.float32))


def pitch_of(sound: Sound) -> float:
    """The median pitch of speech in Hz, roughly; 130 where none is found."""
    found = []
    shortest, longest = RATE // 350, RATE // 75
    for start in range(0, len(sound) - 1024, 800):
        frame = sound[start : start + 1024] * np.hanning(1024)
        if np.sqrt(np.mean(frame**2)) < 0.02:
            continue
        correlation = np.fft.irfft(np.abs(np.fft.rfft(frame, 4096)) ** 2)
        lag = shortest + int(np.argmax(correlation[shortest:longest]))
        if correlation[lag] > 0.5 * correlation[0]:
            found.append(RATE / lag)
    return float(np.median(found)) if found else 130.0


def _spoken(voice: Voice, kind: str, chance: random.Random) -> Sound:
    if voice.family == ESPEAK:
        return trimmed(voice.say(_PHONEMES[kind]))
    spelled = _SPELLED_NEURAL if voice.family in (PIPER, HIBARI) else _SPELLED
    return trimmed(voice.say(chance.choice(spelled.get(kind, _SPELLED["um"]))))


def _held(kind: str, seconds: float, hertz: float, chance: random.Random) -> Sound:
    """Hold a vowel: pulses of a voice that trembles a little, through resonances."""
    noise = np.random.default_rng(chance.randrange(1 << 32))
    count = int(seconds * RATE)
    times = np.arange(count) / RATE
    drift = np.cumsum(noise.normal(0, 1, count // 80 + 1)).repeat(80)[:count]
    pitch = hertz * (1 + chance.uniform(-0.06, 0.03) * times / seconds) * (1 + 0.002 * drift)
    pitch *= 1 + 0.008 * np.sin(2 * np.pi * chance.uniform(3, 6) * times)
    pulses = np.zeros(count)
    at = 0.0
    while at < count:
        pulses[int(at)] = 1 + noise.normal(0, 0.06)
        at += RATE / pitch[int(at)] * (1 + noise.normal(0, 0.008))
    source = _through(pulses, _tilt())
    source -= source.mean()
    source += noise.normal(0, 0.03 * float(np.std(source)), count)
    vowel = _unit(_through(source, _tract(_VOWELS[kind], _WIDTHS)))
    if kind == "um":
        closed = _unit(_through(source, _tract(_CLOSED_LIPS, _CLOSED_WIDTHS))) / 2.2
        shut = np.clip((times / seconds - chance.uniform(0.45, 0.6)) / 0.12, 0, 1)
        vowel = vowel * (1 - shut) + closed * shut
    edges = np.minimum(1, np.minimum(times / 0.04, (seconds - times) / 0.06))
    return (vowel * edges).astype(np.float32)


_SIZE = 1 << 15
"""Of the spectra: two seconds, so that what rings on does not come round to the beginning."""
_UNIT_CIRCLE = np.exp(-2j * np.pi * np.arange(_SIZE // 2 + 1) / _SIZE)

Response = npt.NDArray[np.complex128]


def _tilt() -> Response:
    """The fall of a voice's spectrum toward high frequencies: two poles."""
    tilt: Response = 1 / ((1 - 0.97 * _UNIT_CIRCLE) * (1 - 0.9 * _UNIT_CIRCLE))
    return tilt


def _tract(formants: Sequence[float], widths: Sequence[float]) -> Response:
    """Resonances one after the other, and the radiation from the lips (a difference)."""
    response: Response = 1 - _UNIT_CIRCLE
    for hertz, width in zip((*formants, _FOURTH[0]), (*widths, _FOURTH[1]), strict=True):
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * hertz / RATE
        poles = (-2 * radius * np.cos(angle), radius**2)
        below = 1 + poles[0] * _UNIT_CIRCLE + poles[1] * _UNIT_CIRCLE**2
        response = response * (1 + poles[0] + poles[1]) / below
    return response


def _through(signal: Array, response: Response) -> Array:
    result: Array = np.fft.irfft(np.fft.rfft(signal, _SIZE) * response, _SIZE)[: len(signal)]
    return result


def _unit(signal: Array) -> Array:
    result: Array = signal / np.sqrt(np.mean(signal**2))
    return result
