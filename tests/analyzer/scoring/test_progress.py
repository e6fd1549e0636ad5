"""Lines, streaks and comparisons on attempts whose numbers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.scoring.as_found import as_found
from analyzer.scoring.measures import FILLERS, METRICS, OVERALL, PACE
from analyzer.scoring.part_counts import part_counts
from analyzer.scoring.progress import Line, compare, progress_of, streak_weeks
from analyzer.scoring.rubric import SWITCHED_OFF
from core.assessment import (
    AnswerPart,
    EngineName,
    Filler,
    KeyPoint,
    Metric,
    PartName,
    Pause,
    Score,
)
from core.models import Attempt
from tests.cogs.ui.samples import ASSESSED, BOUNDED, DAY, assessment, attempt, delivery
from tests.storage.samples import FACTS


def take(day: int, values: dict[Metric, int] | None = None, **changes: Any) -> Attempt:
    """An attempt of a day, with an assessment."""
    others = {
        name: changes.pop(name) for name in ("metrics_off", "id", "interview_id") if name in changes
    }
    made = assessment(values, **changes)
    return attempt(made, created_at=DAY + timedelta(days=day), **others)


def everything(value: int) -> dict[Metric, int]:
    return dict.fromkeys(Metric, value)


def line(*values: float | None) -> Line:
    return Line(OVERALL, values)


def titled(lines: tuple[Line, ...]) -> dict[str, tuple[float | None, ...]]:
    return {each.measure.title: each.values for each in lines}


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ((5, 5), "steady"),
        ((5, 6), "rising"),
        ((6, 5.4), "falling"),
        ((5, 5.4), "steady"),
        ((4, 5, 6, 7, 8, 1), "rising"),  # one odd attempt does not turn it
        ((8, 7, 6, 5, 10), "falling"),
        ((3, None, None, 6), "rising"),
        ((6, 4, 6, 4, 6), "steady"),
    ],
)
def test_a_trend_is_told_by_all_numbers(values: tuple[float | None, ...], trend: str) -> None:
    assert line(*values).trend == trend


def test_lines_run_from_the_oldest_to_the_newest_attempt() -> None:
    values = {Metric.CLARITY: 4}, {Metric.CLARITY: 0}, {Metric.CLARITY: 8}
    found = progress_of([take(2, values[2]), take(1, values[1]), take(0, values[0])])
    assert [each.created_at.day for each in found.attempts] == [2, 3, 4]
    lines = titled(found.lines)
    assert lines["Clarity"] == (4, None, 8)
    assert lines["Overall"] == (5.7, 6.0, 6.3)
    assert next(each for each in found.lines if each.measure is OVERALL).change == 0.6


def test_only_attempts_assessed_like_the_latest_are_in_a_line() -> None:
    found = progress_of(
        [
            take(4, everything(8)),
            take(3, everything(2), rubric_version=2),
            take(2, everything(2), engine=EngineName.LOCAL),
            take(1, everything(6)),
        ]
    )
    assert found.left_out == 2
    assert titled(found.lines)["Overall"] == (6, 8)


def test_the_local_engine_has_pace_voice_and_fillers_but_no_overall() -> None:
    heard = dict.fromkeys(Metric, 0) | {Metric.SPEECH_RATE: 8, Metric.VOICE_TONE: 5}
    local = {"engine": EngineName.LOCAL, "delivery": delivery()}
    found = progress_of([take(1, heard, **local), take(0, heard, **local)])
    assert list(titled(found.lines)) == [
        "Speech rate",
        "Voice tone",
        "Words per minute",
        "Fillers per minute",
    ]


def test_a_measure_with_one_number_is_no_line() -> None:
    found = progress_of([take(1, delivery=delivery()), take(0)])
    assert "Words per minute" not in titled(found.lines)


def test_metrics_switched_off_are_in_no_line_and_no_total() -> None:
    off = frozenset({Metric.EYE_CONTACT, Metric.SPEECH_RATE})
    measured = {"delivery": delivery(words_per_minute=150)}
    found = progress_of(
        [
            take(3, everything(6), metrics_off=off, **measured),
            take(2, everything(7), metrics_off=off, **measured),
            take(1, everything(2), **measured),
        ]
    )
    lines = titled(found.lines)
    assert not {"Eye contact", "Speech rate", "Words per minute"} & set(lines)
    assert lines["Overall"] == (None, 7, 6)
    assert found.overall_gaps
    earlier_off = progress_of([take(2), take(1), take(0, metrics_off=off)])
    assert titled(earlier_off.lines)["Eye contact"] == (None, 6, 6)


def without_picture(taken: Attempt) -> Attempt:
    assert taken.assessment is not None
    facts = FACTS.model_copy(update={"width": 0, "height": 0, "video_codec": ""})
    return taken.model_copy(update={"assessment": as_found(taken.assessment, facts)})


def test_the_overall_of_sound_alone_is_followed_and_compared_only_with_its_like() -> None:
    sound = [without_picture(take(day, everything(value))) for day, value in ((3, 8), (1, 6))]
    video = take(2, everything(3))
    found = progress_of([sound[0], video, sound[1]])
    lines = titled(found.lines)
    assert lines["Overall"] == (6, None, 8)
    assert lines["Clarity"] == (6, 3, 8)
    assert found.picture_gaps
    assert not progress_of(sound).picture_gaps
    unlike = compare(video, sound[0])
    assert not unlike.same_picture
    assert {change.measure.title for change in unlike.scores} >= {"Clarity", "Voice tone"}
    assert not {"Overall", "Eye contact"} & {change.measure.title for change in unlike.scores}
    assert "Overall" in {change.measure.title for change in compare(*sound).scores}


@pytest.mark.parametrize("attempts", [[], [attempt()]])
def test_nothing_assessed_is_no_progress(attempts: list[Attempt]) -> None:
    with pytest.raises(ValueError, match="attempt"):
        progress_of(attempts)


def test_rates_need_enough_speech() -> None:
    um = (Filler(text="um", at_seconds=1),) * 3
    assert FILLERS.of(take(0, delivery=delivery(span_seconds=60, fillers=um))) == 3
    assert FILLERS.of(take(0, delivery=delivery(span_seconds=5, fillers=um))) is None
    assert FILLERS.of(take(0, delivery=delivery(fillers_counted=False))) is None
    assert FILLERS.of(take(0, delivery=delivery(words=0, words_per_minute=None))) is None
    assert PACE.of(take(0)) is None
    assert PACE.of(take(0, delivery=delivery(words_per_minute=147.6))) == 148


MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_before_now", "weeks"),
    [
        ([], 0),
        ([0], 1),
        ([0, 0, 1, 2], 1),  # Thursday, Wednesday, Tuesday
        ([3, 4], 2),  # Monday and the Sunday before
        ([7, 14], 2),  # none this week yet
        ([0, 7, 14, 28], 3),
        ([14], 0),
    ],
)
def test_a_streak_counts_weeks_in_a_row(days_before_now: list[int], weeks: int) -> None:
    thursday = MONDAY + timedelta(days=3, hours=12)
    moments = [thursday - timedelta(days=days) for days in days_before_now]
    assert streak_weeks(moments, thursday) == weeks


def test_a_streak_runs_over_the_turn_of_the_year() -> None:
    moments = [datetime(2020, 12, 31, tzinfo=UTC), datetime(2021, 1, 4, tzinfo=UTC)]
    assert streak_weeks(moments, datetime(2021, 1, 6, tzinfo=UTC)) == 2


def test_two_attempts_are_compared_from_the_earlier_to_the_later() -> None:
    first = take(0, {Metric.SPEECH_RATE: 4, Metric.CLARITY: 7, Metric.RELEVANCE: 0})
    second = take(1, {Metric.SPEECH_RATE: 6, Metric.CLARITY: 5, Metric.EYE_CONTACT: 0})
    for found in (compare(first, second), compare(second, first)):
        by = {change.measure.title: change.by for change in found.scores}
        assert (found.before, found.now) == (first, second)
        assert (by["Speech rate"], by["Clarity"], by["Voice tone"]) == (2, -2, 0)
        assert by["Overall"] == 0
        assert [measure.title for measure in found.only_now] == ["Relevance"]
        assert [measure.title for measure in found.only_before] == ["Eye contact"]


def test_delivery_is_compared_where_both_have_it() -> None:
    long = (Pause(start=3, seconds=1.5),) * 2
    first = take(0, delivery=delivery(span_seconds=60, pauses=long, talk_ratio=0.8))
    second = take(1, delivery=delivery(span_seconds=60, pauses=long[:1], talk_ratio=0.845))
    found = {each.measure.title: each for each in compare(first, second).delivery}
    assert (found["Pauses over 1 s per minute"].before, found["Words per minute"].by) == (2, 0)
    assert found["Time spent speaking"].measure.change_text(found["Time spent speaking"].by) == (
        "up 4%"
    )
    assert "Pitch variation" not in found


def test_different_engines_or_rubrics_have_no_numbers_in_common() -> None:
    point = (KeyPoint(text="Names the goal"),)
    for other in (take(1, engine=EngineName.LOCAL), take(1, rubric_version=2, key_points=point)):
        found = compare(take(0), other)
        assert not found.same_way
        assert (found.scores, found.delivery) == ((), ())
        assert (found.points_new, found.points_gone) == ((), ())


def test_what_was_switched_off_for_one_of_two_is_not_compared() -> None:
    off = frozenset({Metric.EYE_CONTACT, Metric.VOICE_TONE})
    measured: dict[str, Any] = {"delivery": delivery(pitch_variation_semitones=2)}
    scores = assessment().scores | {  # type: ignore[operator]  # it is a dict
        metric: Score(reason=SWITCHED_OFF) for metric in off
    }
    found = compare(take(0, **measured), take(1, scores=scores, metrics_off=off, **measured))
    shown = {each.measure.title for each in (*found.scores, *found.delivery)}
    shown |= {each.title for each in (*found.only_before, *found.only_now)}
    assert not shown & {"Eye contact", "Voice tone", "Pitch variation", "Overall"}
    assert not found.same_total


def points(*texts: str) -> dict[str, Any]:
    return {"key_points": tuple(KeyPoint(text=text) for text in texts)}


def test_key_points_are_matched_by_similar_wording() -> None:
    before = take(0, **points("Names a concrete project", "Leaves out the result", "Greets first"))
    now = take(1, **points("NAMES a concrete  project.", "Gives the result in numbers"))
    found = compare(before, now)
    assert [p.text for p in found.points_new] == ["Gives the result in numbers"]
    assert [p.text for p in found.points_gone] == ["Leaves out the result", "Greets first"]


def test_one_key_point_matches_one_other_only_the_most_similar() -> None:
    before = take(0, **points("Mentions the team twice", "Mentions the team"))
    found = compare(before, take(1, **points("Mentions the team")))
    assert [p.text for p in found.points_gone] == ["Mentions the team twice"]
    assert found.points_new == ()


def test_long_hostile_key_points_take_no_noticeable_time() -> None:
    text = "ab" * 5000
    before = take(0, **points(*(text for _ in range(8))))
    started = perf_counter()
    compare(before, take(1, **points(*(text[1:] for _ in range(8)))))
    assert perf_counter() - started < 5


@settings(BOUNDED, max_examples=25)
@given(st.lists(ASSESSED, min_size=1, max_size=3))
def test_any_attempts_can_be_followed_and_compared(attempts: list[Attempt]) -> None:
    found = progress_of(attempts)
    assert len(found.attempts) + found.left_out == len(attempts)
    for each in found.lines:
        assert each.trend in ("rising", "falling", "steady")
        assert len(each.values) == len(found.attempts)
    compared = compare(attempts[0], attempts[-1])
    assert compared.before.created_at <= compared.now.created_at


def test_every_metric_has_its_title_once() -> None:
    assert len({measure.title for measure in METRICS}) == len(Metric)


def judged(day: int, value: int, judge: str | None, **changes: Any) -> Attempt:
    """A result of the local engine, its words scored by a judge, where there is one."""
    words = dict.fromkeys((Metric.CONFIDENCE, Metric.CLARITY, Metric.RELEVANCE), value)
    values = {Metric.SPEECH_RATE: 7, Metric.VOICE_TONE: 5} | (words if judge else {})
    others = {metric: 0 for metric in Metric if metric not in values}
    return take(day, values | others, engine=EngineName.LOCAL, judge=judge, **changes)


def test_another_judges_scores_are_not_on_the_same_line() -> None:
    found = progress_of(
        [judged(4, 8, "new"), judged(3, 6, None), judged(2, 7, "new"), judged(1, 3, "old")]
    )
    lines = titled(found.lines)
    assert lines["Clarity"] == (None, 7, None, 8)
    assert lines["Overall"] == (None, 6.6, None, 7.2)
    assert lines["Speech rate"] == (7, 7, 7, 7)
    assert found.left_out == 0


def test_a_judge_that_was_away_once_takes_no_line_away() -> None:
    lines = titled(
        progress_of([judged(3, 6, None), judged(2, 7, "new"), judged(1, 4, "new")]).lines
    )
    assert lines["Clarity"] == (4, 7, None)


@pytest.mark.parametrize("other", ["old", None])
def test_two_judges_are_not_compared_but_what_was_measured_is(other: str | None) -> None:
    found = compare(judged(1, 3, other), judged(2, 8, "new"))
    assert not found.same_judge
    assert {change.measure.title for change in found.scores} == {"Speech rate", "Voice tone"}
    assert not {measure.title for measure in found.only_now} & {"Clarity", "Relevance"}
    assert compare(judged(1, 3, "new"), judged(2, 8, "new")).scores[0].measure is OVERALL


def test_what_a_judge_adds_to_another_engines_result_changes_nothing_about_its_numbers() -> None:
    now = take(1, everything(8), judge="some-model")
    assert compare(take(0, everything(5)), now).same_judge


def test_the_answers_of_an_interview_are_one_step_and_count_by_their_mean() -> None:
    found = progress_of(
        [
            take(4, everything(9)),
            take(3, everything(8), interview_id="f" * 16),
            take(2, everything(5)),  # of its own, made while the interview had a break
            take(1, everything(4), interview_id="f" * 16),
        ]
    )
    assert titled(found.lines)["Overall"] == (6.0, 5.0, 9.0)
    assert (len(found.attempts), len(found.steps), found.interviews) == (4, 3, 1)


def test_parts_are_counted_where_they_were_looked_for() -> None:
    def story(*heard: PartName, **changes: Any) -> Attempt:
        looked_for = (PartName.SITUATION, PartName.RESULT)
        parts = tuple(
            AnswerPart(name=name, at_seconds=1.0 if name in heard else None) for name in looked_for
        )
        return take(1, parts=parts, **changes)

    off = frozenset({Metric.RELEVANCE})
    counts = part_counts(
        [
            take(1),
            story(PartName.SITUATION),
            story(PartName.SITUATION, PartName.RESULT),
            story(PartName.RESULT, metrics_off=off),
        ]
    )
    assert [(one.name, one.words) for one in counts] == [
        (PartName.SITUATION, "heard in 2 of 2 answers"),
        (PartName.RESULT, "heard in 1 of 2 answers"),
    ]
