"""Builds embeds that hold all of Discord's limits by construction, and names their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import discord

from cogs.ui.text import (
    DESCRIPTION_LIMIT,
    EMBED_LIMIT,
    FIELD_NAME_LIMIT,
    FIELD_VALUE_LIMIT,
    FIELDS_LIMIT,
    FOOTER_LIMIT,
    TITLE_LIMIT,
    plain,
    raw,
    sentence,
    shorten,
    units,
)
from core.models import QUESTION_MAX

RESULT = discord.Colour(0x2E9E6B)
WORKING = discord.Colour(0x5865F2)
ATTENTION = discord.Colour(0xC98A1B)  # amber: something to do, not an alarm
QUIET = discord.Colour(0x80848E)

SENTENCE_LIMIT = 1000
"""The longest sentence of ours, in UTF-16 units."""

_QUESTION_LIMIT = 2 * QUESTION_MAX  # room for an escape before every character
_ONLY = 10  # the weight of what stands alone

_DESCRIPTION = ""
_WORTH_KEEPING = 40  # a line cut shorter than this says nothing


class Card(NamedTuple):
    """A message: what it says and its buttons."""

    embed: discord.Embed
    view: discord.ui.View


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    weight: int
    field: str  # the field's name; "" is the description
    gap: bool  # an empty line before it


class FittedEmbed:
    """Collects lines, each with a weight, and fits them into one embed.

    Where a limit is passed, the line with the lowest weight is shortened or left out first, among
    equals the last one. Lines are our own markup around `plain` text; a line is never cut inside
    an escape. discord.py checks none of these limits.
    """

    def __init__(self, title: str, colour: discord.Colour, *, footer: str = "") -> None:
        self._title = shorten(title.strip(), TITLE_LIMIT)
        self._colour = colour
        self._footer = raw(footer, FOOTER_LIMIT)
        self._lines: list[_Line] = []

    def say(self, *lines: str, weight: int, gap: bool = True) -> Self:
        """Add lines to the description; `gap` puts an empty line before the first."""
        for index, line in enumerate(lines):
            self._add(line, weight, _DESCRIPTION, gap=gap and index == 0)
        return self

    def field(self, name: str, lines: Sequence[str], *, weight: int) -> Self:
        """Add lines to the field of that name. A field without lines does not appear."""
        for line in lines:
            self._add(line, weight, shorten(name.strip(), FIELD_NAME_LIMIT) or "…", gap=False)
        return self

    def build(self) -> discord.Embed:
        """The embed, within every limit."""
        lines = self._lines
        while found := self._find_excess(lines):
            lines = _give_up(lines, *found)
        texts = _texts(lines)
        embed = discord.Embed(
            title=self._title or None,
            description=texts.pop(_DESCRIPTION, None),
            colour=self._colour,
        )
        for name, value in texts.items():
            embed.add_field(name=name, value=value, inline=False)
        if self._footer:
            embed.set_footer(text=self._footer)
        return embed

    def _add(self, text: str, weight: int, field: str, *, gap: bool) -> None:
        if text.strip():
            self._lines.append(_Line(text.strip(), weight, field, gap))

    def _find_excess(self, lines: list[_Line]) -> tuple[list[_Line], int] | None:
        """The lines that have to make room for each other, and by how many UTF-16 units."""
        texts = _texts(lines)
        names = [name for name in texts if name != _DESCRIPTION]
        for name, text in texts.items():
            over = units(text) - (FIELD_VALUE_LIMIT if name else DESCRIPTION_LIMIT)
            if over > 0:
                return [line for line in lines if line.field == name], over
        if len(names) > FIELDS_LIMIT:
            least = min(reversed(names), key=lambda name: _weight_of(lines, name))
            return [line for line in lines if line.field == least], units(texts[least])
        total = units(self._title) + units(self._footer)
        total += sum(units(name) + units(text) for name, text in texts.items())
        return (lines, total - EMBED_LIMIT) if total > EMBED_LIMIT else None


def refusal_embed(text: str) -> discord.Embed:
    """One sentence of ours that says why not, and what to do next."""
    return FittedEmbed("", ATTENTION).say(sentence(text, SENTENCE_LIMIT), weight=_ONLY).build()


def note_embed(text: str) -> discord.Embed:
    """One sentence of ours that asks or confirms something."""
    return FittedEmbed("", QUIET).say(sentence(text, SENTENCE_LIMIT), weight=_ONLY).build()


def practice_question(text: str, *, weight: int, footer: str = "") -> FittedEmbed:
    """Begin the card of a question to answer; what to do with it is still to be said."""
    card = FittedEmbed("Practice question", WORKING, footer=footer)
    return card.say(f"**{plain(text, _QUESTION_LIMIT) or '…'}**", weight=weight)


def _texts(lines: list[_Line]) -> dict[str, str]:
    """The text of the description and of each field, in the order they were added."""
    texts: dict[str, str] = {}
    for line in lines:
        before = texts.get(line.field)
        texts[line.field] = (
            line.text if before is None else before + ("\n\n" if line.gap else "\n") + line.text
        )
    return texts


def _weight_of(lines: list[_Line], field: str) -> int:
    return max(line.weight for line in lines if line.field == field)


def _give_up(lines: list[_Line], candidates: list[_Line], over: int) -> list[_Line]:
    """Shorten the least important candidate by `over` units, or leave it out."""
    victim = min(reversed(candidates), key=lambda line: line.weight)
    place = max(index for index, line in enumerate(lines) if line is victim)
    left = units(victim.text) - over
    kept = [replace(victim, text=shorten(victim.text, left))] if left >= _WORTH_KEEPING else []
    return [*lines[:place], *kept, *lines[place + 1 :]]
