"""How often each part of an answer was heard, over several attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.scoring.measures import assessment_of
from core.assessment import Metric, PartName
from core.models import Attempt


@dataclass(frozen=True, slots=True)
class PartCount:
    """One part, and in how many of the answers that are to have it it was heard."""

    name: PartName
    heard: int
    looked_for: int

    @property
    def words(self) -> str:
        """For people: "heard in 3 of 7 answers"."""
        answers = "answer" if self.looked_for == 1 else "answers"
        return f"heard in {self.heard} of {self.looked_for} {answers}"


def part_counts(attempts: Iterable[Attempt]) -> tuple[PartCount, ...]:
    """Count the parts in the order they are told, without those that no answer was to have.

    Answers for which relevance was switched off are not looked at: their words are not judged.

    Raises:
        ValueError: an attempt has no assessment.
    """
    heard: dict[PartName, int] = {}
    looked_for: dict[PartName, int] = {}
    for attempt in attempts:
        if Metric.RELEVANCE in attempt.metrics_off:
            continue
        for part in assessment_of(attempt).parts:
            looked_for[part.name] = looked_for.get(part.name, 0) + 1
            heard[part.name] = heard.get(part.name, 0) + (part.at_seconds is not None)
    return tuple(
        PartCount(name, heard[name], looked_for[name]) for name in PartName if name in looked_for
    )
