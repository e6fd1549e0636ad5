"""The one place where text from outside is cleaned, escaped and clipped to Discord's limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime

from analyzer.scoring.wording import moment as moment
from analyzer.scoring.wording import seconds_text as seconds_text
from core.assessment import KeyPoint

TITLE_LIMIT = 256
DESCRIPTION_LIMIT = 4096
FIELD_NAME_LIMIT = 256
FIELD_VALUE_LIMIT = 1024
FOOTER_LIMIT = 2048
EMBED_LIMIT = 6000
FIELDS_LIMIT = 25
SELECT_TEXT_LIMIT = 100
CHOICE_NAME_LIMIT = 100
CHOICES_LIMIT = 25  # what an autocomplete suggests, and the options of a menu
MODAL_TEXT_LIMIT = 45
MODAL_HELP_LIMIT = 100  # the description of a field
ALT_TEXT_LIMIT = 1024

KEY_POINT_LIMIT = 180  # ours: a card has room for five of these

# Discord shows any escaped ASCII punctuation as itself. `:` and `/` keep addresses and `:emoji:`
# from coming alive; `&` only matters to CommonMark renderers, which would decode `&lt;`.
_MARKUP = frozenset("\\*_~`|<>[]#/:&")
_MARKUP_AT_START = "-+="  # lists, "-#" small print; CommonMark reads a line of "=" as a heading
_MARKUP_AFTER_NUMBER = ".)"  # lists, where the number is the first thing
_ZERO_WIDTH_SPACE = "\u200b"
_JOINERS = frozenset("\u200c\u200d")  # Persian and Indic scripts and joined emoji need them
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters that show nothing
_MARKS_IN_A_ROW = 4  # more accents than any living language stacks
_CLUSTER_MAX = 16  # a family emoji with skin tones has 11 code points
_OURS = re.compile(r"(`/?[\w ]{1,40}`|<t:[0-9]{1,12}:[tTdDfFR]>)", re.ASCII)
_OUR_MARKUP = re.compile(r"\\(.)|\*\*|`|\u200b", re.DOTALL)


def plain(text: str, limit: int) -> str:
    """Make text from outside safe wherever Discord renders markdown.

    The reader sees the text itself on one line: no formatting, link, mention, timestamp or emoji
    comes alive. discord.py's own escaping leaves masked links, mentions and addresses alive, and
    does not know about limits.

    Args:
        text: anything.
        limit: the most UTF-16 units of the result, at least 1. Discord counts some limits in
            these units and some in characters, of which there are never more.

    Returns:
        The escaped text, ending in an ellipsis where it was cut; empty if nothing was visible.
    """
    return _clip(_escape(_clusters(_visible(text))), limit)


def sentence(text: str, limit: int) -> str:
    """Like `plain`, for our own sentences: `/commands` in backticks and `<t:…>` times stay live."""
    return _clip(_escape_around_ours("".join(_visible(text))), limit)


def raw(text: str, limit: int) -> str:
    """Clean and clip text for places where Discord renders no markdown.

    These are button and modal labels, choice names, footers and alt text. `limit` as in `plain`.
    """
    return _clip(_clusters(_visible(text)), limit)


def unclipped(text: str) -> str:
    """Clean text for a file: one line, and nothing invisible in it."""
    return "".join(_visible(text))


def shorten(marked: str, limit: int) -> str:
    """Clip text that already holds escapes, never between a backslash and what it escapes."""
    return _clip(_clusters(marked, escaped=True), limit)


def unmarked(marked: str) -> str:
    """What a reader sees of our markup: escapes, bold, backticks and invisible breaks undone."""
    return _OUR_MARKUP.sub(lambda found: found[1] or "", marked)


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def counted(number: int, noun: str) -> str:
    """A number of things: "1 attempt", "3 attempts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def day_text(day: datetime) -> str:
    """A day for places that render no timestamps: "2 March 2026"."""
    return f"{day.day} {day:%B %Y}"


def place_in_clip(seconds: float | None) -> str:
    """Where in a clip, to put behind a text: " (1:05)", "" when that is not known."""
    return "" if seconds is None else f" ({moment(seconds)})"


def key_point_line(point: KeyPoint) -> str:
    """A key point as a line of a list, "" when nothing of it is visible."""
    words = plain(point.text, KEY_POINT_LIMIT)
    return f"• {words}{place_in_clip(point.at_seconds)}" if words else ""


def bar(value: int) -> str:
    """A score of 0-10 as a bar of ten steps, and as a number for screen readers.

    Full and light blocks are in the code fonts of every platform, so bars line up; being text,
    they take the colour of the reader's theme.
    """
    return f"`{'█' * value}{'░' * (10 - value)}` {value}/10"


def _visible(text: str) -> Iterator[str]:
    """One line without anything invisible, and with at most a few accents on each letter."""
    last = ""  # what the reader has seen before
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char.isspace():
            last = last and " "
            continue
        if category in ("Mn", "Me"):
            marks += 1
            hidden = marks > _MARKS_IN_A_ROW or last in ("", " ") or char in _BLANKS
        elif char in _JOINERS:
            hidden = last.isascii() or last in _JOINERS
        else:
            marks = 0
            hidden = category in ("Cc", "Cf", "Cs") or char in _BLANKS
        if not hidden:
            if last == " ":
                yield last
            yield char
            last = char


def _clusters(text: Iterable[str], *, escaped: bool = False) -> Iterator[str]:
    """Split into what a reader sees as one character: letters with their accents, joined emoji."""
    cluster = ""
    for char in text:
        if (escaped and cluster == "\\") or _hangs_on(char, cluster):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def _hangs_on(char: str, cluster: str) -> bool:
    """Whether a character belongs to the ones before it: accents, joined letters, skin tones.

    Of ASCII nothing does, so that markup always begins a cluster and is seen by `_escape`.
    """
    if not cluster or len(cluster) >= _CLUSTER_MAX or char.isascii():
        return False
    return (
        cluster[-1] in _JOINERS
        or char in _JOINERS
        or char == _ZERO_WIDTH_SPACE
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or unicodedata.category(char) in ("Mn", "Mc", "Me")
    )


def _escape(clusters: Iterable[str]) -> Iterator[str]:
    """Escape each cluster; an escape and what it escapes stay one piece."""
    special = _MARKUP_AT_START
    for cluster in clusters:
        first = cluster[0]
        if first in _MARKUP or first in special:
            yield "\\" + cluster
        elif first == "@":  # a backslash does not stop Discord's server from finding @everyone
            yield first + _ZERO_WIDTH_SPACE + cluster[1:]
        else:
            yield cluster
        special = _MARKUP_AFTER_NUMBER if special and first.isdigit() else ""


def _escape_around_ours(text: str) -> Iterator[str]:
    """Escape all but what `_OURS` finds, which stays one piece."""
    for index, part in enumerate(_OURS.split(text)):
        if index % 2:
            yield part
        else:
            yield from _escape(_clusters(part))


def _clip(pieces: Iterable[str], limit: int) -> str:
    """Join pieces up to a limit of UTF-16 units, with an ellipsis where some were left out."""
    kept: list[str] = []
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += units(piece)
        if size > limit:
            while kept and size + 1 > limit:
                size -= units(kept.pop())
            return "".join(kept).rstrip() + "…"
    return "".join(kept)
