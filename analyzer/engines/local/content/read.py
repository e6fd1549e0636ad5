"""Reads an answer: key points, parts, what was not heard, structure. In the child only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.engines.local.content.asked import (
    ON_TOPIC_FROM,
    Asks,
    asks_for_story,
    covered,
    named,
    question_parts,
)
from analyzer.engines.local.content.expected import heard_in
from analyzer.engines.local.content.key_points import key_points
from analyzer.engines.local.content.nearness import Nearness
from analyzer.engines.local.content.story import Piece, Role, pieces_of, roles
from analyzer.engines.local.content.structure import structure_of
from analyzer.scoring.parts import PARTS
from core.questions import AnswerKind

SENTENCES_MAX = 400
"""Most sentences that are read: an answer of ten minutes has about 150."""

_ANSWER_CHARACTERS = 1200  # of the whole answer: about what the model reads at once
_OFF_TOPIC_BELOW = 0.10
_OFF_TOPIC_SENTENCE_BELOW = 0.30

_ENDED = frozenset({Role.RESULT, Role.LESSON})


@dataclass(frozen=True, slots=True)
class _Near:
    """How near things are to each other."""

    sentences: Sequence[Sequence[float]]  # each to each
    question: Sequence[float]  # each to the question
    parts: Sequence[float]  # the nearest to each part of the question
    answer: float  # all of it to the question
    expanded: float  # all of it to the question with what it looks for
    nearest_expanded: float  # the nearest sentence to that


def read(
    question: str,
    kind: AnswerKind,
    looks_for: str,
    sentences: Sequence[str],
    nearness: Nearness,
) -> dict[str, Any]:
    """Everything that can be heard in an answer, as the parent's `Content` describes it.

    Sentences are named by their number. Nothing of it is a judgement of the answer.
    """
    sentences = list(sentences[:SENTENCES_MAX])
    near = _compare(question, looks_for, sentences, nearness)
    off_topic = bool(looks_for) and nearness.by_meaning and _strays(near)
    # by words alone nobody can say that an answer is about something else
    on_topic = not off_topic and (
        not nearness.by_meaning
        or kind is AnswerKind.OPENER
        or max(near.answer, near.expanded) >= ON_TOPIC_FROM
    )
    pieces = pieces_of(sentences)
    found = roles(pieces)
    story = kind is AnswerKind.BEHAVIOURAL and asks_for_story(question)
    return {
        "key_points": key_points(
            sentences, _weightiest(pieces, found), near.sentences, near.question, story=story
        ),
        "parts": _parts(kind, sentences, pieces, found, story=story, on_topic=on_topic),
        "not_heard": list(
            _not_heard(question, sentences, found, near, kind, story=story, on_topic=on_topic)
        ),
        "structure": structure_of(sentences).model_dump(),
        "off_topic": off_topic,
        "by_meaning": nearness.by_meaning,
    }


def _compare(question: str, looks_for: str, sentences: Sequence[str], nearness: Nearness) -> _Near:
    count = len(sentences)
    answer = " ".join(sentences)[:_ANSWER_CHARACTERS]
    parts = [part.text for part in question_parts(question)]
    expanded = f"{question} {looks_for}".strip()
    matrix = nearness([*sentences, answer, question, expanded, *parts])
    whole, asked, wanted = count, count + 1, count + 2
    return _Near(
        sentences=matrix[:count],
        question=matrix[asked][:count],
        parts=[max(row[:count]) for row in matrix[wanted + 1 :]],
        answer=matrix[whole][asked],
        expanded=matrix[whole][wanted],
        nearest_expanded=max(matrix[wanted][:count]),
    )


def _strays(near: _Near) -> bool:
    return near.expanded < _OFF_TOPIC_BELOW and near.nearest_expanded < _OFF_TOPIC_SENTENCE_BELOW


def _weightiest(pieces: Sequence[Piece], found: Sequence[Role]) -> Mapping[int, Role]:
    """The role of each sentence: of several pieces', the one that says most."""
    order = (Role.RESULT, Role.ACTION, Role.LESSON, Role.TASK, Role.SITUATION, Role.OTHER)
    best: dict[int, Role] = {}
    for piece, role in zip(pieces, found, strict=True):
        now = best.get(piece.sentence, Role.OTHER)
        best[piece.sentence] = min(now, role, key=order.index)
    return best


def _parts(
    kind: AnswerKind,
    sentences: Sequence[str],
    pieces: Sequence[Piece],
    found: Sequence[Role],
    *,
    story: bool,
    on_topic: bool,
) -> list[dict[str, Any]]:
    if kind is AnswerKind.BEHAVIOURAL:
        if not story:  # "What does a good team look like?" has no situation and no result
            return []
        heard = {role.value: _first(role, pieces, found) for role in Role}
        if heard["result"] is None:  # what somebody has learned is how it ended for them
            heard["result"] = _first(Role.LESSON, pieces, found)
        if heard["situation"] is None:  # "I was responsible for the stand at last year's fair"
            heard["situation"] = heard["task"]
        where = {name: heard[name.value] for name in PARTS[kind]}
    else:
        where = {name: heard_in(name, sentences) for name in PARTS[kind]}
    return [
        {"name": name.value, "sentence": sentence if on_topic else None}
        for name, sentence in where.items()
    ]


def _first(role: Role, pieces: Sequence[Piece], found: Sequence[Role]) -> int | None:
    return next(
        (piece.sentence for piece, one in zip(pieces, found, strict=True) if one is role), None
    )


def _not_heard(
    question: str,
    sentences: Sequence[str],
    found: Sequence[Role],
    near: _Near,
    kind: AnswerKind,
    *,
    story: bool,
    on_topic: bool,
) -> Sequence[str]:
    """What is missing, in a few words each: parts of the question, what one did, how it ended."""
    missing: list[str] = []
    parts = question_parts(question)
    for part, nearest in zip(parts, near.parts, strict=True):
        if kind is AnswerKind.OPENER and part.asks is Asks.TOPIC:
            continue  # a good introduction is near to nothing in "Tell me about yourself"
        heard = covered(
            part,
            sentences,
            found,
            nearest=nearest if len(parts) > 1 else None,
            on_topic=on_topic,
        )
        if not heard and not (story and part.asks is Asks.DID):
            missing.append(f"an answer to “{named(part)}”")
    if story and (not on_topic or Role.ACTION not in found):
        missing.append("what you did yourself")
    if story and (not on_topic or not _ENDED.intersection(found)):
        missing.append("how it ended")
    return missing
