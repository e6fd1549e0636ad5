"""Which question to practise again: the weakest of those whose time has come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.scoring.measures import assessment_of, strength
from core.models import Attempt
from storage.repositories.history import Entry

DISTANCES = (timedelta(days=2), timedelta(days=5), timedelta(days=12))
"""How long after the first, the second and each later answer a question comes back.

What is repeated at growing distances is kept for longer (Cepeda et al. 2006, Psychol Bull 132:354);
the numbers are Greenroom's own.
"""


@dataclass(frozen=True, slots=True)
class Comeback:
    """A question that was answered before: its last result, and from when on it comes back."""

    attempt_id: str
    question: str
    due_at: datetime


def comebacks(newest_first: Iterable[Entry]) -> list[Comeback]:
    """Every question that was answered, the one that is due first at the front.

    Follow-ups are left out: without the answer that they were about they make no sense.
    """
    latest: dict[str, Entry] = {}
    times: dict[str, int] = {}
    for entry in newest_first:
        if entry.parent_id is None:
            latest.setdefault(entry.question_key, entry)
            times[entry.question_key] = times.get(entry.question_key, 0) + 1
    found = [
        Comeback(
            entry.id,
            entry.question,
            entry.created_at + DISTANCES[min(times[key], len(DISTANCES)) - 1],
        )
        for key, entry in latest.items()
    ]
    return sorted(found, key=lambda one: (one.due_at, one.attempt_id))


def weakest(attempts: Sequence[Attempt]) -> Attempt:
    """The attempt with the weakest result; of equal ones the oldest.

    One whose result has no number comes last.

    Raises:
        ValueError: there is no attempt, or one has no assessment.
    """

    def order(attempt: Attempt) -> tuple[float, datetime, str]:
        strong = strength(assessment_of(attempt))
        return math.inf if strong is None else strong, attempt.created_at, attempt.id

    return min(attempts, key=order)
