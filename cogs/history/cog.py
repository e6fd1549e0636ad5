"""`/history`: a member's own attempts in pages, or what they said in them, each with a button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.history.cards import found_embed, history_embed
from cogs.history.origins import origins_of
from cogs.shared.autocomplete import question_meant, suggest_answered_questions
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.ui.buttons import NOTHING, Action, PracticeButton, view_of
from cogs.ui.dispatcher import Handlers
from cogs.ui.error_replies import answering
from cogs.ui.pagination import page_buttons
from core.errors import Refused
from core.models import QUESTION_MAX
from storage.repositories.history import AttemptFilter, Entry

SHOWN = 10
"""Attempts on a page: two rows of five buttons under it."""

FIND_MAX = 200
"""Longest text to look for, in characters."""

PAGE = "history"
"""The list's name; it is in the ids of buttons already sent: keep it."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to, small enough for a button's id. Days are in UTC, inclusive."""

    question: str | None = None  # its text or its code
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_argument(cls, argument: str) -> Self:
        """Read what `argument` wrote.

        Raises:
            Refused: it was not written by us.
        """
        code, _, days = argument.partition(".")
        since, _, until = days.partition(".")
        try:
            return cls(code or None, _day(since), _day(until))
        except ValueError:
            raise Refused(
                "page_unknown", "That list is out of date. Use `/history` again."
            ) from None

    def argument(self, code: str) -> str:
        """The filter for a button's id, with the question's code."""
        days = (day.isoformat() if day else "" for day in (self.since, self.until))
        return ".".join((code, *days)).replace("-", "")


class History(commands.Cog):
    """Shows what a member has done before."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Your own attempts in this server, or what you said in them.")
    @app_commands.describe(
        find="What you said: looks in your own transcripts, by meaning.",
        question="Only attempts at this question. Pick one of yours.",
        since="Only attempts from this day on, such as 2026-03-01 (UTC).",
        until="Only attempts up to this day, such as 2026-03-31 (UTC).",
    )
    @everywhere
    @app_commands.autocomplete(question=suggest_answered_questions)
    async def history(
        self,
        interaction: Interaction,
        find: app_commands.Range[str, 1, FIND_MAX] | None = None,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
        since: app_commands.Range[str, 1, 20] | None = None,
        until: app_commands.Range[str, 1, 20] | None = None,
    ) -> None:
        """List the latest attempts, or search them, privately."""
        await defer(interaction)
        async with answering(interaction):
            first, last = _typed_day(since), _typed_day(until)
            if first and last and first > last:
                raise Refused("days_swapped", "`since` has to be the earlier day of the two.")
            chosen = Filter(question, first, last)
            if find is None:
                await show_page(interaction, 1, chosen)
            else:
                await show_found(interaction, find, chosen)


async def turn_page(interaction: Interaction, page: int, argument: str) -> None:
    """Show another page of the attempts of whoever pressed."""
    chosen = Filter.from_argument(argument)
    await interaction.response.defer()
    await show_page(interaction, page, chosen)


async def show_found(interaction: Interaction, text: str, chosen: Filter) -> None:
    """Show where the member has said something like this, nearest first.

    Raises:
        Refused: there is nothing to look for, or the member has no result for that question.
    """
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not text:
        raise Refused("nothing_to_find", "Write in `find` what you want to find, in a few words.")
    _, wanted = await _narrowing(interaction, chosen)
    findings = await interaction.client.app.finding.find(owner_of(interaction), text, wanted)
    view = view_of(
        *(
            PracticeButton(Action.ATTEMPT_SHOW, found.attempt_id, label=f"Show {place}")
            for place, found in enumerate(findings.found, start=1)
        )
    )
    await interaction.edit_original_response(embed=found_embed(text, findings), view=view)


async def _narrowing(
    interaction: Interaction, chosen: Filter
) -> tuple[Entry | None, AttemptFilter]:
    """The question that is meant, if there is one, and which attempts the filter leaves."""
    history, entry = interaction.client.app.deps.history, None
    if chosen.question is not None:
        outline = await history.outline(owner_of(interaction))
        entry = question_meant(outline, chosen.question)
    return entry, AttemptFilter(
        question_key=entry.question_key if entry else None,
        since=_moment(chosen.since, time.min),
        until=_moment(chosen.until, time.max),
    )


async def show_page(interaction: Interaction, number: int, chosen: Filter) -> None:
    """Show a page of the member's attempts; past the end that is the last one.

    Raises:
        Refused: the member has no result for that question.
    """
    history, owner = interaction.client.app.deps.history, owner_of(interaction)
    entry, wanted = await _narrowing(interaction, chosen)
    page = await history.page(owner, wanted, size=SHOWN, number=number)
    argument = chosen.argument(entry.code if entry else "")
    nothing_yet = not page.total and wanted == AttemptFilter()
    view = view_of(
        *([PracticeButton(Action.PRACTICE_BEGIN, NOTHING)] if nothing_yet else []),
        *(
            PracticeButton(Action.ATTEMPT_SHOW, attempt.id, label=f"Show {place}")
            for place, attempt in enumerate(page.attempts, start=1)
        ),
        *page_buttons(PAGE, page=page.number, pages=page.pages, argument=argument),
    )
    embed = history_embed(
        page.attempts,
        page.number,
        page.pages,
        question=entry.question if entry else None,
        since=chosen.since,
        until=chosen.until,
        origins=await origins_of(interaction.client.app.deps, owner, page.attempts),
    )
    await interaction.edit_original_response(embed=embed, view=view)


def _day(digits: str) -> date | None:
    """A day out of its digits; raises `ValueError` for one that no calendar has."""
    return date.fromisoformat(digits) if digits else None


def _moment(day: date | None, at: time) -> datetime | None:
    return datetime.combine(day, at, UTC) if day else None


def _typed_day(text: str | None) -> date | None:
    text = (text or "").strip()
    try:
        if text and not _DATE.fullmatch(text):  # `fromisoformat` reads 2026-W10-1 too
            raise ValueError(text)  # noqa: TRY301 - a wrong shape and a wrong day are alike
        return _day(text)
    except ValueError:
        raise Refused(
            "day_unreadable", "Write days as year-month-day, for example 2026-03-31."
        ) from None


HANDLERS = Handlers(pages={PAGE: turn_page})


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its pages turn."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(History(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
