"""Words an assessment's strength and next step from its scores, where the model's own are missing.

A model's sentence may be missing, or be one that Greenroom does not show. The scores and the
described anchors of the rubric say the same in our words; asking again would be billed.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.scoring.rubric import RUBRIC
from core.assessment import Metric, Score


def strength_of(scores: Mapping[Metric, Score]) -> str:
    """What the highest score stands for; "" where nothing was assessed."""
    assessed = _assessed(scores)
    if not assessed:
        return ""
    metric = max(assessed, key=lambda one: assessed[one])
    return f"{RUBRIC[metric].title} scored highest. {scores[metric].evidence}".strip()


def next_step_of(scores: Mapping[Metric, Score]) -> str:
    """What would raise the lowest score, by the rubric; "" where nothing was assessed."""
    assessed = _assessed(scores)
    if not assessed:
        return ""
    metric = min(assessed, key=lambda one: assessed[one])
    line = RUBRIC[metric]
    return f"{line.title} scored lowest. Aim for this: {line.high}."


def _assessed(scores: Mapping[Metric, Score]) -> dict[Metric, int]:
    return {metric: score.value for metric, score in scores.items() if score.value is not None}
