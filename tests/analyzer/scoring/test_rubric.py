"""The rubric says something about every metric, and says it in observable terms."""

from __future__ import annotations

import pytest

from analyzer.scoring.rubric import PICTURE, RUBRIC, SPEECH, assessable, not_observable
from core.assessment import Metric


def test_every_metric_has_a_line_and_a_title_of_its_own() -> None:
    assert set(RUBRIC) == set(Metric)
    assert len({line.title for line in RUBRIC.values()}) == len(Metric)


@pytest.mark.parametrize("metric", Metric)
def test_the_three_anchors_of_a_metric_differ(metric: Metric) -> None:
    line = RUBRIC[metric]
    assert len({line.observable, line.low, line.middle, line.high}) == 4
    assert all((line.observable, line.low, line.middle, line.high))


def test_each_metric_needs_either_sound_or_a_picture() -> None:
    assert frozenset(Metric) == SPEECH | PICTURE
    assert not SPEECH & PICTURE


def test_without_sound_only_what_is_seen_can_be_assessed() -> None:
    assert assessable(has_audio=True) == tuple(Metric)
    assert set(assessable(has_audio=False)) == PICTURE


def test_not_observable_is_a_whole_phrase_with_and_without_a_reason() -> None:
    assert not_observable("no face in the picture.") == "not observable: no face in the picture"
    assert not_observable("  ") == "not observable in this clip"
