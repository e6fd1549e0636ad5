"""What an interview is about: cleans the text somebody wrote or pasted, and ranks questions by it.

The text is used while an interview is drawn, and never stored nor logged.
"""

from __future__ import annotations

import asyncio
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean, pstdev

from analyzer.engines.local.content.nearness import stems
from analyzer.engines.nearest import SentenceFinder
from core.errors import Refused
from core.interviews import ABOUT_MAX
from core.questions import Question, QuestionLevel

RANK_SECONDS = 20.0
"""How long the model may take to compare; then the words are compared."""

_BEST = 3
"""Passages of a description that a question is scored by: most of one has nothing to do with it."""

_PASSAGE_LEAST = 25  # characters; shorter lines go together with the next one
_PASSAGE_MOST = 300
_TITLE = 150  # characters of the beginning, in which a role is named

_EVERYDAY = (
    "You cook the dishes of the day and keep the kitchen clean.",
    "You plan the menu and order what is needed.",
    "You install and repair electrical equipment in private homes.",
    "You check wiring and meet the safety rules.",
    "You advise customers at the counter about accounts and loans.",
    "You open accounts and check documents.",
    "You design posters, brochures and packaging.",
    "You talk with clients about their ideas and present drafts.",
    "You drive a bus on time through the city and help passengers.",
    "You prepare contracts and represent clients in court.",
    "You welcome guests, take bookings and answer their questions.",
    "You analyse samples in the laboratory and write reports.",
    "You repair cars and explain to owners what was done.",
    "You draw up plans for buildings and supervise the work on site.",
    "You research stories, interview people and write articles to a deadline.",
    "You look after parks and gardens in all seasons.",
    "You hire new employees and advise managers on labour law.",
    "You organise the office, meetings and travel.",
    "You work well in a team and on your own.",
    "You are reliable, organised and like to learn.",
    "You communicate clearly and like working with people.",
    "You bring some years of experience in a similar job.",
    "You keep a cool head when there is a lot to do.",
    "We offer training, a good salary and flexible hours.",
)
"""What stands in descriptions of any job. A question that is near to all of these is near to every
description, so how near it is to them is taken off."""

_LETTERLIKE = range(
    0x2100, 0x2150
)  # signs such as the one for information: letters to Unicode, but no words
_DROPPED = ("Cf", "Cs", "Co", "Cn")  # zero width, direction marks, and what is no character
_SENTENCE_END = re.compile(r"(?<=[.!?;:。！？])\s+")
_BULLET = re.compile(r"^(?:[-–—*•·▪◦>#]+|\d{1,2}[.)])(?:\s+|$)")

