"""Measures the delivery of an answer from its word times: pace, pauses, fillers, talk ratio."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, isfinite
from typing import Any

from analyzer.scoring.languages import ENGLISH, language_of
from analyzer.scoring.spoken_words import count_spoken
from core.assessment import (
    Delivery,
    Filler,
    Metric,
    Pause,
    Sentence,
    Word,
)

LONG_PAUSE_SECONDS = 1.0
"""Pauses over a second are the third mode of pause lengths, found only in spontaneous speech.

Source: Campione & Veronis 2002, "A large-scale multilingual study of silent pause duration".
"""

SENTENCE_PAUSE_SECONDS = 1.2
SENTENCE_MAX_WORDS = 40
SENTENCE_MAX_CHARACTERS = 300

_LEAST_WORD_SECONDS = 0.2
_HEARD_AFTER_SECONDS = 0.25  # recognisers end a last word up to so much early; later is a cough
_BRIDGED_SECONDS = 0.25  # shorter gaps belong to the speech: stops and breaths
_SAME_FILLER_SECONDS = 0.5  # two recogniser passes place one filler up to this far apart
_SAME_GAP_SECONDS = 0.5  # and with no word between, up to this far from one's end to the other
_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*$")

Span = tuple[float, float]


def measure(
    words: Sequence[Word],
    *,
    fillers: Sequence[Word] | None = None,
    pitch_variation_semitones: float | None = None,
    speech: Sequence[Span] | None = None,
    language: str = ENGLISH,
    pace_error: float | None = None,
) -> Delivery | None:
    """Measure the delivery of an answer, or return `None` when no word was heard.

    Pace is words per minute from the first word's first sound to the last word's last, pauses
    included, fillers not counted as words and numbers counted as they are spoken. When these sound
    is taken from `speech` where that is given, because recognisers guess it from the words: 0.3 s
    too long on clean speech (docs/truth.md). There is none in a language
    that is written without spaces. Pauses and talk ratio come from `speech` where that is given,
    else from the word times with gaps up to 0.25 s bridged.

    Args:
        words: What was heard, times in seconds from the start of the clip.
        fillers: Filled pauses that a second look found. `None`: none was taken, so only those
            among `words` are known; and where these show none, they are reported as not counted,
            because recognisers tend to leave fillers out.
        pitch_variation_semitones: Standard deviation of the pitch, in semitones.
        speech: When somebody spoke, as (start, end) in seconds.
        language: Of the words, as ISO 639-1 has it.
        pace_error: The share within which 95 % of such paces are right, where that was measured.
    """
    heard = _in_order(words)
    spoken = [word for word in heard if not is_filler(word.text, language)]
    known = language_of(language)
    count = sum(count_spoken(word.text, joins_numbers=known.joins_numbers) for word in spoken)
    if not spoken or not count:
        return None
    own = [word for word in heard if is_filler(word.text, language)]
    fillers_found = _all_fillers(own, fillers or (), [(word.start, word.end) for word in spoken])
    start, end = _first_to_last_sound(spoken, [*own, *(fillers or ())], speech or ())
    span = end - start
    talk = _merged(speech if speech is not None else [(w.start, w.end) for w in heard], start, end)
    gaps = [(one[1], two[0] - one[1]) for one, two in pairwise(talk)]
    pace = round(count / span * 60, 1) if span > 0 and known.has_spaces else None
    return Delivery(
        words=count,
        span_seconds=round(span, 2),
        words_per_minute=pace,
        words_per_minute_error=None
        if pace is None or not pace_error
        else round(pace * pace_error, 1),
        pauses=tuple(
            Pause(start=round(at, 2), seconds=round(seconds, 2))
            for at, seconds in gaps
            if seconds > LONG_PAUSE_SECONDS
        ),
        longest_pause_seconds=round(max((seconds for _, seconds in gaps), default=0.0), 2),
        talk_ratio=round(sum(b - a for a, b in talk) / span, 3) if span > 0 and talk else None,
        fillers=tuple(
            Filler(text=_bare(word.text).lower(), at_seconds=word.start) for word in fillers_found
        ),
        fillers_counted=fillers is not None or bool(fillers_found),
        pitch_variation_semitones=pitch_variation_semitones,
    )


def without(delivery: Delivery | None, off: frozenset[Metric]) -> Delivery | None:
    """Leave out of what was measured whatever belongs to a metric that is `off`."""
    if delivery is None:
        return None
    hidden: dict[str, Any] = {}
    if Metric.SPEECH_RATE in off:
        hidden |= {
            "words_per_minute": None,
            "words_per_minute_error": None,
            "pauses": (),
            "longest_pause_seconds": None,
            "talk_ratio": None,  # it says how much of the time was pause
            "fillers": (),
            "fillers_counted": False,
            "fastest": None,
            "slowest": None,
        }
    if Metric.VOICE_TONE in off:
        hidden |= {"pitch_variation_semitones": None, "flattest": None}
    return delivery.model_copy(update=hidden)


def sentences(
    words: Sequence[Word], *, fillers: Sequence[Word] = (), language: str = ENGLISH
) -> tuple[Sentence, ...]:
    """Put words together to sentences with times, for a transcript people can read.

    A sentence ends at `.`, `!` or `?`, before a pause over 1.2 s, and at 40 words or 300
    characters, whichever comes first. Fillers stand at their place, and each sentence says where.

    Args:
        words: What was heard, times in seconds from the start of the clip.
        fillers: Filled pauses that a second look found; those among `words` are put in once.
        language: Of the words, as ISO 639-1 has it.
    """
    heard = _in_order(words)
    own = [word for word in heard if is_filler(word.text, language)]
    spans = [(word.start, word.end) for word in heard if word not in own]
    new = [word for word in fillers if all(not _same_filler(word, other, spans) for other in own)]
    return tuple(
        _sentence(group, language) for group in _sentence_groups(_in_order([*heard, *new]))
    )


def is_filler(text: str, language: str = ENGLISH) -> bool:
    """Whether a word is a filled pause such as "um", "uh", "er" or "hmm" (not "uh-huh")."""
    sounds = language_of(language).fillers
    return sounds is not None and sounds.fullmatch(_bare(text)) is not None


def _sentence(group: Sequence[Word], language: str) -> Sentence:
    text, places = "", []
    for word in group:
        part = _clipped(word.text)
        at = len(text) + 1 if text else 0
        if is_filler(word.text, language) and at + len(part) <= SENTENCE_MAX_CHARACTERS:
            places.append((at, at + len(part)))
        text = f"{text} {part}" if text else part
    return Sentence(
        text=text[:SENTENCE_MAX_CHARACTERS],
        start=round(group[0].start, 2),
        end=round(max(word.end for word in group), 2),
        fillers=tuple(places),
    )


def is_same_filler(one: Span, other: Span, spoken: Sequence[Span]) -> bool:
    """Whether two looks found the same filler: they are near, or share a gap between two words.

    Args:
        one: When one look found it, as (start, end).
        other: When the other did.
        spoken: When the words were said.
    """
    first, second = sorted((one, other))
    if second[0] - first[0] <= _SAME_FILLER_SECONDS:
        return True
    if second[0] - first[1] > _SAME_GAP_SECONDS:
        return False
    return all(not first[0] < (start + end) / 2 < second[0] for start, end in spoken)


def _same_filler(one: Word, other: Word, spoken: Sequence[Span]) -> bool:
    return is_same_filler((one.start, one.end), (other.start, other.end), spoken)


def _in_order(words: Sequence[Word]) -> list[Word]:
    """Sort words by time; recognisers now and then give ends before starts, or no finite time."""
    usable = (
        word for word in words if word.text.strip() and isfinite(word.start) and isfinite(word.end)
    )
    return sorted(
        (
            word if word.end >= word.start else word.model_copy(update={"end": word.start})
            for word in usable
        ),
        key=lambda word: (word.start, word.end),
    )


def _all_fillers(
    among_words: Sequence[Word], second_look: Sequence[Word], spoken: Sequence[Span]
) -> list[Word]:
    """Join the fillers of both looks, each one once."""
    found = _in_order(second_look)
    new = [
        word
        for word in among_words
        if all(not _same_filler(word, other, spoken) for other in found)
    ]
    return _in_order([*found, *new])


def _first_to_last_sound(
    spoken: Sequence[Word], fillers: Sequence[Word], speech: Sequence[Span]
) -> Span:
    """When the first word begins and the last ends, as far as voice activity and words agree.

    A cough or a filler beside them belongs to neither.
    """
    first, last = spoken[0], max(spoken, key=lambda word: word.end)
    start, end = first.start, last.end
    for begin, finish in sorted(speech):
        if finish > start:
            if start < begin < first.end:
                start = begin
            break
    least = min(last.end, last.start + _LEAST_WORD_SECONDS)
    for begin, finish in sorted(speech):
        if finish >= least and begin < last.end:
            filler = min((one.start for one in fillers if one.start >= last.end), default=inf)
            end = min(finish, last.end + _HEARD_AFTER_SECONDS, filler)
            break
    return start, max(end, start)


def _merged(spans: Sequence[Span], start: float, end: float) -> list[Span]:
    """Cut spans to [start, end] and join those that overlap or lie up to 0.25 s apart."""
    merged: list[Span] = []
    for raw_from, raw_to in sorted(spans):
        begin, finish = max(raw_from, start), min(raw_to, end)
        if begin >= finish:
            continue
        if merged and begin - merged[-1][1] <= _BRIDGED_SECONDS:
            merged[-1] = (merged[-1][0], max(merged[-1][1], finish))
        else:
            merged.append((begin, finish))
    return merged


def _sentence_groups(words: Sequence[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in words:
        if group and _starts_anew(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _starts_anew(group: Sequence[Word], word: Word) -> bool:
    length = sum(len(_clipped(one.text)) + 1 for one in group)
    return (
        _SENTENCE_END.search(group[-1].text.strip()) is not None
        or word.start - group[-1].end > SENTENCE_PAUSE_SECONDS
        or len(group) >= SENTENCE_MAX_WORDS
        or length + len(_clipped(word.text)) > SENTENCE_MAX_CHARACTERS
    )


def _bare(text: str) -> str:
    return text.strip(" \t\r\n.,;:!?…-–—\"'“”‘’()[]*")


def _clipped(text: str) -> str:
    return text.strip()[:SENTENCE_MAX_CHARACTERS]
