"""Which question to practise again: the weakest of those whose time has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

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

    Results are weighed by overall, where there is none by the mean of the scores and the parts
    heard, which are counted like a score of 0 to 10.

    Raises:
        ValueError: there is no attempt.
    """
    return min(attempts, key=lambda one: (_strength(one), one.created_at, one.id))


def _strength(attempt: Attempt) -> float:
    """How strong a result is, 0-10; one without any number comes last."""
    found = attempt.assessment
    if found is None:
        return 10.0
    if found.overall is not None:
        return found.overall
    values = [float(one.value) for one in found.scores.values() if one.value is not None]
    if found.parts:
        heard = sum(part.at_seconds is not None for part in found.parts)
        values.append(heard / len(found.parts) * 10)
    return fmean(values) if values else 10.0
