"""Holds what was heard against what was made: words, pauses and fillers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.scoring.delivery import is_filler
from benchmarks.truth.utterances import Span

FILLER_REACH_SECONDS = 0.4
"""A filler was found when one is reported at most so far from where it sounds."""

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER = re.compile(r"\$?\d[\d,]*")


@dataclass(frozen=True, slots=True)
class PauseMatches:
    """Pauses of the truth that were found, and what else was called one."""

    place_errors: tuple[float, ...]  # seconds, found start minus true start
    length_errors: tuple[float, ...]
    missed: tuple[Span, ...]
    extra: tuple[Span, ...]


def match_pauses(true: Sequence[Span], found: Sequence[Span]) -> PauseMatches:
    """Pair pauses that overlap, each one once."""
    left = list(found)
    places: list[float] = []
    lengths: list[float] = []
    missed: list[Span] = []
    for start, seconds in true:
        other = max(left, key=lambda span: _overlap((start, seconds), span), default=None)
        if other is None or _overlap((start, seconds), other) <= 0:
            missed.append((start, seconds))
            continue
        left.remove(other)
        places.append(other[0] - start)
        lengths.append(other[1] - seconds)
    return PauseMatches(tuple(places), tuple(lengths), tuple(missed), tuple(left))


def matched_fillers(true: Sequence[Span], found: Sequence[float]) -> int:
    """How many fillers were found, each of both sides used once, the nearest pairs first."""
    pairs = sorted(
        (max(start - at, at - end, 0.0), number, place)
        for number, (start, end) in enumerate(true)
        for place, at in enumerate(found)
    )
    used_true: set[int] = set()
    used_found: set[int] = set()
    for distance, number, place in pairs:
        if distance <= FILLER_REACH_SECONDS and number not in used_true and place not in used_found:
            used_true.add(number)
            used_found.add(place)
    return len(used_true)


def word_errors(true: str, heard: str) -> tuple[int, int]:
    """Words put in, left out or changed, and how many were spoken; fillers and case aside."""
    spoken, recognised = _spelled_out(true), _spelled_out(heard)
    row = list(range(len(recognised) + 1))
    for number, word in enumerate(spoken, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(recognised, 1):
            best = min(row[place] + 1, row[place - 1] + 1, before + (word != other))
            before, row[place] = row[place], best
    return row[-1], len(spoken)


def _overlap(one: Span, two: Span) -> float:
    return min(one[0] + one[1], two[0] + two[1]) - max(one[0], two[0])


def _spelled_out(text: str) -> list[str]:
    """Words in small letters, figures as they are read, without "and" inside of them."""
    text = _NUMBER.sub(lambda found: f" {_in_words(found[0])} ", text.replace("%", " percent "))
    words = re.findall(r"[a-z']+", text.lower().replace("-", " ").replace("’", "'"))
    kept = [word for word in words if not is_filler(word)]
    numbers = {*_ONES, *_TENS, "hundred", "thousand"}
    return [
        word
        for place, word in enumerate(kept)
        if not (word == "and" and 0 < place < len(kept) - 1)
        or kept[place - 1] not in numbers
        or kept[place + 1] not in numbers
    ]


def _in_words(figure: str) -> str:
    number = int(re.sub(r"[$,]", "", figure))
    return _counted(number) + (" dollars" if figure.startswith("$") else "")


def _counted(number: int) -> str:
    if number >= 1_000_000:
        return str(number)
    if number >= 1000:
        rest = number % 1000
        return f"{_counted(number // 1000)} thousand" + (f" {_counted(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{_ONES[number // 100]} hundred" + (f" {_counted(rest)}" if rest else "")
    if number >= 20:
        return _TENS[number // 10 - 2] + (f" {_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]
