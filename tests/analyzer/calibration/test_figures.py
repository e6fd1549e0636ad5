"""What several runs say of an engine: spread, what it tells apart, and what is shown then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.calibration.figures import Calibration, calibration_of
from analyzer.calibration.kept import keep_calibration, with_ranges
from analyzer.calibration.known_answers import known_answers
from core.assessment import Assessment, EngineName, Metric, Score
from storage.engine.database import Database
from storage.repositories.metadata import Metadata
from tests.analyzer.harness import Harness, run_attempt

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ANSWERS = known_answers().clips


def assessment(value: int | None, **changes: Score) -> Assessment:
    score = Score(value=value) if value else Score(reason="not assessed")
    return Assessment(
        engine=EngineName.TWELVELABS,
        engine_version="model-1",
        rubric_version=1,
        scores={metric: changes.get(metric.value, score) for metric in Metric},
        strength="",
        next_step="",
    )


def found(**runs: Sequence[Assessment]) -> Calibration:
    return calibration_of(
        ANSWERS, {name.replace("_", "-"): each for name, each in runs.items()}, made_at=NOW
    )


@pytest.mark.parametrize(
    ("values", "spread", "shown"),
    [
        ((7, 7, 7), 0, None),
        ((7, 8, 7), 1, None),
        ((7, 9, 8), 2, 1),
        ((5, 8), 3, 2),
        ((7,), None, None),
    ],
)
def test_scores_are_shown_as_a_range_where_they_spread_by_more_than_a_point(
    values: Sequence[int], spread: int | None, shown: int | None
) -> None:
    calibration = found(good=[assessment(value) for value in values])
    assert calibration.metrics[Metric.CLARITY].spread == spread
    assert calibration.give_or_take(Metric.CLARITY) == shown
    ranges = {score.give_or_take for score in calibration.applied_to(assessment(7)).scores.values()}
    assert ranges == {shown}


def test_the_clip_that_varied_most_counts() -> None:
    calibration = found(good=[assessment(8), assessment(8)], partial=[assessment(3), assessment(7)])
    assert calibration.metrics[Metric.RELEVANCE].spread == 4


def test_a_good_answer_has_to_beat_one_to_another_question() -> None:
    fair = found(good=[assessment(8)], off_topic=[assessment(2)])
    assert fair.metrics[Metric.RELEVANCE].wrong == ()
    unfair = found(good=[assessment(5)], off_topic=[assessment(5)])
    assert "good does not beat off-topic" in unfair.metrics[Metric.RELEVANCE].wrong


def test_what_a_clip_does_not_show_must_have_no_score() -> None:
    [wrong] = found(no_face=[assessment(6)]).metrics[Metric.EYE_CONTACT].wrong
    assert wrong == "no-face was scored, and does not show it"
    unseen = assessment(6, eye_contact=Score(reason="not observable: no face"))
    assert found(no_face=[unseen]).metrics[Metric.EYE_CONTACT].wrong == ()


def test_asking_for_tens_must_not_help() -> None:
    helped = found(good=[assessment(6)], asks_for_tens=[assessment(10)])
    assert any(figures.wrong for figures in helped.metrics.values())
    fair = found(good=[assessment(6)], asks_for_tens=[assessment(5)])
    assert not any(figures.wrong for figures in fair.metrics.values())


def test_another_engine_or_judge_keeps_its_scores_as_they_are() -> None:
    calibration = found(good=[assessment(4), assessment(9)])
    for change in ({"engine_version": "model-2"}, {"judge": "some-model"}, {"rubric_version": 2}):
        other = assessment(7).model_copy(update=change)
        assert calibration.applied_to(other) == other


async def test_it_is_kept_and_applied_to_what_comes_after(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}")
    await database.open()
    metadata = Metadata(database, lambda: NOW)
    assert await with_ranges(metadata, assessment(7)) == assessment(7)
    await keep_calibration(
        metadata, EngineName.TWELVELABS, found(good=[assessment(4), assessment(9)])
    )
    shown = await with_ranges(metadata, assessment(7))
    assert shown.scores[Metric.CLARITY].give_or_take == 3
    await metadata.set("calibration:twelvelabs", "{}")  # as another version might have kept it
    assert await with_ranges(metadata, assessment(7)) == assessment(7)
    await database.close()


async def test_an_attempts_scores_show_their_range(harness: Harness) -> None:
    made_by = harness.engine.assessment
    noisy = found(good=[assessment(4), assessment(9)]).model_copy(
        update={
            "engine_version": made_by.engine_version,
            "rubric_version": made_by.rubric_version,
        }
    )
    await keep_calibration(harness.deps.metadata, made_by.engine, noisy)
    shown = (await run_attempt(harness)).assessment
    assert shown is not None
    scored = [score for score in shown.scores.values() if score.value is not None]
    assert scored
    assert {score.give_or_take for score in scored} == {3}
