"""Where attempts come from: a question of an interview, or the follow-up to another attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.dependencies import Dependencies
from analyzer.interviews.course import Course
from core.models import Attempt, Owner


@dataclass(frozen=True, slots=True)
class Origin:
    """What an attempt belongs to, beside its question."""

    interview_id: str | None = None
    begun_at: datetime | None = None  # that interview, while it is kept
    label: str = ""  # "question 2 of 4"; ours
    follows: str | None = None  # the question that it is a follow-up to: a member's own words


async def origins_of(
    deps: Dependencies, owner: Owner, attempts: Sequence[Attempt]
) -> dict[str, Origin]:
    """The origin of each of these attempts that has one, by the attempt's id."""
    courses = {
        interview_id: await _course(deps, owner, interview_id)
        for interview_id in {one.interview_id for one in attempts if one.interview_id is not None}
    }
    found = {}
    for one in attempts:
        if one.interview_id is not None:
            found[one.id] = _in_interview(one, courses[one.interview_id])
        elif one.parent_id is not None:
            parent = await deps.attempts.get(owner, one.parent_id)
            label = "follow-up to a deleted answer" if parent is None else ""
            found[one.id] = Origin(label=label, follows=parent.question if parent else None)
    return found


async def _course(deps: Dependencies, owner: Owner, interview_id: str) -> Course | None:
    found = await deps.interviews.get(owner, interview_id)
    return None if found is None else Course(found.interview, found.attempts)


def _in_interview(attempt: Attempt, course: Course | None) -> Origin:
    if course is None or attempt.position is None:
        return Origin(attempt.interview_id)
    question = course.interview.at(attempt.position)
    label = "" if question is None else course.label(question)
    return Origin(
        attempt.interview_id, course.interview.created_at, f"{label[:1].lower()}{label[1:]}"
    )
