"""Finds speech that got no words, and hears it once more by itself.

Whisper drops sentences now and then, most often at the edge of its window of 30 s. Voice detection
still knows that somebody spoke there; a pace without those words would be too slow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from faster_whisper import WhisperModel

from analyzer.engines.local.language import repeating
from analyzer.engines.local.pitch import STEP_SECONDS, Array
from analyzer.engines.local.recognition import WordFields, moved, words_of
from analyzer.engines.local.sound import RATE, Sound, Span
from analyzer.scoring.spoken_words import count_spoken

MIN_SECONDS = 1.2
"""A shorter stretch of speech without a word is a breath, a laugh or a filler."""

_VOICED_SHARE = 0.3  # of speech; noise that was taken for speech has less
_AROUND_SECONDS = 0.3
_SLOW_WORD_SECONDS = 0.45  # what a word may take beyond the time that its letters need
_LETTER_SECONDS, _NUMBER_WORD_SECONDS = 0.07, 0.35  # "$65,450" is seven words
_MOST_STRETCHES = 8
_MIN_PROBABILITY, _MOST_A_SECOND = 0.5, 7.0


def unheard(
    words: Sequence[WordFields], speech: Sequence[Span], hertz: Array, first_seconds: float
) -> list[Span]:
    """The stretches of speech, of 1.2 s and more, in which no word stands.

    Args:
        words: The transcript. A word covers the time that it can take, however long Whisper drew
            its end.
        speech: When somebody spoke.
        hertz: The pitch every 10 ms, 0 where the sound is not voiced.
        first_seconds: When the first value of `hertz` is.
    """
    covered = sorted((word["start"] - 0.2, _end(word) + 0.2) for word in words)
    found: list[Span] = []
    for start, end in speech:
        at = start
        for begin, finish in covered:
            if finish <= at or begin >= end:
                continue
            if begin - at >= MIN_SECONDS:
                found.append((at, begin))
            at = max(at, finish)
        if end - at >= MIN_SECONDS:
            found.append((at, end))
    return [span for span in found if _voiced_share(span, hertz, first_seconds) > _VOICED_SHARE]


def hear_again(
    model: WhisperModel,
    sound: Sound,
    words: Sequence[WordFields],
    stretches: Sequence[Span],
    language: str,
) -> list[WordFields]:
    """Hear each stretch alone, with a wider search, and put what is found in its place."""
    result = list(words)
    longest = sorted(stretches, key=lambda span: span[0] - span[1])[:_MOST_STRETCHES]
    for start, end in sorted(longest):
        begin = max(0.0, start - _AROUND_SECONDS)
        piece = sound[int(begin * RATE) : int((end + _AROUND_SECONDS) * RATE)]
        heard = [
            moved(word, begin)
            for word in words_of(model, piece, language, beam_size=5, skip_silence=False)
        ]
        new = [word for word in heard if start - 0.1 <= (word["start"] + word["end"]) / 2 <= end]
        if _plausible(new, end - start):
            result += new
    return sorted(result, key=lambda word: word["start"])


def _plausible(words: Sequence[WordFields], seconds: float) -> bool:
    if not words or len(words) > _MOST_A_SECOND * seconds or repeating(words):
        return False
    return float(np.mean([word["probability"] for word in words])) >= _MIN_PROBABILITY


def _end(word: WordFields) -> float:
    """When a word ends at the latest: Whisper stretches some over all that follows."""
    text = word["text"]
    needed = max(_LETTER_SECONDS * len(text), _NUMBER_WORD_SECONDS * (count_spoken(text) - 1))
    return float(min(word["end"], word["start"] + needed + _SLOW_WORD_SECONDS))


def _voiced_share(span: Span, hertz: Array, first_seconds: float) -> float:
    first, last = (int((at - first_seconds) / STEP_SECONDS) for at in span)
    inside = hertz[max(0, first) : max(0, last)]
    return float((inside > 0).mean()) if len(inside) else 0.0
