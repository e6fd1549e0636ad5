"""`/compare`: two of a member's own attempts at one question side by side."""

from __future__ import annotations

import asyncio
import functools
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from discord import app_commands
from discord.ext import commands

from analyzer.scoring.progress import compare
from cogs.client import GreenroomBot, Interaction
from cogs.compare.cards import compare_alt, compare_card
from cogs.shared.autocomplete import (
    Choice,
    attempt_choice,
    question_meant,
    suggest_answered_questions,
)
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.shared.studio_link import offer_practice
from cogs.ui.buttons import Action, PracticeButton, view_of
from cogs.ui.charts import comparison_chart, drawn, picture
from cogs.ui.error_replies import answering
from cogs.ui.text import CHOICES_LIMIT
from core.errors import Refused
from core.models import QUESTION_MAX
from storage.repositories.history import Entry, latest_at

_TOO_FEW = frozenset({"nothing_to_compare", "only_one"})
"""Refusals that another answer changes."""


async def comparable_attempts(interaction: Interaction, typed: str) -> list[Choice]:
    """Own attempts that have another to be compared with, narrowed by the options filled before."""
    entries = await interaction.client.app.deps.history.outline(owner_of(interaction))
    filled = {str(value) for _, value in interaction.namespace if value}
    chosen = [entry for entry in entries if entry.id in filled]
    asked = latest_at(entries, str(interaction.namespace.question or ""))
    named = [entry for entry in (*chosen, asked) if entry]
    pairs = Pairs(entries)
    fitting = [
        choice
        for entry in entries
        if (pairs.is_repeated(entry) or pairs.is_linked(entry)) and entry not in chosen
        if all(fits(entry, one) for one in named)
        if typed.casefold() in (choice := attempt_choice(entry)).name.casefold()
    ]
    return fitting[:CHOICES_LIMIT]


class Pairs:
    """Which attempts of a member go side by side: at the same question, or with a follow-up."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """`entries` are all of the member's, newest first."""
        self._by_id = {entry.id: entry for entry in entries}
        self._by_question: dict[str, list[Entry]] = defaultdict(list)
        self._follow_ups: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._by_question[entry.question_key].append(entry)
            if entry.parent_id is not None:
                self._follow_ups[entry.parent_id].append(entry)

    def is_repeated(self, entry: Entry) -> bool:
        """Whether there is another attempt at the same question."""
        return len(self._by_question[entry.question_key]) > 1

    def is_linked(self, entry: Entry) -> bool:
        """Whether there is a follow-up to an attempt, or what it is the follow-up to."""
        return entry.parent_id in self._by_id or entry.id in self._follow_ups

    def others(self, entry: Entry) -> list[Entry]:
        """What an attempt can be compared with: the same question first, newest first."""
        linked = [*self._follow_ups.get(entry.id, ())]
        if entry.parent_id in self._by_id:
            linked.append(self._by_id[entry.parent_id])
        found = [*self._by_question[entry.question_key], *linked]
        return list({one.id: one for one in found if one is not entry}.values())


def fits(one: Entry, other: Entry) -> bool:
    """Whether two attempts go side by side."""
    linked = one.parent_id == other.id or other.parent_id == one.id
    return linked or one.question_key == other.question_key


class Compare(commands.Cog):
    """Puts two attempts side by side."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Two of your attempts at the same question, side by side.")
    @app_commands.describe(
        question="The question. Your latest one with two attempts if you leave this out.",
        first="One of the two attempts. Your latest if you leave this out.",
        second="The other attempt. Your latest other one if you leave this out.",
    )
    @everywhere
    @app_commands.autocomplete(
        question=suggest_answered_questions, first=comparable_attempts, second=comparable_attempts
    )
    async def compare(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
        first: app_commands.Range[str, 1, 100] | None = None,
        second: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Compare them, privately."""
        await defer(interaction)
        async with answering(interaction):
            entries = await self.bot.app.deps.history.outline(owner_of(interaction))
            try:
                pair = choose_pair(entries, question, first, second)
            except Refused as refused:
                if refused.code not in _TOO_FEW:
                    raise
                asked = latest_at(entries, question or "") or next(iter(entries), None)
                await offer_practice(
                    interaction, refused.sentence, again=asked.id if asked else None
                )
                return
            await show(interaction, pair)


def choose_pair(
    entries: Sequence[Entry], question: str | None, first: str | None, second: str | None
) -> tuple[str, str]:
    """The ids of the two attempts that are meant, of the member's own `entries`, newest first.

    Raises:
        Refused: an attempt or the question is not among them, or there are no two to compare.
    """
    picked = [_picked(entries, chosen) for chosen in (first, second) if chosen]
    asked = question_meant(entries, question)
    pairs = Pairs(entries)
    twice = chain(filter(pairs.is_repeated, entries), filter(pairs.is_linked, entries))
    topic = next(iter(picked), None) or asked or next(twice, None)
    if topic is None:
        raise Refused(
            "nothing_to_compare",
            "You need two results for the same question here, or one and its follow-up. Press the "
            "button below, or use `/analyze` with the same question.",
        )
    fitting = [topic, *pairs.others(topic)]
    if asked is not None and not any(one.question_key == asked.question_key for one in fitting):
        fitting = []
    if any(entry not in fitting for entry in picked):
        raise Refused(
            "different_questions",
            "Those are answers to different questions. Pick two attempts at the same one, or one "
            "and its follow-up.",
        )
    if len(picked) == 2 and picked[0] == picked[1]:
        raise Refused("same_attempt", "That is the same attempt twice. Pick two different ones.")
    pair = [*picked, *(entry for entry in fitting if entry not in picked)][:2]
    if len(pair) < 2:
        raise Refused(
            "only_one",
            "There is only one result for that question yet. Press `Try again` to answer it once "
            "more, or use `/analyze`.",
        )
    return pair[0].id, pair[1].id


async def show(interaction: Interaction, pair: tuple[str, str]) -> None:
    """Show two of the member's attempts side by side.

    Raises:
        Refused: one of them is not there any more.
    """
    attempts, owner = interaction.client.app.deps.attempts, owner_of(interaction)
    one, other = await attempts.get(owner, pair[0]), await attempts.get(owner, pair[1])
    if one is None or other is None:
        raise Refused("attempt_gone", "One of the two has just been deleted. Pick another one.")
    found = await asyncio.to_thread(compare, one, other)  # matching texts is slow for long ones
    embed = compare_card(found)
    files = []
    if found.scores:
        chart = await drawn(functools.partial(comparison_chart, found.scores))
        files = picture(embed, chart, "comparison.png", compare_alt(found))
    view = view_of(
        PracticeButton(Action.ATTEMPT_SHOW, found.now.id, label="Show later"),
        PracticeButton(Action.ATTEMPT_SHOW, found.before.id, label="Show earlier"),
    )
    await interaction.edit_original_response(embed=embed, attachments=files, view=view)


def _picked(entries: Sequence[Entry], attempt_id: str) -> Entry:
    for entry in entries:
        if entry.id == attempt_id:
            return entry
    raise Refused(
        "attempt_unknown",
        "I can't find that attempt among yours. Pick one from the list that appears while you "
        "type, or leave it out.",
    )


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(Compare(bot))
