"""What finds sentences by their meaning, whichever engine heard them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
