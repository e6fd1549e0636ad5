"""Prints how late results are seen and after how many looks, for vendors of several habits.

Run as `python -m benchmarks.look_times`; it takes a minute. It is a simulation: for each habit 150
analyses of clips of different lengths, one after another, with five different chances. The first 50
are for learning; the table is about those after. The cost is the delay plus `look_cost` seconds for
each look. Beside our looks stand the looks before them (1 s, growing to 5 s), a fixed 5 s, and the
best possible for somebody who knows the distribution of each single analysis, if not its outcome:
of what changes at once, nobody can know that.
"""

from __future__ import annotations

import math
import random
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from analyzer.dependencies import Timings
from analyzer.engines.analysis_times import AnalysisTimes
from analyzer.engines.look_plan import AGES, LONGEST, Growing, LookPlan, Schedule, outcome, plan
from benchmarks.table import Table

LEARNING = 50
ANALYSES = 150
SEEDS = range(5)
CLIPS = (20, 30, 45, 60, 90, 120)
"""Seconds of the clips."""
TIMINGS = Timings()
LOOK = TIMINGS.look_cost

FIXED = Growing(5.0, 1.0, 5.0)
BEFORE = Growing(1.0, 1.5, 5.0)
OURS_AT_FIRST = Growing(TIMINGS.poll_first, TIMINGS.poll_growth, TIMINGS.poll_longest)

Draw = Callable[[random.Random, int, int], float]
"""Seconds of an analysis, by chance, its number and the clip's seconds."""

_SAMPLES = 1000


def _known(chance: random.Random, _number: int, clip: int) -> float:
    return (12 + 0.55 * clip) * chance.uniform(0.85, 1.15)


def _stuck(chance: random.Random, number: int, clip: int) -> float:
    return 2 * LONGEST if chance.random() < 0.05 else _known(chance, number, clip)


def _humps(chance: random.Random, _number: int, _clip: int) -> float:
    return chance.gauss(25, 2) if chance.random() < 0.6 else chance.gauss(70, 4)


HABITS: dict[str, Draw] = {
    "known within 15 %": _known,
    "even, 20 to 60 s": lambda chance, _n, _c: chance.uniform(20, 60),
    "two humps": _humps,
    "drifting": lambda chance, n, _c: (30 + 25 * math.sin(n / 40)) * chance.uniform(0.9, 1.1),
    "one in twenty stuck": _stuck,
}
"""What a vendor may reasonably do."""

