"""What an interview has shown: what ran through its answers, and what to do next.

Nothing in here is stored: a report is worked out from the attempts that are there. Numbers of
answers that were assessed in different ways are never put side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.interviews.course import Course, Standing
from analyzer.interviews.to_do import Given, Moment, ToDo, things_to_do
from analyzer.scoring.measures import (
    FILLERS,
    METRICS,
    OVERALL,
    PACE,
    PARTS,
    PAUSES,
    Measure,
    assessment_of,
    named_for,
    strength,
)
from analyzer.scoring.part_counts import part_counts
from analyzer.scoring.parts import heard_of
from analyzer.scoring.progress import Line, judge_of, way_of
from analyzer.scoring.result_words import PART_NAMES
from analyzer.scoring.rubric import metric_name
from core.assessment import Metric
from core.interviews import Interview, InterviewQuestion
from core.models import Attempt, AttemptState

PATTERN_ANSWERS = 2
"""From this many results on there is something that can run through them."""

NOTHING_FOUND = "Nothing that was measured ran through several of your answers."

_SHOWN = (OVERALL, *METRICS, PACE, FILLERS, PAUSES, PARTS)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question, and its result in a line, or why there is none."""

    position: int
    label: str  # "Question 2", "Follow-up to question 2"
    short: str  # the same for an axis: "2", "2+" for a follow-up
    question: str
    standing: Standing
    attempt_id: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Series:
    """One measure from answer to answer, in numbers and for whoever does not see the drawing."""

    line: Line  # over the assessed answers, in their order
    words: str


@dataclass(frozen=True, slots=True)
class InterviewReport:
    """All that is said of an interview. Texts in it are not escaped yet."""

    interview_id: str
    asked: int
    assessed: int
    left_out: int
    partial: str  # one sentence on what is not in it; "" where every question has a result
    patterns: tuple[str, ...]  # sentences; none where there are fewer than two results
    best: Moment | None
    to_do: tuple[ToDo, ...]  # three at most
    answers: tuple[AnswerLine, ...]
    columns: tuple[str, ...]  # what the values of every series belong to
    series: tuple[Series, ...]


def report_of(interview: Interview, attempts: Mapping[str, Attempt]) -> InterviewReport:
    """Work out the report of an interview, as far as its answers have results.

    Args:
        interview: as it is now.
        attempts: the latest answer to each of its questions, by its id.
    """
    course = Course(interview, attempts)
    results = [
        Given(question, course.name(question), attempt)
        for question in course.with_standing(Standing.ASSESSED)
        if (attempt := course.answer(question)) is not None
    ]
    alike = _assessed_alike(results)
    shorts = {one.position: _short(course, one) for one in interview.questions}
    return InterviewReport(
        interview_id=interview.id,
        asked=len(interview.questions),
        assessed=len(results),
        left_out=len(course.with_standing(Standing.LEFT_OUT)),
        partial=_partial(course, len(results)),
        patterns=(tuple(_patterns(results, alike)) or (NOTHING_FOUND,))
        if len(results) >= PATTERN_ANSWERS
        else (),
        best=_best(results),
        to_do=things_to_do(results),
        answers=tuple(_line(course, one, shorts[one.position]) for one in interview.questions),
        columns=tuple(shorts[one.question.position] for one in results),
        series=tuple(_series(results, alike)),
    )


def _assessed_alike(results: Sequence[Given]) -> list[Given]:
    """Those whose numbers can be put side by side: the largest group, of equal ones the latest."""
    ways = Counter(_way(one) for one in results)
    if not ways:
        return []
    most = max(ways.values())
    way = next(_way(one) for one in reversed(results) if ways[_way(one)] == most)
    return [one for one in results if _way(one) == way]


def _way(result: Given) -> tuple[object, ...]:
    return way_of(result.attempt), judge_of(result.attempt), result.attempt.metrics_off


def _short(course: Course, question: InterviewQuestion) -> str:
    number = course.number(question)
    return f"{number}" if question.follows is None else f"{number}+"


def _partial(course: Course, assessed: int) -> str:
    asked = len(course.interview.questions)
    if assessed == asked:
        return ""
    if assessed == 0:
        return "No answer has a result yet, so there is nothing to report on."
    why = {
        Standing.LEFT_OUT: "left out",
        Standing.UNANSWERED: "not answered",
        Standing.CAME_TO_NOTHING: "without a result",
        Standing.UNDER_WAY: "still being assessed",
    }
    counts = [(len(course.with_standing(standing)), words) for standing, words in why.items()]
    missing = ", ".join(f"{count} {words}" for count, words in counts if count)
    return f"This is about {assessed} of {asked} questions: {missing}."


