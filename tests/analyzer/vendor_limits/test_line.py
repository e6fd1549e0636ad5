"""Who goes next and when, by what is known of a key: without a database or a vendor."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.engines.vendor_turns import CallKind
from analyzer.vendor_limits.line import DAY, Answer, Line, Rules
from analyzer.vendor_limits.rate_headers import read_limits

UPLOAD, ANALYZE, TIDY, LOOK = CallKind
NOW = 1_796_000_000.0
TEN_SECONDS = Rules(a_minute=6)
GAP = 10.25  # with the margin


class Desk:
    """A line, a clock, and one process that stands in it."""

    def __init__(self, rules: Rules = Rules()) -> None:  # noqa: B008 - frozen
        self.line = Line()
        self.rules = rules
        self.now = NOW
        self.calls: list[float] = []

    def ask(self, kind: CallKind, waiter: str = "a", since: float | None = None) -> Answer:
        answer = self.line.ask(kind, waiter, since, self.now, self.rules)
        if not answer.wait:
            self.calls.append(self.now)
        return answer

    def told(self, kind: CallKind, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        said = read_limits(named, self.now)
        self.line.learn(kind, status, said, self.now, self.calls)

    def restart(self) -> None:
        self.line = Line.read(self.line.text())


def test_without_any_limit_everything_goes() -> None:
    desk = Desk()
    assert desk.line.unlimited(LOOK, NOW, desk.rules)
    assert all(not desk.ask(kind).wait for kind in CallKind for _ in range(100))


def test_calls_a_minute_are_spread_over_it_and_places_are_told() -> None:
    desk = Desk(TEN_SECONDS)
    assert not desk.ask(UPLOAD, "a").wait
    waits = [desk.ask(UPLOAD, waiter, NOW + n) for n, waiter in enumerate("bcd")]
    assert [one.place for one in waits] == [1, 2, 3]
    assert [one.wait for one in waits] == pytest.approx([GAP, 2 * GAP, 3 * GAP])
    assert [one.in_place for one in waits] == [True, True, True]
    assert not desk.ask(UPLOAD, "e", NOW + 9).in_place


def test_a_place_in_line_outlives_a_restart() -> None:
    desk = Desk(TEN_SECONDS)
    for n, waiter in enumerate("abc"):
        desk.ask(UPLOAD, waiter, NOW + n)
    desk.restart()
    desk.now += 1
    assert desk.ask(UPLOAD, "c", NOW + 2).place == 2
    assert desk.ask(UPLOAD, "d", NOW - 1).place == 1  # older than both: it was away meanwhile


def test_a_look_never_takes_the_last_place_while_creators_wait() -> None:
    desk = Desk(TEN_SECONDS)
    desk.ask(UPLOAD, "a")
    assert desk.ask(LOOK, "looks", NOW - 1000).wait == pytest.approx(GAP)
    for kind, waiter in ((UPLOAD, "b"), (ANALYZE, "c"), (TIDY, "d")):
        desk.ask(kind, waiter, NOW)
    served = []
    for _ in range(4):
        desk.now += GAP + 0.001
        for kind, waiter in ((LOOK, "looks"), (TIDY, "d"), (ANALYZE, "c"), (UPLOAD, "b")):
            if waiter not in served and not desk.ask(kind, waiter, NOW).wait:
                served.append(waiter)
    assert served == ["b", "c", "d", "looks"]


def test_who_waits_for_the_day_keeps_nobody_from_looking() -> None:
    desk = Desk(Rules(a_minute=6, a_day=1))
    desk.ask(UPLOAD, "a")
    desk.now += GAP
    waits = desk.ask(UPLOAD, "b")
    assert waits.wait > DAY - 60
    assert not waits.in_place
    assert not desk.ask(LOOK, "a").wait


def test_an_upload_waits_until_it_can_be_analyzed_too() -> None:
    """Else a clip would lie at the vendor for a day."""
    desk = Desk(Rules(a_day=2))
    for _ in range(2):
        desk.ask(ANALYZE, "repeats")
    assert desk.ask(UPLOAD, "a").wait == pytest.approx(DAY, abs=2)


def test_an_upload_keeps_an_analysis_for_its_attempt_and_for_nobody_else() -> None:
    desk = Desk(Rules(a_day=1))
    assert not desk.ask(UPLOAD, "a").wait
    assert desk.ask(ANALYZE, "b").wait > 0
    desk.now += 3600
    assert not desk.ask(ANALYZE, "a").wait
    desk.now = NOW + DAY + 1800  # a day after the upload, not after the analysis
    assert desk.ask(UPLOAD, "c").wait == pytest.approx(1800, abs=2)


def test_in_any_24_hours_no_more_than_a_day_allows() -> None:
    desk, made = Desk(Rules(a_day=5)), list[float]()
    for n in range(400):
        desk.now = NOW + n * 1777.0
        if not desk.ask(ANALYZE, f"w{n}").wait:
            made.append(desk.now)
        desk.line.leave(ANALYZE, f"w{n}")
    assert len(made) > 35
    assert all(later - first >= DAY for first, later in zip(made, made[5:], strict=False))


SPELLINGS: list[dict[str, str]] = [
    {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "40", "X_RateLimit_Limit": "9"},
    {"RateLimit": '"a";r=0;t=40', "RateLimit_Policy": '"a";q=9;w=60'},
]


@pytest.mark.parametrize("headers", SPELLINGS)
def test_what_is_used_up_is_not_asked_for_before_a_429(headers: dict[str, str]) -> None:
    desk = Desk()
    desk.told(UPLOAD, 201, **headers)
    assert desk.ask(LOOK).wait == pytest.approx(40)  # a short limit is everybody's
    desk.now += 40
    assert not desk.ask(LOOK).wait


def test_a_days_limit_is_its_own_kinds_alone() -> None:
    desk = Desk()
    headers = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "40000"}
    desk.told(UPLOAD, 201, **headers)
    assert desk.ask(UPLOAD).wait == pytest.approx(40_000, abs=1)
    assert not any(desk.ask(kind).wait for kind in (ANALYZE, TIDY, LOOK))


def test_a_429_of_the_day_is_waited_for_and_then_forgotten() -> None:
    desk = Desk()
    desk.told(ANALYZE, 429, Retry_After="40000")
    assert desk.ask(ANALYZE).wait == pytest.approx(40_000)
    assert desk.ask(UPLOAD).wait == pytest.approx(40_000)
    assert not desk.ask(LOOK).wait
    desk.now += 40_000
    assert not desk.ask(ANALYZE).wait


@pytest.mark.parametrize("every", [2.0, 10.0, 30.0])
def test_the_time_between_calls_is_learned_from_429s_alone(every: float) -> None:
    """A vendor that tells only how long to wait, and lets one call in so often."""
    desk, refused, last = Desk(), 0, -1e9
    for _ in range(120):
        while (wait := desk.ask(LOOK).wait) > 0:
            desk.now += wait
        if desk.now - last < every:
            refused += 1
            desk.told(LOOK, 429, Retry_After=f"{every - (desk.now - last):.0f}")
        else:
            last = desk.now
            desk.told(LOOK)
        desk.now += 0.2
    assert refused <= 20
    took = desk.now - NOW
    assert took < 2.5 * 120 * every


def test_what_was_learned_too_strictly_loosens_by_itself() -> None:
    desk = Desk()
    desk.ask(LOOK)
    desk.told(LOOK, 429, Retry_After="60")
    desk.now += 60
    desk.ask(LOOK)
    assert desk.ask(LOOK).wait > 20
    desk.now += 2 * 3600
    desk.ask(LOOK)
    assert desk.ask(LOOK).wait < 0.5
    desk.now += 3 * 3600
    assert desk.line.unlimited(LOOK, desk.now, desk.rules)


def test_a_limit_that_is_told_no_more_is_forgotten() -> None:
    desk = Desk()
    desk.told(LOOK, 200, RateLimit_Policy='"a";q=1;w=60', RateLimit='"a";r=0;t=60')
    desk.now += 60
    assert not desk.ask(LOOK).wait
    assert desk.ask(LOOK).wait > 0
    desk.now += 2 * 3600
    desk.ask(LOOK)
    desk.told(LOOK)
    assert not desk.ask(LOOK).wait


def test_429s_that_name_no_time_are_waited_for_ever_longer_but_not_for_ever() -> None:
    desk, waits = Desk(), list[float]()
    for _ in range(12):
        desk.told(ANALYZE, 429)
        waits.append(desk.ask(ANALYZE).wait)
        desk.now += waits[-1]
    assert waits[:3] == pytest.approx([10, 20, 40])
    assert max(waits) <= 661


def test_who_has_died_is_in_nobodys_way_for_long() -> None:
    desk = Desk(TEN_SECONDS)
    desk.ask(UPLOAD, "a")
    desk.ask(UPLOAD, "dead", NOW)
    desk.now += 3 * GAP
    assert not desk.ask(UPLOAD, "b").wait


def test_who_was_cancelled_gives_all_back() -> None:
    desk = Desk(Rules(a_day=1))
    desk.ask(UPLOAD, "a")
    desk.ask(UPLOAD, "b", NOW)
    desk.line.forget("b")
    assert desk.ask(UPLOAD, "c").place == 1


ABSURD: list[dict[str, Any]] = [
    {"Retry_After": "99999999999"},
    {"Retry_After": "1e300"},
    {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "9" * 17},
    {"RateLimit": '"a";r=0;t=99999999999', "RateLimit_Policy": '"a";q=1;w=99999999999'},
]


@pytest.mark.parametrize("headers", ABSURD)
def test_an_absurd_time_is_no_life_sentence(headers: dict[str, str]) -> None:
    desk = Desk()
    desk.told(ANALYZE, 429, **headers)
    assert desk.ask(ANALYZE).wait <= 31 * DAY + 1


@pytest.mark.parametrize("text", ["", "{", "null", '{"waiting": 3}', '{"told": {"x": {}}}'])
def test_a_text_that_cannot_be_read_begins_anew(text: str) -> None:
    assert not Line.read(text).ask(LOOK, "a", None, NOW, Rules()).wait
