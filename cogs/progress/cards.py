"""Says a member's progress in words: the card of `/progress` and the alt text of its chart."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from analyzer.scoring.as_found import lacks_picture
from analyzer.scoring.measures import FILLERS, assessment_of
from analyzer.scoring.part_counts import part_counts
from analyzer.scoring.progress import Line, Progress
from analyzer.scoring.result_words import PART_NAMES
from analyzer.scoring.wording import DISCLAIMER
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import ALT_TEXT_LIMIT, day_text, plain, raw
from core.models import Attempt

QUESTION_LIMIT = 200

_LEAD, _LINES, _PARTS, _NOTES = 30, 20, 15, 10


def progress_card(
    found: Progress, *, question: str | None, total: int, streak: int
) -> discord.Embed:
    """Best, latest, change, streak, and every line in words.

    Args:
        found: at least two attempts and one line.
        question: what they answer; `None` when they answer several.
        total: how many attempts there are, shown or not.
        streak: weeks in a row with practice.
    """
    card = FittedEmbed("Your progress", WORKING, footer=DISCLAIMER)
    first, latest = found.attempts[0], found.attempts[-1]
    topic = plain(question, QUESTION_LIMIT) if question else "All your questions"
    card.say(f"**{topic}**", weight=_LEAD)
    card.say(f"{_counted(found)}, {_day(first)} to {_day(latest)}", weight=_LEAD, gap=False)
    lead = found.lines[0]
    card.say(f"**{lead.measure.title}**", *_lead(lead, found), weight=_LEAD)
    card.say(f"**Practice streak**: {_weeks(streak)}", weight=_LEAD)
    card.field("Each measure in words", [_line(line) for line in found.lines], weight=_LINES)
    if parts := part_counts(found.attempts):
        lines = [f"• {PART_NAMES[one.name]}: {one.words}" for one in parts]
        card.field("Parts of your answers", lines, weight=_PARTS)
    return card.field("Good to know", list(_notes(found, question, total)), weight=_NOTES).build()


def progress_alt(found: Progress) -> str:
    """What the chart shows, for whoever does not see it: each line's trend in words."""
    first, latest = found.attempts[0].created_at, found.attempts[-1].created_at
    parts = [
        f"Line charts of {_counted(found)}, {day_text(first)} to {day_text(latest)}.",
        *(
            f"{line.measure.title}: {line.trend}, from {_first(line)} to {_latest(line)}."
            for line in found.lines
        ),
    ]
    return raw(" ".join(parts), ALT_TEXT_LIMIT)


def _counted(found: Progress) -> str:
    """How many attempts, and in how many interviews some of them are."""
    attempts = f"{len(found.attempts)} attempts"
    if not found.interviews:
        return attempts
    some = "an interview" if found.interviews == 1 else f"{found.interviews} interviews"
    return f"{attempts} in {len(found.steps)} steps, with {some}"


def _lead(line: Line, found: Progress) -> Iterator[str]:
    if line.measure.is_score:
        best = max(line.known)
        yield f"• Best: {line.measure.text(best)} ({_day_of(line, best, found)})"
    yield f"• Latest: {_latest(line)}"
    yield f"• Since the first: {line.measure.change_text(line.change)} (from {_first(line)})"


def _line(line: Line) -> str:
    change = line.measure.change_text(line.change)
    words = f"{_latest(line)}, at first {_first(line)} ({change})"
    best = f"; best {line.measure.text(max(line.known))}" if line.measure.is_score else ""
    return f"• {line.measure.title}: {words}{best}; {line.trend}"


def _notes(found: Progress, question: str | None, total: int) -> Iterator[str]:
    taken = len(found.attempts) + found.left_out
    if total > taken:
        yield f"• Only your latest {taken} of {total} attempts were looked at."
    if found.left_out:
        are = "1 attempt was" if found.left_out == 1 else f"{found.left_out} attempts were"
        yield f"• {are} assessed in another way than the latest, and left out."
    if found.interviews:
        yield "• An interview is one step: the mean of its answers."
    if found.overall_gaps:
        yield "• Overall leaves out attempts for which other metrics were switched off."
    if found.picture_gaps:
        kind = "without" if lacks_picture(assessment_of(found.attempts[-1])) else "with"
        yield f"• Overall follows attempts {kind} a picture, as your latest is."
    if any(line.measure is FILLERS for line in found.lines):
        yield "• Fillers are counted at least: some are missed."
    if question is None:
        yield "• Name a `question` to follow your answers to that one."


def _weeks(count: int) -> str:
    if count == 0:
        return "none at the moment; an attempt this week begins one"
    return "1 week" if count == 1 else f"{count} weeks in a row"


def _first(line: Line) -> str:
    return line.measure.text(line.known[0])


def _latest(line: Line) -> str:
    return line.measure.text(line.known[-1])


def _day(attempt: Attempt) -> str:
    return f"<t:{int(attempt.created_at.timestamp())}:d>"


def _day_of(line: Line, value: float, found: Progress) -> str:
    return _day(found.steps[line.values.index(value)][-1])
