"""What several runs over the known answers say about an engine: pure functions over assessments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from statistics import fmean

from pydantic import Field

from analyzer.calibration.known_answers import KnownAnswer
from core.assessment import Assessment, Metric, Model

STEADY_POINTS = 1
"""Runs that lie no further apart than this are shown as one number."""

Runs = Mapping[str, Sequence[Assessment]]
"""The assessments of each known answer by its name, one for each run."""


class MetricFigures(Model):
    """How one metric behaved."""

    spread: int | None = Field(default=None, ge=0, le=9)  # points, of the clip that varied most
    means: Mapping[str, float] = {}  # by the name of the clip, where it was scored
    wrong: tuple[str, ...] = ()  # what a fair assessment would have said otherwise


class Calibration(Model):
    """What one calibration has found. It holds for this engine in this version, and no other."""

    engine_version: str
    judge: str | None = None
    rubric_version: int
    runs: int = Field(ge=1)
    made_at: datetime
    metrics: Mapping[Metric, MetricFigures]

    def give_or_take(self, metric: Metric) -> int | None:
        """Half the spread in whole points, rounded up; `None` where the scores are steady."""
        spread = self.metrics[metric].spread if metric in self.metrics else None
        return None if spread is None or spread <= STEADY_POINTS else ceil(spread / 2)

    def applied_to(self, assessment: Assessment) -> Assessment:
        """The assessment with its scores' ranges; as it is where another engine made it."""
        made_by = assessment.engine_version, assessment.judge, assessment.rubric_version
        if made_by != (self.engine_version, self.judge, self.rubric_version):
            return assessment
        scores = {
            metric: score
            if score.value is None
            else score.model_copy(update={"give_or_take": self.give_or_take(metric)})
            for metric, score in assessment.scores.items()
        }
        return assessment.model_copy(update={"scores": scores})


def calibration_of(answers: Sequence[KnownAnswer], runs: Runs, *, made_at: datetime) -> Calibration:
    """Work out the figures.

    Raises:
        ValueError: there is no assessment at all.
    """
    assessments = [assessment for each in runs.values() for assessment in each]
    if not assessments:
        raise ValueError("a calibration needs at least one assessment")
    return Calibration(
        engine_version=assessments[0].engine_version,
        judge=next((found.judge for found in assessments if found.judge), None),
        rubric_version=assessments[0].rubric_version,
        runs=max(map(len, runs.values())),
        made_at=made_at,
        metrics={metric: _figures(metric, answers, runs) for metric in Metric},
    )


def _figures(metric: Metric, answers: Sequence[KnownAnswer], runs: Runs) -> MetricFigures:
    values = {name: _values(metric, each) for name, each in runs.items()}
    ranges = [max(found) - min(found) for found in values.values() if len(found) > 1]
    means = {name: round(fmean(found), 1) for name, found in values.items() if found}
    return MetricFigures(
        spread=max(ranges, default=None),
        means=means,
        wrong=tuple(text for answer in answers for text in _wrong(metric, answer, means)),
    )


def _wrong(metric: Metric, answer: KnownAnswer, means: Mapping[str, float]) -> Sequence[str]:
    """What is wrong about the mean score of one clip; nothing where it was not scored."""
    mean = means.get(answer.name)
    if mean is None:
        return ()
    found = []
    if metric in answer.not_observable:
        found.append(f"{answer.name} was scored, and does not show it")
    found += [
        f"{answer.name} does not beat {other}"
        for other in answer.beats.get(metric, ())
        if other in means and mean <= means[other]
    ]
    other = answer.at_most.get(metric)
    if other is not None and other in means and mean > means[other] + STEADY_POINTS:
        found.append(f"{answer.name} is above {other}")
    return found


def _values(metric: Metric, each: Sequence[Assessment]) -> list[int]:
    values = (assessment.scores[metric].value for assessment in each)
    return [value for value in values if value is not None]
