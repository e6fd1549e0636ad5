"""Draws questions that fit together in one interview, by chance but with rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from analyzer.engines.local.content.nearness import stems
from analyzer.engines.nearest import cosine
from analyzer.interviews.about import Ranking
from analyzer.questions.bank import starter
from analyzer.questions.kinds import kind_of
from core.errors import Refused
from core.questions import AnswerKind, Question, QuestionLevel, question_key

_TRADE_TAGS = frozenset({"software", "debugging", "security", "reliability"})
"""Of starter questions that only somebody who makes software can answer."""

_LEVELS = tuple(QuestionLevel)

_SAME_WORDS = 0.65  # share of content words, as a cosine
_SAME_MEANING = 0.65  # cosine of two vectors; two starters about feedback have 0.77

# weights, in standard deviations of nearness
_KIND_AGAIN = 0.9  # for each one of the same kind; without a ranking kinds alternate strictly
_STRICTLY = 10.0
_TAG_AGAIN = 0.5  # for each tag that was there
_LEVEL_OFF = 0.7  # for each level away from the middle one, where none was named
_NAMED_LEVEL_OFF = 1.5  # for each level away from the one that a description names
_CHANCE = 0.8  # the most that chance adds
_NEAREST = 2.5  # nearer does not count more: chance has a say among the best


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked beside those drawn, such as one that a judge worded."""

    text: str
    kind: AnswerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is drawn.

    Attributes:
        count: how many questions.
        level: the level the member has chosen: exact ones first, then those next to it.
        leaning: the level that a description names; others are drawn as well.
        avoid: keys of questions that are asked again only where there are no others; those that
            were asked first may come back first.
        ranking: how near each question of the pool is to what the interview is about.
        for_software: whether starter questions for those who make software fit.
        beside: what is asked as well, so that nothing is drawn twice.
    """

    count: int
    level: QuestionLevel | None = None
    leaning: QuestionLevel | None = None
    avoid: Sequence[str] = ()
    ranking: Ranking | None = None
    for_software: bool = False
    beside: Sequence[Asked] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """The questions in the order they are asked; fewer than wanted where there are no more."""

    questions: tuple[Question, ...]
    repeated: int  # how many of them were to be avoided


@dataclass(frozen=True, slots=True)
class _Candidate:
    question: Question
    kind: AnswerKind
    asked_at: int | None  # where it stands in what is to be avoided
    nearness: float
    off_trade: bool
    words: frozenset[str]
    vector: bytes


def draw(pool: Sequence[Question], wanted: Wanted, chance: Random) -> Drawn:
    """Draw an opener, then questions of different kinds and tags, no two nearly the same.

    Raises:
        Refused: the pool has no question at all.
    """
    left = _candidates(pool, wanted)
    if not left:
        raise Refused(
            "no_question",
            "There is no question to ask yet. Add some with `/question add`.",
        )
    openers = [one for one in left if one.kind is AnswerKind.OPENER and one.asked_at is None]
    picked: list[_Candidate] = []
    if openers:
        picked.append(max(openers, key=lambda one: _CHANCE * chance.random() + one.nearness / 5))
    while len(picked) < wanted.count:
        left = [one for one in left if all(one is not other for other in picked)]
        if not left:
            break
        worth = [(_worth(one, picked, wanted, chance), one) for one in left]
        best = [one for _, one in sorted(worth, key=lambda pair: pair[0], reverse=True)]
        different = (one for one in best if not _is_alike(one, picked, wanted.beside))
        picked.append(next(different, best[0]))
    repeated = sum(one.asked_at is not None for one in picked)
    return Drawn(tuple(one.question for one in picked), repeated)


def nearly_same(one: str, other: str) -> bool:
    """Whether two questions ask nearly the same, by their words."""
    return _share(_words(one), _words(other)) >= _SAME_WORDS


def _candidates(pool: Sequence[Question], wanted: Wanted) -> list[_Candidate]:
    when = {key: number for number, key in enumerate(wanted.avoid)}
    ranking = wanted.ranking
    return [
        _Candidate(
            question=question,
            kind=kind_of(question),
            asked_at=when.get(question_key(question.text)),
            nearness=ranking.nearness[number] if ranking else 0.0,
            off_trade=not wanted.for_software
            and not _TRADE_TAGS.isdisjoint(question.tags)
            and starter(question.id) is not None,
            words=_words(question.text),
            vector=ranking.vectors[number] if ranking and ranking.vectors else b"",
        )
        for number, question in enumerate(pool)
    ]


def _worth(
    one: _Candidate, picked: Sequence[_Candidate], wanted: Wanted, chance: Random
) -> tuple[float, ...]:
    """What speaks for a question, what weighs most first; more is better."""
    level = _LEVELS.index(one.question.level)
    chosen = 0 if wanted.level is None else abs(level - _LEVELS.index(wanted.level))
    kinds = Counter(other.kind for other in picked) + Counter(ask.kind for ask in wanted.beside)
    tags = {tag for other in picked for tag in other.question.tags}
    again = _KIND_AGAIN if wanted.ranking else _STRICTLY
    first_story = one.kind is AnswerKind.BEHAVIOURAL and not any(
        other.kind is AnswerKind.BEHAVIOURAL for other in picked
    )  # an interview without one would be odd, whatever a judge has worded
    score = (
        min(one.nearness, _NEAREST)
        - again * kinds[one.kind]
        - _STRICTLY * (one.kind is AnswerKind.OPENER)
        + _STRICTLY * first_story
        - _TAG_AGAIN * len(tags.intersection(one.question.tags))
        + _CHANCE * chance.random()
    )
    if wanted.level is None:
        leaning = wanted.leaning or QuestionLevel.MIDDLE
        off = _NAMED_LEVEL_OFF if wanted.leaning else _LEVEL_OFF
        score -= off * abs(level - _LEVELS.index(leaning))
    return (
        1.0 if one.asked_at is None else -one.asked_at / len(wanted.avoid),
        -float(one.off_trade),
        -float(chosen),
        score,
    )


def _is_alike(one: _Candidate, picked: Sequence[_Candidate], beside: Sequence[Asked]) -> bool:
    return any(
        _share(one.words, other.words) >= _SAME_WORDS
        or (one.vector and other.vector and cosine(one.vector, other.vector) >= _SAME_MEANING)
        for other in picked
    ) or any(nearly_same(one.question.text, ask.text) for ask in beside)


def _words(text: str) -> frozenset[str]:
    """What a question is about; "colleague" and "colleagues" have different stems."""
    return frozenset(stem.rstrip("ey") for stem in stems(text))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """The cosine of two sets of words; texts without content words share nothing."""
    return len(one & other) / ((len(one) * len(other)) ** 0.5 or 1.0)