NASTY: dict[str, Draw] = {
    "three times as long": lambda chance, n, _c: (20 if n < 75 else 60) * chance.uniform(0.9, 1.1),
    "a third as long": lambda chance, n, _c: (60 if n < 75 else 20) * chance.uniform(0.9, 1.1),
    "to and fro": lambda chance, n, _c: (15 if n // 10 % 2 else 90) * chance.uniform(0.9, 1.1),
    "heavy tail": lambda chance, _n, _c: 15 * chance.paretovariate(1.3),
    "any of 10 to 160 s": lambda chance, _n, _c: 40 * math.exp(chance.gauss(0, 0.7)),
    "at once": lambda chance, _n, _c: chance.uniform(0.1, 2),
    "minutes": lambda chance, _n, _c: chance.uniform(200, 400),
}
"""What it may do all the same."""


class Seen(NamedTuple):
    """How late an analysis was seen, in seconds, and after how many looks."""

    late: float
    looks: int

    @property
    def cost(self) -> float:
        """Both, in seconds."""
        return self.late + LOOK * self.looks


@dataclass
class Run:
    """What came of the same analyses with each way of looking."""

    ours: list[Seen] = field(default_factory=list)
    fixed: list[Seen] = field(default_factory=list)
    before: list[Seen] = field(default_factory=list)
    best: list[Seen] = field(default_factory=list)  # without those for learning
    seconds: list[float] = field(default_factory=list)  # of processor time for each plan of ours

    def add(self, other: Run) -> None:
        """Put another run's behind these, without its analyses for learning."""
        for name in ("ours", "fixed", "before"):
            getattr(self, name).extend(getattr(other, name)[-len(other.best) :])
        self.best += other.best
        self.seconds += other.seconds


def simulate(draw: Draw, seed: int, *, analyses: int = ANALYSES, with_best: bool = True) -> Run:
    """Let one vendor analyze so many clips. Finding the best looks takes most of the time."""
    chance, run = random.Random(seed), Run()  # noqa: S311 - no secret
    times, best = AnalysisTimes(OURS_AT_FIRST, LOOK, TIMINGS.look_longest), Best(draw, LOOK)
    for number in range(analyses):
        clip = chance.choice(CLIPS)
        seconds = draw(chance, number, clip)
        begun = time.process_time()
        schedule = times.schedule(clip)
        used = time.process_time() - begun
        late, looks = outcome(schedule, seconds)
        run.ours.append(Seen(late, looks + (schedule is OURS_AT_FIRST)))  # it looks at once, too
        run.fixed.append(Seen(*outcome(FIXED, seconds)))
        late, looks = outcome(BEFORE, seconds)
        run.before.append(Seen(late, looks + 1))
        if with_best and number >= LEARNING:
            run.best.append(Seen(*outcome(best.schedule(number, clip), seconds)))
        begun = time.process_time()
        times.learn(clip, min(seconds, LONGEST))
        run.seconds.append(used + time.process_time() - begun)
    return run


class Best:
    """The best looks for whoever knows a vendor's habit, from many drawn analyses."""

    def __init__(self, draw: Draw, look: float) -> None:
        self._draw, self._look = draw, look
        self._plans: dict[tuple[float, ...], LookPlan] = {}

    def schedule(self, number: int, clip: int) -> Schedule:
        """The looks at this analysis. Where the same lengths are drawn, they are the same."""
        chance = random.Random(0)  # noqa: S311 - no secret
        drawn = [self._draw(chance, number, clip) for _ in range(_SAMPLES)]
        key = tuple(drawn[:3])
        if key not in self._plans:
            chances = [0.0] * len(AGES)
            for seconds in drawn:
                if seconds <= LONGEST:
                    chances[bisect_left(AGES, seconds)] += 1 / _SAMPLES
            self._plans[key] = plan(chances, self._look, TIMINGS.look_longest)
        return self._plans[key]


def mean_cost(seen: Iterable[Seen]) -> float:
    """The mean cost, in seconds."""
    return fmean(one.cost for one in seen)


def delay_at_equal_looks(draw: Draw, looks: float) -> float:
    """The mean delay of the best looks that are so many on average, in seconds."""
    points: list[tuple[float, float]] = []
    for factor in (0.4, 0.6, 0.8, 1.0, 1.3, 1.8, 2.5):
        found = simulate_best(draw, LOOK * factor)
        points.append((fmean(one.looks for one in found), fmean(one.late for one in found)))
    points.sort()
    for (few, late), (many, soon) in pairwise(points):
        if few <= looks <= many and many > few:
            return late + (soon - late) * (looks - few) / (many - few)
    return points[0][1] if looks < points[0][0] else points[-1][1]


def simulate_best(draw: Draw, look: float) -> list[Seen]:
    """The analyses of one run, seen with the best looks at this cost."""
    chance, best, seen = random.Random(SEEDS[0]), Best(draw, look), list[Seen]()  # noqa: S311
    for number in range(ANALYSES):
        clip = chance.choice(CLIPS)
        seconds = draw(chance, number, clip)
        if number >= LEARNING:
            seen.append(Seen(*outcome(best.schedule(number, clip), seconds)))
    return seen


def _pair(seen: Sequence[Seen]) -> str:
    return f"{fmean(one.late for one in seen):.2f}/{fmean(one.looks for one in seen):.1f}"


def main() -> None:
    """Simulate every habit, and print a line of each."""
    print(f"delay in seconds / looks; the cost is delay + {LOOK} s a look")
    table = Table(
        *("the vendor takes", "1 s to 5 s", "fixed 5 s", "our looks", "best looks"),
        *("best delay, our looks", "cost/best", "cost/fixed", "from the first"),
        label_width=22,
    )
    used: list[float] = []
    for name, draw in {**HABITS, **NASTY}.items():
        run, ours, fixed = Run(), list[Seen](), list[Seen]()
        for seed in SEEDS:
            one = simulate(draw, seed)
            ours, fixed = [*ours, *one.ours], [*fixed, *one.fixed]
            run.add(one)
        used += run.seconds
        cost, looks = mean_cost(run.ours), fmean(one.looks for one in run.ours)
        table.row(
            *(name, _pair(run.before), _pair(run.fixed), _pair(run.ours), _pair(run.best)),
            f"{delay_at_equal_looks(draw, looks):.2f}",
            f"{cost / mean_cost(run.best):.2f}",
            f"{cost / mean_cost(run.fixed):.2f}",
            f"{mean_cost(ours) / mean_cost(fixed):.2f}",
        )
    used.sort()
    print(
        f"learning one analysis and planning: {1000 * fmean(used):.1f} ms of processor time,",
        end="",
    )
    print(f" 99 of 100 within {1000 * used[len(used) * 99 // 100]:.1f} ms")


if __name__ == "__main__":
    main()
