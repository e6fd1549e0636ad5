"""Placeholder on the way: replaced by the real module before anything is published."""

from __future__ import annotations

from collections.abc import Sequence

from core.assessment import Assessment
from core.questions import AnswerKind


def follow_up_for(assessment: Assessment, kind: AnswerKind, question: str) -> str | None:
    """The follow-up."""
    del kind, question
    return assessment.follow_up or None


def best_follow_up(
    candidates: Sequence[tuple[Assessment, AnswerKind, str]],
) -> tuple[int, str] | None:
    """The place of the best candidate and its follow-up."""
    for place, (found, kind, question) in enumerate(candidates):
        if (text := follow_up_for(found, kind, question)) is not None:
            return place, text
    return None
