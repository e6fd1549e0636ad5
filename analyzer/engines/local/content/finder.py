"""Finds sentences by meaning in a child process, with the model of the local engine."""

from __future__ import annotations

import asyncio
import logging
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from analyzer.engines.local.content.child import Comparison, Search
from analyzer.engines.local.content.content import (
    CHILD,
    CPU_SECONDS,
    MEMORY_BYTES,
    WALL_SECONDS,
)
from analyzer.engines.local.content.model import DIMENSIONS, NAME
from analyzer.engines.nearest import Compared, Hit, Nearest
from analyzer.media.sandbox import FEW_THREADS, MODEL_NICENESS, ChildFailed, run_child

log = logging.getLogger(__name__)

REMEMBERED = 3000
"""Texts whose vectors are kept in memory, of those compared last: some 2 MB."""

NEW_AT_ONCE = 250
"""Texts that are read in one run of the model: about three seconds on two cores."""


class _Hit(BaseModel, extra="forbid"):
    attempt_id: str
    sentence: int
    nearness: float


class _Found(BaseModel, extra="forbid"):
    vectors: dict[str, str]
    hits: list[_Hit]


class _Compared(BaseModel, extra="forbid"):
    near: tuple[tuple[float, ...], ...]
    vectors: dict[int, str]


class _Printed(BaseModel, extra="forbid"):
    found: _Found | None = None
    compared: _Compared | None = None
    error: str | None = None


class LocalFinder:
    """Finds sentences, one search at a time."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)
        self._vectors: OrderedDict[str, bytes] = OrderedDict()

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
                printed = await _run("nearest", given)
                return await asyncio.to_thread(_nearest, printed, new, known)
            except ChildFailed as failed:
                log.warning("a search by meaning broke off: %s", failed.reason)
                return None

    async def compare(self, texts: Sequence[str], to: Sequence[str]) -> Compared | None:
        """Compare; `None` where the model is not installed or the comparison met a limit.

        Of many new texts some are read at a time, so that a caller who gives up finds them
        remembered the next time.
        """
        async with self._one:
            new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
            for first in range(0, len(new) - NEW_AT_ONCE, NEW_AT_ONCE):
                if await self._compare(new[first : first + NEW_AT_ONCE], ()) is None:
                    return None
            return await self._compare(texts, to)

    async def _compare(self, texts: Sequence[str], to: Sequence[str]) -> Compared | None:
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        try:
            given = await asyncio.to_thread(_comparison, texts, known, to)
            printed = await _run("compare", given)
            compared = await asyncio.to_thread(_compared, printed, texts, known, to)
        except ChildFailed as failed:
            log.warning("a comparison by meaning broke off: %s", failed.reason)
            return None
        if compared is not None:
            for text, vector in zip(texts, compared.vectors, strict=True):
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        return compared


async def _run(command: str, given: bytes) -> bytes:
    return await run_child(
        CHILD,
        [command],
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=CPU_SECONDS,
        wall_seconds=WALL_SECONDS,
        environment=FEW_THREADS,
        niceness=MODEL_NICENESS,
        given=given,
    )


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


def _comparison(texts: Sequence[str], known: Mapping[str, bytes], to: Sequence[str]) -> bytes:
    numbered = {
        number: b64encode(known[text]).decode()
        for number, text in enumerate(texts)
        if text in known
    }
    return Comparison(texts=tuple(texts), known=numbered, to=tuple(to)).model_dump_json().encode()


def _compared(
    printed: bytes, texts: Sequence[str], known: Mapping[str, bytes], to: Sequence[str]
) -> Compared | None:
    try:
        compared = _Printed.model_validate_json(printed).compared
        if compared is None:
            return None
        vectors = {number: b64decode(data) for number, data in compared.vectors.items()}
    except ValueError:  # pydantic's and base64's errors are ones
        raise ChildFailed("output") from None
    whole = tuple(
        known[text] if text in known else vectors.get(number, b"")
        for number, text in enumerate(texts)
    )
    rows = [len(row) for row in compared.near]
    if rows != [len(to)] * len(texts) or any(len(vector) != DIMENSIONS for vector in whole):
        raise ChildFailed("output")
    return Compared(compared.near, whole)
