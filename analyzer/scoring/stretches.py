"""Finds the stretches of an answer that show a measure best: fastest, slowest, flattest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import pstdev

from analyzer.scoring.delivery import LONG_PAUSE_SECONDS, is_filler, sentences
from core.assessment import Delivery, Stretch, Word

STRETCH_SECONDS = 6.0
"""Speech shorter than this has no pace of its own: one long word would decide it."""

PITCH_STEP_SECONDS = 0.05
"""Between two values of a pitch contour."""

_MIN_WORDS = 5
_MIN_MELODY_SECONDS, _MIN_VOICED_SECONDS = 2.0, 0.75
_CLOSE_WORDS_PER_MINUTE = 15.0  # nearer to each other two paces sound alike

Contour = Sequence[float | None]
"""The pitch in semitones, a value every 0.05 s from the start of the clip; `None`: not voiced."""


def with_stretches(delivery: Delivery, words: Sequence[Word], contour: Contour = ()) -> Delivery:
    """Add where an answer was fastest, slowest and flattest, as far as it is long enough for it.

    The fastest and the slowest are six seconds or a little more without a pause over a second. The
    flattest is the sentence with the least standard deviation of the pitch.
    """
    paces = sorted(_paces(words), key=lambda pace: pace.value)
    fastest = paces[-1] if paces else None
    slowest = paces[0] if paces else None
    if fastest and slowest and fastest.value - slowest.value < _CLOSE_WORDS_PER_MINUTE:
        fastest = slowest = None
    return delivery.model_copy(
        update={
            "fastest": fastest,
            "slowest": slowest,
            "flattest": min(melodies(words, contour), key=lambda one: one.value, default=None),
        }
    )


def nearest_pace(words: Sequence[Word], words_per_minute: float) -> Stretch | None:
    """The stretch whose pace is nearest to this one."""
    return min(_paces(words), key=lambda one: abs(one.value - words_per_minute), default=None)


def melodies(words: Sequence[Word], contour: Contour) -> Iterator[Stretch]:
    """How much the pitch moves in each sentence that is long enough, in semitones."""
    for sentence in sentences(words):
        first, last = (round(at / PITCH_STEP_SECONDS) for at in (sentence.start, sentence.end))
        voiced = [value for value in contour[first:last] if value is not None]
        if (
            sentence.end - sentence.start >= _MIN_MELODY_SECONDS
            and len(voiced) * PITCH_STEP_SECONDS >= _MIN_VOICED_SECONDS
        ):
            yield Stretch(start=sentence.start, end=sentence.end, value=round(pstdev(voiced), 2))


def longest_without(events: Sequence[float], start: float, end: float) -> float:
    """Where the longest time between `start` and `end` begins in which none of these happens."""
    times = sorted([start, *(at for at in events if start < at < end), end])
    return max(pairwise(times), key=lambda pair: pair[1] - pair[0])[0]


def _paces(words: Sequence[Word]) -> Iterator[Stretch]:
    """Each stretch of six seconds or more that begins with a word, with its words per minute."""
    for run in _without_pauses([word for word in words if not is_filler(word.text)]):
        last = 0
        for first, word in enumerate(run):
            last = max(last, first)
            while last < len(run) and run[last].end - word.start < STRETCH_SECONDS:
                last += 1
            if last == len(run):
                break
            count, seconds = last - first + 1, run[last].end - word.start
            if count >= _MIN_WORDS:
                yield Stretch(
                    start=word.start, end=run[last].end, value=round(count / seconds * 60, 1)
                )


def _without_pauses(words: Sequence[Word]) -> Iterator[list[Word]]:
    run: list[Word] = []
    for word in sorted(words, key=lambda word: word.start):
        if run and word.start - run[-1].end > LONG_PAUSE_SECONDS:
            yield run
            run = []
        run.append(word)
    if run:
        yield run
