"""The practice bands: their knots, what lies between, and their ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.scoring import bands
from core.assessment import Delivery


@pytest.mark.parametrize(
    ("band", "value", "score"),
    [
        (bands.pace_score, 0, 1),
        (bands.pace_score, 60, 1),
        (bands.pace_score, 90, 4),
        (bands.pace_score, 110, 7),
        (bands.pace_score, 120, 8),
        (bands.pace_score, 130, 9),
        (bands.pace_score, 140, 10),
        (bands.pace_score, 154, 10),
        (bands.pace_score, 165, 10),
        (bands.pace_score, 172.5, 9),
        (bands.pace_score, 200, 6),
        (bands.pace_score, 400, 1),
        (bands.pitch_score, 0, 1),
        (bands.pitch_score, 1.5, 3),
        (bands.pitch_score, 1.75, 4),
        (bands.pitch_score, 2, 5),
        (bands.pitch_score, 3, 9),
        (bands.pitch_score, 4.5, 10),
        (bands.pitch_score, 8, 8),
        (bands.pauses_score, 0, 10),
        (bands.pauses_score, 3, 6.5),
        (bands.pauses_score, 20, 1),
        (bands.longest_pause_score, 0.6, 10),
        (bands.longest_pause_score, 3.5, 5),
        (bands.fillers_score, 2, 10),
        (bands.fillers_score, 5, 8),
        (bands.fillers_score, 12, 2),
    ],
)
def test_a_measure_has_its_score(
    band: Callable[[float], float], value: float, score: float
) -> None:
    assert band(value) == pytest.approx(score)


@pytest.mark.parametrize(
    ("score", "shown"), [(0.2, 1), (4.04, 4), (4.5, 5), (9.49, 9), (9.5, 10), (10, 10)]
)
def test_scores_are_rounded_to_whole_ones_between_1_and_10(score: float, shown: int) -> None:
    assert bands.rounded(score) == shown


@pytest.mark.parametrize(
    ("words", "span", "talk", "enough"),
    [
        (20, 10.0, 0.8, True),
        (19, 60.0, 1.0, False),
        (60, 10.0, 0.7, False),
        (60, 60.0, None, False),
    ],
)
def test_little_speech_is_not_scored(
    words: int, span: float, talk: float | None, enough: bool
) -> None:
    delivery = Delivery(words=words, span_seconds=span, talk_ratio=talk)
    assert bands.enough_speech(delivery) is enough
