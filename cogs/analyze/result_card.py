"""Turns a finished attempt into what people read: the result, its public form, and text files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import discord

from analyzer.scoring.result_words import (
    PART_NAMES,
    change_lines,
    delivery_remarks,
    good_to_know,
    part_words,
    parts_heading,
    picture_lines,
    same_way,
    structure_words,
    switched_off,
)
from analyzer.scoring.rubric import NOT_ASSESSED_LOCALLY, SWITCHED_OFF, metric_name
from analyzer.scoring.wording import DISCLAIMER, delivery_lines, not_looked_at, range_text
from cogs.ui.embeds import RESULT, FittedEmbed
from cogs.ui.text import (
    TITLE_LIMIT,
    bar,
    day_text,
    key_point_line,
    moment,
    place_in_clip,
    plain,
    unclipped,
    unmarked,
)
from core.assessment import (
    Assessment,
    BetterWording,
    Delivery,
    KeyPoint,
    Metric,
    Score,
)
from core.models import Attempt

LEAD_LIMIT = 400
EVIDENCE_LIMIT = 200
REASON_LIMIT = 120
KEY_POINTS_SHOWN = 5
NOTE_LIMIT = 200
NOTES_SHOWN = 4
MADE_BY_LIMIT = 300
FILLER_LIMIT = 20
QUOTE_LIMIT = 300
KNOW_LIMIT = 400

_NOTES_FIELD = "Good to know"
# What stays when room runs out: the highest. Only texts far longer than any engine's get this far.
_LEAD, _SCORES, _CHANGE, _PARTS, _DELIVERY, _KEY_POINTS = range(100, 40, -10)
_BETTER, _EVIDENCE, _PICTURE, _NOTES = range(40, 0, -10)


def result_embed(
    attempt: Attempt, previous: Attempt | None = None, *, kept_until: datetime | None = None
) -> discord.Embed:
    """The owner's view of a result.

    Args:
        attempt: one that has an assessment.
        previous: the owner's last assessed attempt at the same question.
        kept_until: when retention will delete the attempt.

    Raises:
        ValueError: the attempt has no assessment.
    """
    embed = _result(attempt, previous, kept_until)
    if attempt.assessment and attempt.assessment.transcript:
        embed.field(_NOTES_FIELD, ["`Transcript` below shows what was heard."], weight=_NOTES)
    return embed.build()


def public_result_embed(attempt: Attempt) -> discord.Embed:
    """What everybody in the channel sees: who shared it, and nothing about earlier attempts.

    A mention inside an embed shows a name and pings nobody.

    Raises:
        ValueError: the attempt has no assessment.
    """
    first = f"Shared by <@{attempt.owner.user_id}>"
    return _result(attempt, None, None, first_line=first).build()


def result_text(
    attempt: Attempt, previous: Attempt | None = None, *, kept_until: datetime | None = None
) -> str:
    """The same result as plain text, for a terminal.

    Raises:
        ValueError: the attempt has no assessment.
    """
    embed = _result(attempt, previous, kept_until).build()
    parts = [embed.title, embed.description]
    parts += [f"{field.name}\n{field.value}" for field in embed.fields]
    return unmarked("\n\n".join([part for part in parts if part] + [embed.footer.text or ""]))


def transcript_text(attempt: Attempt) -> str:
    """The transcript as a text file: the question, then each sentence behind its m:ss."""
    sentences = attempt.assessment.transcript if attempt.assessment else ()
    lines = [f"{moment(said.start):>5}  {unclipped(said.text)}" for said in sentences]
    heading = f"Question: {unclipped(attempt.question)}"
    about = "Written down by speech recognition, which mishears at times."
    return "\n".join([heading, about, "", *(lines or ["No speech was heard."])]) + "\n"


def overall_text(assessment: Assessment) -> str:
    """The overall score in words, "" when too few metrics were assessed for one."""
    if assessment.overall is None:
        return ""
    assessed = sum(score.value is not None for score in assessment.scores.values())
    metrics = len(Metric) - len(switched_off(assessment))
    return f"Overall {assessment.overall} of 10, from {assessed} of {metrics} metrics"


def _result(
    attempt: Attempt,
    previous: Attempt | None,
    kept_until: datetime | None,
    *,
    first_line: str = "",
) -> FittedEmbed:
    found = attempt.assessment
    if found is None:
        raise ValueError("an attempt without an assessment has no result")
    footer = DISCLAIMER + (f" Kept until {day_text(kept_until)}." if kept_until else "")
    title = plain(attempt.question, TITLE_LIMIT) or "Your answer"
    embed = FittedEmbed(title, RESULT, footer=footer).say(first_line, weight=_LEAD)
    for heading, text, at in (
        ("One strength", found.strength, found.strength_at),
        ("One thing to try next", found.next_step, found.next_step_at),
    ):
        if words := plain(text, LEAD_LIMIT):
            embed.say(f"**{heading}**", words + place_in_clip(at), weight=_LEAD)
    _say_scores(embed, found)
    embed.field("Key points", list(_key_points(found.key_points)), weight=_KEY_POINTS)
    missing = [f"• {words}" for text in found.not_heard if (words := plain(text, NOTE_LIMIT))]
    embed.field("Not heard", missing[:KEY_POINTS_SHOWN], weight=_KEY_POINTS)
    parts = [f"• {PART_NAMES[part.name]}: {part_words(part)}" for part in found.parts]
    structure = structure_words(found.structure)
    embed.field(parts_heading(found), [*parts, structure], weight=_PARTS)
    embed.field("Said better", list(_better(found.better)), weight=_BETTER)
    embed.field("A follow-up question", [plain(found.follow_up, LEAD_LIMIT)], weight=_BETTER)
    embed.field("Measured in your delivery", list(_delivery(found.delivery)), weight=_DELIVERY)
    embed.field("Measured in the picture", list(_picture(found)), weight=_PICTURE)
    if previous is not None and previous.assessment is not None:
        change = _change(found, previous.assessment)
        embed.field("Since your last attempt at this question", change, weight=_CHANGE)
    return embed.field(_NOTES_FIELD, list(_notes(found)), weight=_NOTES)


def _say_scores(embed: FittedEmbed, found: Assessment) -> None:
    embed.say(f"**{overall_text(found) or 'Scores'}**", weight=_SCORES)
    for metric in Metric:
        score = found.scores[metric]
        if score.value is not None:
            title = metric_name(metric, found)
            spread = f", {words}" if (words := range_text(score)) else ""
            embed.say(f"{bar(score.value)} **{title}**{spread}", weight=_SCORES, gap=False)
            embed.say(_evidence(score), weight=_EVIDENCE, gap=False)
    embed.say(_not_scored(found), weight=_SCORES)


def _evidence(score: Score) -> str:
    words = plain(score.evidence, EVIDENCE_LIMIT)
    return (words + place_in_clip(score.at_seconds)).strip()


def _not_scored(found: Assessment) -> str:
    """One line: the metrics without a value, those with the same reason together."""
    groups: dict[str, list[str]] = {}
    for metric in Metric:
        reason = found.scores[metric].reason
        if reason is not None and reason not in (SWITCHED_OFF, NOT_ASSESSED_LOCALLY):
            groups.setdefault(plain(reason, REASON_LIMIT), []).append(metric_name(metric, found))
    parts = [
        ", ".join(titles) + (f" ({reason})" if reason else "") for reason, titles in groups.items()
    ]
    others = f"Not scored: {'; '.join(parts)}." if parts else ""
    return " ".join(filter(None, (others, not_looked_at(found))))


def _key_points(points: tuple[KeyPoint, ...]) -> Iterator[str]:
    for point in points[:KEY_POINTS_SHOWN]:
        if line := key_point_line(point):
            yield line
    if len(points) > KEY_POINTS_SHOWN:
        yield f"and {len(points) - KEY_POINTS_SHOWN} more"


def _better(better: BetterWording | None) -> Iterator[str]:
    """A passage as it was said, and how it could be."""
    if better is None:
        return
    quote, wording = plain(better.quote, QUOTE_LIMIT), plain(better.better, QUOTE_LIMIT)
    if quote and wording:
        yield f"You: “{quote}”{place_in_clip(better.at_seconds)}"
        yield f"Better: “{wording}”"


def _delivery(delivery: Delivery | None) -> Iterator[str]:
    for line in delivery_lines(delivery, lambda text: plain(text, FILLER_LIMIT)):
        yield f"• {line}"
    for remark in delivery_remarks(delivery):
        if remark.kind != "pause":  # the lines above have it
            yield f"• {remark.text}: {moment(remark.at_seconds)} ({remark.figure})"


def _picture(found: Assessment) -> Iterator[str]:
    if found.scores[Metric.EYE_CONTACT].reason != SWITCHED_OFF:
        for line in picture_lines(found.picture):
            yield f"• {plain(line, NOTE_LIMIT)}"


def _change(now: Assessment, before: Assessment) -> list[str]:
    lines = [plain(line, NOTE_LIMIT) for line in change_lines(now, before)]
    return lines if len(lines) == 1 and not same_way(now, before) else [f"• {x}" for x in lines]


def _notes(found: Assessment) -> Iterator[str]:
    """Our own lines, and the first few of the engine's notes."""
    lines = [words for line in good_to_know(found) if (words := plain(line, KNOW_LIMIT))]
    ours = len(lines) - len(found.notes)
    yield from lines[: ours + NOTES_SHOWN]
