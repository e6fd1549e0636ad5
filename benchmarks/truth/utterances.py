"""Puts answers together from sentences, pauses and fillers at known times: the truth by making."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from benchmarks.truth import texts
from benchmarks.truth.fillers import filler
from benchmarks.truth.sound import RATE, Sound, level, silence, trimmed
from benchmarks.truth.voices import ESPEAK, Voice

LONG_PAUSE_SECONDS = 1.0
"""What counts as a pause here. None is made between .85 and 1.15 s, where a hair decides."""

_LEVEL = 0.1  # root mean square of the louder parts of each piece of speech
_SHORT, _LONG = (0.15, 0.7), (1.15, 3.5)  # seconds of silence
_STUCK = (0.0, 0.03)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known about a clip; times in seconds from its beginning."""

    text: str  # the words as spoken, without fillers; empty for speech in another language
    words_at: Span  # first sound of the first word to last sound of the last
    pauses: tuple[Span, ...] = ()  # start and length of silences over a second
    fillers: tuple[Span, ...] = ()  # start and end
    language: str = "en"

    @property
    def words(self) -> int:
        """How many words were spoken."""
        return len(self.text.split())

    @property
    def words_per_minute(self) -> float:
        """Words from the first sound to the last, pauses included."""
        return self.words / (self.words_at[1] - self.words_at[0]) * 60


@dataclass
class _Tape:
    """Sound in the making."""

    parts: list[Sound] = field(default_factory=list)
    length: int = 0
    sounds: list[Span] = field(default_factory=list)

    def add(self, sound: Sound, *, audible: bool = True) -> Span:
        span = (self.length / RATE, (self.length + len(sound)) / RATE)
        self.parts.append(sound)
        self.length += len(sound)
        if audible:
            self.sounds.append(span)
        return span

    def wait(self, seconds: float) -> None:
        self.add(silence(seconds), audible=False)

    def pauses(self) -> Iterator[Span]:
        for one, two in pairwise(self.sounds):
            if two[0] - one[1] > LONG_PAUSE_SECONDS:
                yield one[1], two[0] - one[1]

    def recorded(self, chance: random.Random) -> Sound:
        """The whole, with the hiss of a quiet room at about -74 dB."""
        noise = np.random.default_rng(chance.randrange(1 << 32))
        sound = np.concatenate(self.parts)
        sound = sound + noise.normal(0, 2e-4, len(sound)).astype(np.float32)
        sound = sound * chance.uniform(0.4, 1.6)
        return (sound / max(1.0, float(np.abs(sound).max()) * 1.05)).astype(np.float32)


def english(
    voice: Voice, speed: float, chance: random.Random, *, fillers: bool, numbers: bool
) -> tuple[Sound, Truth]:
    """Make an answer of three to five sentences by an English voice."""
    sentences = chance.sample(texts.ENGLISH, chance.choice((3, 4, 4)))
    if numbers:
        sentences[1:3] = chance.sample(texts.WITH_NUMBERS, 2)
    tape = _Tape()
    tape.wait(chance.uniform(0.1, 0.5))
    spoken: list[Span] = []
    made: list[Span] = []
    beside = silence(0)
    for number, sentence in enumerate(sentences):
        if number:
            tape.wait(chance.uniform(*chance.choices((_SHORT, _LONG), (0.7, 0.3))[0]))
        for place, piece in enumerate(_pieces(sentence, chance, cuts=2 if fillers else 1)):
            sound = _levelled(voice.say(piece, speed))
            beside = sound if len(sound) > RATE // 2 or not len(beside) else beside
            if place and fillers:
                before, after = _around_a_filler(chance)
                tape.wait(before)
                made.append(tape.add(filler(voice, chance, beside).sound))
                tape.wait(after)
            elif place:
                tape.wait(chance.uniform(*chance.choices((_SHORT, _LONG), (0.8, 0.2))[0]))
            spoken.append(tape.add(sound))
    tape.wait(chance.uniform(0.2, 0.6))
    return tape.recorded(chance), Truth(
        text=" ".join(sentences),
        words_at=(spoken[0][0], spoken[-1][1]),
        pauses=tuple(tape.pauses()),
        fillers=tuple(made),
    )


def foreign(language: str, chance: random.Random) -> tuple[Sound, Truth]:
    """Make an answer in another language, by one of espeak-ng's voices."""
    voice = Voice(ESPEAK, f"{language}+{chance.choice(('m3', 'f2', 'm7', 'f3'))}")
    tape = _Tape()
    tape.wait(0.3)
    said = tape.add(_levelled(voice.say(texts.FOREIGN[language], chance.uniform(0.85, 1.15))))
    tape.wait(0.4)
    return tape.recorded(chance), Truth(text="", words_at=said, language=language)


def _around_a_filler(chance: random.Random) -> Span:
    """Silence before and after: set apart, at one side, or stuck to the words at both."""
    style = chance.choice(("apart", "before", "after", "stuck", "stuck"))
    before = chance.uniform(0.1, 0.8) if style in ("apart", "before") else chance.uniform(*_STUCK)
    after = chance.uniform(0.1, 0.8) if style in ("apart", "after") else chance.uniform(*_STUCK)
    return before, after


def _pieces(sentence: str, chance: random.Random, cuts: int) -> Sequence[str]:
    """Cut a sentence at up to so many places, pieces of three words and more."""
    words = sentence.split()
    places = sorted(chance.sample(range(3, len(words) - 2), chance.randint(0, cuts)))
    places = [at for number, at in enumerate(places) if not number or at - places[number - 1] >= 3]
    edges = [0, *places, len(words)]
    return [" ".join(words[a:b]) for a, b in pairwise(edges)]


def _levelled(sound: Sound) -> Sound:
    cut = trimmed(sound)
    return (cut / (level(cut) + 1e-6) * _LEVEL).astype(np.float32)
