"""The parts of a question, and which of them an answer covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzer.engines.local.content.story import Role

ON_TOPIC_FROM = 0.10
"""Nearness of a whole answer to its question; far below what answers have, above what others do."""

_COVERED_FROM = 0.35  # nearness of one sentence to a part of the question
_WORDS_MAX = 12
_CHARACTERS_MAX = 90

_SENTENCE_END = re.compile(r"(?<=[.?!]) +")
_SAYS = re.compile(r"[^\W_]")
_ASKS_SOMETHING = re.compile(
    r"\s*(?:please )?(?:tell|describe|explain|give|walk|talk|share|think|name|show|introduce|what"
    r"|when|how|why|where|who|which|have|has|did|do|does|can|could|would|are|is)\b",
    re.IGNORECASE,
)
_AND = re.compile(
    r",? and (?=(?:what(?! not)|when|how|why|where|who|which|would|the part|explain)\b)",
    re.IGNORECASE,
)


class Asks(StrEnum):
    """What one part of a question asks for."""

    STORY = "story"
    DID = "did"
    AFTER = "after"
    EXAMPLE = "example"
    USE = "use"
    WHY = "why"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """One part of a question."""

    text: str
    asks: Asks


_ASKS = (
    (Asks.EXAMPLE, re.compile(r"give (?:me |us )?(?:an|one) example(?! of a time)|for example")),
    (
        Asks.AFTER,
        re.compile(
            r"changed? (?:afterwards|after|since)|did with it|differently (?:today|now|next)"
            r"|what (?:did )?you learn|(?:how|what) (?:it|that) (?:has )?(?:changed|taught)"
        ),
    ),
    (
        Asks.DID,
        re.compile(
            r"what did you do|how did you|what you did|part you played|you worked with"
            r"|how you (?:got|handled|worked|solved|dealt|resolved|managed|went|did)"
        ),
    ),
    (Asks.USE, re.compile(r"when (?:would|do|should) (?:you|one) use")),
    (Asks.WHY, re.compile(r"\s*(?:and )?why\b")),
)
_STORY = re.compile(
    r"\b(?:tell (?:me|us) (?:about|of)|talk about|describe|walk (?:me|us) through|share"
    r"|give (?:me |us )?an example of|have you ever|when (?:did|have) you|can you think of)\b"
)
_NO_STORY = re.compile(
    r"\b(?:yourself|design of|your (?:ideal|strengths?|weakness|style|approach|background))\b"
)
_SOME_TIME = re.compile(
    r"\b(?:time|situation|occasion|example|project|mistake|conflict|decision|goal|deadline|task"
    r"|customer|user|feedback|change|challenge|problem|bug|failure|moment|colleague|experience|ever"
    r"|achievement|success|did you|have you|disagree\w*)\b"
)

_EXAMPLE = re.compile(
    r"\b(?:for example|for instance|such as|last (?:week|month|year|summer)|once\b|one (?:day|time)"
    r"|when I (?:was|worked)|where I worked|in my (?:last|previous|old|first|team)|at my|e\.g\.)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:afterwards|since then|from then on|now I|today I|these days|after that|ever since"
    r"|have(?:n't|n’t| not) .{0,40}since|learn(?:ed|t)|so I (?:began|started|changed|asked|set)"
    r"|I (?:began|started) to|next time|the next (?:day|three|two|time|lesson|week|month)"
    r"|I wrote a|I changed|what I do now|I (?:now|always) |differently|would (?:have )?(?:use|do"
    r"|done"
    r"|choose|split|build|put|make|replace|drop)|I took (?:it|that|a course)|weeks? later"
    r"|months? later)",
    re.IGNORECASE,
)
_USE = re.compile(
    r"\b(?:I(?:'d|’d| would)? (?:\w+ )?(?:use|take|pick|choose)|you (?:would )?(?:use|take|pick)"
    r"|use (?:a|it|them)|when (?:the|I|you)|if (?:the|I|you)|is for|are for|good for"
    r"|useful (?:for|when))\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:because|since|reason|that(?:'s|’s| is) why|what I (?:like|love|enjoy)|so that"
    r"|I(?:'ve|’ve)? (?:always )?(?:like|liked|love|loved|enjoy|am drawn|am interested|want|wanted"
    r"|care|admire|believe)|attracts|drawn to|passion)\b",
    re.IGNORECASE,
)


def question_parts(question: str) -> list[QuestionPart]:
    """The parts of a question, in order: its sentences, and what `and how`, `and why` … add."""
    sentences = [one for one in _SENTENCE_END.split(question.strip()) if _SAYS.search(one)]
    asking = [one for one in sentences if one.endswith("?") or _ASKS_SOMETHING.match(one)]
    texts = [
        part.strip(" ,")
        for sentence in asking or sentences  # the others set the scene
        for part in _AND.split(sentence)
    ]
    texts = [text for text in texts if _SAYS.search(text)]
    return [QuestionPart(text, _asks(text, alone=len(texts) == 1)) for text in texts]


def asks_for_story(question: str) -> bool:
    """Whether a question asks for something that has happened."""
    return any(part.asks is Asks.STORY for part in question_parts(question))


def named(part: QuestionPart) -> str:
    """A part of a question in a few words."""
    words = part.text.rstrip(".?!").split()
    text = " ".join(words[:_WORDS_MAX])[:_CHARACTERS_MAX].rstrip()
    return text + ("…" if text != " ".join(words) else "")


def covered(
    part: QuestionPart,
    sentences: Sequence[str],
    found: Sequence[Role],
    *,
    nearest: float | None,
    on_topic: bool,
) -> bool:
    """Whether something that this part asks for can be heard.

    Args:
        part: The part of the question.
        sentences: The answer's.
        found: The roles of its pieces.
        nearest: How near the nearest sentence is to this part; `None`: not known.
        on_topic: Whether the answer as a whole is near to the question.
    """
    later = sentences[1:] or sentences
    match part.asks:
        case Asks.STORY:
            heard = any(role in (Role.SITUATION, Role.TASK) for role in found)
        case Asks.DID:
            heard = Role.ACTION in found
        case Asks.AFTER:
            heard = Role.LESSON in found or _any(_AFTER, later)
        case Asks.EXAMPLE:
            heard = _any(_EXAMPLE, sentences)
        case Asks.USE:
            heard = _any(_USE, later)
        case Asks.WHY:
            heard = _any(_WHY, sentences)
        case Asks.TOPIC:
            return on_topic or (nearest is not None and nearest > _COVERED_FROM)
    return on_topic and heard


def _asks(text: str, *, alone: bool) -> Asks:
    low = text.lower()
    for asks, pattern in _ASKS:
        if (asks is not Asks.AFTER or not alone) and pattern.search(low):
            return asks
    if _STORY.search(low) and _SOME_TIME.search(low) and not _NO_STORY.search(low):
        return Asks.STORY
    return Asks.TOPIC


def _any(pattern: re.Pattern[str], sentences: Sequence[str]) -> bool:
    return any(pattern.search(sentence) for sentence in sentences)
