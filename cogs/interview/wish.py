"""What a member wants of an interview, small enough for a form's id, and what of it fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from core.interviews import (
    FEWEST_QUESTIONS,
    MOST_QUESTIONS,
    SHORTEST_INTERVIEW,
    USUAL_QUESTIONS,
    FollowUps,
    Interview,
)
from core.questions import QuestionLevel

_LEVELS = (None, *QuestionLevel)
_FOLLOW_UPS = tuple(FollowUps)
_LESS = (FollowUps.EACH, FollowUps.END, FollowUps.NONE)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `/interview start`, but for what it is about, which is kept nowhere."""

    questions: int = USUAL_QUESTIONS
    level: QuestionLevel | None = None
    follow_ups: FollowUps = FollowUps.END

    @classmethod
    def like(cls, interview: Interview) -> Self:
        """The options of an interview there was."""
        count = min(max(len(interview.planned), FEWEST_QUESTIONS), MOST_QUESTIONS)
        return cls(questions=count, follow_ups=interview.follow_ups)

    @classmethod
    def from_index(cls, index: int) -> Self:
        """Read what `index` wrote; the usual options for what it never writes."""
        index, follow_ups = divmod(index, len(_FOLLOW_UPS))
        questions, level = divmod(index, len(_LEVELS))
        count = FEWEST_QUESTIONS + questions
        if count > MOST_QUESTIONS:
            return cls()
        return cls(count, _LEVELS[level], _FOLLOW_UPS[follow_ups])

    @property
    def index(self) -> int:
        """A number below 100 that stands for them, for as many questions as may be asked for."""
        place = (self.questions - FEWEST_QUESTIONS) * len(_LEVELS) + _LEVELS.index(self.level)
        return place * len(_FOLLOW_UPS) + _FOLLOW_UPS.index(self.follow_ups)

    @property
    def answers(self) -> int:
        """How many answers it takes at most, follow-ups among them."""
        extra = {FollowUps.END: 1, FollowUps.EACH: self.questions, FollowUps.NONE: 0}
        return self.questions + extra[self.follow_ups]

    def within(self, answers: int) -> Self | None:
        """The nearest to these that takes no more answers; `None` where none is an interview.

        Rather a question more than a follow-up.
        """
        less = _LESS[_LESS.index(self.follow_ups) :]
        for count in range(self.questions, SHORTEST_INTERVIEW - 1, -1):
            for mode in less:
                one = replace(self, questions=count, follow_ups=mode)
                if one.answers <= answers:
                    return one
        return None
