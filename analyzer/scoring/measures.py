"""The numbers an attempt has: its scores and its measured delivery, each with how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean

from analyzer.scoring.bands import MIN_SPEECH_SECONDS
from analyzer.scoring.parts import heard_of
from analyzer.scoring.rubric import METRIC_NAMES, WORDS, metric_name
from analyzer.scoring.wording import whole_percent
from core.assessment import Assessment, Delivery, Metric
from core.models import Attempt

Read = Callable[[Attempt], float | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that an attempt has a number for."""

    title: str  # for people
    read: Read  # the attempt's number, `None` where it has none
    metric: Metric | None = None  # what it belongs to: switched off with it
    unit: str = ""  # what follows the number, with its space
    decimals: int = 0  # as shown; differences are taken between shown numbers
    steady: float = 0.5  # a smaller change is no trend; Greenroom's own limits
    is_score: bool = False  # 1-10, and more is better
    is_judged: bool = False  # a judge's own where there is one: another's is not comparable

    def of(self, attempt: Attempt) -> float | None:
        """The attempt's number as it is shown; none where its metric was switched off."""
        value = None if self.metric in attempt.metrics_off else self.read(attempt)
        return None if value is None else round(value, self.decimals)

    def text(self, value: float) -> str:
        """A number of this measure, for people."""
        return f"{value:.{self.decimals}f}{self.unit}"

    def change_text(self, by: float) -> str:
        """A difference between two numbers, for people: "up 2", "down 0.3 s", "no change"."""
        return f"{'up' if by > 0 else 'down'} {self.text(abs(by))}" if by else "no change"


def named_for(measure: Measure, attempt: Attempt) -> Measure:
    """The measure, a score by the name that its metric has in the attempt's assessment."""
    if not measure.is_score or measure.metric is None:
        return measure
    title = metric_name(measure.metric, assessment_of(attempt))
    return measure if title == measure.title else replace(measure, title=title)


def assessment_of(attempt: Attempt) -> Assessment:
    """The attempt's assessment.

    Raises:
        ValueError: it has none.
    """
    if attempt.assessment is None:
        raise ValueError("an attempt without an assessment cannot be compared")
    return attempt.assessment


def strength(found: Assessment) -> float | None:
    """A number from 0 to 10 by which results of one engine can be ordered; `None`: it has none.

    It is the overall; without one the mean of the scores and of the share of parts heard, which
    counts like a score. It is never shown: a mean of two or three metrics is no overall.
    """
    if found.overall is not None:
        return found.overall
    values = [float(one.value) for one in found.scores.values() if one.value is not None]
    if found.parts:
        values.append(heard_of(found.parts) / len(found.parts) * 10)
    return fmean(values) if values else None


def _score(metric: Metric) -> Measure:
    return Measure(
        METRIC_NAMES[metric],
        lambda attempt: assessment_of(attempt).scores[metric].value,
        metric,
        is_score=True,
        is_judged=metric in WORDS,
    )


def _measured(read: Callable[[Delivery], float | None]) -> Read:
    """Reads the delivery, where it was measured and anything was said."""

    def of(attempt: Attempt) -> float | None:
        delivery = assessment_of(attempt).delivery
        return read(delivery) if delivery is not None and delivery.words else None

    return of


def _fillers(delivery: Delivery) -> float | None:
    return _per_minute(len(delivery.fillers), delivery) if delivery.fillers_counted else None


def _pauses(delivery: Delivery) -> float | None:
    if not delivery.pauses and delivery.longest_pause_seconds is None:  # they were not looked for
        return None
    return _per_minute(len(delivery.pauses), delivery)


def _per_minute(count: int, delivery: Delivery) -> float | None:
    if delivery.span_seconds < MIN_SPEECH_SECONDS:
        return None
    return count / delivery.span_seconds * 60


OVERALL = Measure(
    "Overall", lambda a: assessment_of(a).overall, decimals=1, is_score=True, is_judged=True
)

METRICS = tuple(map(_score, Metric))

PACE = Measure(
    "Words per minute", _measured(lambda d: d.words_per_minute), Metric.SPEECH_RATE, steady=10
)

FILLERS = Measure(
    "Fillers per minute", _measured(_fillers), Metric.SPEECH_RATE, decimals=1, steady=1
)

PAUSES = Measure("Pauses over 1 s per minute", _measured(_pauses), Metric.SPEECH_RATE, decimals=1)


def _parts_heard(attempt: Attempt) -> float | None:
    parts = assessment_of(attempt).parts
    if not parts:
        return None
    return heard_of(parts) / len(parts) * 100


def _toward_camera(attempt: Attempt) -> float | None:
    picture = assessment_of(attempt).picture
    share = None if picture is None or picture.several_faces else picture.toward_share
    return None if share is None else whole_percent(share)


PARTS = Measure("Parts of the answer heard", _parts_heard, unit="%", steady=10)

HEAD = Measure("Head toward the camera", _toward_camera, Metric.EYE_CONTACT, "%", steady=5)

DELIVERY = (
    PACE,
    FILLERS,
    PAUSES,
    Measure(
        "Longest pause",
        _measured(lambda d: d.longest_pause_seconds),
        Metric.SPEECH_RATE,
        " s",
        decimals=1,
    ),
    Measure(
        "Time spent speaking",
        _measured(lambda d: None if d.talk_ratio is None else d.talk_ratio * 100),
        Metric.SPEECH_RATE,
        "%",
    ),
    Measure(
        "Pitch variation",
        _measured(lambda d: d.pitch_variation_semitones),
        Metric.VOICE_TONE,
        " semitones",
        decimals=1,
    ),
)
