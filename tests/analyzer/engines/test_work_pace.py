"""How long measuring takes is learned, counts those that wait, and survives a restart."""

from __future__ import annotations

import pytest

from analyzer.engines.work_pace import Turn, WorkPace


def test_before_the_first_clip_half_a_minute_takes_nine_seconds() -> None:
    assert WorkPace().expected(30) == pytest.approx(9)


def test_what_clips_took_is_learned_and_one_odd_clip_turns_nothing() -> None:
    pace = WorkPace()
    for work in (15, 15, 90):
        pace.learn(30, work)
    assert pace.expected(60) == pytest.approx(30)


def test_a_machine_that_became_faster_is_known_after_some_clips() -> None:
    pace = WorkPace(",".join(["2"] * 50))
    assert pace.expected(10) == pytest.approx(20)
    for _ in range(11):
        pace.learn(10, 1)
    assert pace.expected(10) == pytest.approx(1)


def test_those_that_come_first_are_waited_for() -> None:
    pace = WorkPace("0.5")
    with pace.under_way("a", 60), pace.under_way("b", 20):
        assert pace.expected(10) == pytest.approx(45)
    assert pace.expected(10) == pytest.approx(5)


def test_what_was_learned_is_written_once_and_read_again() -> None:
    pace = WorkPace()
    assert pace.unsaved() is None
    pace.learn(30, 12)
    text = pace.unsaved()
    assert text is not None
    assert pace.unsaved() is None
    assert WorkPace(text).expected(30) == pytest.approx(12)


@pytest.mark.parametrize("text", ["", "nonsense", "nan,inf,-1,0,1e9", ",,"])
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert WorkPace(text).expected(30) == pytest.approx(9)


def test_a_clip_without_a_length_teaches_nothing() -> None:
    pace = WorkPace()
    pace.learn(0, 5)
    assert pace.unsaved() is None


def test_whoever_waits_has_a_place_and_a_time_until_it_begins() -> None:
    pace = WorkPace("0.5", at_once=2)
    with pace.under_way("a", 60), pace.under_way("b", 20), pace.under_way("c", 40):
        pace.begin("a")
        pace.begin("b")
        with pace.under_way("d", 10):
            assert pace.turn("a") is None
            assert pace.turn("c") == Turn(1, 20.0)
            assert pace.turn("d") == Turn(2, 30.0)
            assert pace.turn("unknown") is None
        assert pace.expected(10) == pytest.approx(35)
