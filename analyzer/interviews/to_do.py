"""Three things to do after an interview, each with the moment to hear again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from analyzer.scoring.measures import FILLERS, assessment_of
from analyzer.scoring.result_words import PART_NAMES, delivery_remarks
from analyzer.scoring.rubric import RUBRIC, metric_name
from core.assessment import Metric, PartName
from core.models import Attempt

MOST_THINGS = 3
"""More would be no plan."""

MANY_FILLERS = 4.0
"""Fillers a minute from which they are worth an advice; Greenroom's own limit."""

LONG_PAUSE_SECONDS = 4.0
"""A pause from which it is worth hearing it again; Greenroom's own limit."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something about one answer, and the second at which it can be heard, where that is known."""

    position: int
    label: str  # of the question
    text: str
    at_seconds: float | None

    @classmethod
    def of(cls, position: int, label: str) -> Self:
        """A moment of an answer that says nothing yet."""
        return cls(position, label, "", None)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do, and where it can be heard why."""

    kind: str  # two things of one kind are never advised together
    moment: Moment


def things_to_do(answers: Sequence[tuple[Moment, Attempt]]) -> tuple[ToDo, ...]:
    """At most three things of different kinds, what concerns most answers first.

    Args:
        answers: those with a result, in the order of the interview.

    Raises:
        ValueError: one has no assessment.
    """
    chosen: dict[str, ToDo] = {}
    for one in _candidates(answers):
        if one.moment.text and len(chosen) < MOST_THINGS:
            chosen.setdefault(one.kind, one)
    return tuple(chosen.values())


def _candidates(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    yield from _part_to_say(answers)
    yield from _score_to_raise(answers)
    yield from _fillers_to_leave(answers)
    yield from _next_steps(answers)
    yield from _better_wordings(answers)
    yield from _long_pauses(answers)


def _part_to_say(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    """The part that was missing most often, after what was said last of the parts before it."""
    missing: Counter[PartName] = Counter()
    first: dict[PartName, Moment] = {}
    for place, attempt in answers:
        if Metric.RELEVANCE in attempt.metrics_off:
            continue
        parts = assessment_of(attempt).parts
        heard = [part.at_seconds for part in parts if part.at_seconds is not None]
        if not heard:
            continue  # nothing was heard of any part: there is no moment to go on from
        for part in parts:
            if part.at_seconds is None:
                missing[part.name] += 1
                first.setdefault(part.name, replace(place, at_seconds=max(heard)))
    if not missing:
        return
    name, times = missing.most_common(1)[0]
    where = "this answer" if times == 1 else f"{times} answers"
    text = f"Say the part “{PART_NAMES[name]}”: it was not heard in {where}."
    yield ToDo("part", replace(first[name], text=text))


def _score_to_raise(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    """The metric with the lowest mean, at the moment of its lowest score."""
    values: dict[Metric, list[tuple[int, Moment, Attempt]]] = {}
    for place, attempt in answers:
        for metric, score in assessment_of(attempt).scores.items():
            if score.value is not None and metric not in attempt.metrics_off:
                at = replace(place, at_seconds=score.at_seconds)
                values.setdefault(metric, []).append((score.value, at, attempt))
    if not values:
        return
    metric = min(values, key=lambda one: sum(v for v, _, _ in values[one]) / len(values[one]))
    _, place, attempt = min(values[metric], key=lambda one: (one[0], one[1].at_seconds is None))
    name = metric_name(metric, assessment_of(attempt))
    yield ToDo("score", replace(place, text=f"{name}: aim for this: {RUBRIC[metric].high}."))


def _fillers_to_leave(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    counted = [(value, *one) for one in answers if (value := FILLERS.of(one[1])) is not None]
    if not counted:
        return
    most, place, attempt = max(counted, key=lambda one: one[0])
    delivery = assessment_of(attempt).delivery
    if most >= MANY_FILLERS and delivery is not None and delivery.fillers:
        text = f"Breathe in silence where a filler wants to come: {most:.0f} a minute here."
        yield ToDo("fillers", replace(place, text=text, at_seconds=delivery.fillers[0].at_seconds))


def _next_steps(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    """What the results themselves advise: what most of them say first."""
    said = Counter(assessment_of(attempt).next_step for _, attempt in answers)
    ordered = sorted(answers, key=lambda one: -said[assessment_of(one[1]).next_step])
    for place, attempt in ordered:
        found = assessment_of(attempt)
        moment = replace(place, text=found.next_step, at_seconds=found.next_step_at)
        yield ToDo("next_step", moment)


def _better_wordings(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    for place, attempt in answers:
        better = assessment_of(attempt).better
        if better is not None:
            text = f"In place of “{better.quote}” say: “{better.better}”"
            yield ToDo("better", replace(place, text=text, at_seconds=better.at_seconds))


def _long_pauses(answers: Sequence[tuple[Moment, Attempt]]) -> Iterator[ToDo]:
    pauses = [
        (remark, place)
        for place, attempt in answers
        for remark in delivery_remarks(assessment_of(attempt).delivery)
        if remark.kind == "pause" and remark.seconds >= LONG_PAUSE_SECONDS
    ]
    if pauses:
        remark, place = max(pauses, key=lambda one: one[0].seconds)
        text = f"Have a sentence ready to go on with: your longest pause was {remark.figure}."
        yield ToDo("pause", replace(place, text=text, at_seconds=remark.at_seconds))
