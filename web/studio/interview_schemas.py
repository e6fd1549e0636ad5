"""What the studio's page is told of an interview, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from analyzer.interviews.course import Course, Standing
from analyzer.services.studio_interviews import HeldInterview
from analyzer.stages import stage_line
from core.interviews import FollowUps, InterviewQuestion, InterviewState, QuestionOrigin


class QuestionAnswer(BaseModel):
    """One question. Its words come with its turn, as in any interview: before, there are none."""

    position: int
    label: str
    text: str | None
    follow_up: bool
    by_judge: bool  # the judge has worded it from what the interview is about
    standing: Standing
    attempt_id: str | None  # of the latest answer: the page finds the recording of it by that
    stage: str | None  # of an answer that is being assessed
    failure: str | None  # why the latest answer came to nothing


class InterviewAnswer(BaseModel):
    """How far an interview is, and what can be done now."""

    kind: Literal["interview"] = "interview"  # by which it is told from a link's session
    id: str
    state: InterviewState
    follow_ups: FollowUps
    questions: list[QuestionAnswer]
    next_position: int | None  # of the question to be answered now
    waits: bool  # a result may lead to a follow-up question
    under_way: bool  # an answer is being assessed
    complete: bool  # it has ended, and no result is awaited any more
    over: bool  # its time is over: nothing can be answered any more
    expires_at: datetime
    seconds_left: float
    answers_left: int  # that the allowance allows now
    refused: str | None  # why none can be sent in


class QuestionLinkAnswer(BaseModel):
    """The right to answer one question."""

    token: str


def interview_answer(
    held: HeldInterview, now: datetime, *, answers_left: int, refused: str | None
) -> InterviewAnswer:
    """How far an interview is now."""
    course, until = held.course, held.goes_on_until
    over = now >= until
    following = None if over else course.next
    return InterviewAnswer(
        id=held.id,
        state=course.interview.state,
        follow_ups=course.interview.follow_ups,
        questions=[_question(course, one, following, now) for one in course.interview.questions],
        next_position=None if following is None else following.position,
        waits=course.waits and not over,
        under_way=course.under_way,
        complete=course.complete,
        over=over,
        expires_at=until,
        seconds_left=max(0.0, round((until - now).total_seconds(), 1)),
        answers_left=answers_left,
        refused=refused,
    )


def _question(
    course: Course, question: InterviewQuestion, following: InterviewQuestion | None, now: datetime
) -> QuestionAnswer:
    standing, attempt = course.standing(question), course.answer(question)
    waits_for_its_turn = standing is Standing.UNANSWERED and question != following
    under_way = attempt is not None and standing is Standing.UNDER_WAY
    return QuestionAnswer(
        position=question.position,
        label=course.label(question),
        text=None if waits_for_its_turn else question.text,
        follow_up=question.follows is not None,
        by_judge=question.origin is QuestionOrigin.JUDGE,
        standing=standing,
        attempt_id=question.attempt_id,
        stage=stage_line(attempt, now) if attempt is not None and under_way else None,
        failure=attempt.failure.sentence if attempt is not None and attempt.failure else None,
    )
