"""Reads what a judge answered: only what is meant, allowed, and can be found in the transcript.

A claim stands on its quote. One whose quote is not in the transcript was made up, so it is dropped,
be it a score, a strength or a key point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.judge.prompt import Material, Task
from analyzer.judge.texts import without_thoughts
from analyzer.model_output.claim_reader import ClaimReader
from analyzer.model_output.claims import Transcript
from analyzer.model_output.model_json import read_object
from analyzer.model_output.model_text import clipped, is_text, whole_number
from analyzer.scoring.parts import parts_of
from core.assessment import AnswerPart, BetterWording, KeyPoint, Metric, Score

EVIDENCE_MAX = 300
ADVICE_MAX = 300
KEY_POINT_MAX = 200
KEY_POINTS_MAX = 5
MISSING_MAX = 120
MISSING_ITEMS_MAX = 3
"""Longest texts, in characters, and most items: not every server keeps to a schema's limits."""

CANNOT_TELL = "not assessed: the judge could not tell from the words"

_ITEMS_MAX = 20  # looked at, of a list that may be any length


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge said of an answer and what of it can be stood for. Empty: nothing usable."""

    scores: Mapping[Metric, Score] = field(default_factory=dict)
    strength: str = ""
    strength_at: float | None = None
    next_step: str = ""
    next_step_at: float | None = None
    key_points: tuple[KeyPoint, ...] = ()
    missing: tuple[str, ...] = ()
    parts: tuple[AnswerPart, ...] = ()
    follow_up: str = ""
    better: BetterWording | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing at all is usable."""
        return self == Judgement()

    def with_more(self, other: Judgement) -> Judgement:
        """This one, with what only the other has."""
        return Judgement(
            scores={**other.scores, **self.scores},
            strength=self.strength or other.strength,
            strength_at=self.strength_at if self.strength else other.strength_at,
            next_step=self.next_step or other.next_step,
            next_step_at=self.next_step_at if self.next_step else other.next_step_at,
            key_points=self.key_points or other.key_points,
            missing=self.missing or other.missing,
            parts=self.parts or other.parts,
            follow_up=self.follow_up or other.follow_up,
            better=self.better or other.better,
        )


def read_answer(data: str, material: Material, task: Task, transcript: Transcript) -> Judgement:
    """Read a judge's answer to a task; never raises, whatever the answer is.

    Args:
        data: the answer as text.
        material: what the judge was given.
        task: what it was asked for; all else in its answer is passed over.
        transcript: the same answer, to look quotes up in.
    """
    keys = {metric.value for metric in task.metrics}
    if task.content:
        keys |= {"strength", "next_step", "key_points", "parts", "follow_up", "better", "missing"}
    data = without_thoughts(data)
    document = read_object(data, frozenset(keys))
    if len(task.metrics) == 1 and not document:  # alone, some models leave its name out
        document = {task.metrics[0].value: read_object(data, frozenset({"score"}))}
    reader = _Reader(material, transcript)
    scores = {
        metric: score
        for metric in task.metrics
        if (score := reader.score(document.get(metric.value))) is not None
    }
    judgement = Judgement(scores=scores)
    return reader.content(judgement, document) if task.content else judgement


class _Reader(ClaimReader):
    def __init__(self, material: Material, transcript: Transcript) -> None:
        super().__init__(transcript, duration_seconds=material.duration_seconds, off=material.off)
        self._kind = material.kind

    def score(self, found: object) -> Score | None:
        """One metric; `None` when it is unusable."""
        if not isinstance(found, dict) or "score" not in found:
            return None
        if found["score"] is None:
            return Score(reason=CANNOT_TELL)
        value = whole_number(found["score"])
        quote = self.quote(found.get("quote"))
        if value is None or not 1 <= value <= 10 or quote is None:
            return None
        evidence = self.text(found.get("evidence"), EVIDENCE_MAX, facts=True)
        if not evidence:
            evidence = f'You said: "{clipped(quote.text, EVIDENCE_MAX - 20)}"'
        return Score(value=value, evidence=evidence, at_seconds=self.moment(quote))

    def content(self, judgement: Judgement, document: Mapping[str, object]) -> Judgement:
        """All that is no score."""
        strength, strength_at = self._advice(document.get("strength"), needs_quote=True)
        next_step, next_step_at = self._advice(document.get("next_step"), needs_quote=False)
        return replace(
            judgement,
            strength=strength,
            strength_at=strength_at,
            next_step=next_step,
            next_step_at=next_step_at,
            key_points=self._key_points(document.get("key_points")),
            missing=self._missing(document.get("missing")),
            parts=self.parts(document.get("parts"), parts_of(self._kind)),
            follow_up=self.follow_up(document.get("follow_up")),
            better=self.better(document.get("better")),
        )

    def _advice(self, found: object, *, needs_quote: bool) -> tuple[str, float | None]:
        if not isinstance(found, dict):
            return "", None
        quote = self.quote(found.get("quote"))
        if quote is None and (needs_quote or is_text(found.get("quote"))):
            return "", None
        text = self.text(found.get("text"), ADVICE_MAX, facts=needs_quote)
        return text, self.moment(quote) if quote and text else None

    def _key_points(self, found: object) -> tuple[KeyPoint, ...]:
        points: dict[str, KeyPoint] = {}
        for item in _items(found):
            if not isinstance(item, dict):
                continue
            quote = self.quote(item.get("quote"))
            text = self.text(item.get("text"), KEY_POINT_MAX, facts=True)
            if quote and text:
                point = KeyPoint(text=text, at_seconds=self.moment(quote))
                points.setdefault(text.casefold(), point)
        return tuple(points.values())[:KEY_POINTS_MAX]

    def _missing(self, found: object) -> tuple[str, ...]:
        texts = (self.text(item, MISSING_MAX, facts=True) for item in _items(found))
        return tuple(dict.fromkeys(filter(None, texts)))[:MISSING_ITEMS_MAX]


def _items(found: object) -> Sequence[object]:
    return found[:_ITEMS_MAX] if isinstance(found, list) else ()
