"""The report of an interview as one file to keep, to print, or to show to a coach.

It is complete in itself: no script, nothing from outside, and a policy in it that forbids both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from analyzer.interviews.answer_section import answer_section, limits_of, spoken_language
from analyzer.interviews.course import Course, Standing
from analyzer.interviews.markup import listed, page, style, tag
from analyzer.interviews.panels import panels
from analyzer.interviews.report import InterviewReport, report_of
from analyzer.interviews.to_do import Moment
from analyzer.model_output.model_text import clipped
from analyzer.scoring.wording import DISCLAIMER, moment
from core.assessment import Assessment
from core.models import Attempt

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Its content security policy: nothing is run and nothing is loaded, whatever the page holds."""

_STYLE = Path(__file__).with_name("report_page.css").read_text(encoding="utf-8")
_COUNTS = ("No thing", "One thing", "Two things", "Three things")
_SAID_LIMIT = 220  # characters: longer would bury the advice


def report_page(course: Course) -> str:
    """The whole report as HTML. It takes some milliseconds; all texts in it are escaped."""
    found = report_of(course.interview, course.attempts)
    began = course.interview.created_at
    title = f"Your interview on {began.day} {began:%B %Y}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        style(_STYLE),
    )
    body = tag(
        "body",
        tag("header", tag("h1", title), tag("p", _lead(found))),
        tag("main", *_sections(course, found)),
        tag("footer", tag("p", DISCLAIMER)),
    )
    return page(tag("html", head, body, lang="en"))


def _lead(found: InterviewReport) -> str:
    if found.partial:
        return found.partial
    return f"All {found.asked} questions have a result." if found.asked > 1 else "One question."


def _sections(course: Course, found: InterviewReport) -> Iterator[Element]:
    attempts = {
        question.position: attempt
        for question in course.interview.questions
        if (attempt := course.answer(question)) is not None
    }
    if found.best is not None:
        yield _section("Your best moment", _spot(found.best, attempts))
    if found.to_do:
        things = (_spot(one.moment, attempts) for one in found.to_do)
        count = _COUNTS[len(found.to_do)]
        yield _section(f"{count} to do next", listed("ol", things, class_="to-do"))
    if patterns := listed("ul", found.patterns):
        yield _section("What ran through your answers", patterns)
    if found.series:
        yield _section("From answer to answer", panels(found.series, found.columns))
    yield tag("h2", "Question by question")
    limits = _limits_of_all(course)
    for line, question in zip(found.answers, course.interview.questions, strict=True):
        yield answer_section(line, question, attempts.get(line.position), limits)
    if limits:
        yield _section("Good to know", listed("ul", limits))


def _limits_of_all(course: Course) -> list[str]:
    """What is good to know about every result, so that it is told once."""
    answers = map(course.answer, course.with_standing(Standing.ASSESSED))
    each = [limits_of(one.assessment) for one in answers if one and one.assessment]
    return (
        [line for line in dict.fromkeys(each[0]) if all(line in one for one in each)]
        if each
        else []
    )


def _section(heading: str, *parts: Element | None) -> Element:
    return tag("section", tag("h2", heading), *parts, class_="card")


def _spot(spot: Moment, attempts: Mapping[int, Attempt]) -> Element:
    """Something about one answer: what was said there, and where to hear it."""
    where = spot.label if spot.at_seconds is None else f"{spot.label} at {moment(spot.at_seconds)}"
    attempt = attempts.get(spot.position)
    return tag(
        "div",
        tag("p", spot.text, dir="auto"),
        _said(spot, attempt.assessment if attempt else None),
        tag("p", tag("a", where, href=f"#answer-{spot.position}"), class_="where"),
    )


def _said(spot: Moment, found: Assessment | None) -> Element | None:
    """The sentence that is heard at this moment, unless it is quoted already."""
    if found is None or spot.at_seconds is None:
        return None
    for sentence in found.transcript:
        if sentence.start <= spot.at_seconds < sentence.end and sentence.text not in spot.text:
            text = clipped(sentence.text, _SAID_LIMIT)
            return tag("blockquote", f"“{text}”", dir="auto", lang=spoken_language(found))
    return None
