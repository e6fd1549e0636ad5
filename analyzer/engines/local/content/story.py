"""Reads an answer as a story: which pieces tell the situation, the task, an action, a result.

The label of one piece is often wrong, so it is shown nowhere: what is said of an answer is only
whether a part was heard at all, and where first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzer.engines.local.content import cues

_LONG = 22  # words: a sentence beyond this tells more than one thing
_BREAKS = re.compile(
    r",? (?=(?:and |but |so )?(?:so|then|after that|afterwards|in the end|finally|eventually|but"
    r"|because|and) (?:I|we|he|she|they|it|the|my|our|then)\b)",
    re.IGNORECASE,
)


class Role(StrEnum):
    """What a piece of a story does in it."""

    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    RESULT = "result"
    LESSON = "lesson"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a part of a long one."""

    sentence: int  # which one it is of
    text: str


def pieces_of(sentences: Sequence[str]) -> list[Piece]:
    """Divide long sentences where one thought follows another: recognisers leave out full stops."""
    pieces = []
    for number, sentence in enumerate(sentences):
        parts = _BREAKS.split(sentence) if len(sentence.split()) > _LONG else [sentence]
        pieces += [Piece(number, part) for part in parts if part.strip()]
    return pieces


def roles(pieces: Sequence[Piece]) -> list[Role]:
    """The role of each piece, by its words and by what came before: results follow actions."""
    found: list[Role] = []
    acted = False
    for number, piece in enumerate(pieces):
        place = number / max(1, len(pieces) - 1)
        role = _role(piece.text, place, first=number == 0, acted=acted)
        acted |= role is Role.ACTION
        found.append(role)
    return found


def _role(text: str, place: float, *, first: bool, acted: bool) -> Role:
    action = cues.acts(text) or (acted and cues.goes_on(text))
    result = cues.RESULT.search(text) is not None
    situation = cues.SITUATION.search(text) is not None
    steps_on = action and cues.OPENS_A_STEP.match(text) is not None
    if place > 0.4 and cues.LESSON.search(text):
        return Role.LESSON
    if not acted and cues.TASK.search(text):
        return Role.TASK
    if result and (acted or place > 0.6) and not (steps_on and place < 0.6):
        return Role.RESULT
    if action and not first and (acted or not situation or steps_on):
        return Role.ACTION
    if situation:
        return Role.SITUATION
    if action:
        return Role.SITUATION if first else Role.ACTION
    if result and acted:
        return Role.RESULT
    if not acted and cues.PAST.search(text):
        return Role.SITUATION
    return Role.OTHER
