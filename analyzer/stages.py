"""The stages of an attempt as members see them: steps in Discord, a line on the studio's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.models import Attempt, AttemptState, EngineName


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
            "Measuring how you spoke",
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


def stage_line(attempt: Attempt) -> str:
    """How far an attempt is, in one line."""
    for stage in STAGES[attempt.engine]:
        if attempt.state in stage.states:
            return stage.doing
    return ENDS[attempt.state]
