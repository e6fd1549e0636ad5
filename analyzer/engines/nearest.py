"""What finds sentences by their meaning, whichever engine heard them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """One sentence of an attempt's transcript, and how near it is: 1 is the same."""

    attempt_id: str
    sentence: int  # its number in the transcript
    nearness: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest sentences, nearest first, and vectors that were made on the way."""

    hits: tuple[Hit, ...]
    vectors: Mapping[str, bytes]  # by attempt: those of its sentences, one after the other


@dataclass(frozen=True, slots=True)
class Compared:
    """How near texts are to other texts: 1 is the same."""

    near: tuple[tuple[float, ...], ...]  # for each text, how near it is to each of the others
    vectors: tuple[bytes, ...]  # of each text, a signed byte a dimension


class SentenceFinder(Protocol):
    """Finds the sentences whose meaning is nearest to a text."""

    @property
    def model(self) -> str:
        """Goes with every stored vector: those of different models don't compare."""
        ...

    async def nearest(
        self, text: str, *, new: Mapping[str, Sequence[str]], known: Mapping[str, bytes]
    ) -> Nearest | None:
        """Search in sentences that have no vectors yet and in vectors; `None`: it cannot now."""
        ...

    async def compare(self, texts: Sequence[str], to: Sequence[str]) -> Compared | None:
        """Compare each of `texts` with each of `to`; `None`: it cannot now.

        Vectors of `texts` may be remembered in this process, those of `to` never are.
        """
        ...


def cosine(one: bytes, other: bytes) -> float:
    """How near two vectors of signed bytes are: 1 is the same direction."""
    a, b = memoryview(one).cast("b"), memoryview(other).cast("b")
    lengths: float = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return float(sum(map(mul, a, b))) / (lengths or 1.0)
