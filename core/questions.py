"""What a question is, how one is cleaned, and when two of them are the same question."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from pydantic import Field

from core.assessment import Model
from core.errors import Refused
from core.models import QUESTION_MAX

LOOKS_FOR_MAX = 160
"""Longest line of what a good answer contains, in characters."""

_SENTENCE_ENDS = " .,;:!?\u061f\u0964\u3002"  # NFKC has made the fullwidth ones ASCII


class QuestionKind(StrEnum):
    """What a question asks for."""

    BEHAVIOURAL = "behavioural"  # something that has happened
    TECHNICAL = "technical"  # knowledge, and how it is used
    SITUATIONAL = "situational"  # what one would do


class AnswerKind(StrEnum):
    """What an answer has to have: as the question's kind says, but that openers are their own."""

    BEHAVIOURAL = "behavioural"  # situation, task, action, result
    TECHNICAL = "technical"  # approach, reasons, an example or a check, limits
    SITUATIONAL = "situational"  # what to find out, options, decision, how one would know
    OPENER = "opener"  # now, before, why this: "Tell me about yourself", "Why here?"


class QuestionLevel(StrEnum):
    """The experience a question takes for granted."""

    ENTRY = "entry"
    MIDDLE = "middle"
    SENIOR = "senior"


class Question(Model):
    """A question to practise with: one of the starter set, or of a server's own bank."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    text: str = Field(min_length=1, max_length=QUESTION_MAX)
    kind: QuestionKind
    level: QuestionLevel
    tags: tuple[str, ...] = ()
    looks_for: str = Field(default="", max_length=LOOKS_FOR_MAX)  # what a good answer contains


def question_key(question: str) -> str:
    """What two questions share when only case, spacing or the punctuation at the end differs.

    At most 300 characters: NFKC makes up to 18 of one, and Postgres indexes no long texts.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", question).casefold())
    text = " ".join(text.split())
    return (text.rstrip(_SENTENCE_ENDS) or text)[:QUESTION_MAX]


def clean_question(question: str) -> str:
    """Collapse white space and drop control characters.

    Raises:
        Refused: nothing is left, or it is longer than 300 characters.
    """
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not cleaned:
        raise Refused("question_empty", "Write the interview question your clip answers.")
    if len(cleaned) > QUESTION_MAX:
        raise Refused(
            "question_too_long",
            f"That question has {len(cleaned)} characters; please use {QUESTION_MAX} at most.",
        )
    return cleaned
