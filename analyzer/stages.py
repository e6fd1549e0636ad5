"""The stages of an attempt as members see them: steps in Discord, a line on the studio's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from core.assessment import EngineName
from core.models import Attempt, AttemptState


class Stage(NamedTuple):
    """What happens during some states, in the words that are shown."""

    states: frozenset[AttemptState]
    step: str  # in a list of steps
    doing: str  # alone


_CHECK = Stage(frozenset({AttemptState.QUEUED}), "Check", "Checking your recording")
_RESULT = Stage(frozenset({AttemptState.ASSESSED}), "Result", "Your result is ready")

STAGES: Mapping[EngineName, tuple[Stage, ...]] = {
    EngineName.TWELVELABS: (
        _CHECK,
        Stage(frozenset({AttemptState.FETCHED}), "Upload", "Uploading your recording"),
        Stage(
            frozenset({AttemptState.UPLOADED, AttemptState.ANALYZING}),
            "Assessment",
            "Assessing your answer",
        ),
        _RESULT,
    ),
    EngineName.LOCAL: (
        _CHECK,
        Stage(
            frozenset({AttemptState.FETCHED, AttemptState.UPLOADED, AttemptState.ANALYZING}),
            "Measuring",
            "Measuring your answer",
        ),
        _RESULT,
    ),
}
"""By the engine, in their order. An attempt that has ended is past them all."""

ENDS: Mapping[AttemptState, str] = {
    AttemptState.DELIVERED: _RESULT.doing,
    AttemptState.FAILED: "No result this time",
    AttemptState.CANCELLED: "Cancelled",
}
"""What is said of an attempt that has ended."""


_WORK = frozenset({AttemptState.FETCHED, AttemptState.UPLOADED, AttemptState.ANALYZING})
_FROM_FIVES, _FROM_MINUTES, _FEW_SECONDS = 10, 58, 5


def stage_line(attempt: Attempt, now: datetime) -> str:
    """How far an attempt is, in one line; and how long its work takes, where that is known."""
    for stage in STAGES[attempt.engine]:
        if attempt.state in stage.states:
            about = left_text(attempt, now) or expected_text(attempt)
            return f"{stage.doing} ({about})" if about else stage.doing
    return ENDS[attempt.state]


def in_line(place: int) -> str:
    """A place in line, of which the next one is the first: "You are 3rd in line"."""
    is_teen = place % 100 in (11, 12, 13)
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"You are {place}{ending} in line"


def waiting_line(attempt: Attempt, now: datetime) -> str:
    """Why an attempt waits; a time follows. Empty where it does not wait (any more).

    "You are 3rd in line; it goes on at about"
    """
    waiting = attempt.waiting
    if waiting is None or attempt.state.ended or waiting.until <= now:
        return ""
    if waiting.place is None:
        return "This bot has used up what it may spend for now; it goes on at about"
    goes_on = "your turn comes" if attempt.engine is EngineName.LOCAL else "it goes on"
    return f"{in_line(waiting.place)}; {goes_on} at about"


def expected_text(attempt: Attempt) -> str:
    """How long the work on an attempt takes that has not ended yet: "about 9 s"; "" if unknown.

    Rounded to five seconds from ten on, and to minutes from one on: it is an estimate.
    """
    facts = attempt.facts
    if facts is None or facts.expected_seconds is None or attempt.state not in _WORK:
        return ""
    return _about(facts.expected_seconds)


def left_text(attempt: Attempt, now: datetime) -> str:
    """How long the vendor still needs: "about 40 s left"; "" before it has begun.

    It counts down to what was as likely as not. If that was too little it counts down once more,
    to what is seldom too little, and begins there no higher than it began at first.
    """
    analysis = attempt.refs.analysis
    if analysis is None or attempt.state is not AttemptState.ANALYZING:
        return ""
    passed = max(0.0, (now - analysis.since).total_seconds())
    if passed < analysis.expected_seconds:
        left = analysis.expected_seconds - passed
    else:
        latest = min(analysis.latest_seconds, 2 * analysis.expected_seconds)
        left = latest - passed
    if left <= 0:
        return "taking longer than usual"
    return "a few seconds left" if left < _FEW_SECONDS else f"{_about(left)} left"


def _about(duration: float) -> str:
    seconds = max(1, round(duration))
    if seconds >= _FROM_MINUTES:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {seconds if seconds < _FROM_FIVES else 5 * round(seconds / 5)} s"
