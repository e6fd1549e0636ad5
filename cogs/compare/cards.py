"""Says in words how two attempts differ: the card of `/compare` and the alt text of its chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import discord

from analyzer.scoring.measures import FILLERS, HEAD, PARTS, Measure, assessment_of
from analyzer.scoring.progress import Change, Comparison
from analyzer.scoring.result_words import PART_NAMES, part_words
from analyzer.scoring.wording import DISCLAIMER
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import ALT_TEXT_LIMIT, key_point_line, plain, raw
from core.assessment import KeyPoint
from core.models import Attempt

QUESTION_LIMIT = 200

_LEAD, _SCORES, _DELIVERY, _POINTS, _NOTES = range(50, 0, -10)

NO_NUMBERS = (
    "These two were assessed in different ways, so they can't be compared in numbers. The buttons "
    "below show each of them."
)


def compare_card(found: Comparison) -> discord.Embed:
    """What went up and down, measure by measure, and which key points came and went."""
    card = FittedEmbed("Two attempts side by side", WORKING, footer=DISCLAIMER)
    question = plain(found.now.question, QUESTION_LIMIT)
    card.say(f"**{question}**" if question else "", weight=_LEAD)
    if is_follow_up(found):
        parent = plain(found.before.question, QUESTION_LIMIT)
        card.say(f"The follow-up to “{parent}”", weight=_LEAD, gap=False)
    card.say(f"Later: {_when(found.now)}", f"Earlier: {_when(found.before)}", weight=_LEAD)
    if not found.same_way:
        return card.say(NO_NUMBERS, weight=_LEAD).build()
    for name, changes in (
        ("Up", [change for change in found.scores if change.by > 0]),
        ("Down", [change for change in found.scores if change.by < 0]),
        ("The same", [change for change in found.scores if not change.by]),
    ):
        card.field(name, [f"• {_words(change)}" for change in changes], weight=_SCORES)
    others = (PARTS, HEAD)
    delivery = [f"• {_words(one)}" for one in found.delivery if one.measure not in others]
    card.field("Measured in your delivery", delivery, weight=_DELIVERY)
    content = [f"• {_words(one)}" for one in found.delivery if one.measure in others]
    card.field("Your answer and your picture", [*content, *_parts(found)], weight=_DELIVERY)
    card.field("Key points only in the later one", _points(found.points_new), weight=_POINTS)
    if not is_follow_up(found):  # nobody says again what they have just said
        card.field("Key points only in the earlier one", _points(found.points_gone), weight=_POINTS)
    return card.field("Good to know", list(_notes(found)), weight=_NOTES).build()


def is_follow_up(found: Comparison) -> bool:
    """Whether the later one of two answers the follow-up question to the earlier one."""
    return found.now.parent_id == found.before.id


def compare_alt(found: Comparison) -> str:
    """What the chart shows, for whoever does not see it."""
    changes = " ".join(f"{_words(change)}." for change in found.scores)
    return raw(f"The scores of two attempts, on a scale of 1 to 10. {changes}", ALT_TEXT_LIMIT)


def _words(change: Change) -> str:
    measure = change.measure
    before, now = measure.text(change.before), measure.text(change.now)
    return f"{measure.title}: {now}, before {before} ({measure.change_text(change.by)})"


def _parts(found: Comparison) -> list[str]:
    """Each part that was heard in one of the two and not in the other."""
    before = {part.name: part for part in assessment_of(found.before).parts}
    now = {part.name: part for part in assessment_of(found.now).parts}
    return [
        f"• {PART_NAMES[name]}: {part_words(now[name])}, before {part_words(before[name])}"
        for name in now
        if name in before and (now[name].at_seconds is None) != (before[name].at_seconds is None)
    ]


def _points(points: Sequence[KeyPoint]) -> list[str]:
    return [line for point in points if (line := key_point_line(point))]


def _notes(found: Comparison) -> Iterator[str]:
    if not found.scores and not found.delivery:
        yield "• The two have no score and no measure in common."
    if not found.same_total:
        yield "• Overall is not compared: different metrics were switched off."
    if not found.same_picture:
        yield "• Overall is not compared: only one of the two has a picture."
    if not found.same_judge:
        yield (
            "• What you said was judged by another model, or in one of them by none: these scores "
            "are not compared."
        )
    for which, measures in (("later", found.only_now), ("earlier", found.only_before)):
        if measures:
            yield f"• Scored only in the {which} one: {_titles(measures)}."
    if found.points_new or found.points_gone:
        yield (
            "• Key points are matched by their wording: one that was put differently may appear as "
            "both new and gone."
        )
    if any(change.measure is FILLERS for change in found.delivery):
        yield "• Fillers are counted at least: some are missed."


def _titles(measures: Iterable[Measure]) -> str:
    return ", ".join(measure.title for measure in measures)


def _when(attempt: Attempt) -> str:
    return f"<t:{int(attempt.created_at.timestamp())}:f>"
