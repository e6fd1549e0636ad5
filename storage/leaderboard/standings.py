"""What a member's attempts are worth on the board: the rules of each ranking, in plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from heapq import nlargest
from itertools import product
from statistics import fmean

from core.assessment import EngineName
from core.questions import question_key

EVER = "all"
"""The period that never ends."""

BEST_OF = 3
"""How many attempts the average of the best is taken from."""


class Ranking(StrEnum):
    """What a board is ranked by: the field of a `Standing`, and its column.

    The values are also in the ids of buttons already sent: keep them.
    """

    BEST = "best"
    BEST_THREE = "best_three"
    IMPROVEMENT = "improvement"
    ATTEMPTS = "attempts"


class Window(StrEnum):
    """Which attempts count. Weeks and months are those of UTC; a week begins on Monday."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    def period(self, moment: datetime) -> str:
        """The period of this kind that a moment lies in: "2026-W47", "2026-11" or "all"."""
        if self is Window.ALL:
            return EVER
        moment = moment.astimezone(UTC)
        return f"{moment:%G-W%V}" if self is Window.WEEK else f"{moment:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Counted:
    """All that the board needs to know of an assessed attempt."""

    question_key: str
    engine: EngineName
    rubric_version: int
    overall: float | None
    created_at: datetime
    judge: str | None = None  # whose scores these are, where the engine's own are not all


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is ranked together: attempts that may be compared, at one question or at all ("")."""

    engine: EngineName
    rubric_version: int
    question_key: str
    period: str
    judge: str | None = None  # None: all attempts made, and scores that no judge has given


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's values on one ladder; `None` in a ranking means: not ranked there."""

    best: float | None  # 1-10
    best_three: float | None  # 1-10, rounded to one decimal
    improvement: float | None  # above 0 and at most 9, rounded to one decimal
    attempts: int  # at least 1


@dataclass(slots=True)
class _Tally:
    overalls: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    attempts: int = 0

    def standing(self) -> Standing:
        best = nlargest(BEST_OF, self.overalls)
        gain = round(max(self.gains, default=0.0), 1)
        return Standing(
            best=best[0] if best else None,
            best_three=round(fmean(best), 1) if len(best) == BEST_OF else None,
            improvement=gain if gain > 0 else None,
            attempts=self.attempts,
        )


def standings_of(counted: Iterable[Counted], now: datetime) -> dict[Ladder, Standing]:
    """A member's standing on every ladder of the present week, the present month and all time.

    Best overall: the highest. Best three: the average of the three highest, so with fewer than
    three overall scores there is none. Improvement: how far the best later attempt is above the
    first one at the same question, the first that is still kept, whenever it was made; over all
    questions the largest of these. Who has not improved is not ranked there: a minus helps nobody.
    Attempts: how many were assessed, with or without an overall score. Scores of a judge are
    ranked with those of the same judge alone; attempts made count whoever judged them.

    Args:
        counted: the attempts that count for this member, oldest first.
        now: decides which week and month are the present ones.
    """
    present = {window.period(now) for window in Window}
    first: dict[tuple[EngineName, int, str | None, str], float] = {}
    tallies: dict[Ladder, _Tally] = {}
    for one in counted:
        kind = (one.engine, one.rubric_version)
        gain = None
        if one.overall is not None:
            key = (*kind, one.judge, one.question_key)
            gain = one.overall - first.setdefault(key, one.overall)
        periods = present & {window.period(one.created_at) for window in Window}
        scopes = product(periods, ("", one.question_key), {None, one.judge})
        for period, question, judge in scopes:
            tally = tallies.setdefault(Ladder(*kind, question, period, judge), _Tally())
            tally.attempts += 1
            if one.overall is not None and gain is not None and judge == one.judge:
                tally.overalls.append(one.overall)
                tally.gains.append(gain)
    return {ladder: tally.standing() for ladder, tally in tallies.items()}


def question_digest(question: str) -> str:
    """What a button's id carries for a question: 16 hex digits, the same for the same question."""
    return key_digest(question_key(question))


def ladder_number(
    guild_id: int,
    engine: EngineName,
    rubric_version: int,
    digest: str,
    period: str,
    judge: str | None = None,
) -> int:
    """The number under which everybody on one ladder of a server stands: 64 bits, signed.

    One number is several times faster to compare than the columns it stands for. `digest` is the
    question's, "" over all questions.
    """
    named = f"{guild_id} {engine} {rubric_version} {digest} {period}"
    named += f" {judge}" if judge else ""
    digested = hashlib.blake2b(named.encode(), digest_size=8).digest()
    return int.from_bytes(digested, "big", signed=True)


def key_digest(key: str) -> str:
    """The same for a question's key, "" for the empty key that stands for all questions."""
    return key and hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
