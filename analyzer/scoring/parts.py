"""The parts that an answer to each kind of question has, in the words a model is told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.assessment import AnswerPart, PartName
from core.questions import AnswerKind

PARTS: Mapping[AnswerKind, Mapping[PartName, str]] = {
    AnswerKind.BEHAVIOURAL: {
        PartName.SITUATION: "what was going on, and where",
        PartName.TASK: "what had to be done or was the speaker's to do",
        PartName.ACTION: "what the speaker did",
        PartName.RESULT: "what came of it",
    },
    AnswerKind.TECHNICAL: {
        PartName.APPROACH: "how the speaker goes about it",
        PartName.REASONS: "why so, and what is traded off",
        PartName.EXAMPLE: "an example, or how it is checked",
        PartName.LIMITS: "where it stops working",
    },
    AnswerKind.SITUATIONAL: {
        PartName.FACTS: "what the speaker would find out first",
        PartName.OPTIONS: "which ways there are",
        PartName.DECISION: "what the speaker would do, and why",
        PartName.CHECK: "how one would know that it worked",
    },
    AnswerKind.OPENER: {
        PartName.NOW: "what the speaker does now",
        PartName.BEFORE: "how the speaker came here",
        PartName.REASON: "why this job, field or place",
    },
}
"""The parts that an answer to each kind of question has, in the order they are told."""


def heard_of(parts: Sequence[AnswerPart]) -> int:
    """How many of these parts were heard."""
    return sum(part.at_seconds is not None for part in parts)


def parts_of(kind: str) -> Mapping[PartName, str]:
    """The parts that an answer to this kind of question has; none for a kind nobody knows."""
    return PARTS[AnswerKind(kind)] if kind in PARTS else {}
