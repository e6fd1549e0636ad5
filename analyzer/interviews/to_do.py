"""Three things to do after an interview, each with the moment to hear again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from analyzer.scoring.measures import FILLERS, assessment_of
from analyzer.scoring.result_words import PART_NAMES, delivery_remarks
from analyzer.scoring.rubric import RUBRIC, metric_name
from core.assessment import Assessment, EngineName, Metric, PartName
from core.interviews import InterviewQuestion
from core.models import Attempt

MOST_THINGS = 3
"""More would be no plan."""

MANY_FILLERS = 4.0
"""Fillers a minute from which they are worth an advice; Greenroom's own limit."""

HIGH_SCORE = 8
"""A score above this needs no advice; the rubric calls 9 and 10 what nearly everything shows."""

LONG_PAUSE_SECONDS = 4.0
"""A pause from which it is worth hearing it again; Greenroom's own limit."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something about one answer, and the second at which it can be heard, where that is known."""

    position: int
    label: str  # of the question
    text: str
    at_seconds: float | None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that has a result."""

    question: InterviewQuestion
    label: str  # "Question 2"
    attempt: Attempt

    @property
    def found(self) -> Assessment:
        """Its result."""
        return assessment_of(self.attempt)

    def at(self, seconds: float | None, text: str) -> Moment:
        """A moment of this answer."""
        return Moment(self.question.position, self.label, text, seconds)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do, and where it can be heard why."""

    kind: str  # two things of one kind are never advised together
    moment: Moment


def things_to_do(answers: Sequence[Given]) -> tuple[ToDo, ...]:
    """At most three things of different kinds, what concerns most answers first.

    Args:
        answers: those with a result, in the order of the interview.

    Raises:
        ValueError: one has no assessment.
    """
    lowest = _lowest_metric(answers)
    chosen: dict[str, ToDo] = {}
    for one in _candidates(answers, lowest):
        if one.moment.text and len(chosen) < MOST_THINGS:
            chosen.setdefault(one.kind, one)
    return tuple(chosen.values())


def _candidates(answers: Sequence[Given], lowest: Metric | None) -> Iterator[ToDo]:
    yield from _part_to_say(answers)
    raised = [] if lowest is None else [_score_to_raise(answers, lowest)]
    yield from raised
    fillers_told = any("filler" in one.moment.text for one in raised)
    fillers = [] if fillers_told else list(_fillers_to_leave(answers))
    yield from fillers
    yield from _next_steps(answers, lowest, about_fillers=not fillers and not fillers_told)
    yield from _better_wordings(answers)
    yield from _long_pauses(answers)


def _part_to_say(answers: Sequence[Given]) -> Iterator[ToDo]:
    """The part that was missing most often, after what was said last of the other parts.

    A follow-up asks about one part, so its answer is to have no other.
    """
    missing: Counter[PartName] = Counter()
    first: dict[PartName, Moment] = {}
    for one in answers:
        if Metric.RELEVANCE in one.attempt.metrics_off or one.question.follows is not None:
            continue
        heard = [part.at_seconds for part in one.found.parts if part.at_seconds is not None]
        for part in one.found.parts:
            if part.at_seconds is None:
                missing[part.name] += 1
                first.setdefault(part.name, one.at(max(heard, default=0.0), ""))
    if not missing:
        return
    name, times = missing.most_common(1)[0]
    where = "this answer" if times == 1 else f"{times} answers"
    text = f"Say the part “{PART_NAMES[name]}”: it was not heard in {where}."
    yield ToDo("part", replace(first[name], text=text))


def _lowest_metric(answers: Sequence[Given]) -> Metric | None:
    """The metric with the lowest mean; none where even its lowest score is high."""
    values: dict[Metric, list[int]] = {}
    for one in answers:
        for metric, value in _scored(one).items():
            values.setdefault(metric, []).append(value)
    if not values:
        return None
    metric = min(values, key=lambda name: fmean(values[name]))
    return metric if min(values[metric]) <= HIGH_SCORE else None


