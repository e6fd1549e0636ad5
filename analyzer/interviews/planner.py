"""Plans an interview: draws its questions by what a member wants, and has a judge word some."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from analyzer.engines.nearest import SentenceFinder
from analyzer.interviews.about import About, By, Ranking, rank
from analyzer.interviews.draw import Asked, Drawn, Wanted, draw, nearly_same
from analyzer.model_output.english import looks_english
from analyzer.questions.bank import Filter, pool, starter
from analyzer.questions.kinds import kind_by_wording, kind_of
from core.interviews import (
    MOST_QUESTIONS,
    SHORTEST_INTERVIEW,
    USUAL_QUESTIONS,
    InterviewQuestion,
    QuestionOrigin,
)
from core.questions import Question, QuestionLevel, question_key
from storage.repositories.questions import Questions

JUDGE_QUESTIONS_MAX = 2
"""Most questions of one interview that a judge words, and never more than half of it."""

_TRADE_TAGS = ("software", "debugging")


class QuestionWriter(Protocol):
    """Words questions of its own from what an interview is about."""

    async def write(self, about: About, most: int) -> tuple[str, ...]:
        """At most so many questions, each fit to be asked; none where it cannot. Never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a member wants; `about` comes from `clean_about`."""

    count: int = USUAL_QUESTIONS
    level: QuestionLevel | None = None
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The questions of an interview, and a sentence each about what could not be as wished."""

    questions: tuple[InterviewQuestion, ...]
    notes: tuple[str, ...] = ()


class Sources(Protocol):
    """Where questions come from; `Dependencies` is one."""

    @property
    def questions(self) -> Questions:
        """The servers' banks."""
        ...

    @property
    def finder(self) -> SentenceFinder:
        """Compares questions with what an interview is about."""
        ...

    @property
    def question_writer(self) -> QuestionWriter | None:
        """The judge, where there is one."""
        ...


async def plan(
    sources: Sources,
    guild_id: int,
    wish: Wish,
    *,
    avoid: Collection[str] = (),
    may_judge: bool = False,
    chance: Random | None = None,
) -> Plan:
    """Choose the questions of an interview.

    Args:
        sources: the banks, the model and the judge, such as `Dependencies`.
        guild_id: whose bank is drawn from, beside the starters.
        wish: what the member wants.
        avoid: the keys of the questions of the last interview, in the order asked if that is known.
        may_judge: whether the member has agreed that their words go to the judge.
        chance: where chance comes from; the system's, unless a test wants to repeat it.

    Raises:
        Refused: there is no question at all.
        StorageUnavailable: the bank cannot be read now.
    """
    count = min(max(wish.count, SHORTEST_INTERVIEW), MOST_QUESTIONS)
    bank = await sources.questions.all(guild_id)
    candidates = pool(bank, Filter())
    keys = tuple(avoid)
    ranking: Ranking | None = None
    worded: Sequence[str] = ()
    if wish.about is not None:
        ranking, worded = await asyncio.gather(
            rank(wish.about, candidates, sources.finder),
            _worded(sources.question_writer if may_judge else None, wish.about, count),
        )
    beside = _own(worded, candidates, keys)
    wanted = Wanted(
        count=count - len(beside),
        level=wish.level,
        leaning=wish.about.level if wish.about else None,
        avoid=keys,
        ranking=ranking if ranking and ranking.by is not By.CHANCE else None,
        for_software=_for_software(wish.about, bank),
        beside=beside,
    )
    drawn = await asyncio.to_thread(draw, candidates, wanted, chance or secrets.SystemRandom())
    notes = _notes(wish.about, drawn, wanted, ranking)
    return Plan(_numbered(drawn.questions, beside), notes)


async def _worded(writer: QuestionWriter | None, about: About, count: int) -> tuple[str, ...]:
    if writer is None:
        return ()
    return await writer.write(about, min(JUDGE_QUESTIONS_MAX, count // 2))


def _own(
    worded: Sequence[str], candidates: Sequence[Question], avoid: Collection[str]
) -> tuple[Asked, ...]:
    """The questions a judge worded that are in no bank, were not asked and differ."""
    taken = {question_key(question.text) for question in candidates}.union(avoid)
    own: list[Asked] = []
    for text in worded:
        if question_key(text) not in taken and not any(nearly_same(text, o.text) for o in own):
            own.append(Asked(text, kind_by_wording(text)))
    return tuple(own)


def _for_software(about: About | None, bank: Sequence[Question]) -> bool:
    """Whether questions for those who make software fit: by the text, else by the server's bank."""
    if about is not None:
        return about.is_software
    return any(
        tag in question.tags and starter(question.id) is None
        for question in bank
        for tag in _TRADE_TAGS
    )


def _numbered(drawn: Sequence[Question], beside: Sequence[Asked]) -> tuple[InterviewQuestion, ...]:
    """All of them, the judge's last: an interview comes to the role after the person."""
    asked = [(one.text, kind_of(one), QuestionOrigin.BANK) for one in drawn]
    asked += [(one.text, one.kind, QuestionOrigin.JUDGE) for one in beside]
    return tuple(
        InterviewQuestion(position=2 * number, text=text, kind=kind, origin=origin)
        for number, (text, kind, origin) in enumerate(asked)
    )


def _notes(
    about: About | None, drawn: Drawn, wanted: Wanted, ranking: Ranking | None
) -> tuple[str, ...]:
    notes = []
    # a list of nouns has none of the words that English is known by, so it gets one
    if about is not None and not looks_english(f"the {about.text}"):
        notes.append(
            "What you wrote seems not to be in English, so the questions may fit less well."
        )
    elif ranking is not None and ranking.by is By.CHANCE:
        notes.append("No question is near to what you wrote, so these were drawn by chance.")
    if drawn.repeated:
        some = "one of these was" if drawn.repeated == 1 else f"{drawn.repeated} of these were"
        notes.append(f"There are no other questions left, so {some} in your last interview too.")
    if len(drawn.questions) < wanted.count:
        notes.append("There are no more questions than these; a manager can add some.")
    return tuple(notes)
