"""Finds what a member has said: their own transcripts, by meaning and by words."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.dependencies import Dependencies
from core.models import Owner
from storage.repositories.history import AttemptFilter, Said

FOUND_MAX = 10
"""Most attempts a search names."""

SENTENCES_OF_ONE = 2
"""Most sentences of one attempt."""

SEARCHED_MAX = 500
"""Attempts that are searched, the newest."""

NEW_SENTENCES_MAX = 1500
"""Sentences that get their vectors in one search: some ten seconds of work on two cores."""

_NEAR_FROM = 0.32  # nearness of a sentence to a few words that mean it
_WORDS_FROM = 0.6  # share of the words looked for
_WORDS_WEIGH = 0.5

_WORD = re.compile(r"[^\W_]+")
_EMPTY_WORDS = frozenset(
    ("a", "about", "an", "and", "any", "did", "for", "i", "in", "is", "it", "me", "my", "of", "on")
) | frozenset(("or", "said", "say", "that", "the", "to", "was", "what", "when", "where", "with"))


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence that was found."""

    text: str
    at_seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """One attempt in which something was found."""

    attempt_id: str
    question: str
    created_at: datetime
    quotes: tuple[Quote, ...]  # the nearest first


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search has found, the nearest first."""

    found: tuple[Found, ...]
    searched: int  # attempts with a transcript
    by_meaning: bool  # False: the model is not there, so only words were compared
    left: int  # attempts of which only words were compared: the next search reads on


class FindingService:
    """Searches the transcripts of one member in one server."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def find(self, owner: Owner, text: str, narrowing: AttemptFilter) -> Findings:
        """Search the owner's newest 500 attempts that are meant.

        Vectors that are missing are made and kept, up to 1,500 sentences in one search.
        """
        said = await self._deps.history.said(owner, narrowing, limit=SEARCHED_MAX)
        if not said:
            return Findings((), 0, by_meaning=True, left=0)
        finder, kept = self._deps.finder, self._deps.sentence_vectors
        stored = await kept.of(owner, finder.model)
        known = {one.id: stored[one.id] for one in said if one.id in stored}
        missing = [one for one in said if one.id not in known]
        new = _bounded(missing)
        nearest = await finder.nearest(text, new=new, known=known)
        near: dict[tuple[str, int], float] = {}
        if nearest is not None:
            near = {(hit.attempt_id, hit.sentence): hit.nearness for hit in nearest.hits}
            if nearest.vectors:
                await kept.save(owner, finder.model, nearest.vectors)
        found = await asyncio.to_thread(_ranked, text, said, near)
        return Findings(
            found=found,
            searched=len(said),
            by_meaning=nearest is not None,
            left=len(missing) - len(new) if nearest is not None else 0,
        )


def _bounded(missing: Sequence[Said]) -> dict[str, list[str]]:
    """The newest attempts without vectors, as many as one search reads."""
    new: dict[str, list[str]] = {}
    room = NEW_SENTENCES_MAX
    for one in missing:
        room -= len(one.sentences)
        if room < 0 and new:
            break
        new[one.id] = [text for text, _ in one.sentences]
    return new


def _ranked(
    text: str, said: Sequence[Said], near: Mapping[tuple[str, int], float]
) -> tuple[Found, ...]:
    wanted = words_of(text)
    ranked = []
    for one in said:
        scored = []
        for number, (sentence, start) in enumerate(one.sentences):
            nearness = near.get((one.id, number), 0.0)
            share = words_share(wanted, sentence)
            if nearness >= _NEAR_FROM or share >= _WORDS_FROM:
                scored.append((nearness + _WORDS_WEIGH * share, Quote(sentence, start)))
        if scored:
            scored.sort(key=lambda pair: -pair[0])
            quotes = tuple(quote for _, quote in scored[:SENTENCES_OF_ONE])
            ranked.append((scored[0][0], Found(one.id, one.question, one.created_at, quotes)))
    ranked.sort(key=lambda pair: -pair[0])  # a stable sort: the newer of two that are as near
    return tuple(found for _, found in ranked[:FOUND_MAX])


def words_of(text: str) -> list[str]:
    """The words to look for: without those that say nothing, unless there are no others."""
    words = _WORD.findall(_folded(text))
    return [word for word in words if word not in _EMPTY_WORDS] or words


def words_share(wanted: Sequence[str], sentence: str) -> float:
    """How many of these words a sentence has, in any form with the same beginning: 0 to 1.

    Scripts without spaces have one long word, so a word also counts anywhere inside a text.
    """
    if not wanted:
        return 0.0
    folded = _folded(sentence)
    there = _WORD.findall(folded)
    heard = sum(
        any(other.startswith(_beginning(word)) for other in there)
        or (not word.isascii() and word in folded)
        for word in wanted
    )
    return heard / len(wanted)


def _beginning(word: str) -> str:
    """What its forms have in common: "deadlin" of "deadlines"."""
    return word if len(word) <= 4 else word[: max(4, len(word) - 2)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
