"""Counts words as they are spoken: "40 %" is two, "2019" is two, and a dash is none.

Transcripts write numbers in digits, so that counting what stands between spaces makes a speaker of
numbers seem slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", "thousand", "million", "billion", "trillion")
_LONGEST_NUMBER = 3 * len(_SCALES)
_READ_BY_DIGIT = 7  # digits in a row without commas: a telephone number, or a code

_SYMBOLS = {
    "%": "percent",
    "$": "dollars",
    "€": "euros",
    "£": "pounds",
    "¥": "yen",
    "₹": "rupees",
    "°": "degrees",
    "&": "and",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "#": "number",
    "×": "times",
}
_CENTS = {"$": "cents", "€": "cents", "£": "pence"}
_AMOUNTS = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_FRACTIONS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 10: "tenth"}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_PIECE = re.compile(
    rf"(?P<money>[$€£¥₹])(?P<amount>{_NUMBER})(?P<scale>(?:bn|[kmb])\b)?"
    r"|(?P<hours>\d{1,2}):(?P<minutes>\d{2})(?!\d)"
    r"|(?P<top>\d{1,4})/(?P<bottom>\d{1,4})(?!\d)"
    r"|(?P<ordinal>\d+)(?:st|nd|rd|th)\b"
    r"|(?P<decade>\d*0)['’]?s\b"
    r"|(?P<from>\d+(?:\.\d+)?)[-–](?=[$€£]?\d)"
    rf"|(?P<number>{_NUMBER})"
    r"|(?P<word>[^\W\d_]+(?:['’.][^\W\d_]+)*['’]?)"
    r"|(?P<symbol>[%$€£¥₹°&+=@#×])",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile(r"\d")
_NUMBER_WORDS = frozenset([*_SMALL, *_TENS, "hundred", "thousand", "million", "billion"])


def count_spoken(text: str, *, joins_numbers: bool = False) -> int:
    """How many words a token of a transcript is when it is spoken.

    Args:
        text: What stands between two spaces.
        joins_numbers: Whether the language writes and says a number as one word, as German does;
            otherwise numbers are counted as in English.
    """
    words = spoken(text)
    if not joins_numbers or not _HAS_DIGIT.search(text):
        return len(words)
    digits = len(re.findall(_NUMBER, text))
    return digits + sum(word not in _NUMBER_WORDS for word in words)


@lru_cache(maxsize=4096)
def spoken(text: str) -> tuple[str, ...]:
    """The words of a token as they are spoken, numbers in American English without "and"."""
    if not _HAS_DIGIT.search(text):
        return tuple(_plain(text))
    return tuple(word for piece in _PIECE.finditer(text) for word in _piece(piece))


def _plain(text: str) -> Iterator[str]:
    """A token without digits: one word, but for "forty-five", "and/or" and lone symbols."""
    parts = [part for part in re.split(r"/", text) if re.search(r"\w", part)]
    for part in parts:
        pieces = [piece for piece in re.split(r"[-–]", part.lower()) if re.search(r"\w", piece)]
        if all(piece.strip(".,;:!?") in _NUMBER_WORDS for piece in pieces):
            yield from pieces
        else:
            yield part
    if not parts:
        yield from (_SYMBOLS[letter] for letter in text if letter in _SYMBOLS)


def _piece(piece: re.Match[str]) -> Iterator[str]:
    kind, text = piece.lastgroup, piece.group()
    if piece["money"]:
        yield from _money(piece["money"], piece["amount"], piece["scale"])
    elif piece["hours"]:
        yield from _time(int(piece["hours"]), piece["minutes"])
    elif piece["top"]:
        yield from _fraction(int(piece["top"]), int(piece["bottom"]))
    elif kind == "ordinal":
        yield from _cardinal(piece["ordinal"])  # "twenty-first" has as many words as "twenty-one"
    elif kind == "decade":
        yield from _year_or_number(piece["decade"])
    elif kind == "from":
        yield from _year_or_number(piece["from"])
        yield "to"
    elif kind == "number":
        yield from _year_or_number(text)
    elif kind == "symbol":
        yield _SYMBOLS[text]
    else:
        before = piece.string[: piece.start()]
        is_amount = re.fullmatch(rf"[$€£¥₹]?(?:{_NUMBER})", before) is not None  # "5k", not "B2B"
        yield _AMOUNTS.get(text.lower(), text) if is_amount else text


def _money(currency: str, amount: str, scale: str | None) -> Iterator[str]:
    whole, _, cents = amount.partition(".")
    if scale or len(cents) != 2 or currency not in _CENTS:
        yield from _cardinal(amount)
        if scale:
            yield _AMOUNTS[scale.lower()]
        yield _SYMBOLS[currency]
        return
    yield from _cardinal(whole)
    yield _SYMBOLS[currency]
    if int(cents):
        yield from _cardinal(cents.lstrip("0"))
        yield _CENTS[currency]


def _time(hours: int, minutes: str) -> Iterator[str]:
    yield from _below_thousand(hours)
    if minutes == "00":
        yield "o'clock"
    elif minutes.startswith("0"):
        yield from ("oh", _SMALL[int(minutes)])
    else:
        yield from _below_thousand(int(minutes))


def _fraction(top: int, bottom: int) -> Iterator[str]:
    """1/2 is "one half"; 24/7 and 12/5 are two numbers."""
    yield from _cardinal(str(top))
    if top < bottom and bottom in _FRACTIONS:
        yield _FRACTIONS[bottom]
    else:
        yield from _cardinal(str(bottom))


def _year_or_number(text: str) -> Iterator[str]:
    """A number of four digits without a comma is read as a year, from 1100 to 2099."""
    if len(text) != 4 or not text.isdecimal() or not 1100 <= int(text) <= 2099:
        yield from _cardinal(text)
        return
    century, rest = divmod(int(text), 100)
    if century == 20 and rest < 10:
        yield from _cardinal(text)
        return
    yield from _below_thousand(century)
    if rest == 0:
        yield "hundred"
    elif rest < 10:
        yield from ("oh", _SMALL[rest])
    else:
        yield from _below_thousand(rest)


def _cardinal(text: str) -> Iterator[str]:
    whole, point, decimals = text.replace(",", "").partition(".")
    grouped = "," in text
    if (
        len(whole) > _LONGEST_NUMBER
        or (len(whole) >= _READ_BY_DIGIT and not grouped and not whole.endswith("000"))
        or (len(whole) > 1 and whole.startswith("0"))
    ):
        yield from (_SMALL[int(digit)] for digit in whole)
    elif whole:
        yield from _whole(int(whole))
    if point:
        yield "point"
        yield from (_SMALL[int(digit)] for digit in decimals)


def _whole(number: int) -> Iterator[str]:
    if number == 0:
        yield _SMALL[0]
    groups = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    for power in reversed(range(len(groups))):
        if groups[power]:
            yield from _below_thousand(groups[power])
            if power:
                yield _SCALES[power]


def _below_thousand(number: int) -> Iterator[str]:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        yield from (_SMALL[hundreds], "hundred")
    if rest >= 20:
        yield _TENS[rest // 10 - 2]
        rest %= 10
    if rest or not number:
        yield _SMALL[rest]
