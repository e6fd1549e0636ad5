"""Has an engine assess the known answers, several times, and leaves nothing with a vendor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.calibration.known_answers import KnownAnswer, KnownAnswers
from analyzer.engines import Engine, Job, Pending
from analyzer.media.preflight import probe_clip
from core.assessment import Assessment
from core.errors import EngineBusy, EngineError, EngineUnavailable
from core.models import ClipFacts, VendorRefs, new_id

POLL_SECONDS = 5.0
DEADLINE_SECONDS = 1800.0
"""For one clip; ten minutes of a vendor's outage fit in."""

Sleep = Callable[[float], Awaitable[None]]

Progress = Callable[[KnownAnswer, int, str], None]
"""Told of each run: the answer, the number of the run from 1, and how it went."""


@dataclass
class Outcome:
    """What the runs gave."""

    assessments: dict[str, list[Assessment]] = field(default_factory=dict)  # by the clip's name
    seconds: float = 0.0  # of clips that were assessed
    failures: list[str] = field(default_factory=list)  # codes


async def run_known_answers(
    engine: Engine,
    known: KnownAnswers,
    *,
    runs: int,
    progress: Progress,
    sleep: Sleep = asyncio.sleep,
) -> Outcome:
    """Assess each answer `runs` times, one after the other; a run that fails is counted as such.

    Raises:
        UserFacingError: a clip of the set cannot be read here.
    """
    outcome = Outcome()
    for answer in known.clips:
        facts = await probe_clip(answer.path)
        found = outcome.assessments.setdefault(answer.name, [])
        for number in range(1, runs + 1):
            try:
                found.append(await _assess(engine, known.question, answer.path, facts, sleep))
            except EngineError as error:
                outcome.failures.append(error.code)
                progress(answer, number, error.code)
                continue
            outcome.seconds += facts.duration_seconds
            progress(answer, number, "")
    return outcome


async def _assess(
    engine: Engine, question: str, clip: Path, facts: ClipFacts, sleep: Sleep
) -> Assessment:
    run = _Run(engine, question, clip, facts, sleep)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await run.assess()
    except TimeoutError:
        raise EngineUnavailable("analysis_timeout", "The analysis took too long.") from None
    finally:
        await asyncio.shield(run.discard())


class _Run:
    """One assessment of one clip, outside of any attempt."""

    def __init__(
        self, engine: Engine, question: str, clip: Path, facts: ClipFacts, sleep: Sleep
    ) -> None:
        self._engine = engine
        self._question, self._clip, self._facts = question, clip, facts
        self._sleep = sleep
        self._id = new_id()
        self._refs = VendorRefs()

    async def assess(self) -> Assessment:
        self._refs = await self._engine.prepare(self._job(), self._save)
        self._refs = await self._engine.start(self._job(), self._save)
        while True:
            try:
                result = await self._engine.poll(self._job(), self._save)
            except EngineBusy as busy:
                await self._sleep(busy.retry_after or POLL_SECONDS)
                continue
            if not isinstance(result, Pending):
                return result
            await self._sleep(POLL_SECONDS)

    async def discard(self) -> None:
        if self._refs:
            await self._engine.discard(self._refs)

    def _job(self) -> Job:
        return Job(
            attempt_id=self._id,
            question=self._question,
            clip=self._clip,
            facts=self._facts,
            refs=self._refs,
        )

    async def _save(self, refs: VendorRefs) -> None:
        self._refs = refs