def _score_to_raise(answers: Sequence[Given], metric: Metric) -> ToDo:
    """The metric at the moment of its lowest score.

    The local engine's next step is about the lowest score of its answer, and says more than the
    rubric does.
    """
    answer = min(
        (one for one in answers if metric in _scored(one)), key=lambda one: _scored(one)[metric]
    )
    found, values = answer.found, list(_scored(answer).values())
    value = _scored(answer)[metric]
    measured = found.engine is EngineName.LOCAL and found.judge is None
    if measured and found.next_step and value == min(values) and values.count(value) == 1:
        at = _moment_of(found, metric) if found.next_step_at is None else found.next_step_at
        return ToDo("score", answer.at(at, found.next_step))
    text = f"{metric_name(metric, found)}: aim for this: {RUBRIC[metric].high}."
    return ToDo("score", answer.at(_moment_of(found, metric), text))


def _scored(answer: Given) -> dict[Metric, int]:
    """An answer's scores, without metrics that are switched off."""
    return {
        metric: score.value
        for metric, score in answer.found.scores.items()
        if score.value is not None and metric not in answer.attempt.metrics_off
    }


def _moment_of(found: Assessment, metric: Metric) -> float:
    """The second that shows a score, or what was measured for it; else the beginning."""
    at = found.scores[metric].at_seconds
    if at is not None:
        return at
    delivery, picture = found.delivery, found.picture
    if metric is Metric.VOICE_TONE and delivery is not None and delivery.flattest is not None:
        return delivery.flattest.start
    if metric is Metric.SPEECH_RATE and delivery is not None and delivery.fastest is not None:
        return delivery.fastest.start
    if metric is Metric.EYE_CONTACT and picture is not None and picture.away:
        return picture.away[0].start
    return 0.0


def _fillers_to_leave(answers: Sequence[Given]) -> Iterator[ToDo]:
    counted = [(value, one) for one in answers if (value := FILLERS.of(one.attempt)) is not None]
    if not counted:
        return
    most, answer = max(counted, key=lambda pair: pair[0])
    delivery = answer.found.delivery
    if most >= MANY_FILLERS and delivery is not None and delivery.fillers:
        text = f"Breathe in silence where a filler wants to come: {most:.0f} a minute here."
        yield ToDo("fillers", answer.at(delivery.fillers[0].at_seconds, text))


def _next_steps(
    answers: Sequence[Given], told: Metric | None, *, about_fillers: bool
) -> Iterator[ToDo]:
    """What the results themselves advise: what most of them say first.

    A next step is mostly about the lowest score of its answer. Where that is the metric that has
    been told already, it would say the same in other words.
    """
    said = Counter(one.found.next_step for one in answers)
    for one in sorted(answers, key=lambda one: -said[one.found.next_step]):
        scores, step = _scored(one), one.found.next_step
        same = told is not None and scores.get(told) == min(scores.values(), default=None)
        if not same and (about_fillers or "filler" not in step):
            yield ToDo("next_step", one.at(one.found.next_step_at, step))


def _better_wordings(answers: Sequence[Given]) -> Iterator[ToDo]:
    for one in answers:
        if (better := one.found.better) is not None:
            text = f"In place of “{better.quote}” say: “{better.better}”"
            yield ToDo("better", one.at(better.at_seconds, text))


def _long_pauses(answers: Sequence[Given]) -> Iterator[ToDo]:
    pauses = [
        (remark, one)
        for one in answers
        for remark in delivery_remarks(one.found.delivery)
        if remark.kind == "pause" and remark.seconds >= LONG_PAUSE_SECONDS
    ]
    if pauses:
        remark, answer = max(pauses, key=lambda pair: pair[0].seconds)
        text = f"Have a sentence ready to go on with: your longest pause was {remark.figure}."
        yield ToDo("pause", answer.at(remark.at_seconds, text))
