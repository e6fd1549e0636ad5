"""The rubric: what each metric means, what can be observed for it, and described anchors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.assessment import Assessment, EngineName, Metric

RUBRIC_VERSION = 1
"""Stored with every assessment; goes up whenever a line below changes what a score means."""

NO_AUDIO = "not assessed: no audio track"
NO_PICTURE = "not assessed: no picture"
NOT_ASSESSED_LOCALLY = "not assessed locally"
NOT_ASSESSED = "not assessed: the model gave no usable score"

SWITCHED_OFF = "switched off"
"""The reason of a metric that the member or their server has switched off: it is never shown."""


def not_observable(reason: str) -> str:
    """Return the phrase for a metric the clip did not show, with the reason when there is one."""
    reason = reason.strip().rstrip(".")
    return f"not observable: {reason}" if reason else "not observable in this clip"


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of the rubric. The anchors describe behaviour anybody could point at."""

    title: str  # what is observed, in a few words
    observable: str  # what to look at or listen to
    low: str  # earns 1 or 2
    middle: str  # earns 5
    high: str  # earns 9 or 10

    def anchors(self, metric: Metric) -> str:
        """How a model is told about it, over four lines."""
        return (
            f"{metric.value} ({self.title}): {self.observable}.\n"
            f"  1-2: {self.low}.\n"
            f"  5: {self.middle}.\n"
            f"  9-10: {self.high}."
        )


RUBRIC: Mapping[Metric, Line] = {
    Metric.CONFIDENCE: Line(
        title="Assured delivery",
        observable="whether sentences are carried to their end at a steady volume, and how often "
        "the speaker breaks off, starts over or apologises for the answer",
        low="most sentences trail off, are broken off or are taken back",
        middle="about half of the sentences are finished at a steady volume; several restarts",
        high="nearly every sentence is finished at a steady volume; a restart at most once",
    ),
    Metric.CLARITY: Line(
        title="Clear structure",
        observable="whether the answer has an opening, an order that can be followed and an end, "
        "and whether terms and examples are explained",
        low="no order can be followed; thoughts stand side by side and the answer just stops",
        middle="the main thought can be found, but steps are missing or the end is left open",
        high="the point comes first, the steps follow in order and a closing sentence sums up",
    ),
    Metric.SPEECH_RATE: Line(
        title="Pace",
        observable="how fast the words come, whether words run into each other, and where pauses "
        "stand",
        low="words run into each other, or gaps inside sentences break most of them apart",
        middle="can be followed, with stretches that are hurried or that halt inside a sentence",
        high="even and easy to follow, slower at the main points, pauses between thoughts",
    ),
    Metric.EYE_CONTACT: Line(
        title="Looking toward the camera",
        observable="how much of the time the face and the eyes are turned toward the camera; "
        "short looks away while thinking are ordinary and cost nothing",
        low="turned away, down or to something beside the camera nearly all the time",
        middle="toward the camera about half of the time",
        high="toward the camera nearly all the time, looking away only in short moments",
    ),
    Metric.BODY_LANGUAGE: Line(
        title="Gestures and posture",
        observable="how upright and still the upper body is, and whether hand movements go with "
        "what is said or repeat without relation to it",
        low="repeated movements without relation to the words, or mostly turned out of the frame",
        middle="mostly still or mostly in frame, with some movements that draw the eye away",
        high="upright and in frame; movements mark what is being said and then come to rest",
    ),
    Metric.VOICE_TONE: Line(
        title="Vocal variety",
        observable="how much pitch and loudness change, and whether they mark the main points",
        low="one pitch and one loudness nearly throughout",
        middle="some change, but not at the points that matter",
        high="pitch and loudness change clearly and mark the main points",
    ),
    Metric.RELEVANCE: Line(
        title="Answers the question",
        observable="whether each part of the question is answered, with an example, and whether "
        "what is said stays with the question",
        low="speaks about something else, or leaves the question open",
        middle="answers part of the question, or all of it without an example",
        high="answers every part with a concrete example and what came of it",
    ),
}

METRIC_NAMES: Mapping[Metric, str] = {
    Metric.CONFIDENCE: "Confidence",
    Metric.CLARITY: "Clarity",
    Metric.SPEECH_RATE: "Speech rate",
    Metric.EYE_CONTACT: "Eye contact",
    Metric.BODY_LANGUAGE: "Body language",
    Metric.VOICE_TONE: "Voice tone",
    Metric.RELEVANCE: "Relevance",
}
"""The plain words that people look for. A line's `title` says what is really observed."""

HEAD_DIRECTION = "Eye contact (head direction)"
"""What the local engine can measure of eye contact: never where the eyes went."""

_HEAD_DIRECTION_OBSERVED = "Head toward the camera"


def metric_name(metric: Metric, assessment: Assessment) -> str:
    """What a metric is called in this assessment: by what its engine really looked at."""
    return HEAD_DIRECTION if _is_head_direction(metric, assessment) else METRIC_NAMES[metric]


def metric_observed(metric: Metric, assessment: Assessment) -> str:
    """What was observed for a metric in this assessment, in a few words."""
    if _is_head_direction(metric, assessment):
        return _HEAD_DIRECTION_OBSERVED
    return RUBRIC[metric].title


def _is_head_direction(metric: Metric, assessment: Assessment) -> bool:
    return (
        metric is Metric.EYE_CONTACT
        and assessment.engine is EngineName.LOCAL
        and assessment.scores[metric].reason != NOT_ASSESSED_LOCALLY  # as before it looked
    )


SPEECH: frozenset[Metric] = frozenset(
    {
        Metric.CONFIDENCE,
        Metric.CLARITY,
        Metric.SPEECH_RATE,
        Metric.VOICE_TONE,
        Metric.RELEVANCE,
    }
)
"""The metrics that need sound."""

WORDS: frozenset[Metric] = frozenset({Metric.CONFIDENCE, Metric.CLARITY, Metric.RELEVANCE})
"""The metrics that words alone can show, so that a judge can read them in a transcript."""

PICTURE: frozenset[Metric] = frozenset({Metric.EYE_CONTACT, Metric.BODY_LANGUAGE})
"""The metrics that need a picture of the speaker."""


def assessable(
    *, has_audio: bool, has_picture: bool = True, off: frozenset[Metric] = frozenset()
) -> tuple[Metric, ...]:
    """The metrics a clip is assessed in, in the order results show them; none that is `off`."""
    missing = (
        off | (frozenset() if has_audio else SPEECH) | (frozenset() if has_picture else PICTURE)
    )
    return tuple(metric for metric in Metric if metric not in missing)
