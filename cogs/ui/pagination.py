"""Paging buttons that work after a restart: list, page and filter are in their custom id."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

import discord

from cogs.ui.error_replies import answer_error

if TYPE_CHECKING:
    from cogs.client import Interaction

PageHandler = Callable[["Interaction", int, str], Awaitable[None]]
"""Shows a page: the interaction, the page counted from 1, and the list's own argument.

All three come from a custom id, so page and argument are hostile until checked, and what is shown
is looked up for who pressed."""

PAGES: dict[str, PageHandler] = {}
"""By the list's name; filled by the cogs when they are loaded."""


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"gr-page:(?P<name>[a-z]{1,12}):(?P<page>\d{1,5}):(?P<argument>[\w.-]{0,60})",
):
    """Goes to one page of a list."""

    def __init__(self, name: str, page: int, argument: str = "", *, label: str = "Page") -> None:
        super().__init__(
            discord.ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id=f"gr-page:{name}:{page}:{argument}",
            )
        )
        self.name = name
        self.page = page
        self.argument = argument

    @classmethod
    async def from_custom_id(
        cls, _interaction: Any, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from a press, also one of an earlier process."""
        return cls(match["name"], int(match["page"]), match["argument"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the cog whose list it is."""
        try:
            await PAGES[self.name](interaction, self.page, self.argument)
        except Exception as error:  # noqa: BLE001 - the one place where a press's errors are answered
            await answer_error(interaction, error)


def add_page_buttons(
    view: discord.ui.View, name: str, *, page: int, pages: int, argument: str = ""
) -> None:
    """Add `Previous` and `Next` where there is such a page."""
    if page > 1:
        view.add_item(PageButton(name, page - 1, argument, label="Previous"))
    if page < pages:
        view.add_item(PageButton(name, page + 1, argument, label="Next"))
