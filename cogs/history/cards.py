"""How `/history` looks: a page of a member's attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import discord

from analyzer.scoring.wording import pace_text
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import plain
from core.models import Attempt, AttemptState, EngineName

QUESTION_LIMIT = 100

_ENGINE_TITLES = {EngineName.TWELVELABS: "TwelveLabs", EngineName.LOCAL: "local engine"}

_MUST = 20


def history_embed(
    attempts: Sequence[Attempt],
    page: int,
    pages: int,
    *,
    question: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> discord.Embed:
    """One page of a member's attempts, numbered from 1 on each page like the buttons below it.

    `page` counts from 1; `question`, `since` and `until` say what the list was narrowed to.
    """
    footer = f"Page {page} of {pages}" if pages > 1 else ""
    card = FittedEmbed("Your practice so far", WORKING, footer=footer)
    narrowed = [f"from {since}" if since else "", f"up to {until}" if until else ""]
    if question:
        narrowed.insert(0, f"at “{plain(question, QUESTION_LIMIT)}”")
    if any(narrowed):
        card.say(f"Only attempts {' '.join(filter(None, narrowed))}", weight=_MUST)
    if not attempts and any(narrowed):
        card.say("There are none. Leave a filter out to see more.", weight=_MUST)
    elif not attempts:
        card.say(
            "Nothing here yet. Press `Practise now`, or run `/analyze` with a clip.", weight=_MUST
        )
    for number, attempt in enumerate(attempts, start=1):
        asked = plain(attempt.question, QUESTION_LIMIT)
        when = f"<t:{int(attempt.created_at.timestamp())}:d>"
        facts = f"{when} · {_outcome(attempt)} · {_ENGINE_TITLES[attempt.engine]}"
        card.say(f"**{number}.** {asked}", facts, weight=_MUST)
    return card.build()


def _outcome(attempt: Attempt) -> str:
    """The overall score, else the measured pace, else how the attempt stands."""
    found = attempt.assessment
    if found is not None:
        if found.overall is not None:
            return f"overall {found.overall} of 10"
        return pace_text(found.delivery) or "assessed"
    if attempt.state is AttemptState.CANCELLED:
        return "cancelled"
    return "no result" if attempt.state.ended else "still working"
