"""Which follow-up questions are due in an interview, as far as it is."""

from __future__ import annotations

from analyzer.interviews.course import Course
from analyzer.interviews.follow_ups import Answered, FollowUp, best_follow_up, follow_up_for
from core.interviews import FollowUps, InterviewQuestion, QuestionOrigin


def due_follow_ups(course: Course) -> list[InterviewQuestion]:
    """The questions to be asked now about what was missing in the answers that have a result."""
    answers = [
        Answered(one.position, one.text, one.kind, attempt.assessment)
        for one in course.may_ask_about
        if (attempt := course.answer(one)) is not None and attempt.assessment is not None
    ]
    if course.interview.follow_ups is FollowUps.END:
        best = best_follow_up(answers)
        found = [] if best is None else [best]
    else:
        found = [
            FollowUp(one.position, text)
            for one in answers
            if (text := follow_up_for(one.assessment, one.kind, one.question)) is not None
        ]
    return [
        InterviewQuestion(
            position=about.position + 1,
            text=one.text,
            kind=about.kind,
            origin=QuestionOrigin.FOLLOW_UP,
            follows=about.position,
        )
        for one in found
        if (about := course.interview.at(one.follows)) is not None
    ]
