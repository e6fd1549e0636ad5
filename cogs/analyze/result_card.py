"""Turns a finished attempt into what people read: the result, its public form, and text files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import discord

from analyzer.scoring.as_found import lacks_picture
from analyzer.scoring.rubric import METRIC_NAMES, SWITCHED_OFF
from analyzer.scoring.wording import DISCLAIMER, MADE_BY, delivery_lines, pace_text
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
from core.models import Assessment, Attempt, Delivery, KeyPoint, Metric, Score

LEAD_LIMIT = 400
EVIDENCE_LIMIT = 200
REASON_LIMIT = 120
KEY_POINTS_SHOWN = 5
NOTE_LIMIT = 200
NOTES_SHOWN = 3
FILLER_LIMIT = 20

_NOTES_FIELD = "Good to know"
# What stays when room runs out: the highest. Only texts far longer than any engine's get this far.
_LEAD, _SCORES, _CHANGE, _DELIVERY, _KEY_POINTS, _EVIDENCE, _NOTES = range(70, 0, -10)


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


def switched_off(assessment: Assessment) -> frozenset[Metric]:
    """The metrics that were off: nothing is shown of them, not even that they are missing."""
    return frozenset(
        metric for metric, score in assessment.scores.items() if score.reason == SWITCHED_OFF
    )


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
    for heading, text in (
        ("One strength", found.strength),
        ("One thing to try next", found.next_step),
    ):
        if words := plain(text, LEAD_LIMIT):
            embed.say(f"**{heading}**", words, weight=_LEAD)
    _say_scores(embed, found)
    embed.field("Key points", list(_key_points(found.key_points)), weight=_KEY_POINTS)
    embed.field("Measured in your delivery", list(_delivery(found.delivery)), weight=_DELIVERY)
    if previous is not None and previous.assessment is not None:
        change = list(_change(found, previous.assessment))
        embed.field("Since your last attempt at this question", change, weight=_CHANGE)
    notes = [plain(note, NOTE_LIMIT) for note in found.notes[:NOTES_SHOWN]]
    return embed.field(_NOTES_FIELD, [MADE_BY[found.engine], *notes], weight=_NOTES)


def _say_scores(embed: FittedEmbed, found: Assessment) -> None:
    embed.say(f"**{overall_text(found) or 'Scores'}**", weight=_SCORES)
    for metric in Metric:
        score = found.scores[metric]
        if score.value is not None:
            title = METRIC_NAMES[metric]
            embed.say(f"{bar(score.value)} **{title}**", weight=_SCORES, gap=False)
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
        if reason is not None and reason != SWITCHED_OFF:
            groups.setdefault(plain(reason, REASON_LIMIT), []).append(METRIC_NAMES[metric])
    parts = [
        ", ".join(titles) + (f" ({reason})" if reason else "") for reason, titles in groups.items()
    ]
    return f"Not scored: {'; '.join(parts)}." if parts else ""


def _key_points(points: tuple[KeyPoint, ...]) -> Iterator[str]:
    for point in points[:KEY_POINTS_SHOWN]:
        if line := key_point_line(point):
            yield line
    if len(points) > KEY_POINTS_SHOWN:
        yield f"and {len(points) - KEY_POINTS_SHOWN} more"


def _delivery(delivery: Delivery | None) -> Iterator[str]:
    for line in delivery_lines(delivery, lambda text: plain(text, FILLER_LIMIT)):
        yield f"• {line}"


def _change(now: Assessment, before: Assessment) -> Iterator[str]:
    """What went up and down; numbers of different engines or rubrics are never compared."""
    if (now.engine, now.rubric_version) != (before.engine, before.rubric_version):
        yield "Your last attempt was assessed in another way, so the two can't be compared."
        return
    alike = switched_off(now) == switched_off(before) and lacks_picture(now) == lacks_picture(
        before
    )
    if alike and now.overall is not None and before.overall is not None:
        yield f"• Overall {now.overall}, before {before.overall}"
    up: list[str] = []
    down: list[str] = []
    same: list[str] = []
    for metric in Metric:
        new, old = now.scores[metric].value, before.scores[metric].value
        if new is None or old is None:
            continue
        title = METRIC_NAMES[metric]
        if new == old:
            same.append(title)
        else:
            (up if new > old else down).append(f"{title} {old} → {new}")
    for heading, titles in (("Up", up), ("Down", down), ("The same", same)):
        if titles:
            yield f"• {heading}: {', '.join(titles)}"
    if (pace := pace_text(now.delivery)) and (old_pace := pace_text(before.delivery)):
        yield f"• {pace}, before {old_pace.partition(' ')[0]}"
