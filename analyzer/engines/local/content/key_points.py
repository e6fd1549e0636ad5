"""Chooses the sentences of an answer that say most for its question, spread over what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

from analyzer.engines.local.content.story import Role

MOST = 5

_NUMBER = re.compile(
    r"\b(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty"
    r"|half|dozens?|hundreds?|thousands?|millions?|per ?cent)\b|%",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]{2,}\b")
_WORDS_FOR_A_POINT = 5
_SHORT_COSTS = 2.0
_REPEATING_COSTS = 2.0

_NEARNESS, _CENTRALITY, _CONCRETENESS = 1.0, 0.5, 0.5
_ROLE_IN_STORY, _ROLE_ELSEWHERE = 1.0, 0.2
_ROLES: Mapping[Role, float] = {
    Role.RESULT: 0.8,
    Role.ACTION: 0.6,
    Role.LESSON: 0.5,
    Role.TASK: 0.5,
    Role.SITUATION: 0.3,
    Role.OTHER: 0.0,
}
"""What each role weighs; the weights and the four above were chosen on eight answers."""


def key_points(
    sentences: Sequence[str],
    role_of: Mapping[int, Role],
    near: Sequence[Sequence[float]],
    to_question: Sequence[float],
    *,
    story: bool,
) -> list[int]:
    """The numbers of up to five sentences, in the order they were said.

    Args:
        sentences: The answer's.
        role_of: The weightiest role in each sentence.
        near: How near each sentence is to each.
        to_question: How near each sentence is to the question.
        story: Whether the question asks for something that has happened.
    """
    count = len(sentences)
    central = [(sum(near[number][:count]) - 1) / max(1, count - 1) for number in range(count)]
    concrete = [0.5 * bool(_NUMBER.search(s)) + 0.5 * bool(_NAME.search(s)) for s in sentences]
    role = [_ROLES[role_of.get(number, Role.OTHER)] for number in range(count)]
    weighed = zip(
        _standard(to_question),
        _standard(central),
        _standard(concrete),
        _standard(role),
        strict=True,
    )
    role_weight = _ROLE_IN_STORY if story else _ROLE_ELSEWHERE
    worth = [
        _NEARNESS * one + _CENTRALITY * two + _CONCRETENESS * three + role_weight * four
        for one, two, three, four in weighed
    ]
    for number, sentence in enumerate(sentences):
        if len(sentence.split()) < _WORDS_FOR_A_POINT:
            worth[number] -= _SHORT_COSTS
    chosen: list[int] = []
    while len(chosen) < min(MOST, _fitting(count)):
        left = [number for number in range(count) if number not in chosen]
        chosen.append(
            max(
                left,
                key=lambda number: (
                    worth[number]
                    - _REPEATING_COSTS * max((near[number][other] for other in chosen), default=0.0)
                ),
            )
        )
    return sorted(chosen)


def _fitting(count: int) -> int:
    """How many points an answer of so many sentences has: not nearly all of it."""
    return count if count <= 2 else max(2, (count + 1) * 3 // 5)


def _standard(values: Sequence[float]) -> list[float]:
    middle, spread = fmean(values), pstdev(values)
    return [(value - middle) / (spread + 1e-6) for value in values]
