"""CSV that no spreadsheet takes for formulas: the one place where tables for people are written.

A spreadsheet runs a cell that begins with one of a few characters (owasp.org, "CSV Injection"),
and which cells there are depends on the program: in many countries Excel splits at semicolons,
and some programs look at no quotes. So every cell is quoted, and an apostrophe, that page's remedy,
goes before such a character wherever a cell may begin, also inside a text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

GUARD = "'"

_FORMULA = frozenset("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−")
"""What begins a formula, with the forms of East Asian keyboards, which some programs take too."""

_OPENS = frozenset(',;|\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"“”„«»')
"""After these a cell may begin: what programs split at, line ends, and quotation marks."""


def csv_file(rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV with every cell quoted and every text guarded; nothing is an empty cell.

    The byte order mark tells Excel that it is UTF-8.
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text with an apostrophe before what may begin a formula in any part of it."""
    return "".join(
        GUARD + char if may_begin and char in _FORMULA else char
        for char, may_begin in _beginnings(text)
    )


def unguarded(text: str) -> str:
    """What a text was before `guarded`.

    A text that was never guarded can lose an apostrophe: `'+', '-'`. Only the caller can know.
    """
    return "".join(
        char
        for (char, may_begin), following in zip(_beginnings(text), [*text[1:], ""], strict=False)
        if not (may_begin and char == GUARD and following in _FORMULA)
    )


def _beginnings(text: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether a program may take it for the first of a cell.

    Programs leave out what shows nothing at a cell's beginning. Apostrophes are passed over as
    well, so that a guard in front of a formula changes nothing about what follows.
    """
    may_begin = True
    for char in text:
        yield char, may_begin
        passed_over = char == GUARD or char.isspace() or not char.isprintable()
        may_begin = char in _OPENS or (may_begin and passed_over)
