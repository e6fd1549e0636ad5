"""When to look whether an analysis is ready: the cheapest looks for a distribution of its length.

A look costs something (a request, of which the vendor allows so many), and so does every second
that a result lies ready unseen. The looks with the least expected cost are found by dynamic
programming backwards over a grid of ages: `V(j) = min over k > j of look * P(T > t_j) +
E[(t_k - T); t_j < T <= t_k] + V(k)`. The cost of a step fulfils the quadrangle inequality (Yao,
1980), so the best next look only moves on with j, which leaves few to try.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

LONGEST = 1800.0
"""Seconds beyond which nothing is planned: attempts are given up by then."""


def _ages() -> tuple[float, ...]:
    fine = [0.1, *(half / 2 for half in range(1, 41))]  # to 20 s
    while fine[-1] < LONGEST:
        fine.append(min(LONGEST, fine[-1] * 1.02))
    return tuple(fine)


AGES = _ages()
"""The grid, in seconds since the vendor took the analysis: half a second apart, later 2 %."""

_MIDDLES = tuple((a + b) / 2 for a, b in zip((0.0, *AGES), AGES, strict=False))


class Schedule(Protocol):
    """Says when to look next."""

    def after(self, age: float) -> float:
        """The age at which to look next, when it was not ready at `age`; both in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Growing:
    """Looks whose distance grows by a factor, from the first to the longest; it knows nothing.

    With a factor of 1 it looks at fixed intervals.
    """

    first: float
    factor: float
    longest: float

    def after(self, age: float) -> float:
        """The age at which to look next, in seconds. A look may be late by a tenth of a second."""
        at = wait = self.first
        while at <= age + 0.1 and wait > 0:
            if wait >= self.longest:
                return at + self.longest * ((age + 0.1 - at) // self.longest + 1)
            wait = min(wait * self.factor, self.longest)
            at += wait
        return max(at, age)


@dataclass(frozen=True, slots=True)
class LookPlan:
    """The best next look for each age on the grid."""

    following: tuple[int, ...]  # by the place of an age: the place of the next look
    first: int

    def after(self, age: float) -> float:
        """The age at which to look next, in seconds; once a minute past the grid."""
        place = bisect_right(AGES, age + 0.1) - 1
        if place >= len(AGES) - 1:
            return age + 60.0
        return AGES[self.first if place < 0 else self.following[place]]


def plan(chances: Sequence[float], look: float, longest: float) -> LookPlan:
    """The looks with the least expected cost.

    Args:
        chances: For each age of the grid how likely it is that the analysis becomes ready between
            the age before and this one. What is missing to 1 never becomes ready.
        look: What a look costs, in seconds of waiting.
        longest: Looks are no further apart than this, in seconds.
    """
    count = len(AGES)
    ready = [0.0, *accumulate(chances)]  # before AGES[i - 1]
    moment = [0.0, *accumulate(p * t for p, t in zip(chances, _MIDDLES, strict=True))]
    ahead = [0.0] * count
    following = [count - 1] * count

    def best(place: int, highest: int) -> tuple[float, int]:
        seen, sum_seen = ready[place + 1], moment[place + 1]
        limit = (AGES[place] if place >= 0 else 0.0) + longest
        lowest, at = float("inf"), place + 1
        for k in range(place + 1, highest + 1):
            age = AGES[k]
            if age > limit and k > place + 1:
                break
            cost = age * (ready[k + 1] - seen) - moment[k + 1] + sum_seen + ahead[k]
            if cost < lowest:
                lowest, at = cost, k
        return lowest + look * (1.0 - seen), at

    for place in range(count - 2, -1, -1):
        ahead[place], following[place] = best(place, following[place + 1])
    return LookPlan(tuple(following), best(-1, following[0])[1])


def outcome(schedule: Schedule, seconds: float) -> tuple[float, int]:
    """How late an analysis of this length is seen (seconds), and after how many looks.

    One that outlasts `LONGEST` is looked at until then, and is not late.
    """
    age, looks = -1.0, 0
    while (age := schedule.after(age)) <= LONGEST:
        looks += 1
        if age >= seconds:
            return age - seconds, looks
    return 0.0, looks


def spread(centres: Iterable[tuple[float, float, float]], chances: list[float]) -> None:
    """Add weights to a distribution over the grid, each as a triangle.

    Args:
        centres: Age, weight and half the width of the triangle, each in seconds.
        chances: What to add to.
    """
    last = len(AGES) - 1
    for centre, weight, half in centres:
        low = min(bisect_left(AGES, centre - half), last)
        high = min(bisect_right(AGES, centre + half), last)
        share = 0.0
        for place in range(low, high + 1):
            until = 1.0 if place == high else _below((AGES[place] - centre) / half)
            chances[place] += weight * (until - share)
            share = until


def _below(x: float) -> float:
    """The distribution function of a triangle from -1 to 1."""
    if x <= -1:
        return 0.0
    if x >= 1:
        return 1.0
    return (1 + x) ** 2 / 2 if x < 0 else 1 - (1 - x) ** 2 / 2
