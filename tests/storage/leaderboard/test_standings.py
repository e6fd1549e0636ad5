"""The rules of the board: what each ranking takes, week by week, and who is not ranked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assessment import EngineName
from core.questions import question_key
from storage.leaderboard.standings import (
    Counted,
    Ladder,
    Standing,
    Window,
    ladder_number,
    question_digest,
    standings_of,
)

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)  # a Thursday
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
VENDOR = EngineName.TWELVELABS


def made(
    overall: float | None,
    *,
    question: str = "why us",
    at: datetime = NOW,
    engine: EngineName = VENDOR,
    version: int = 1,
) -> Counted:
    return Counted(question, engine, version, overall, at)


def ever(*counted: Counted, question: str = "", window: Window = Window.ALL) -> Standing | None:
    ladder = Ladder(VENDOR, 1, question, window.period(NOW))
    return standings_of(counted, NOW).get(ladder)


def standing(*counted: Counted, question: str = "", window: Window = Window.ALL) -> Standing:
    found = ever(*counted, question=question, window=window)
    assert found is not None
    return found


def test_best_is_the_highest_and_attempts_are_counted() -> None:
    found = standing(made(6.0), made(8.3), made(7.1))
    assert (found.best, found.attempts) == (8.3, 3)


def test_best_three_is_the_average_of_the_three_highest() -> None:
    assert standing(made(2.0), made(8.0), made(7.1), made(7.0)).best_three == 7.4


def test_with_fewer_than_three_scores_there_is_no_best_three() -> None:
    assert standing(made(9.0), made(9.0), made(None)).best_three is None


def test_improvement_is_the_best_later_attempt_over_the_first_at_the_same_question() -> None:
    found = standing(
        made(5.0, question="a"),
        made(9.0, question="b"),
        made(7.4, question="a"),
        made(6.0, question="a"),
    )
    assert found.improvement == 2.4


def test_improvement_over_all_questions_is_the_largest_of_them() -> None:
    attempts = (
        made(5.0, question="a"),
        made(6.0, question="a"),
        made(4.0, question="b"),
        made(7.0, question="b"),
    )
    assert standing(*attempts).improvement == 3.0
    assert standing(*attempts, question="a").improvement == 1.0


def test_who_has_not_improved_is_not_ranked_there() -> None:
    assert standing(made(7.0)).improvement is None
    assert standing(made(7.0), made(7.0), made(5.0)).improvement is None


def test_improvement_of_this_week_starts_from_the_first_attempt_ever() -> None:
    earlier = made(5.0, at=MONDAY - timedelta(days=100))
    assert standing(earlier, made(6.5), window=Window.WEEK).improvement == 1.5


def test_attempts_without_an_overall_count_as_attempts_only() -> None:
    assert standing(made(None), made(None)) == Standing(None, None, None, 2)
    assert standing(made(None), made(5.0), made(6.0)).improvement == 1.0


def test_windows_begin_on_monday_and_on_the_first_in_utc() -> None:
    last_sunday = made(9.0, at=MONDAY - timedelta(seconds=1))
    monday = made(5.0, at=MONDAY)
    last_month = made(10.0, at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    counted = (last_month, last_sunday, monday)
    assert standing(*counted, window=Window.WEEK).best == 5.0
    assert standing(*counted, window=Window.MONTH).best == 9.0
    assert standing(*counted).best == 10.0
    assert ever(last_month, window=Window.WEEK) is None


def test_periods_of_past_weeks_and_months_get_no_rows() -> None:
    periods = {
        ladder.period
        for ladder in standings_of([made(5.0, at=datetime(2025, 1, 1, tzinfo=UTC))], NOW)
    }
    assert periods == {"all"}


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 12, 31, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 4, tzinfo=UTC), "2027-W01"),
        (datetime(2027, 1, 4, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-W53"),
    ],
)
def test_weeks_at_the_turn_of_the_year_are_iso_weeks_in_utc(moment: datetime, week: str) -> None:
    assert Window.WEEK.period(moment) == week


def test_engines_and_rubric_versions_are_never_mixed() -> None:
    found = standings_of(
        [made(5.0), made(9.0, version=2), made(None, engine=EngineName.LOCAL)], NOW
    )
    best = {
        (ladder.engine, ladder.rubric_version): standing.best
        for ladder, standing in found.items()
        if ladder.period == "all" and not ladder.question_key
    }
    assert best == {(VENDOR, 1): 5.0, (VENDOR, 2): 9.0, (EngineName.LOCAL, 1): None}
    assert all(standing.improvement is None for standing in found.values())


def test_the_same_question_has_one_digest_however_it_is_written() -> None:
    assert question_digest("  Tell me about YOURSELF. ") == question_digest(
        "tell me about yourself"
    )
    assert question_digest("tell me about yourself") != question_digest("tell me about us")
    assert question_digest("") == ""


def test_ladders_differ_in_each_of_their_parts() -> None:
    one = (1, VENDOR, 1, "", "all")
    others = [
        (2, VENDOR, 1, "", "all"),
        (1, EngineName.LOCAL, 1, "", "all"),
        (1, VENDOR, 2, "", "all"),
        (1, VENDOR, 1, question_digest("a"), "all"),
        (1, VENDOR, 1, "", "2026-11"),
    ]
    assert len({ladder_number(*parts) for parts in [one, *others]}) == 6
    assert -(2**63) <= ladder_number(*one) < 2**63


@given(
    st.lists(
        st.builds(
            made,
            st.none() | st.integers(10, 100).map(lambda tenths: tenths / 10),
            question=st.sampled_from(["a", "b", question_key("C?")]),
            at=st.datetimes(datetime(2026, 10, 25), datetime(2026, 11, 19)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
                lambda moment: moment.replace(tzinfo=UTC)
            ),
        ),
        max_size=12,
    )
)
def test_a_shorter_window_and_a_single_question_never_show_more(attempts: list[Counted]) -> None:
    counted = sorted(attempts, key=lambda one: one.created_at)
    whole = ever(*counted)
    for window in Window:
        for question in ("", "a", "b", "c"):
            part = ever(*counted, question=question, window=window)
            if part is None:
                continue
            assert whole is not None
            assert part.attempts <= whole.attempts
            for name in ("best", "best_three", "improvement"):
                value = getattr(part, name)
                assert value is None or value <= getattr(whole, name)


def test_scores_of_one_judge_are_ranked_alone_and_attempts_are_counted_together() -> None:
    def judged(overall: float | None, judge: str | None) -> Counted:
        return Counted("why us", EngineName.LOCAL, 1, overall, NOW, judge)

    found = standings_of(
        [judged(None, None), judged(5.0, "small"), judged(8.0, "large"), judged(6.0, "small")], NOW
    )

    def on(judge: str | None) -> Standing:
        return found[Ladder(EngineName.LOCAL, 1, "", "all", judge)]

    assert (on(None).best, on(None).attempts) == (None, 4)
    assert (on("small").best, on("small").improvement, on("small").attempts) == (6.0, 1.0, 2)
    assert (on("large").best, on("large").improvement, on("large").attempts) == (8.0, None, 1)
    one = (1, EngineName.LOCAL, 1, "", "all")
    assert len({ladder_number(*one), ladder_number(*one, "small"), ladder_number(*one, "b")}) == 3
