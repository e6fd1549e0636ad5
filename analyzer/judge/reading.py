"""Reads what a judge answered: only what is meant, allowed, and can be found in the transcript.

A claim stands on its quote. One whose quote is not in the transcript was made up, so it is dropped,
be it a score, a strength or a key point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.judge.criteria import parts_of
from analyzer.judge.prompt import Material, Task
from analyzer.judge.texts import one_line, whole_number, without_thoughts
from analyzer.scoring.claims import Quote, Transcript
from analyzer.scoring.english import looks_english
from analyzer.scoring.guardrails import without_forbidden, without_mentions
from analyzer.scoring.model_json import read_object
from core.assessment import AnswerPart, BetterWording, KeyPoint, Metric, Score

EVIDENCE_MAX = 300
ADVICE_MAX = 300
KEY_POINT_MAX = 200
KEY_POINTS_MAX = 5
MISSING_MAX = 120
MISSING_ITEMS_MAX = 3
FOLLOW_UP_MAX = 140
PASSAGE_MAX = 400
"""Longest texts, in characters, and most items: not every server keeps to a schema's limits."""

SHORTEST_PASSAGE = 4
"""Words of a passage said better; fewer are no passage."""

CANNOT_TELL = "not assessed: the judge could not tell from the words"

_ITEMS_MAX = 20  # looked at, of a list that may be any length
_PARTS_OF_SENTENCES = re.compile(r"(?<=[.!?…])\s+")

_NO_FEEDBACK = re.compile(
    r"https?:|www\.|://|<@|@(?:everyone|here)\b|\bdiscord\.gg"
    r"|\b(?:ignor|disregard|forget|overrid)\w* (?:the|all|any|your|my|previous|these|this|above)\b"
    r"|\b(?:system prompt|(?:this|the) (?:rubric|prompt|schema|json)|as an ai|language model"
    r"|(?:previous|above|following) instructions?|instructed to|api[ _-]?keys?)\b",
    re.IGNORECASE,
)
"""What stands in orders and advertisements, and in no feedback on an answer."""

_ABOUT_SPEAKING = re.compile(
    r"\b(?:you|your)\b[^?]*\b(?:speak(?:ing)?|spoke|talk(?:ing)? so|paus(?:e[ds]?|ing)|voice|tone|"
    r"gestur\w*|posture|camera|eye contact|fillers?|pitch|pace of|volume)\b",
    re.IGNORECASE,
)
"""A follow-up question is about what was said, and not about how."""


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


