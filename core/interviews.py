"""An interview: several questions in a row to one member, with follow-ups and one report."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from core.assessment import Model
from core.models import QUESTION_MAX, Owner, ReplyAddress
from core.questions import AnswerKind

FEWEST_QUESTIONS, MOST_QUESTIONS, USUAL_QUESTIONS = 3, 5, 3
"""How many planned questions a member may ask for, and gets without asking."""

SHORTEST_INTERVIEW = 2
"""What is offered at the least where the allowance does not do for more: one is no interview."""

ABOUT_MAX = 4000
"""Longest role or job description that an interview is drawn for, in characters."""

INTERVIEW_LIFE = timedelta(hours=24)
"""How long an interview can be gone on with; what was answered by then stays, with its report."""

ID_PATTERN = r"^[0-9a-f]{16}$"


class FollowUps(StrEnum):
    """When a member is asked about what was missing in an answer."""

    END = "end"  # once, after the last planned question
    EACH = "each"  # about each answer, once its result is there
    NONE = "none"


class InterviewState(StrEnum):
    """Whether an interview goes on."""

    OPEN = "open"
    FINISHED = "finished"  # every question was answered or left out, or its member said so
    STOPPED = "stopped"  # its member wants no report of it


class QuestionOrigin(StrEnum):
    """Where a question of an interview comes from."""

    BANK = "bank"  # the starter set, or the server's own
    JUDGE = "judge"  # worded by the judge from what the interview is about
    FOLLOW_UP = "follow_up"  # about what was missing in an answer


class InterviewQuestion(Model):
    """One question of an interview. Planned ones have even positions, so that each leaves room."""

    position: int = Field(ge=0)  # what orders them; a follow-up stands right after what it is about
    text: str = Field(min_length=1, max_length=QUESTION_MAX)
    kind: AnswerKind
    origin: QuestionOrigin = QuestionOrigin.BANK
    follows: int | None = None  # the position of the question whose answer it asks about
    attempt_id: str | None = Field(default=None, pattern=ID_PATTERN)  # the latest answer
    left_out: bool = False


class Interview(Model):
    """What one member is asked in a row. An answer in it is an attempt like any other."""

    id: str = Field(pattern=ID_PATTERN)
    owner: Owner
    channel_id: int
    state: InterviewState = InterviewState.OPEN
    follow_ups: FollowUps = FollowUps.END
    questions: tuple[InterviewQuestion, ...]  # in the order of their positions
    reply: ReplyAddress | None = None  # the message that shows it, while Discord lets it be edited
    created_at: datetime
    ended_at: datetime | None = None
    reported_at: datetime | None = None  # when its member was told that the report is there

    @property
    def goes_on_until(self) -> datetime:
        """Until when its questions can be answered."""
        return self.created_at + INTERVIEW_LIFE

    @property
    def planned(self) -> tuple[InterviewQuestion, ...]:
        """Its questions without the follow-ups."""
        return tuple(one for one in self.questions if one.follows is None)

    def at(self, position: int) -> InterviewQuestion | None:
        """The question with this position."""
        return next((one for one in self.questions if one.position == position), None)