def _patterns(results: Sequence[Given], alike: Sequence[Given]) -> Iterator[str]:
    """What ran through the answers, the most telling first."""
    if lowest := _lowest_in_most(alike):
        yield lowest
    yield from _missing_parts(results)
    for measure, unit in ((PACE, "words per minute"), (FILLERS, "fillers per minute")):
        known = [(one, value) for one in alike if (value := measure.of(one.attempt)) is not None]
        if len(known) >= PATTERN_ANSWERS:
            numbers = ", ".join(measure.text(value) for _, value in known)
            first = "Your pace" if measure is PACE else "Your fillers"
            yield f"{first} from answer to answer: {numbers} {unit}."
    if len(alike) < PATTERN_ANSWERS:
        yield "Each answer was assessed in another way, so their numbers are not put side by side."
    elif len(alike) < len(results):
        yield (
            "Not all answers were assessed in the same way, so only the numbers of "
            f"{len(alike)} are put side by side."
        )


def _lowest_in_most(alike: Sequence[Given]) -> str | None:
    """The metric that scored lowest in more than half of the answers."""
    lowest: Counter[Metric] = Counter()
    compared = 0
    for one in alike:
        scores = assessment_of(one.attempt).scores
        values = {m: s.value for m, s in scores.items() if s.value is not None}
        compared += len(values) > 1
        if len(set(values.values())) > 1:
            lowest.update(m for m, value in values.items() if value == min(values.values()))
    if compared < PATTERN_ANSWERS or not lowest:
        return None
    metric, times = lowest.most_common(1)[0]
    if times < PATTERN_ANSWERS or times * 2 <= compared:
        return None
    name = metric_name(metric, assessment_of(alike[-1].attempt))
    return f"{name} was the lowest score in {times} of {compared} answers."


def _missing_parts(results: Sequence[Given]) -> Iterator[str]:
    """A follow-up asks about one part, so its answer is to have no other."""
    for one in part_counts([one.attempt for one in results if one.question.follows is None]):
        missing = one.looked_for - one.heard
        if missing >= PATTERN_ANSWERS:
            yield (
                f"“{PART_NAMES[one.name]}” was not heard in {missing} of {one.looked_for} answers "
                "that are to have it."
            )


def _best(results: Sequence[Given]) -> Moment | None:
    """The strength of the strongest result that says one, rather with a moment than without."""
    said = [one for one in results if assessment_of(one.attempt).strength]
    if not said:
        return None

    def order(one: Given) -> tuple[bool, float]:
        found = assessment_of(one.attempt)
        return found.strength_at is not None, strength(found) or 0.0

    best = max(said, key=order)
    found = assessment_of(best.attempt)
    return Moment(best.question.position, best.label, found.strength, found.strength_at)


def _line(course: Course, question: InterviewQuestion, short: str) -> AnswerLine:
    standing, attempt = course.standing(question), course.answer(question)
    return AnswerLine(
        position=question.position,
        label=course.name(question),
        short=short,
        question=question.text,
        standing=standing,
        attempt_id=question.attempt_id,
        words=_words(question, standing, attempt),
    )


def _words(question: InterviewQuestion, standing: Standing, attempt: Attempt | None) -> str:
    if standing is Standing.LEFT_OUT:
        return "Left out."
    if attempt is None:
        return "Not answered."
    if standing is Standing.UNDER_WAY:
        return "Still being assessed."
    if attempt.state is AttemptState.CANCELLED:
        return "You stopped it."
    if attempt.failure is not None:
        return attempt.failure.sentence
    return ". ".join(_numbers(question, attempt)) + "."


def _numbers(question: InterviewQuestion, attempt: Attempt) -> Iterator[str]:
    """A result's numbers in a few words: overall, else its scores, and the parts heard."""
    found = assessment_of(attempt)
    if found.overall is not None:
        yield f"Overall {found.overall:.1f}"
    else:
        scores = [
            f"{metric_name(metric, found)} {score.value}"
            for metric, score in found.scores.items()
            if score.value is not None and metric not in attempt.metrics_off
        ]
        yield ", ".join(scores) if scores else "No scores"
    has_parts = found.parts and question.follows is None
    if has_parts and Metric.RELEVANCE not in attempt.metrics_off:
        yield f"{heard_of(found.parts)} of {len(found.parts)} parts heard"


def _series(results: Sequence[Given], alike: Sequence[Given]) -> Iterator[Series]:
    """Each measure that two answers have a number for."""
    for measure in _SHOWN:
        values = tuple(
            None
            if one not in alike or (measure is PARTS and one.question.follows is not None)
            else measure.of(one.attempt)
            for one in results
        )
        if sum(value is not None for value in values) >= PATTERN_ANSWERS:
            named = named_for(measure, alike[-1].attempt)
            yield Series(Line(named, values), _series_words(named, results, values))


def _series_words(
    measure: Measure, results: Sequence[Given], values: Sequence[float | None]
) -> str:
    said = [
        f"{one.label}: {measure.text(value)}"
        for one, value in zip(results, values, strict=True)
        if value is not None
    ]
    return f"{measure.title}. {'; '.join(said)}."
