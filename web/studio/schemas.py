"""What the studio's page is told: the session, how an attempt stands, and its result, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from analyzer.scoring.rubric import SWITCHED_OFF, metric_name, metric_observed
from analyzer.scoring.wording import DISCLAIMER, MADE_BY, delivery_lines
from analyzer.stages import stage_line
from core.models import (
    Assessment,
    Attempt,
    AttemptState,
    Delivery,
    EngineName,
    Filler,
    KeyPoint,
    Metric,
    Pause,
    Sentence,
    Stretch,
)

PREPARE_SECONDS = 20
ANSWER_SECONDS = 120
SHORTEST_SECONDS = 30


class ScoreAnswer(BaseModel):
    """One metric that is not switched off."""

    metric: Metric
    label: str
    observed: str  # what the label stands for, in a few words
    value: int | None
    reason: str | None
    evidence: str
    at_seconds: float | None


class DeliveryAnswer(BaseModel):
    """What was measured, in numbers and in the sentences Discord shows."""

    words: int
    words_per_minute: float | None
    words_per_minute_error: float | None
    pauses: tuple[Pause, ...]
    longest_pause_seconds: float | None
    talk_ratio: float | None
    fillers: tuple[Filler, ...]
    fillers_counted: bool
    pitch_variation_semitones: float | None
    fastest: Stretch | None
    slowest: Stretch | None
    flattest: Stretch | None
    span_seconds: float
    lines: list[str]


class ResultAnswer(BaseModel):
    """An assessment."""

    question: str
    overall: float | None
    strength: str
    next_step: str
    scores: list[ScoreAnswer]
    key_points: tuple[KeyPoint, ...]
    delivery: DeliveryAnswer | None
    transcript: tuple[Sentence, ...]
    notes: list[str]
    duration_seconds: float
    footer: str = DISCLAIMER


class SnapshotAnswer(BaseModel):
    """How an attempt stands."""

    state: AttemptState
    stage: str
    ended: bool
    elapsed_seconds: float
    failure: str | None
    result: ResultAnswer | None

    def differs(self, other: SnapshotAnswer | None) -> bool:
        """Whether there is more to say than that time has passed."""
        return other is None or self != other.model_copy(
            update={"elapsed_seconds": self.elapsed_seconds}
        )


class SubmittedAnswer(BaseModel):
    """What was sent in."""

    attempt: SnapshotAnswer


class ReceivedAnswer(BaseModel):
    """How much of a recording is here."""

    received_bytes: int


class SessionAnswer(BaseModel):
    """All that the page needs to begin, or to go on."""

    question: str
    prepare_seconds: int = PREPARE_SECONDS
    answer_seconds: int
    shortest_seconds: int
    longest_seconds: int
    max_bytes: int
    expires_at: datetime
    seconds_left: float
    shared: bool
    engine: EngineName
    state: Literal["open", "uploading", "submitted"]
    received_bytes: int | None
    attempt: SnapshotAnswer | None
    retention_days: int
    place: str | None = None


class Problem(BaseModel):
    """Why something is not done, with what to do next."""

    code: str
    sentence: str
    received_bytes: int | None = None


def snapshot_of(attempt: Attempt, now: datetime) -> SnapshotAnswer:
    """How an attempt stands now."""
    until = attempt.cleaned_at or now
    return SnapshotAnswer(
        state=attempt.state,
        stage=stage_line(attempt),
        ended=attempt.state.ended,
        elapsed_seconds=max(0.0, round((until - attempt.created_at).total_seconds(), 1)),
        failure=attempt.failure.sentence if attempt.failure else None,
        result=_result_of(attempt, attempt.assessment) if attempt.assessment else None,
    )


def _result_of(attempt: Attempt, found: Assessment) -> ResultAnswer:
    scores = [
        ScoreAnswer(
            metric=metric,
            label=metric_name(metric, found),
            observed=metric_observed(metric, found),
            **found.scores[metric].model_dump(),
        )
        for metric in Metric
        if found.scores[metric].reason != SWITCHED_OFF
    ]
    return ResultAnswer(
        question=attempt.question,
        overall=found.overall,
        strength=found.strength,
        next_step=found.next_step,
        scores=scores,
        key_points=found.key_points,
        delivery=None if found.delivery is None else _delivery_of(found.delivery),
        transcript=found.transcript,
        notes=[MADE_BY[found.engine], *found.notes],
        duration_seconds=attempt.facts.duration_seconds if attempt.facts else 0.0,
    )


def _delivery_of(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        **{name: getattr(delivery, name) for name in Delivery.model_fields},
        lines=list(delivery_lines(delivery)),
    )
