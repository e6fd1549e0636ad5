"""Reads the numbers in a text, in digits and in English words, so that two texts can be compared.

"forty", "40", "40 %" and "forty percent" are the same number; so are "a dozen" and "12". It is for
finding numbers that were made up, so it rather sees one too many than one too few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_FROM_THIRD = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"

SMALL_NUMBERS: Mapping[str, int] = {
    **{name: value for value, name in enumerate(_TO_NINETEEN.split())},
    **{name: 10 * value for value, name in enumerate(_FROM_TWENTY.split(), start=2)},
}
"""The number words that are one word."""

_TENS = {name: SMALL_NUMBERS[name] for name in _FROM_TWENTY.split()}
_MISSPELT: Mapping[str, int] = {"fourty": 40, "ninty": 90, "nought": 0}
_SCALES: Mapping[str, int] = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
_LETTERS: Mapping[str, int] = {
    "k": 1_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "bn": 1_000_000_000,
    "b": 1_000_000_000,
}
_OTHERS: Mapping[str, Decimal] = {
    "dozen": Decimal(12),
    "dozens": Decimal(12),
    "hundreds": Decimal(100),
    "thousands": Decimal(1_000),
    "millions": Decimal(1_000_000),
    "billions": Decimal(1_000_000_000),
    "half": Decimal("0.5"),
    "halved": Decimal("0.5"),
    "halves": Decimal("0.5"),
    "quarter": Decimal("0.25"),
    "quarters": Decimal("0.25"),
    "twice": Decimal(2),
    "double": Decimal(2),
    "doubled": Decimal(2),
    "doubling": Decimal(2),
    "triple": Decimal(3),
    "tripled": Decimal(3),
    "thrice": Decimal(3),
}
# "first" and "second" order thoughts, and a second is a time: they count nothing
_ORDINALS = {name: value for value, name in enumerate(_FROM_THIRD.split(), start=3)}
_ONES = {
    **{name: value for name, value in SMALL_NUMBERS.items() if name not in _TENS},
    **_MISSPELT,
    **_ORDINALS,
}

_TOKEN = re.compile(
    r"(?P<digits>\d[\d.,'’ \u00a0\u202f]*\d|\d)(?P<letters>[A-Za-z]*)|(?P<word>[^\W\d_]+)"
)
_FRACTIONS: Mapping[str, str] = {"½": " half ", "¼": " quarter ", "¾": " 0.75 "}


def numbers_in(text: str) -> frozenset[Decimal]:
    """Every number that a text names.

    The word "one" is none: it mostly stands for a thing ("the one I chose"). Percent signs and
    units are left out, so "40 %" and "40" are the same.
    """
    return frozenset(_read(text, every_reading=False))


def readings_in(text: str) -> frozenset[Decimal]:
    """The numbers of a text in every way they can be read, for what it may be compared with.

    "nineteen ninety nine" is 1999 too, "one two three" also 123, and "twenty five" also 20 and 5.
    """
    return frozenset(_read(text, every_reading=True))


def _read(text: str, *, every_reading: bool) -> set[Decimal]:
    for sign, word in _FRACTIONS.items():
        text = text.replace(sign, word)
    text = unicodedata.normalize("NFKC", text)
    found: set[Decimal] = set()
    run: list[str] = []
    scaled_at = -1
    for match in _TOKEN.finditer(text):
        if match.start() == scaled_at:
            continue
        word = (match["word"] or "").casefold()
        if word in _ONES or word in _TENS or word in _SCALES or (run and word == "and"):
            run.append(word)
            continue
        found |= _of_run(run, every_reading=every_reading)
        run = []
        if word in _OTHERS:
            found.add(_OTHERS[word])
        elif match["digits"]:
            values = _of_digits(
                match["digits"], match["letters"].casefold(), every_reading=every_reading
            )
            following = _TOKEN.match(text, _skip_space(text, match.end()))
            scale = _SCALES.get((following["word"] or "").casefold()) if following else None
            if following and scale:  # "1.5 million"
                scaled_at = following.start()
                scaled = {value * scale for value in values}
                values = values | scaled if every_reading else scaled
            found |= values
    return found | _of_run(run, every_reading=every_reading)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " -\u00a0":
        at += 1
    return at


def _of_digits(digits: str, letters: str, *, every_reading: bool) -> set[Decimal]:
    """What "1,200", "1.5", "1 200", "20 25" and "3k" say."""
    parts = re.split(r"[\s'’]+", digits.strip())
    grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:])
    texts = ["".join(parts)] if grouped else parts
    if every_reading and grouped:
        texts += parts
    found: set[Decimal] = set()
    for text in texts:
        found |= _decimals(text)
    if letters in _LETTERS and texts:
        scaled = {value * _LETTERS[letters] for value in _decimals(texts[-1])}
        found = found | scaled if every_reading else scaled
    return found


def _decimals(text: str) -> set[Decimal]:
    """A number with points or commas; "1.200" is read in both ways."""
    parts = re.split(r"[.,]", text)
    if len(parts) == 1:
        return {Decimal(text)}
    found: set[Decimal] = set()
    if all(len(part) == 3 for part in parts[1:]):
        found.add(Decimal("".join(parts)))
    if len(parts) == 2 and "," not in text:
        found.add(Decimal(text).normalize())
    if not found:  # a date, a version, a list: each part by itself
        found |= {Decimal(part) for part in parts if part}
    return found


def _of_run(run: Sequence[str], *, every_reading: bool) -> set[Decimal]:
    """What a row of number words says: "two hundred and fifty" is one number, "ten, twelve" two."""
    words = [word for word in run if word != "and"]
    if not words:
        return set()
    if words == ["one"]:
        return {Decimal(1)} if every_reading else set()
    values = [Decimal(value) for value in _grammatical(words)]
    found = set(values)
    if words[0] == "one" and len(values) > 1 and not every_reading:
        found.discard(Decimal(1))
    if every_reading:
        found |= {Decimal(_ONES.get(w) or _TENS.get(w) or _SCALES.get(w) or 0) for w in words}
        texts = [str(value) for value in values]
        if len(texts) > 1 and all(len(text) <= 2 for text in texts):
            found.add(Decimal("".join(texts)[:12]))
        pairs = pairwise(texts)
        found |= {Decimal(a + b) for a, b in pairs if len(a) <= 2 and len(b) <= 2}
    return found


def _grammatical(words: Sequence[str]) -> list[int]:
    """The numbers that a row of number words makes, read from the left."""
    numbers: list[int] = []
    total, current, last = 0, 0, ""
    begun = False

    def close() -> None:
        nonlocal total, current, begun
        if begun:
            numbers.append(total + current)
        total, current, begun = 0, 0, False

    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if scale == 100:
                current = max(current, 1) * 100
            else:
                total, current = total + max(current, 1) * scale, 0
            begun = True
        else:
            value = _ONES[word] if word in _ONES else _TENS[word]
            fits = not begun or last in _SCALES or (last in _TENS and 0 < value < 10)
            if not fits:
                close()
            current, begun = current + value, True
        last = word
    close()
    return numbers
