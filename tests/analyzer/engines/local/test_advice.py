"""Each remark has its moment: the strength and the next step, whatever they are about."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.engines.local.picture.findings import HEAD_ONLY, HeadDirection
from analyzer.engines.local.report import write_report
from analyzer.model_output.guardrails import forbidden
from analyzer.scoring.rubric import SWITCHED_OFF
from core.assessment import (
    Assessment,
    Metric,
    Picture,
    Score,
    Stretch,
    Word,
)
from tests.analyzer.engines.local.test_report import evenly, heard, ums


def head(toward: float, **changes: Any) -> HeadDirection:
    picture = Picture(pictures=120, face_share=1, toward_share=toward, **changes)
    away = max(picture.away, key=lambda run: run.end - run.start, default=None)
    return HeadDirection(
        Score(
            value=max(1, round(toward * 10)),
            evidence="Your head …",
            at_seconds=away.start if away else None,
        ),
        picture,
        steadiest_at=12.0,
    )


def report(
    seen: HeadDirection | None = None, *, off: frozenset[Metric] = frozenset(), **changes: Any
) -> Assessment:
    return write_report(heard(**changes), engine_version="local-1 (test)", head=seen, off=off)


def later(words: tuple[Word, ...], by: float) -> tuple[Word, ...]:
    return tuple(
        word.model_copy(update={"start": word.start + by, "end": word.end + by}) for word in words
    )


def wave(semitones: float, seconds: float) -> tuple[float, ...]:
    """A pitch with this standard deviation."""
    return tuple(semitones * (-1) ** step for step in range(round(seconds * 20)))


@pytest.mark.parametrize(
    ("changes", "at", "within"),
    [
        # slow at first, then slower
        ({"words": evenly(30, 0.6) + later(evenly(20, 1.2), 18)}, 18.0, 18.0),
        # fast at first, then faster
        ({"words": evenly(80, 0.25) + later(evenly(80, 0.18), 20)}, 20.0, 9.0),
        ({"pitch_semitones": 1.5, "pitch": (*wave(3, 20), *wave(0.5, 4), *wave(3, 36))}, 20.0, 0.1),
        ({"pitch_semitones": 7.9, "pitch": (*wave(3, 20), *wave(9, 4), *wave(3, 36))}, 20.0, 0.1),
        ({"speech": ((0, 20), (24.5, 40), (42, 60))}, 20.0, 0.1),
        ({"fillers": ums(*range(7, 22))}, 7.0, 0.1),
    ],
    ids=["slow", "fast", "flat", "jumping", "pauses", "fillers"],
)
def test_the_next_step_has_the_moment_that_shows_it(
    changes: dict[str, Any], at: float, within: float
) -> None:
    found = report(**changes)
    assert found.next_step_at is not None
    assert at <= found.next_step_at <= at + within


def test_the_scores_point_at_the_same_moments() -> None:
    found = report(pitch_semitones=1.5, pitch=(*wave(3, 20), *wave(0.5, 4), *wave(3, 36)))
    assert found.scores[Metric.VOICE_TONE].at_seconds == 20
    assert found.delivery is not None
    assert found.delivery.flattest == Stretch(start=20, end=24, value=0.5)
    assert report(pitch=wave(3, 60)).scores[Metric.VOICE_TONE].at_seconds is None  # lively


@pytest.mark.parametrize(
    ("changes", "strength", "at"),
    [
        ({}, "Your pace was easy to follow (150 words per minute).", 0),
        (
            {"words": evenly(60, 1.0), "pitch": (*wave(3, 20), *wave(5, 10), *wave(3, 30))},
            "Your voice was lively (4.0 semitones).",
            20,
        ),
        (
            {"words": evenly(60, 1.0), "pitch_semitones": 1.0},
            "You kept going (no pause was longer than a second).",
            0,
        ),
        (
            {
                "words": evenly(60, 1.0),
                "pitch_semitones": 1.0,
                "speech": ((0, 20), (25, 60)),
                "fillers": ums(21.0),
            },
            "You used few fillers (1 was heard).",
            21,
        ),
    ],
)
def test_the_strength_has_the_moment_that_shows_it(
    changes: dict[str, Any], strength: str, at: float
) -> None:
    found = report(**changes)
    assert found.strength == strength
    assert found.strength_at == pytest.approx(at, abs=1)


def test_a_head_that_was_away_is_the_next_step_with_its_longest_moment() -> None:
    away = (Stretch(start=9, end=10, value=30), Stretch(start=31, end=40, value=-28))
    found = report(head(0.4, away=away))
    assert found.next_step.startswith(
        "Keep your head toward the camera for longer (it was in 40% of the pictures)"
    )
    assert found.next_step_at == 31
    assert HEAD_ONLY in found.notes
    assert found.scores[Metric.EYE_CONTACT].value == 4
    assert found.overall is None  # three scores are too few for one


def test_a_head_toward_the_camera_is_a_strength_from_where_it_was_so_longest() -> None:
    found = report(
        head(1.0),
        words=evenly(60, 1.0),
        pitch_semitones=1.0,
        speech=((0, 20), (25, 60)),
        fillers=None,
    )
    assert found.strength == "You kept your head toward the camera (100% of the pictures)."
    assert found.strength_at == 12


def test_framing_is_the_next_step_where_nothing_else_stands_out() -> None:
    advice = ("The picture is dark: put a light in front of you.",)
    assert report(head(1.0, advice=advice)).next_step == advice[0]
    slow = report(head(1.0, advice=advice), words=evenly(60, 1.0))
    assert slow.next_step.startswith("Speak a little faster")


def test_a_metric_that_is_off_leaves_no_moment_and_no_advice() -> None:
    away = (Stretch(start=31, end=40, value=-28),)
    found = report(head(0.1, away=away, advice=("The picture is dark.",)), off=frozenset(Metric))
    assert found.next_step.startswith("Nothing measured")
    assert found.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF
    assert HEAD_ONLY not in found.notes
    assert found.picture is None
    assert found.delivery is not None
    assert (found.delivery.fastest, found.delivery.slowest, found.delivery.flattest) == (
        None,
        None,
        None,
    )


def test_no_advice_is_about_the_person() -> None:
    for seen in (head(0.1), head(0.6), head(1.0)):
        for semitones in (1.0, 2.5, 4.0, 7.0):
            for every in (0.2, 0.4, 0.9):
                found = report(seen, pitch_semitones=semitones, words=evenly(70, every))
                assert not forbidden(found.strength)
                assert not forbidden(found.next_step)
                assert not any(forbidden(score.evidence) for score in found.scores.values())
