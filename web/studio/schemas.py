"""What the studio's page is told: the session, how an attempt stands, and its result, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from analyzer.scoring.progress import progress_of
from analyzer.scoring.result_words import (
    PART_NAMES,
    change_lines,
    delivery_remarks,
    good_to_know,
    picture_lines,
    structure_words,
    toward_share,
)
from analyzer.scoring.rubric import (
    NOT_ASSESSED_LOCALLY,
    SWITCHED_OFF,
    metric_name,
    metric_observed,
)
from analyzer.scoring.wording import DISCLAIMER, delivery_lines, not_looked_at, range_text
from analyzer.stages import stage_line, waiting_line
from core.assessment import (
    Assessment,
    BetterWording,
    Delivery,
    EngineName,
    Filler,
    KeyPoint,
    Metric,
    PartName,
    Pause,
    Sentence,
    Stretch,
)
from core.models import Attempt, AttemptState

PREPARE_SECONDS = 20
ANSWER_SECONDS = 120
SHORTEST_SECONDS = 30


class ScoreAnswer(BaseModel):
    """One metric that is not switched off."""

    metric: Metric
    label: str
    observed: str  # what the label stands for, in a few words
    value: int | None
    range: str  # by how much repeats differ, in words; "" where that is not known
    reason: str | None
    evidence: str
    at_seconds: float | None
    left_out: bool  # the engine in use does not look at it: `not_looked_at` says so in one line


class RemarkAnswer(BaseModel):
    """Something about one moment of the delivery: plain words, and the figure behind them."""

    kind: Literal["fastest", "slowest", "flattest", "pause"]
    text: str
    figure: str
    at_seconds: float
    seconds: float


class PartAnswer(BaseModel):
    """One part of an answer, and where it was heard."""

    name: PartName
    label: str
    at_seconds: float | None


class PictureAnswer(BaseModel):
    """What was measured in the picture, in sentences, and when the head was turned away."""

    lines: list[str]
    toward_share: float | None
    away: tuple[Stretch, ...]


class LineAnswer(BaseModel):
    """One measure over the last attempts at the question, oldest first, this one last."""

    title: str
    values: list[float | None]
    words: str  # the same for who does not see the drawing


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
    remarks: list[RemarkAnswer]


class ResultAnswer(BaseModel):
    """An assessment."""

    question: str
    overall: float | None
    strength: str
    strength_at: float | None
    next_step: str
    next_step_at: float | None
    scores: list[ScoreAnswer]
    not_looked_at: str
    key_points: tuple[KeyPoint, ...]
    not_heard: tuple[str, ...]
    parts: list[PartAnswer]
    structure: str
    better: BetterWording | None
    follow_up: str
    delivery: DeliveryAnswer | None
    picture: PictureAnswer | None
    changes: list[str]  # since the last attempt at the question
    line: LineAnswer | None
    transcript: tuple[Sentence, ...]
    notes: list[str]
    duration_seconds: float
    footer: str = DISCLAIMER


class SnapshotAnswer(BaseModel):
    """How an attempt stands."""

    id: str  # the attempt's: the page notes it with the recording, to find that again
    state: AttemptState
    stage: str
    ended: bool
    elapsed_seconds: float
    failure: str | None
    result: ResultAnswer | None
    in_line: str = ""  # why it waits; the time follows: "You are 3rd in line; it goes on at about"
    goes_on_at: datetime | None = None

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
    judge_host: str | None  # where the words go to be judged; "localhost" where they stay here
    state: Literal["open", "uploading", "submitted"]
    received_bytes: int | None
    attempt: SnapshotAnswer | None
    retention_days: int
    place: str | None = None
    looks_only: bool = False  # the right is to look at a result, and to nothing else


class AgainAnswer(BaseModel):
    """The right to answer the same question again: another link's, or the same one's (`None`)."""

    token: str | None


class Problem(BaseModel):
    """Why something is not done, with what to do next."""

    code: str
    sentence: str
    received_bytes: int | None = None


def snapshot_of(
    attempt: Attempt, now: datetime, earlier: Sequence[Attempt] = (), follow_up: str = ""
) -> SnapshotAnswer:
    """How an attempt stands now.

    `earlier` are those at the same question, newest first; `follow_up` asks about what was missing.
    """
    until = attempt.cleaned_at or now
    found, waits = attempt.assessment, waiting_line(attempt, now)
    return SnapshotAnswer(
        id=attempt.id,
        state=attempt.state,
        stage=stage_line(attempt, now),
        ended=attempt.state.ended,
        elapsed_seconds=max(0.0, round((until - attempt.created_at).total_seconds(), 1)),
        failure=attempt.failure.sentence if attempt.failure else None,
        result=result_of(attempt, found, earlier, follow_up) if found else None,
        in_line=waits,
        goes_on_at=attempt.waiting.until if attempt.waiting and waits else None,
    )


def result_of(
    attempt: Attempt, found: Assessment, earlier: Sequence[Attempt] = (), follow_up: str = ""
) -> ResultAnswer:
    """What was found in an answer; see `snapshot_of`."""
    before = earlier[0].assessment if earlier else None
    return ResultAnswer(
        question=attempt.question,
        overall=found.overall,
        strength=found.strength,
        strength_at=found.strength_at,
        next_step=found.next_step,
        next_step_at=found.next_step_at,
        scores=_scores_of(found),
        not_looked_at=not_looked_at(found),
        key_points=found.key_points,
        not_heard=found.not_heard,
        parts=[
            PartAnswer(name=part.name, label=PART_NAMES[part.name], at_seconds=part.at_seconds)
            for part in found.parts
        ],
        structure=structure_words(found.structure),
        better=found.better,
        follow_up=follow_up,
        delivery=None if found.delivery is None else _delivery_of(found.delivery),
        picture=_picture_of(found),
        changes=[] if before is None else list(change_lines(found, before)),
        line=_line_of((attempt, *earlier)),
        transcript=found.transcript,
        notes=list(good_to_know(found)),
        duration_seconds=attempt.facts.duration_seconds if attempt.facts else 0.0,
    )


def _scores_of(found: Assessment) -> list[ScoreAnswer]:
    return [
        ScoreAnswer(
            metric=metric,
            label=metric_name(metric, found),
            observed=metric_observed(metric, found),
            range=range_text(found.scores[metric]),
            left_out=found.scores[metric].reason == NOT_ASSESSED_LOCALLY,
            **found.scores[metric].model_dump(),
        )
        for metric in Metric
        if found.scores[metric].reason != SWITCHED_OFF
    ]


def _delivery_of(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        **{name: getattr(delivery, name) for name in Delivery.model_fields},
        lines=list(delivery_lines(delivery)),
        remarks=[RemarkAnswer(**asdict(remark)) for remark in delivery_remarks(delivery)],
    )


def _picture_of(found: Assessment) -> PictureAnswer | None:
    if found.picture is None or found.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF:
        return None
    lines = list(picture_lines(found.picture, moments=False))
    if not lines:
        return None
    away = () if found.picture.several_faces else found.picture.away
    return PictureAnswer(lines=lines, toward_share=toward_share(found), away=away)


def _line_of(newest_first: Sequence[Attempt]) -> LineAnswer | None:
    """The first measure that two of the attempts have: overall, else a score, else the pace."""
    lines = progress_of(newest_first).lines
    if not lines:
        return None
    line = lines[0]
    shown = [line.measure.text(value) for value in line.known]
    return LineAnswer(
        title=line.measure.title,
        values=list(line.values),
        words=f"{line.measure.title} in your last {len(shown)} attempts: {', '.join(shown)}.",
    )
