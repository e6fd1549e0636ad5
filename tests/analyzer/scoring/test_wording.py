"""Sentences about a result that every place shows in the same words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from analyzer.scoring.rubric import (
    HEAD_DIRECTION,
    METRIC_NAMES,
    NOT_ASSESSED,
    NOT_ASSESSED_LOCALLY,
    RUBRIC,
    SWITCHED_OFF,
    metric_name,
    metric_observed,
)
from analyzer.scoring.wording import delivery_lines, not_looked_at
from core.assessment import Assessment, Delivery, EngineName, Metric, Score

JUDGED = (Metric.CONFIDENCE, Metric.CLARITY, Metric.RELEVANCE)


def assessment(
    engine: EngineName = EngineName.LOCAL, *, missing: Iterable[Metric], reason: str
) -> Assessment:
    scores = {metric: Score(value=7) for metric in Metric}
    return Assessment(
        engine=engine,
        engine_version="1",
        rubric_version=1,
        scores=scores | {metric: Score(reason=reason) for metric in missing},
        strength="",
        next_step="",
    )


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        (
            (*JUDGED, Metric.BODY_LANGUAGE),
            "This server measures on its own machine: confidence, clarity and relevance need a"
            " judge or TwelveLabs, and body language needs a video model (TwelveLabs).",
        ),
        (
            (Metric.BODY_LANGUAGE,),  # a judge has answered
            "This server measures on its own machine: body language needs a video model"
            " (TwelveLabs).",
        ),
        (
            (Metric.CLARITY,),
            "This server measures on its own machine: clarity needs a judge or TwelveLabs.",
        ),
        ((), ""),
    ],
)
def test_one_line_says_what_the_engine_does_not_look_at(
    missing: tuple[Metric, ...], line: str
) -> None:
    assert not_looked_at(assessment(missing=missing, reason=NOT_ASSESSED_LOCALLY)) == line


@pytest.mark.parametrize("reason", [NOT_ASSESSED, SWITCHED_OFF, "not assessed: no audio track"])
def test_a_metric_missing_for_another_reason_is_not_in_that_line(reason: str) -> None:
    assert not not_looked_at(assessment(missing=Metric, reason=reason))


def test_eye_contact_is_called_by_what_the_engine_looked_at() -> None:
    for found, name in (
        (assessment(missing=(), reason=""), HEAD_DIRECTION),
        (assessment(missing=[Metric.EYE_CONTACT], reason="no picture"), HEAD_DIRECTION),
        (assessment(missing=Metric, reason=NOT_ASSESSED_LOCALLY), "Eye contact"),  # local-1
        (assessment(EngineName.TWELVELABS, missing=(), reason=""), "Eye contact"),
    ):
        assert metric_name(Metric.EYE_CONTACT, found) == name
        observed = metric_observed(Metric.EYE_CONTACT, found)
        assert (observed == RUBRIC[Metric.EYE_CONTACT].title) is (name == "Eye contact")
        assert metric_name(Metric.CLARITY, found) == METRIC_NAMES[Metric.CLARITY]


@pytest.mark.parametrize(
    ("semitones", "words"),
    [(1.8, "nearly one note"), (2.4, "a little"), (4.0, "lively"), (6.0, "a great deal")],
)
def test_a_voice_is_described_in_plain_words_before_its_figure(
    semitones: float, words: str
) -> None:
    measured = Delivery(words=50, span_seconds=20, pitch_variation_semitones=semitones)
    line = list(delivery_lines(measured))[-1]
    assert line.startswith("Your voice")
    assert words in line
    assert line.endswith(f"(pitch variation {semitones:.1f} semitones)")
