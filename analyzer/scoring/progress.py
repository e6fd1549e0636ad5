"""What attempts say together: each measure over time, practice by week, and two side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import combinations
from statistics import fmean, median

from analyzer.scoring.as_found import lacks_picture
from analyzer.scoring.measures import (
    DELIVERY,
    FILLERS,
    HEAD,
    METRICS,
    OVERALL,
    PACE,
    PARTS,
    Measure,
    assessment_of,
    named_for,
)
from analyzer.scoring.rubric import WORDS
from core.assessment import EngineName, KeyPoint, Metric
from core.models import Attempt

CLOSE_MATCH = 0.6
"""From here on two texts are close matches (Python's documentation of `SequenceMatcher.ratio`)."""

_COMPARED_CHARACTERS = 200  # of a key point; the engines write no longer ones


@dataclass(frozen=True, slots=True)
class Line:
    """One measure over several steps, oldest first. At least two have a number."""

    measure: Measure
    values: tuple[float | None, ...]

    @property
    def known(self) -> list[float]:
        """The numbers there are."""
        return [value for value in self.values if value is not None]

    @property
    def change(self) -> float:
        """The latest number less the first one."""
        return round(self.known[-1] - self.known[0], self.measure.decimals)

    @property
    def trend(self) -> str:
        """`rising`, `falling` or `steady`, by the median of the slopes between all pairs.

        One odd attempt does not turn it (Sen 1968, J Am Stat Assoc 63:1379).
        """
        points = [(at, value) for at, value in enumerate(self.values) if value is not None]
        slope = median((b - a) / (later - at) for (at, a), (later, b) in combinations(points, 2))
        along = slope * (points[-1][0] - points[0][0])
        if abs(along) < self.measure.steady:
            return "steady"
        return "rising" if along > 0 else "falling"


@dataclass(frozen=True, slots=True)
class Progress:
    """Attempts that were assessed in the same way, oldest first, and their lines."""

    attempts: tuple[Attempt, ...]
    steps: tuple[tuple[Attempt, ...], ...]  # an attempt each, or the answers of one interview
    lines: tuple[Line, ...]  # over the steps
    left_out: int  # attempts that were assessed in another way than the latest
    overall_gaps: bool  # some overall is left out: other metrics were switched off for it
    picture_gaps: bool = False  # the same, because of the two only one has a picture

    @property
    def interviews(self) -> int:
        """How many of the steps are interviews with several answers."""
        return sum(len(step) > 1 for step in self.steps)


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in two attempts."""

    measure: Measure
    before: float
    now: float

    @property
    def by(self) -> float:
        """The later number less the earlier one."""
        return round(self.now - self.before, self.measure.decimals)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two attempts side by side. Assessed in different ways they have no numbers in common."""

    before: Attempt
    now: Attempt
    same_way: bool
    same_total: bool = True  # no: other metrics were switched off, so `scores` has no overall
    same_picture: bool = True  # no: only one has a picture, so `scores` has no overall either
    same_judge: bool = True  # no: what words show was scored by another or none, so it is left out
    scores: tuple[Change, ...] = ()
    delivery: tuple[Change, ...] = ()
    only_before: tuple[Measure, ...] = ()  # scored in the earlier attempt alone
    only_now: tuple[Measure, ...] = ()
    points_gone: tuple[KeyPoint, ...] = ()
    points_new: tuple[KeyPoint, ...] = ()


def way_of(attempt: Attempt) -> tuple[EngineName, int]:
    """How an attempt was assessed: numbers of different ways are never compared.

    Raises:
        ValueError: it has no assessment.
    """
    found = assessment_of(attempt)
    return found.engine, found.rubric_version


def judge_of(attempt: Attempt) -> str | None:
    """Whose scores of the words an attempt has: numbers of two judges are never compared.

    Raises:
        ValueError: it has no assessment.
    """
    return assessment_of(attempt).scored_by_judge


def progress_of(newest_first: Sequence[Attempt]) -> Progress:
    """Follow each measure over the attempts that were assessed like the latest one.

    The answers of one interview are one step: its number is the mean of theirs. Else whoever takes
    three interviews would see nine points, of which each belongs to another kind of question.

    Raises:
        ValueError: there is no attempt, or one has no assessment.
    """
    if not newest_first:
        raise ValueError("there is no progress without an attempt")
    way = way_of(newest_first[0])
    attempts = tuple(attempt for attempt in reversed(newest_first) if way_of(attempt) == way)
    off, unseen = attempts[-1].metrics_off, _unseen(attempts[-1])
    judge = next(filter(None, map(judge_of, newest_first)), None)
    steps = _steps(attempts)

    def overall(attempt: Attempt) -> float | None:
        same = attempt.metrics_off == off and _unseen(attempt) == unseen
        return _by_judge(OVERALL, attempt, judge) if same else None

    others = [
        named_for(m, attempts[-1]) for m in _not_in(off, (*METRICS, PACE, FILLERS, PARTS, HEAD))
    ]
    lines = [
        Line(OVERALL, tuple(_mean(OVERALL, map(overall, step)) for step in steps)),
        *(
            Line(m, tuple(_mean(m, (_by_judge(m, a, judge) for a in step)) for step in steps))
            for m in others
        ),
    ]
    return Progress(
        attempts=attempts,
        steps=steps,
        lines=tuple(line for line in lines if len(line.known) > 1),
        left_out=len(newest_first) - len(attempts),
        overall_gaps=any(attempt.metrics_off != off for attempt in attempts),
        picture_gaps=any(_unseen(attempt) != unseen for attempt in attempts),
    )


def _steps(oldest_first: Sequence[Attempt]) -> tuple[tuple[Attempt, ...], ...]:
    """The attempts by what they are a step of, in the order in which each began."""
    steps: dict[str | int, list[Attempt]] = {}
    for place, attempt in enumerate(oldest_first):
        steps.setdefault(attempt.interview_id or place, []).append(attempt)
    return tuple(tuple(step) for step in steps.values())


def _mean(measure: Measure, values: Iterable[float | None]) -> float | None:
    """The mean of the numbers there are, as it is shown."""
    known = [value for value in values if value is not None]
    return round(fmean(known), measure.decimals) if known else None


def streak_weeks(moments: Iterable[datetime], now: datetime) -> int:
    """How many weeks in a row have an attempt, up to this week.

    Weeks begin on Monday, in UTC. As long as this week has none yet, the count ends with last week.
    """
    weeks = {_week(moment) for moment in moments}
    last = _week(now) if _week(now) in weeks else _week(now) - 1
    count = 0
    while last - count in weeks:
        count += 1
    return count


def compare(one: Attempt, other: Attempt) -> Comparison:
    """Put two attempts side by side, whichever was first.

    Raises:
        ValueError: one has no assessment.
    """
    before, now = sorted((one, other), key=lambda attempt: (attempt.created_at, attempt.id))
    if way_of(before) != way_of(now):
        return Comparison(before, now, same_way=False)
    gone, new = _unmatched(assessment_of(before).key_points, assessment_of(now).key_points)
    same_total = before.metrics_off == now.metrics_off
    same_picture = _unseen(before) == _unseen(now)
    off = before.metrics_off | now.metrics_off
    same_judge = judge_of(before) == judge_of(now)
    if not same_judge:
        off |= WORDS
    metrics = tuple(named_for(metric, now) for metric in _not_in(off, METRICS))
    return Comparison(
        before,
        now,
        same_way=True,
        same_total=same_total,
        same_picture=same_picture,
        same_judge=same_judge,
        scores=_changes(
            (OVERALL, *metrics) if same_total and same_picture and same_judge else metrics,
            before,
            now,
        ),
        delivery=_changes(_not_in(off, (*DELIVERY, PARTS, HEAD)), before, now),
        only_before=_only(metrics, before, now),
        only_now=_only(metrics, now, before),
        points_gone=gone,
        points_new=new,
    )


def _unseen(attempt: Attempt) -> bool:
    return lacks_picture(assessment_of(attempt))


def _by_judge(measure: Measure, attempt: Attempt, judge: str | None) -> float | None:
    """An attempt's number; none where another judge has given it."""
    other = measure.is_judged and judge_of(attempt) not in (judge, None)
    return None if other else measure.of(attempt)


def _changes(measures: Iterable[Measure], before: Attempt, now: Attempt) -> tuple[Change, ...]:
    """The measures that both attempts have a number for."""
    found = ((measure, measure.of(before), measure.of(now)) for measure in measures)
    return tuple(Change(m, a, b) for m, a, b in found if a is not None and b is not None)


def _only(measures: Iterable[Measure], here: Attempt, there: Attempt) -> tuple[Measure, ...]:
    return tuple(m for m in measures if m.of(here) is not None and m.of(there) is None)


def _not_in(off: frozenset[Metric], measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Those that belong to no metric that is switched off."""
    return tuple(measure for measure in measures if measure.metric not in off)


def _unmatched(
    before: Sequence[KeyPoint], now: Sequence[KeyPoint]
) -> tuple[tuple[KeyPoint, ...], tuple[KeyPoint, ...]]:
    """The points without a similar one on the other side; the most similar pairs match first."""
    pairs = [
        (likeness, i, j)
        for i, old in enumerate(before)
        for j, new in enumerate(now)
        if (likeness := _likeness(old.text, new.text)) >= CLOSE_MATCH
    ]
    gone, added = set(range(len(before))), set(range(len(now)))
    for _, i, j in sorted(pairs, key=lambda pair: -pair[0]):
        if i in gone and j in added:
            gone.remove(i)
            added.remove(j)
    return tuple(before[i] for i in sorted(gone)), tuple(now[j] for j in sorted(added))


def _likeness(one: str, other: str) -> float:
    """How alike two texts are, 0-1, whatever their case, spacing and punctuation."""
    return SequenceMatcher(None, _bare(one), _bare(other), autojunk=False).ratio()


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[:_COMPARED_CHARACTERS]).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def _week(moment: datetime) -> int:
    """A number for the week: day 1 of Python's calendar is a Monday."""
    return (moment.astimezone(UTC).toordinal() - 1) // 7