_SENIOR = re.compile(
    r"\b(?:senior|sr\.|principal|staff engineer|head of|director|chief|vp|(?:team|tech|shift)"
    r"[ -]?lead(?:er)?|lead(?! generation)\b)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"\b(?:intern(?:ship)?s?|trainee(?:ship)?|apprentice(?:ship)?|junior|jr\.|entry[- ]level"
    r"|graduate (?:scheme|programme|program|role|job)|working student|student (?:job|assistant)"
    r"|school[- ]leavers?|career starters?|first job)\b",
    re.IGNORECASE,
)
_NO_EXPERIENCE = re.compile(r"\bno (?:prior |previous |work )?experience\b", re.IGNORECASE)
_SOFTWARE = re.compile(
    r"\b(?:software (?:engineer\w*|develop\w*|architect\w*)|(?:web|app|mobile|game|back-?end"
    r"|front-?end|full-?stack|embedded) ?(?:developer|development|engineer\w*)|developers?"
    r"|programm(?:er|ers|ing)\b|coding|source code|code reviews?|apis?|sql|databases?|devops|sre"
    r"|site reliability|kubernetes|docker|ci/cd|continuous integration|unit tests?"
    r"|automated tests?|python|javascript|typescript|java|c\+\+|c#|golang|rust|php|ruby|react"
    r"|linux|git|microservices?|machine learning|data (?:engineer\w*|scien\w*)|cyber ?security"
    r"|qa|sdet|test automation|computer science|it support|system administrat\w*|cloud engineer)"
    r"(?!\w)",
    re.IGNORECASE,
)
_EMPTY_WORDS = frozenset(
    stems(
        "best day different find first get give given good great here have help know like look made"
        " make many month more most need new next one other part place people role something take"
        " team things use way week well without work year years"
    )
)
"""Beside the commonest ones: they stand in questions and descriptions alike, and tell nothing."""

_FEW_WORDS = 12
"""A text of so few words names a role: one word of the trade says which."""


class By(StrEnum):
    """How questions were ranked."""

    MEANING = "meaning"
    WORDS = "words"
    CHANCE = "chance"  # nothing in the text is near to any question


@dataclass(frozen=True, slots=True)
class About:
    """A role or a job description, cleaned. Its text stands in no log and in no error."""

    text: str = field(repr=False)

    @property
    def level(self) -> QuestionLevel | None:
        """The experience the text asks for, where it says so."""
        title = self.text[:_TITLE]
        if _ENTRY.search(title) or _NO_EXPERIENCE.search(self.text):
            return QuestionLevel.ENTRY
        return QuestionLevel.SENIOR if _SENIOR.search(title) else None

    @property
    def is_software(self) -> bool:
        """Whether it is about making software, so that questions for developers fit."""
        found = {match.group().casefold() for match in _SOFTWARE.finditer(self.text)}
        return len(found) >= (1 if len(self.text.split()) <= _FEW_WORDS else 2)

    @property
    def passages(self) -> tuple[str, ...]:
        """Its sentences and lines, short ones together; at most some 160."""
        found: list[str] = []
        begun = ""
        for line in self.text.splitlines():
            for sentence in _SENTENCE_END.split(line):
                begun = f"{begun} {_BULLET.sub('', sentence)}".strip()
                while len(begun) > _PASSAGE_MOST:
                    head = begun[:_PASSAGE_MOST].rpartition(" ")[0] or begun[:_PASSAGE_MOST]
                    found.append(head)
                    begun = begun[len(head) :].strip()
                if len(begun) >= _PASSAGE_LEAST:
                    found.append(begun)
                    begun = ""
        return tuple(found + [begun] * bool(begun))


@dataclass(frozen=True, slots=True)
class Ranking:
    """How near each question is, in standard deviations from the middle one's."""

    by: By
    nearness: tuple[float, ...]  # in the order of the questions
    vectors: tuple[bytes, ...] = ()  # of the questions, where the model compared them


def clean_about(text: str) -> About:
    """What somebody wrote or pasted, without what does not show; lines stay.

    Raises:
        Refused: nothing of it can be read, or it is longer than 4,000 characters.
    """
    if len(text) > 10 * ABOUT_MAX:
        raise _too_long(len(text))
    shown = "".join(
        character
        if character.isprintable()
        else "\n"
        if character in "\n\r\v\f\x85\u2028\u2029"
        else ""
        if unicodedata.category(character) in _DROPPED
        else " "
        for character in text
    )
    lines = (" ".join(line.split()) for line in shown.splitlines())
    cleaned = "\n".join(line for line in lines if line)
    if not any(character.isalpha() and ord(character) not in _LETTERLIKE for character in cleaned):
        raise Refused(
            "about_empty", "Write in a few words which role it is, or paste the job description."
        )
    if len(cleaned) > ABOUT_MAX:
        raise _too_long(len(cleaned))
    return About(cleaned)


async def rank(about: About, questions: Sequence[Question], finder: SentenceFinder) -> Ranking:
    """Rank questions by nearness: by meaning where the model is installed, else by words."""
    texts = [_whole(question) for question in questions]
    passages = about.passages
    compared = None
    try:
        async with asyncio.timeout(RANK_SECONDS):
            compared = await finder.compare(texts, (*passages, *_EVERYDAY))
    except TimeoutError:
        pass
    if compared is None:
        return await asyncio.to_thread(_by_words, about.text, texts)
    near = [_nearness(row, len(passages)) for row in compared.near]
    return Ranking(By.MEANING, _standardised(near), compared.vectors)


def _too_long(length: int) -> Refused:
    return Refused(
        "about_too_long",
        f"That has {length:,} characters; please use {ABOUT_MAX:,} at most: the tasks and what is "
        "asked for are enough.",
    )


def _whole(question: Question) -> str:
    return f"{question.text} {question.looks_for}".strip()


def _nearness(row: Sequence[float], passages: int) -> float:
    """How near a question is to the best passages, less how near it is to any job."""
    return fmean(sorted(row[:passages])[-_BEST:]) - fmean(row[passages:])


def _by_words(about: str, texts: Sequence[str]) -> Ranking:
    """Rank by the words that are shared, rare ones first: the cosine of their tf-idf."""
    words = [set(stems(text)) - _EMPTY_WORDS for text in texts]
    in_texts = Counter(word for one in words for word in one)
    weight = {word: math.log(1 + len(texts) / number) for word, number in in_texts.items()}
    wanted = set(stems(about))
    near = []
    for one in words:
        length = math.sqrt(sum(weight[word] ** 2 for word in one))
        near.append(sum(weight[word] ** 2 for word in one & wanted) / (length or 1.0))
    return Ranking(By.WORDS if any(near) else By.CHANCE, _standardised(near))


def _standardised(values: Sequence[float]) -> tuple[float, ...]:
    if not values:
        return ()
    middle, spread = fmean(values), pstdev(values)
    return tuple((value - middle) / (spread or 1.0) for value in values)
