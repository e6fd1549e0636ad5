"""How far an attempt is, in the words that Discord and the studio's page show."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from analyzer.stages import ENDS, STAGES, in_line, left_text, stage_line, waiting_line
from core.assessment import EngineName
from core.models import AnalysisUnderWay, AttemptState, VendorRefs, Waiting
from tests.cogs.ui.samples import DAY, attempt
from tests.storage.samples import FACTS

TWELVELABS, LOCAL = EngineName.TWELVELABS, EngineName.LOCAL


@pytest.mark.parametrize(
    ("engine", "state", "line"),
    [
        (TWELVELABS, "queued", "Checking your recording"),
        (TWELVELABS, "fetched", "Uploading your recording"),
        (TWELVELABS, "uploaded", "Assessing your answer"),
        (TWELVELABS, "analyzing", "Assessing your answer"),
        (LOCAL, "queued", "Checking your recording"),
        (LOCAL, "fetched", "Measuring your answer"),
        (LOCAL, "uploaded", "Measuring your answer"),
        (LOCAL, "analyzing", "Measuring your answer"),
        *((engine, "assessed", "Your result is ready") for engine in EngineName),
        *((engine, "delivered", "Your result is ready") for engine in EngineName),
        *((engine, "failed", "No result this time") for engine in EngineName),
        *((engine, "cancelled", "Cancelled") for engine in EngineName),
    ],
)
def test_each_state_has_its_line(engine: EngineName, state: str, line: str) -> None:
    assert stage_line(attempt(engine=engine, state=AttemptState(state)), DAY) == line


@pytest.mark.parametrize("engine", EngineName)
def test_every_state_is_in_one_stage_or_an_end(engine: EngineName) -> None:
    staged = [state for stage in STAGES[engine] for state in stage.states]
    assert sorted([*staged, *ENDS]) == sorted(AttemptState)


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (0.2, "about 1 s"),
        (9.4, "about 9 s"),
        (12.6, "about 15 s"),
        (56.0, "about 55 s"),
        (59.0, "about 1 min"),
        (170.0, "about 3 min"),
    ],
)
def test_how_long_the_work_takes_is_said_before_it_begins_and_only_until_it_ends(
    seconds: float, line: str
) -> None:
    facts = FACTS.model_copy(update={"expected_seconds": seconds})

    def at(state: str) -> str:
        return stage_line(attempt(engine=LOCAL, state=AttemptState(state), facts=facts), DAY)

    assert at("fetched") == at("analyzing") == f"Measuring your answer ({line})"
    for state in ("queued", "assessed", "delivered", "failed", "cancelled"):
        assert "about" not in at(state)


@pytest.mark.parametrize("latest", [41.0, 60.0, 500.0])
@pytest.mark.parametrize("expected", [3.0, 12.4, 40.0, 58.0, 400.0])
def test_what_is_left_never_jumps_up_by_more_than_it_went_down(
    expected: float, latest: float
) -> None:
    analysis = AnalysisUnderWay(
        since=DAY, expected_seconds=expected, latest_seconds=max(expected, latest)
    )
    made = attempt(
        engine=TWELVELABS, state=AttemptState.ANALYZING, refs=VendorRefs(analysis=analysis)
    )
    shown = [left_text(made, DAY + timedelta(seconds=second)) for second in range(-3, 1200)]
    left = [_seconds(text) for text in shown]
    went_down = 0
    for before, after in pairwise(left):
        assert after - before <= went_down
        went_down += max(0, before - after)
    assert shown[0] in stage_line(made, DAY)
    assert shown[-1] == "taking longer than usual"
    assert left[0] == pytest.approx(expected, abs=max(5, expected / 4))


def _seconds(text: str) -> int:
    """How many seconds a text says are left: those without a number say none."""
    if (found := re.search(r"about (\d+) (s|min) left", text)) is None:
        return 0
    return int(found[1]) * (60 if found[2] == "min" else 1)


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")],
)
def test_a_place_in_line_is_said_as_people_say_it(place: int, words: str) -> None:
    assert in_line(place) == f"You are {words} in line"


def test_whoever_waits_is_told_so_until_the_time_is_over_or_it_has_ended() -> None:
    one = attempt(engine=TWELVELABS, state=AttemptState.FETCHED)
    now = one.created_at
    later = now + timedelta(minutes=5)
    waits = one.model_copy(update={"waiting": Waiting(until=later, place=3)})
    assert waiting_line(waits, now) == "You are 3rd in line; it goes on at about"
    assert waiting_line(waits, later) == ""
    assert waiting_line(one, now) == ""
    ended = waits.model_copy(update={"state": AttemptState.CANCELLED})
    assert waiting_line(ended, now) == ""
    capped = one.model_copy(update={"waiting": Waiting(until=later)})
    assert "may spend" in waiting_line(capped, now)
