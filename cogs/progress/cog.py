"""`/progress`: a member's own attempts over time, as a chart and in words."""

from __future__ import annotations

import functools

from discord import app_commands
from discord.ext import commands

from analyzer.scoring.progress import Progress, progress_of, streak_weeks
from cogs.client import GreenroomBot, Interaction
from cogs.progress.cards import progress_alt, progress_card
from cogs.shared.autocomplete import question_meant, suggest_answered_questions
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.shared.studio_link import offer_practice
from cogs.ui.charts import drawn, picture, progress_chart
from cogs.ui.error_replies import answering
from core.models import QUESTION_MAX
from storage.repositories.history import AttemptFilter

LOOKED_AT = 50
"""Attempts in one chart at most: more points would touch on a phone."""


class ProgressCommand(commands.Cog):
    """Shows how a member's practice goes."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="How your scores and your delivery change over attempts.")
    @app_commands.describe(question="Only attempts at this question. Pick one of yours.")
    @everywhere
    @app_commands.autocomplete(question=suggest_answered_questions)
    async def progress(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
    ) -> None:
        """Draw and say it, privately."""
        await defer(interaction)
        async with answering(interaction):
            await show(interaction, question)


async def show(interaction: Interaction, question: str | None) -> None:
    """Show the member's progress, at one question or at all; with too few attempts, what to do.

    Raises:
        Refused: the member has no such question here.
    """
    app, owner = interaction.client.app, owner_of(interaction)
    entries = await app.deps.history.outline(owner)
    entry = question_meant(entries, question)
    wanted = AttemptFilter(question_key=entry.question_key if entry else None)
    page = await app.deps.history.page(owner, wanted, size=LOOKED_AT)
    if not page.attempts:
        await offer_practice(
            interaction,
            "There is nothing to show yet. It takes two answers: press `Practise now` for the "
            "first, or use `/analyze` with a clip.",
        )
        return
    found = progress_of(page.attempts)
    if len(found.steps) < 2 or not found.lines:
        latest = page.attempts[0].id
        await offer_practice(interaction, _what_is_missing(found), again=latest)
        return
    embed = progress_card(
        found,
        question=entry.question if entry else None,
        total=page.total,
        streak=streak_weeks((e.created_at for e in entries), app.deps.clock()),
    )
    step = "step" if found.interviews else "attempt"
    chart = await drawn(functools.partial(progress_chart, found.lines, step=step))
    files = picture(embed, chart, "progress.png", progress_alt(found))
    await interaction.edit_original_response(embed=embed, attachments=files)


def _what_is_missing(found: Progress) -> str:
    """What to do to see a change, in one sentence or two."""
    if len(found.steps) == 1 and found.interviews:
        return (
            "So far all your answers are from one interview, which is one step. Answer a question "
            "again with `Try again`, or take another interview with `/interview start`."
        )
    if len(found.attempts) > 1:
        return "No two of your attempts have a score in common: check that your clips have sound."
    needed = "Two results that were assessed in the same way are needed to show a change"
    if found.left_out:
        return f"{needed}, and your latest is the first of its kind. Press `Try again`."
    return f"{needed}. Answer again with `Try again` or `/analyze`, and come back."


async def setup(bot: GreenroomBot) -> None:
    """Load the cog."""
    await bot.add_cog(ProgressCommand(bot))
