"""How `/history` looks: a page of a member's attempts, and what was found in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import discord

from analyzer.scoring.wording import moment, pace_text
from analyzer.services.finding import Findings
from cogs.history.origins import Origin
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import plain
from core.assessment import EngineName
from core.models import Attempt, AttemptState

QUESTION_LIMIT = 100
QUOTE_LIMIT = 250

_ENGINE_TITLES = {EngineName.TWELVELABS: "TwelveLabs", EngineName.LOCAL: "local engine"}

_MUST, _MAY = 20, 10

_ALONE = Origin()
_NO_ORIGINS: Mapping[str, Origin] = {}


def history_embed(
    attempts: Sequence[Attempt],
    page: int,
    pages: int,
    *,
    question: str | None = None,
    since: date | None = None,
    until: date | None = None,
    origins: Mapping[str, Origin] = _NO_ORIGINS,
) -> discord.Embed:
    """One page of a member's attempts, numbered from 1 on each page like the buttons below it.

    `page` counts from 1; `question`, `since` and `until` say what the list was narrowed to.
    `origins` are those of the attempts that have one, by their ids; answers of one interview stand
    together under its line.
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
    above: str | None = None
    for number, attempt in enumerate(attempts, start=1):
        origin = origins.get(attempt.id, _ALONE)
        if origin.interview_id is not None and origin.interview_id != above:
            card.say(f"__{_interview(origin)}__", weight=_MUST)
        asked = plain(attempt.question, QUESTION_LIMIT)
        when = f"<t:{int(attempt.created_at.timestamp())}:d>"
        facts = f"{when} · {_outcome(attempt)} · {_ENGINE_TITLES[attempt.engine]}"
        together = origin.interview_id is not None
        card.say(f"**{number}.** {asked}", facts, *_origin(origin), weight=_MUST, gap=not together)
        above = origin.interview_id
    return card.build()


def _interview(origin: Origin) -> str:
    if origin.begun_at is None:
        return "An interview"
    return f"Interview of <t:{int(origin.begun_at.timestamp())}:D>"


def _origin(origin: Origin) -> list[str]:
    """What an attempt is, where it is not one of its own."""
    if origin.follows is not None:
        return [f"follow-up to “{plain(origin.follows, QUESTION_LIMIT)}”"]
    return [origin.label] if origin.label else []


def found_embed(text: str, findings: Findings) -> discord.Embed:
    """What a search has found, numbered from 1 like the buttons below it."""
    card = FittedEmbed("What you said", WORKING, footer=_searched(findings))
    card.say(f"Looking for “{plain(text, QUESTION_LIMIT)}”", weight=_MUST)
    if not findings.searched:
        card.say(
            "There is no transcript to search yet. Answer a question with `/practice` or "
            "`/analyze`, then look here again.",
            weight=_MUST,
        )
    elif not findings.found:
        card.say(
            "Nothing you said is near to that. Try other words, or fewer; `/history` alone lists "
            "your attempts.",
            weight=_MUST,
        )
    for number, found in enumerate(findings.found, start=1):
        when = f"<t:{int(found.created_at.timestamp())}:d>"
        quotes = [
            f"> “{plain(quote.text, QUOTE_LIMIT)}” · {moment(quote.at_seconds)}"
            for quote in found.quotes
        ]
        asked = plain(found.question, QUESTION_LIMIT)
        card.say(f"**{number}.** {asked} · {when}", quotes[0], weight=_MUST)
        card.say(*quotes[1:], weight=_MAY, gap=False)
    return card.build()


def _searched(findings: Findings) -> str:
    if not findings.searched:
        return ""
    count = findings.searched
    answers = "1 answer" if count == 1 else f"{count} answers"
    if not findings.by_meaning:
        return f"{answers} searched for these words; by meaning is not set up here"
    if findings.left:
        return (
            f"{answers} searched, the oldest {findings.left} for these words only: search again to"
            " read on"
        )
    return f"{answers} searched, by meaning and by words"


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
