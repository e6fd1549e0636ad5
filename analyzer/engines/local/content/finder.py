"""Finds sentences by meaning in a child process, with the model of the local engine."""

from __future__ import annotations

import asyncio
import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from analyzer.engines.local.content.child import Search
from analyzer.engines.local.content.content import (
    CHILD,
    CPU_SECONDS,
    MEMORY_BYTES,
    WALL_SECONDS,
)
from analyzer.engines.local.content.model import DIMENSIONS, NAME
from analyzer.engines.nearest import Hit, Nearest
from analyzer.media.sandbox import FEW_THREADS, ChildFailed, run_child

log = logging.getLogger(__name__)


class _Hit(BaseModel, extra="forbid"):
    attempt_id: str
    sentence: int
    nearness: float


class _Found(BaseModel, extra="forbid"):
    vectors: dict[str, str]
    hits: list[_Hit]


class _Printed(BaseModel, extra="forbid"):
    found: _Found | None = None
    error: str | None = None


class LocalFinder:
    """Finds sentences, one search at a time."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)

    @property
    def model(self) -> str:
        """Goes with every stored vector."""
        return NAME

    async def nearest(
        self, text: str, *, new: Mapping[str, Sequence[str]], known: Mapping[str, bytes]
    ) -> Nearest | None:
        """Search; `None` where the model is not installed or the search met a limit."""
        async with self._one:
            try:
                given = await asyncio.to_thread(_given, text, new, known)
                printed = await run_child(
                    CHILD,
                    ["nearest"],
                    memory_bytes=MEMORY_BYTES,
                    cpu_seconds=CPU_SECONDS,
                    wall_seconds=WALL_SECONDS,
                    environment=FEW_THREADS,
                    given=given,
                )
                return await asyncio.to_thread(_nearest, printed, new, known)
            except ChildFailed as failed:
                log.warning("a search by meaning broke off: %s", failed.reason)
                return None


def _given(text: str, new: Mapping[str, Sequence[str]], known: Mapping[str, bytes]) -> bytes:
    search = Search(
        text=text,
        new={name: tuple(sentences) for name, sentences in new.items()},
        known={name: b64encode(data).decode() for name, data in known.items()},
    )
    return search.model_dump_json().encode()


def _nearest(
    printed: bytes, new: Mapping[str, Sequence[str]], known: Mapping[str, bytes]
) -> Nearest | None:
    try:
        found = _Printed.model_validate_json(printed).found
        if found is None:
            return None
        vectors = {name: b64decode(data) for name, data in found.vectors.items()}
    except ValueError:  # pydantic's and base64's errors are ones
        raise ChildFailed("output") from None
    if {name: len(data) for name, data in vectors.items()} != {
        name: len(sentences) * DIMENSIONS for name, sentences in new.items()
    }:
        raise ChildFailed("output")
    hits = [Hit(hit.attempt_id, hit.sentence, hit.nearness) for hit in found.hits]
    if any(hit.attempt_id not in new and hit.attempt_id not in known for hit in hits):
        raise ChildFailed("output")
    return Nearest(tuple(hits), vectors)
