"""Paging buttons that work after a restart: list, page and filter are in their custom id."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import discord

_ID = re.compile(
    r"gr-page:(?P<name>[a-z]{1,12}):(?P<page>[0-9]{1,5}):(?P<argument>[\w.-]{0,60})"
)  # an argument may hold a tag, and tags are in any script


class PageButton(discord.ui.Button[Any]):
    """Goes to one page of a list."""

    def __init__(self, name: str, page: int, argument: str = "", *, label: str = "Page") -> None:
        super().__init__(
            label=label,
            style=discord.ButtonStyle.secondary,
            custom_id=f"gr-page:{name}:{page}:{argument}",
        )


class PageTurn(NamedTuple):
    """What the custom id of a `PageButton` says: hostile until validated."""

    name: str
    page: int  # counted from 1
    argument: str  # the list's own


def read_page(custom_id: str) -> PageTurn | None:
    """Read the custom id of a `PageButton`, `None` when it is something else's."""
    match = _ID.fullmatch(custom_id)
    return PageTurn(match["name"], int(match["page"]), match["argument"]) if match else None


def page_buttons(name: str, *, page: int, pages: int, argument: str = "") -> list[PageButton]:
    """`Previous` and `Next`, where there is such a page."""
    found = []
    if page > 1:
        found.append(PageButton(name, page - 1, argument, label="Previous"))
    if page < pages:
        found.append(PageButton(name, page + 1, argument, label="Next"))
    return found
