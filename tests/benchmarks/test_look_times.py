"""What learned looks promise, in simulations that always draw the same analyses."""

from __future__ import annotations

from statistics import fmean

import pytest

from benchmarks.look_times import HABITS, LEARNING, NASTY, Run, mean_cost, simulate

ANALYSES = 100


@pytest.mark.parametrize("habit", HABITS)
def test_after_fifty_analyses_the_looks_are_near_the_best_possible(habit: str) -> None:
    run, analyses = Run(), 150 if habit == "drifting" else ANALYSES  # a wave takes 250
    for seed in range(2):
        run.add(simulate(HABITS[habit], seed, analyses=analyses))
    assert len(run.ours) == len(run.best) == 2 * (analyses - LEARNING)
    assert mean_cost(run.ours) <= 1.2 * mean_cost(run.best)
    if habit == "known within 15 %":
        assert fmean(seen.late for seen in run.ours) <= 1.2
        assert fmean(seen.looks for seen in run.ours) <= 6


@pytest.mark.parametrize(
    "habit", ["a third as long", "to and fro", "heavy tail", "any of 10 to 160 s"]
)
def test_whatever_comes_from_the_first_day_on_a_fixed_interval_is_hardly_better(habit: str) -> None:
    runs = [simulate(NASTY[habit], seed, analyses=ANALYSES, with_best=False) for seed in range(2)]
    ours, fixed = (
        [seen for run in runs for seen in getattr(run, way)] for way in ("ours", "fixed")
    )
    assert mean_cost(ours) <= 1.1 * mean_cost(fixed)
