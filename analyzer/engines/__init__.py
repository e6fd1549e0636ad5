"""The engine protocol: what assesses a clip, and the little it may know about an attempt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from analyzer.engines.vendor_turns import FREE, Bill
from core.assessment import Assessment, EngineName, Metric
from core.models import ClipFacts, VendorRefs
from core.questions import AnswerKind


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine may know about an attempt: by its type, no Discord id can reach a vendor."""

    attempt_id: str
    question: str
    clip: Path  # exists until the engine has its own copy
    facts: ClipFacts
    refs: VendorRefs  # what earlier steps have left with the vendor
    resumed: bool = False  # this step may have run before a crash: look before creating
    metrics_off: frozenset[Metric] = frozenset()  # not to be scored, nor spoken about
    kind: AnswerKind | None = None  # what kind of answer the question wants; None: not known
    looks_for: str = ""  # what a good answer contains, where a bank has this question
    language: str | None = None  # what the member speaks, ISO 639-1; None: it is found out
    bill: Bill = FREE  # counts what may be billed, before it is asked for
    may_judge: bool = True  # whether the words may go to the judge: the consent may be older
    note_seconds: Callable[[float | None], None] = lambda _: None
    """Told of each analysis that a look finds ready how long it took, as far as its vendor says."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Not finished yet. The caller decides when to ask again."""

    held_up: float = 0.0  # seconds of this look that went by in line: no deadline counts them


SaveRefs = Callable[[VendorRefs], Awaitable[None]]
"""Commits vendor ids. Awaited the moment an id is known, before anything waits on it."""


class Engine(Protocol):
    """What assesses a clip. Each call is safe to repeat, and raises only `EngineError`s."""

    @property
    def name(self) -> EngineName:
        """Which engine this is."""
        ...

    @property
    def version(self) -> str:
        """Model and version, stored with every assessment."""
        ...

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """Give the engine the clip, and return when it can be analyzed."""
        ...

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """Begin the analysis, once however often it is called."""
        ...

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        """Look once. May begin one repeat of an unusable analysis, and is `Pending` then."""
        ...

    async def ended(self) -> frozenset[str] | None:
        """List the analyses of any attempt that have ended, by the last of `VendorRefs.task_ids`.

        `None` where that cannot be told: there is no such list, or it is too long.
        """
        ...

    async def discard(self, refs: VendorRefs) -> None:
        """Delete the vendor's copies; those already gone count as deleted."""
        ...

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:
        """Delete copies that a crash left unrecorded, and return how many.

        Only copies this installation made are touched, and none of an attempt under way:
        `open_ids` is asked after listing, so that an attempt begun meanwhile is known.
        """
        ...

    async def check(self) -> str:
        """Try the engine for real: one line about it, or an `EngineError` with why not."""
        ...

    async def aclose(self) -> None:
        """Close connections. The engine is not used afterwards."""
        ...
