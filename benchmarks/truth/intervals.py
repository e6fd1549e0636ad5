"""95 % intervals: Wilson's for shares, a bootstrap over clips for means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

_Z = 1.96
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval and the count behind it."""

    value: float
    low: float
    high: float
    count: int

    def shown(self, digits: int = 2, unit: str = "") -> str:
        """The figure and its interval, for a table."""
        numbers = (f"{number:.{digits}f}" for number in (self.value, self.low, self.high))
        value, low, high = numbers
        return f"{value}{unit} ({low} to {high})"


def share(hits: int, count: int) -> Estimate | None:
    """A share with the interval of E. B. Wilson, JASA 22:209 (1927); `None` of nothing."""
    if not count:
        return None
    value = hits / count
    middle = (value + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * sqrt(value * (1 - value) / count + _Z**2 / (4 * count**2))
    return Estimate(value, max(0.0, middle - half), min(1.0, middle + half), count)


def mean(values: Sequence[float]) -> Estimate | None:
    """A mean with the percentiles of its bootstrap; `None` of nothing."""
    return ratio([(value, 1.0) for value in values])


def ratio(parts: Sequence[tuple[float, float]]) -> Estimate | None:
    """A sum over a sum, such as errors over words, resampled clip by clip; `None` of nothing."""
    if not parts:
        return None
    above, below = np.array(parts, dtype=float).T
    if not below.sum():
        return None
    drawn = np.random.default_rng(1).integers(0, len(parts), (_RESAMPLES, len(parts)))
    sums = above[drawn].sum(axis=1) / np.maximum(below[drawn].sum(axis=1), 1e-9)
    low, high = np.percentile(sums, [2.5, 97.5])
    return Estimate(float(above.sum() / below.sum()), float(low), float(high), len(parts))
