"""How far an interview is: how each question stands, and which one comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.interviews import (
    FollowUps,
    Interview,
    InterviewQuestion,
    InterviewState,
)
from core.models import Attempt


class Standing(StrEnum):
    """How a question of an interview stands; the studio's page knows these words."""

    UNANSWERED = "unanswered"
    UNDER_WAY = "under_way"  # its answer is being assessed
    ASSESSED = "assessed"
    CAME_TO_NOTHING = "came_to_nothing"  # its answer was stopped or has failed
    LEFT_OUT = "left_out"

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to do about the question."""
        return self in (Standing.ASSESSED, Standing.LEFT_OUT)

    @property
    def answered(self) -> bool:
        """Whether no other answer to it is taken."""
        return self in (Standing.UNDER_WAY, Standing.ASSESSED)


@dataclass(frozen=True, slots=True)
class Course:
    """An interview with the answers to it. Nothing in here is stored: the rows say it all."""

    interview: Interview
    attempts: Mapping[str, Attempt]  # the latest answer to each question, by its id

    def answer(self, question: InterviewQuestion) -> Attempt | None:
        """The latest answer to a question, unless it has been deleted."""
        return None if question.attempt_id is None else self.attempts.get(question.attempt_id)

    def standing(self, question: InterviewQuestion) -> Standing:
        """How a question stands. One that has a result is not left out any more."""
        attempt = self.answer(question)
        if attempt is not None and attempt.assessment is not None:
            return Standing.ASSESSED
        if attempt is not None and not attempt.state.ended:
            return Standing.UNDER_WAY
        if question.left_out:
            return Standing.LEFT_OUT
        return Standing.UNANSWERED if attempt is None else Standing.CAME_TO_NOTHING

    def label(self, question: InterviewQuestion) -> str:
        """Where it stands: "Question 2 of 4", "Follow-up to question 1"."""
        planned = len(self.interview.planned)
        return self.name(question) + ("" if question.follows is not None else f" of {planned}")

    def name(self, question: InterviewQuestion) -> str:
        """What a question is called: "Question 2", "Follow-up to question 1"."""
        kind = "Question" if question.follows is None else "Follow-up to question"
        return f"{kind} {self.number(question)}"

    def number(self, question: InterviewQuestion) -> int:
        """Which of the planned questions it is, or is about; from 1."""
        about = question.position if question.follows is None else question.follows
        return sum(one.position <= about for one in self.interview.planned)

    def with_standing(self, *wanted: Standing) -> list[InterviewQuestion]:
        """The questions that stand like this, in their order."""
        return [one for one in self.interview.questions if self.standing(one) in wanted]

    @property
    def next(self) -> InterviewQuestion | None:
        """The question to be answered now: those that came to nothing after all others.

        `None` when there is none at the moment: a follow-up may still come (`waits`).
        """
        if self.interview.state is not InterviewState.OPEN:
            return None
        for standing in (Standing.UNANSWERED, Standing.CAME_TO_NOTHING):
            if questions := self.with_standing(standing):
                return questions[0]
        return None

    @property
    def under_way(self) -> bool:
        """Whether an answer is being assessed."""
        return bool(self.with_standing(Standing.UNDER_WAY))

    @property
    def waits(self) -> bool:
        """Whether all is answered so far, and a result may lead to a follow-up question."""
        return (
            self.interview.state is InterviewState.OPEN
            and self.next is None
            and bool(self._may_be_followed(Standing.UNDER_WAY))
        )

    @property
    def may_ask_about(self) -> list[InterviewQuestion]:
        """The questions whose results a follow-up may be asked about now."""
        if self.interview.state is not InterviewState.OPEN:
            return []
        if self.interview.follow_ups is FollowUps.END and any(
            self.standing(one) is Standing.UNANSWERED for one in self.interview.planned
        ):
            return []
        return self._may_be_followed(Standing.ASSESSED)

    def _may_be_followed(self, standing: Standing) -> list[InterviewQuestion]:
        interview = self.interview
        followed = {one.follows for one in interview.questions if one.follows is not None}
        if interview.follow_ups is FollowUps.NONE:
            return []
        if interview.follow_ups is FollowUps.END and followed:
            return []
        return [
            one
            for one in interview.planned
            if one.position not in followed and self.standing(one) is standing
        ]

    @property
    def done(self) -> bool:
        """Whether every question has a result or was left out, so that nothing is left to do."""
        return all(self.standing(one).settled for one in self.interview.questions)

    @property
    def complete(self) -> bool:
        """Whether it has ended and no result is awaited any more: the report will stay as it is."""
        return self.interview.state is not InterviewState.OPEN and not self.under_way
