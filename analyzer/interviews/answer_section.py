"""One question on the page of a report: its result as it was shown, with the transcript."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from analyzer.interviews.course import Standing
from analyzer.interviews.markup import listed, tag
from analyzer.interviews.report import AnswerLine
from analyzer.scoring.result_words import (
    PART_NAMES,
    delivery_remarks,
    good_to_know,
    part_words,
    parts_heading,
    picture_lines,
    structure_words,
)
from analyzer.scoring.rubric import NOT_ASSESSED_LOCALLY, SWITCHED_OFF, metric_name
from analyzer.scoring.wording import delivery_lines, moment, not_looked_at, range_text
from core.assessment import (
    AnswerPart,
    Assessment,
    BetterWording,
    KeyPoint,
    Metric,
    Score,
    Sentence,
)
from core.interviews import InterviewQuestion
from core.models import Attempt

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def answer_section(
    line: AnswerLine, question: InterviewQuestion, attempt: Attempt | None, known: Collection[str]
) -> Element:
    """One question, and all of its result, or the reason that there is none.

    Args:
        line: what the report says of the question.
        question: as it was asked.
        attempt: the latest answer to it, with or without a result.
        known: the limits of results that are told elsewhere on the page, because all have them.
    """
    found = attempt.assessment if attempt and line.standing is Standing.ASSESSED else None
    return tag(
        "article",
        tag("h3", tag("span", line.label, class_="label"), " ", _any(line.question)),
        tag("p", line.words, class_="result", dir="auto"),
        *(() if found is None else _result(found, question, known)),
        class_="card",
        id=f"answer-{line.position}",
    )


def limits_of(found: Assessment) -> list[str]:
    """What is good to know about a result, a sentence each."""
    return [line for line in (*good_to_know(found), not_looked_at(found)) if line.strip()]


def spoken_language(found: Assessment) -> str | None:
    """The language of an answer for the `lang` of its words; `None`: not known."""
    language = found.language
    return language if language and _LANGUAGE.fullmatch(language) else None


def _result(
    found: Assessment, question: InterviewQuestion, known: Collection[str]
) -> Iterator[Element | None]:
    language = spoken_language(found)
    whole = question.follows is None  # a follow-up asks about one part, and is to have no other
    parts = [part for part in found.parts if whole or part.at_seconds is not None]
    lacks = [text for text in found.not_heard if whole and text.strip()]
    limits = [line for line in limits_of(found) if line not in known]
    yield _lead("One strength", found.strength, found.strength_at)
    yield _lead("One thing to try next", found.next_step, found.next_step_at)
    yield _block("Scores", listed("ul", _scores(found), class_="scores"), _not_scored(found))
    yield _block("Key points", listed("ul", map(_key_point, found.key_points)))
    yield _block("Not heard", listed("ul", map(_any, lacks)))
    yield _block(
        parts_heading(found),
        listed("ul", map(_part, parts), class_="parts"),
        _p(structure_words(found.structure)),
    )
    yield _block("Said better", *_better(found.better, language))
    yield _block("Measured in your delivery", listed("ul", _delivery(found)))
    yield _block("Measured in the picture", listed("ul", map(_any, _picture(found))))
    yield _transcript(found.transcript, language)
    yield _block("Good to know", listed("ul", map(_any, limits)), kind="small")


def _block(heading: str, *parts: Element | None, kind: str | None = None) -> Element | None:
    """A heading with what belongs to it, or nothing where that is empty."""
    if all(part is None for part in parts):
        return None
    return tag("section", tag("h4", heading), *parts, class_=kind)


def _lead(heading: str, text: str, at_seconds: float | None) -> Element | None:
    if not text.strip():
        return None
    return _block(heading, tag("p", _any(text), *_at(at_seconds)), kind="lead")


def _p(text: str) -> Element | None:
    return tag("p", text, dir="auto") if text.strip() else None


def _any(text: str) -> Element:
    """Text from anywhere: whichever way it runs, it turns nothing around it."""
    return tag("bdi", text)


def _at(at_seconds: float | None) -> Iterator[str | Element]:
    """A moment to put behind a text; nothing where it is not known."""
    if at_seconds is not None:
        yield " "
        yield tag("span", moment(at_seconds), class_="at")


def _scores(found: Assessment) -> Iterator[Element]:
    for metric in Metric:
        score = found.scores[metric]
        if score.value is not None:
            yield _score(metric_name(metric, found), score, score.value)


def _score(name: str, score: Score, value: int) -> Element:
    spread = f" ({words})" if (words := range_text(score)) else ""
    bar = tag(
        "svg",
        tag("rect", width="100", height="8", rx="4", class_="all"),
        tag("rect", width=f"{value * 10}", height="8", rx="4", class_="reached"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="bar",
    )
    evidence = tag("p", _any(score.evidence), *_at(score.at_seconds), class_="evidence")
    return tag(
        "div",
        tag("strong", name),
        tag("span", f" {value} of 10{spread}", class_="value"),
        bar,
        evidence if score.evidence.strip() or score.at_seconds is not None else None,
    )


def _not_scored(found: Assessment) -> Element | None:
    """The metrics without a score, and why; those switched off are not even mentioned."""
    reasons = {
        metric: reason
        for metric in Metric
        if (reason := found.scores[metric].reason) not in (None, SWITCHED_OFF, NOT_ASSESSED_LOCALLY)
    }
    said = [f"{metric_name(metric, found)}: {reason}." for metric, reason in reasons.items()]
    return _p(" ".join(said))


def _key_point(point: KeyPoint) -> Element | None:
    return tag("span", _any(point.text), *_at(point.at_seconds)) if point.text.strip() else None


def _part(part: AnswerPart) -> Element:
    sign, kind = ("–", "missing") if part.at_seconds is None else ("✓", "heard")
    mark = tag("span", sign, class_=kind, aria_hidden="true")
    return tag("span", mark, f" {PART_NAMES[part.name]}: {part_words(part)}")


def _better(better: BetterWording | None, language: str | None) -> Iterator[Element | None]:
    if better is None or not better.quote.strip() or not better.better.strip():
        return
    yield tag(
        "p",
        "You said: ",
        tag("q", better.quote, dir="auto", lang=language),
        *_at(better.at_seconds),
    )
    yield tag("p", "Better: ", tag("q", better.better, dir="auto", lang=language))


def _delivery(found: Assessment) -> Iterator[Element]:
    yield from map(_any, delivery_lines(found.delivery))
    for remark in delivery_remarks(found.delivery):
        if remark.kind != "pause":  # the lines above have it
            yield tag("span", f"{remark.text} ({remark.figure})", *_at(remark.at_seconds))


def _picture(found: Assessment) -> Iterator[str]:
    if found.scores[Metric.EYE_CONTACT].reason != SWITCHED_OFF:
        yield from picture_lines(found.picture)


def _transcript(said: tuple[Sentence, ...], language: str | None) -> Element | None:
    """What was heard, sentence by sentence: folded on a screen, whole on paper."""
    if not said:
        return None
    lines = (
        tag("p", tag("span", moment(one.start), class_="at"), " ", _any(one.text)) for one in said
    )
    return tag(
        "details",
        tag("summary", "Transcript"),
        tag("div", *lines, lang=language, class_="transcript"),
        tag("p", "Written down by speech recognition, which mishears at times.", class_="small"),
    )
