"""The report of an interview as the studio's page is told it, as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from analyzer.interviews.course import Course
from analyzer.interviews.report import AnswerLine, InterviewReport
from analyzer.interviews.to_do import Moment
from analyzer.scoring.wording import DISCLAIMER
from web.studio.schemas import ResultAnswer, result_of


class MomentAnswer(BaseModel):
    """Something about one answer, and where it can be heard."""

    text: str
    label: str  # of the question
    attempt_id: str | None  # the page finds the recording by that
    at_seconds: float | None


class SeriesAnswer(BaseModel):
    """One measure from answer to answer."""

    title: str
    unit: str
    decimals: int
    is_score: bool
    values: list[float | None]  # as many as there are columns
    words: str  # for whoever does not see the drawing


class ReportedAnswer(BaseModel):
    """One question with its result, or why there is none."""

    position: int
    label: str
    question: str
    words: str
    attempt_id: str | None
    result: ResultAnswer | None


class ReportAnswer(BaseModel):
    """What an interview has shown so far."""

    partial: str  # what is not in it; "" where every question has a result
    asked: int
    assessed: int
    patterns: list[str]
    best: MomentAnswer | None
    to_do: list[MomentAnswer]
    columns: list[str]
    series: list[SeriesAnswer]
    answers: list[ReportedAnswer]
    footer: str = DISCLAIMER


def report_answer(report: InterviewReport, course: Course) -> ReportAnswer:
    """What an interview has shown, with each result whole."""
    ids = {line.position: line.attempt_id for line in report.answers}
    return ReportAnswer(
        partial=report.partial,
        asked=report.asked,
        assessed=report.assessed,
        patterns=list(report.patterns),
        best=None if report.best is None else _moment(report.best, ids),
        to_do=[_moment(one.moment, ids) for one in report.to_do],
        columns=list(report.columns),
        series=[
            SeriesAnswer(
                title=one.line.measure.title,
                unit=one.line.measure.unit,
                decimals=one.line.measure.decimals,
                is_score=one.line.measure.is_score,
                values=list(one.line.values),
                words=one.words,
            )
            for one in report.series
        ],
        answers=[_answer(line, course) for line in report.answers],
    )


def _moment(moment: Moment, ids: Mapping[int, str | None]) -> MomentAnswer:
    return MomentAnswer(
        text=moment.text,
        label=moment.label,
        attempt_id=ids.get(moment.position),
        at_seconds=moment.at_seconds,
    )


def _answer(line: AnswerLine, course: Course) -> ReportedAnswer:
    attempt = None if line.attempt_id is None else course.attempts.get(line.attempt_id)
    found = None if attempt is None else attempt.assessment
    return ReportedAnswer(
        position=line.position,
        label=line.label,
        question=line.question,
        words=line.words,
        attempt_id=line.attempt_id,
        result=None if attempt is None or found is None else result_of(attempt, found),
    )
