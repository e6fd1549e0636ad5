"""Texts and numbers that go to a model or come from one, made safe for where they go."""

from __future__ import annotations

import json
import unicodedata


def whole_number(found: object) -> int | None:
    """Take 7 and 7.0, but not 7.5, "7", "8/10", true or NaN."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if isinstance(found, float) and not found.is_integer():  # false for NaN and infinity too
        return None
    return int(found)


def one_line(text: str) -> str:
    """Return text as one line of printable characters, words one space apart.

    What shows nothing at all, such as a joiner inside a word, is left out: it could hide the word.
    """
    shown = (c for c in text if unicodedata.category(c) != "Cf")
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())


def quoted(text: str) -> str:
    """Write text as a JSON string in one line of visible characters.

    Quotation marks and line ends are escaped by JSON, and so is here all else that does not print
    (line separators, direction marks, lone surrogates), which could look like an end of the quote.
    """
    return "".join(
        character if character.isprintable() else json.dumps(character)[1:-1]
        for character in json.dumps(text, ensure_ascii=False)
    )


def is_text(found: object) -> bool:
    """Whether this is a text with something in it."""
    return isinstance(found, str) and bool(found.strip())


def clipped(text: str, longest: int) -> str:
    """A text of at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
