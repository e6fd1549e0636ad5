"""Sample speech: what a text would be heard as, at a pace, with fillers and pauses."""

from __future__ import annotations

import re

from analyzer.engines.local.report import Heard
from core.assessment import Word


def heard(text: str, *, pace: int, semitones: float, fillers: int) -> Heard:
    """The text's words, a pause after each sentence, fillers in between; in seconds.

    The more fillers, the longer the pause after the first sentence: the speaker searches. `pace` is
    in words per minute, `semitones` the variation of the pitch.
    """
    said = [sentence.split() for sentence in re.split(r"(?<=\.) ", text)]
    count = sum(map(len, said))
    pauses = [0.6 + 0.2 * fillers, *[0.5] * (len(said) - 2)]
    each = (count * 60 / pace - sum(pauses)) / count
    words: list[Word] = []
    speech: list[tuple[float, float]] = []
    at = 0.5
    for texts, pause in zip(said, [*pauses, 0.0], strict=True):
        starts = [at + each * place for place in range(len(texts))]
        words += [
            Word(text=text, start=start, end=start + each, probability=0.95)
            for text, start in zip(texts, starts, strict=True)
        ]
        speech.append((at, at + each * len(texts)))
        at = speech[-1][1] + pause
    step = count // (fillers + 1)
    searched = [words[place].start for place in range(step, step * fillers + 1, step)]
    return Heard(
        words=tuple(words),
        fillers=tuple(Word(text="um", start=start, end=start) for start in searched),
        speech=tuple(speech),
        pitch_semitones=semitones,
        sound_seconds=at + 0.5,
        stage_seconds={},
        peak_bytes=None,
    )
