"""Reads what the model answered: only what is certainly meant and allowed comes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.model_output.guardrails import without_forbidden, without_mentions
from analyzer.model_output.model_json import read_object
from analyzer.model_output.model_text import clipped, one_line, whole_number
from analyzer.scoring.rubric import (
    NO_AUDIO,
    NO_PICTURE,
    NOT_ASSESSED,
    SPEECH,
    SWITCHED_OFF,
    assessable,
    not_observable,
)
from core.assessment import KeyPoint, Metric, Score
from core.errors import EngineRefused

EVIDENCE_MAX = 300
KEY_POINT_MAX = 200
KEY_POINTS_MAX = 8
ADVICE_MAX = 300
"""Longest texts, in characters, and most key points: JSON schema limits cannot ask for these."""

CONTENT = ("parts", "follow_up", "better")
"""What is said of the content, to be looked up in the transcript by a `ClaimReader`."""

_REASON_MAX = 100
_ITEMS_MAX = 20  # entries of a list that are looked at
_KEYS = frozenset({*(metric.value for metric in Metric), "strength", "next_step", "key_points"})


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """What one analysis said and what of it is usable. An empty text means: nothing usable."""

    scores: Mapping[Metric, Score]  # without the metrics in `unusable`
    strength: str = ""
    next_step: str = ""
    key_points: tuple[KeyPoint, ...] = ()
    content: Mapping[str, object] = field(default_factory=dict)  # unread: it needs a transcript

    @property
    def unusable(self) -> frozenset[Metric]:
        """The metrics without a usable score."""
        return frozenset(Metric) - self.scores.keys()

    @property
    def complete(self) -> bool:
        """Whether no score is missing. A repeat is billed: no sentence is worth one."""
        return not self.unusable

    @property
    def empty(self) -> bool:
        """Whether the model gave nothing usable at all; what it was not asked is not its answer."""
        unasked = (NO_AUDIO, NO_PICTURE, SWITCHED_OFF)
        said = [score for score in self.scores.values() if score.reason not in unasked]
        return not (said or self.strength or self.next_step or self.key_points)


def read_response(
    data: str,
    *,
    duration_seconds: float,
    has_audio: bool,
    has_picture: bool = True,
    off: frozenset[Metric] = frozenset(),
) -> ModelResponse:
    """Read a model's answer; never raises, whatever the answer is.

    Fences and prose around the JSON document are skipped, and a document that was cut off is read
    as far as it goes. Every value is checked by itself: what is missing, of the wrong type or out
    of range makes its own metric unusable and nothing else.

    Args:
        data: The answer as text.
        duration_seconds: The clip's length; a moment outside it is no moment.
        has_audio: Without sound the speech metrics are `NO_AUDIO`, whatever the model says.
        has_picture: Without a picture those that need one are `NO_PICTURE`.
        off: These metrics are `SWITCHED_OFF`, and sentences about them are dropped.
    """
    document = read_object(data, _KEYS)
    asked = assessable(has_audio=has_audio, has_picture=has_picture, off=off)
    scores = {
        metric: Score(
            reason=SWITCHED_OFF
            if metric in off
            else NO_AUDIO
            if metric in SPEECH and not has_audio
            else NO_PICTURE
        )
        for metric in Metric
        if metric not in asked
    }
    for metric in asked:
        score = _score(document.get(metric.value), duration_seconds, off)
        if score is not None:
            scores[metric] = score
    return ModelResponse(
        scores=scores,
        strength=_text(document.get("strength"), ADVICE_MAX, off),
        next_step=_text(document.get("next_step"), ADVICE_MAX, off),
        key_points=_key_points(document.get("key_points"), duration_seconds),
        content={key: document[key] for key in CONTENT if key in document},
    )


def merge(first: ModelResponse, repeat: ModelResponse) -> ModelResponse:
    """Join two analyses of a clip, part by part: the repeat's where usable, else the first's."""
    return ModelResponse(
        scores={**first.scores, **repeat.scores},
        strength=repeat.strength or first.strength,
        next_step=repeat.next_step or first.next_step,
        key_points=repeat.key_points or first.key_points,
        content={**first.content, **repeat.content},
    )


def every_metric(response: ModelResponse) -> dict[Metric, Score]:
    """Return a score for every metric; those without a usable one say that they were not assessed.

    Raises:
        EngineRefused: nothing at all of the analysis is usable.
    """
    if response.empty:
        raise EngineRefused(
            "unusable_output",
            "The model gave no usable assessment of this clip. Try again, or record it anew.",
        )
    return {metric: response.scores.get(metric, Score(reason=NOT_ASSESSED)) for metric in Metric}


def _score(found: object, duration: float, off: frozenset[Metric]) -> Score | None:
    """Read one metric; `None` when it is unusable."""
    if not isinstance(found, dict) or "score" not in found:
        return None
    if found["score"] is None:
        if not _text(found.get("not_observable"), _REASON_MAX, checked=False):
            return None
        return Score(reason=not_observable(_text(found["not_observable"], _REASON_MAX)))
    value = whole_number(found["score"])
    if value is None or not 1 <= value <= 10:
        return None
    return Score(
        value=value,
        evidence=_text(found.get("evidence"), EVIDENCE_MAX, off),
        at_seconds=_moment(found.get("at_seconds"), duration),
    )


def _moment(found: object, duration: float) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if 0 <= found <= duration else None  # false for NaN and infinity too


def _key_points(found: object, duration: float) -> tuple[KeyPoint, ...]:
    points = []
    for item in found[:_ITEMS_MAX] if isinstance(found, list) else ():
        text = _text(item.get("text"), KEY_POINT_MAX) if isinstance(item, dict) else ""
        if text:
            points.append(KeyPoint(text=text, at_seconds=_moment(item.get("at"), duration)))
    return tuple(points[:KEY_POINTS_MAX])


def _text(
    found: object, longest: int, off: frozenset[Metric] = frozenset(), *, checked: bool = True
) -> str:
    """Return a text in one line, clipped to `longest` characters.

    Where it is `checked` it has no forbidden remarks, and none about a metric that is `off`.
    """
    if not isinstance(found, str):
        return ""
    text = one_line(found[: longest * 20])
    allowed = without_mentions(without_forbidden(text), off) if checked else text
    return clipped(allowed, longest)