class _Reader:
    def __init__(self, material: Material, transcript: Transcript) -> None:
        self._material = material
        self._transcript = transcript

    def score(self, found: object) -> Score | None:
        """One metric; `None` when it is unusable."""
        if not isinstance(found, dict) or "score" not in found:
            return None
        if found["score"] is None:
            return Score(reason=CANNOT_TELL)
        value = whole_number(found["score"])
        quote = self._quote(found.get("quote"))
        if value is None or not 1 <= value <= 10 or quote is None:
            return None
        evidence = self._text(found.get("evidence"), EVIDENCE_MAX, facts=True)
        if not evidence:
            evidence = f'You said: "{_clipped(quote.text, EVIDENCE_MAX - 20)}"'
        return Score(value=value, evidence=evidence, at_seconds=self._moment(quote))

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
            parts=self._parts(document.get("parts")),
            follow_up=self._follow_up(document.get("follow_up")),
            better=self._better(document.get("better")),
        )

    def _advice(self, found: object, *, needs_quote: bool) -> tuple[str, float | None]:
        if not isinstance(found, dict):
            return "", None
        quote = self._quote(found.get("quote"))
        if quote is None and (needs_quote or _is_text(found.get("quote"))):
            return "", None
        text = self._text(found.get("text"), ADVICE_MAX, facts=needs_quote)
        return text, self._moment(quote) if quote and text else None

    def _key_points(self, found: object) -> tuple[KeyPoint, ...]:
        points: dict[str, KeyPoint] = {}
        for item in _items(found):
            if not isinstance(item, dict):
                continue
            quote = self._quote(item.get("quote"))
            text = self._text(item.get("text"), KEY_POINT_MAX, facts=True)
            if quote and text:
                point = KeyPoint(text=text, at_seconds=self._moment(quote))
                points.setdefault(text.casefold(), point)
        return tuple(points.values())[:KEY_POINTS_MAX]

    def _missing(self, found: object) -> tuple[str, ...]:
        texts = (self._text(item, MISSING_MAX, facts=True) for item in _items(found))
        return tuple(dict.fromkeys(filter(None, texts)))[:MISSING_ITEMS_MAX]

    def _parts(self, found: object) -> tuple[AnswerPart, ...]:
        """Each part of this kind of answer that was answered for: heard at a second, or not heard.

        One that was heard by a quote that is not there is left out: "not heard" would be a claim
        as well.
        """
        names = parts_of(self._material.kind)
        if not isinstance(found, dict) or not names:
            return ()
        parts: list[AnswerPart] = []
        for name in names:
            said = found.get(name.value, ...)
            quote = self._quote(said)
            if quote is not None:
                parts.append(AnswerPart(name=name, at_seconds=self._moment(quote)))
            elif said is None or (isinstance(said, str) and not said.strip()):
                parts.append(AnswerPart(name=name))
        return tuple(parts)

    def _follow_up(self, found: object) -> str:
        """One question, whole; one that is longer than asked for is not cut."""
        if not isinstance(found, str) or len(found) > FOLLOW_UP_MAX * 4:
            return ""
        text = one_line(found)
        if len(text) > FOLLOW_UP_MAX or not text.endswith("?") or text.count("?") > 1:
            return ""
        kept = self._text(text, FOLLOW_UP_MAX, facts=True)
        return "" if kept != text or _ABOUT_SPEAKING.search(text) else text

    def _better(self, found: object) -> BetterWording | None:
        if not isinstance(found, dict) or not _is_text(found.get("better")):
            return None
        quote = self._quote(found.get("quote"), shortest=SHORTEST_PASSAGE)
        text = one_line(str(found["better"])[: PASSAGE_MAX * 4]).strip("\"“” '")
        kept = self._text(text, PASSAGE_MAX, facts=False)
        if quote is None or not kept or kept != text or len(quote.text) > PASSAGE_MAX:
            return None
        same = Transcript(self._transcript.sentences)  # here not even the question's names
        if same.lacks_facts_of(text) or text.casefold() == quote.text.casefold():
            return None
        return BetterWording(quote=quote.text, at_seconds=self._moment(quote), better=text)

    def _quote(self, found: object, *, shortest: int = 3) -> Quote | None:
        if not isinstance(found, str) or len(found) > PASSAGE_MAX * 4:
            return None
        return self._transcript.find(found, shortest=shortest)

    def _moment(self, quote: Quote) -> float | None:
        at = quote.at_seconds
        return at if at <= self._material.duration_seconds else None

    def _text(self, found: object, longest: int, *, facts: bool) -> str:
        """A text in one line, clipped to `longest` characters, maybe with nothing left of it.

        Without sentences that hold forbidden remarks, orders, what is switched off, or another
        language, and with `facts` without those that have a number or name nobody said.
        """
        if not isinstance(found, str):
            return ""
        text = without_forbidden(one_line(found[: longest * 20]))
        text = without_mentions(text, self._material.off)
        if not text or not looks_english(text):
            return ""
        kept = [
            sentence
            for sentence in _PARTS_OF_SENTENCES.split(text)
            if not _NO_FEEDBACK.search(sentence)
            and not (facts and self._transcript.lacks_facts_of(sentence, at_starts=False))
        ]
        return _clipped(" ".join(kept).strip(), longest)


def _items(found: object) -> Sequence[object]:
    return found[:_ITEMS_MAX] if isinstance(found, list) else ()


def _is_text(found: object) -> bool:
    return isinstance(found, str) and bool(found.strip())


def _clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
