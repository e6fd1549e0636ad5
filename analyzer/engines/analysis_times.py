"""How long the vendor takes for a clip: learned from earlier analyses, to look at the right time.

Several forecasts run beside each other, from slow to quick, with the clip's length and without.
Each is judged by how likely it made the next analysis before it was known (the logarithmic score),
so a vendor that keeps still is forecast by all its analyses and one that changes by its latest. A
share stays with "anything may happen", as large as surprises are frequent; and where the learned
looks have cost more than plain ones lately, the plain ones are used.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import fmean, median
from typing import NamedTuple

from analyzer.engines.look_plan import AGES, LONGEST, LookPlan, Schedule, outcome, plan, spread

KEPT = 60
"""How many analyses of a model are remembered."""

FEW = 5
"""Until so many are known, looks are plain."""

_PRIOR = (25.0, 0.08)  # seconds, and seconds for each of the clip: the vendor's "30 s to minutes"
_SHORTEST = 0.05
_REMEMBERED = 40  # for lines, medians and errors
_FADE = 0.97  # of an error's weight, with each later analysis
_SCORE_FADE = 0.97
_WIDTHS = (0.03, 0.08, 0.5)  # half of a triangle around an error, as a share
_SURPRISE = 0.07
_GUARD_FADE = 0.95
_HANDICAP = 6.0  # seconds of cost that learned looks have to make up for before they are used
_LENGTHS = 0.03  # clips that differ by less share a plan
_WINDOWS = {"trend": 8, "long trend": 16}
_FORECASTS = ("still", "median", "latest", "slow", "quick", "trend", "long trend")


@dataclass(slots=True)
class _Forecast:
    """One way of forecasting, with its errors (logarithms) and how well it has done."""

    kind: str
    by_length: bool
    errors: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    scores: list[float] = field(default_factory=lambda: [0.0] * len(_WIDTHS))
    level: float = 0.0


class Expected(NamedTuple):
    """How long an analysis will take, in seconds since the vendor took it."""

    seconds: float  # as likely longer as shorter
    latest: float  # longer in one of ten


class AnalysisTimes:
    """What is known of one model's analyses.

    Args:
        plain: The looks while too little is known.
        look: What a look costs, in seconds of waiting; above 0.
        longest: Looks are no further apart than this, in seconds.
    """

    def __init__(self, plain: Schedule, look: float, longest: float) -> None:
        self._plain, self._look, self._longest = plain, look, longest
        self._known: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._forecasts = [
            _Forecast(kind, by_length) for by_length in (False, True) for kind in _FORECASTS
        ]
        self._line = (1.0, 0.0)
        self._count = 0
        self._plans: dict[int, LookPlan] = {}
        self._chances: dict[int, list[float]] = {}
        self._learned_cost, self._plain_cost = _HANDICAP, 0.0
        self._surprises, self._weighed = 1.0, 10.0
        self._never, self._watched = 0.3, 30.0

    def learn(self, clip_seconds: float, seconds: float) -> None:
        """Take an analysis into account that took so long; those must come in their order."""
        if not math.isfinite(clip_seconds) or math.isnan(seconds) or clip_seconds <= 0:
            return
        never = seconds >= LONGEST
        self._never = 0.3 + (self._never - 0.3) * _FADE + never
        self._watched = 30.0 + (self._watched - 30.0) * _FADE + 1
        if never:
            self._plans.clear()
            self._chances.clear()
            return
        seconds = max(_SHORTEST, seconds)
        self._judge(clip_seconds, seconds)
        self._known.append((clip_seconds, seconds))
        self._count += 1
        self._line = _line(list(self._known)[-_REMEMBERED:])
        for forecast in self._forecasts:
            forecast.level = self._level(forecast)
        self._plans.clear()
        self._chances.clear()

    def schedule(self, clip_seconds: float) -> Schedule:
        """When to look at the analysis of a clip of this length."""
        if self._count < FEW or self._learned_cost > self._plain_cost:
            return self._plain
        return self._learned(clip_seconds)

    def expected(self, clip_seconds: float) -> Expected:
        """How long the analysis of a clip of this length will take."""
        if self._count < FEW:
            fixed, each = _PRIOR
            seconds = fixed + each * clip_seconds
            return Expected(seconds, 2 * seconds)
        below = list(accumulate(self._distribution(clip_seconds)))
        total = below[-1]
        likely, late = (
            AGES[min(bisect_left(below, share * total), len(AGES) - 1)] for share in (0.5, 0.9)
        )
        return Expected(likely, late)

    def _judge(self, clip_seconds: float, seconds: float) -> None:
        """Compare what was foretold with what came."""
        if self._count >= FEW:
            learned = self._cost(self._learned(clip_seconds), seconds)
            self._learned_cost = self._learned_cost * _GUARD_FADE + learned
            plain = self._cost(self._plain, seconds)
            self._plain_cost = self._plain_cost * _GUARD_FADE + plain
        if self._count < 2:
            return
        self._weigh_surprise(clip_seconds, seconds)
        for forecast in self._forecasts:
            error = math.log(seconds) - self._forecast(forecast, clip_seconds)
            if len(forecast.errors) >= 2:
                for at, width in enumerate(_WIDTHS):
                    likely = (1 - _SURPRISE) * _density(forecast.errors, error, width)
                    score = math.log(likely + _SURPRISE / math.log(AGES[-1]))
                    forecast.scores[at] = forecast.scores[at] * _SCORE_FADE + score
            forecast.errors.append(error)

    def _weigh_surprise(self, clip_seconds: float, seconds: float) -> None:
        foretold = sum(
            weight * _density(f.errors, math.log(seconds) - self._forecast(f, clip_seconds), width)
            for weight, f, width in self._best()
            if f.errors
        )
        anything = self._surprise / math.log(AGES[-1])
        share = anything / (anything + (1 - self._surprise) * foretold)
        self._surprises = 1.0 + (self._surprises - 1.0) * _FADE + share
        self._weighed = 10.0 + (self._weighed - 10.0) * _FADE + 1

    @property
    def _surprise(self) -> float:
        return self._surprises / self._weighed

    def _cost(self, schedule: Schedule, seconds: float) -> float:
        late, looks = outcome(schedule, seconds)
        return late + self._look * looks

    def _forecast(self, forecast: _Forecast, clip_seconds: float) -> float:
        """The logarithm of the seconds it foretells."""
        return self._base(forecast, clip_seconds) + forecast.level

    def _base(self, forecast: _Forecast, clip_seconds: float) -> float:
        if not forecast.by_length:
            return 0.0
        fixed, each = self._line
        return math.log(max(_SHORTEST, fixed + each * clip_seconds))

    def _level(self, forecast: _Forecast) -> float:
        known = list(self._known)[-_REMEMBERED:]
        logs = [math.log(took) - self._base(forecast, clip) for clip, took in known]
        if forecast.kind == "still":
            return 0.0
        if forecast.kind == "median":
            return median(logs)
        if forecast.kind == "latest":
            return median(logs[-5:])
        if forecast.kind in _WINDOWS:
            return _trend(logs[-_WINDOWS[forecast.kind] :])
        follows = 0.2 if forecast.kind == "slow" else 0.5
        level = median(logs[:5])
        for value in logs:  # exponential smoothing, which one odd analysis moves only so far
            level += follows * max(-0.5, min(value - level, 0.5))
        return level

    def _learned(self, clip_seconds: float) -> LookPlan:
        length = _length(clip_seconds)
        if (found := self._plans.get(length)) is None:
            chances = self._distribution(clip_seconds)
            found = self._plans[length] = plan(chances, self._look, self._longest)
        return found

    def _distribution(self, clip_seconds: float) -> list[float]:
        """How likely each age of the grid is, for a clip of this length."""
        length = _length(clip_seconds)
        if (found := self._chances.get(length)) is not None:
            return found
        surprise = self._surprise
        ready = 1 - self._never / self._watched
        chances = [ready * surprise * share for share in _ANYTHING]
        centre = math.exp(length * _LENGTHS)
        for weight, forecast, width in self._best():
            middle = self._forecast(forecast, centre)
            weights = [_FADE**age for age in range(len(forecast.errors))]
            each = ready * (1 - surprise) * weight / sum(weights)
            spread(
                (
                    (seconds, share * each, max(0.3, width * seconds))
                    for error, share in zip(reversed(forecast.errors), weights, strict=True)
                    for seconds in (math.exp(min(middle + error, 8.0)),)
                ),
                chances,
            )
        self._chances[length] = chances
        return chances

    def _best(self) -> list[tuple[float, _Forecast, float]]:
        """The forecasts that have done well, with their weights, which sum to 1."""
        scored = [
            (score, number, width)
            for number, forecast in enumerate(self._forecasts)
            for score, width in zip(forecast.scores, _WIDTHS, strict=True)
        ]
        scored.sort(reverse=True)
        best = scored[0][0]
        chosen = [(math.exp(score - best), number, width) for score, number, width in scored[:3]]
        total = sum(weight for weight, _, _ in chosen)
        return [(weight / total, self._forecasts[at], width) for weight, at, width in chosen]


def _length(clip_seconds: float) -> int:
    return round(math.log(max(1.0, clip_seconds)) / _LENGTHS)


def _density(errors: Sequence[float], error: float, width: float) -> float:
    weight, total, found = 1.0, 0.0, 0.0
    for known in reversed(errors):
        total += weight
        apart = abs(known - error) / width
        if apart < 1:
            found += weight * (1 - apart)
        weight *= _FADE
    return found / (total * width)


def _trend(values: Sequence[float]) -> float:
    """The next value by the straight line of least squares."""
    count = len(values)
    if count < 3:
        return median(values)
    middle, mean = (count - 1) / 2, fmean(values)
    rise = sum((at - middle) * value for at, value in enumerate(values))
    slope = rise / (count * (count * count - 1) / 12)
    return mean + slope * (count - middle)


def _line(known: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Seconds, and seconds for each of the clip: the line of Theil and Sen."""
    slopes = [
        (took - took_before) / (clip - before)
        for at, (clip, took) in enumerate(known)
        for before, took_before in known[:at]
        if abs(clip - before) > 0.1 * clip
    ]
    each = max(0.0, median(slopes)) if len(slopes) >= 10 else 0.0
    return max(0.0, median(took - each * clip for clip, took in known)), each


def _anything() -> tuple[float, ...]:
    """What is thought possible whatever was seen: even over the logarithm, and a tenth never."""
    logs = [math.log(age) for age in AGES if age >= 2]
    shares = [0.0] * (len(AGES) - len(logs))
    shares += [b - a for a, b in zip([logs[0], *logs], logs, strict=False)]
    total = sum(shares)
    return tuple(share / total for share in shares)


_ANYTHING = _anything()
