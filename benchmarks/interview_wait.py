"""Prints how long the report of an interview of five waits for, beside its slowest answer alone.

Run as `python -m benchmarks.interview_wait`. Everything between sending an answer in and telling
its member is real but for the engine, whose five answers take as long as the table says, and for
the clips, which are not probed. The answers are sent in faster than anybody can record them: that
is the hardest case. The last line has the same five as attempts of their own, which run one after
the other as a member's attempts do.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.consent import consent_version
from analyzer.dependencies import Timings
from analyzer.engines import Job, Pending, SaveRefs
from benchmarks.table import Table
from core.assessment import Assessment
from core.interviews import FollowUps, InterviewQuestion
from core.models import AttemptState
from core.questions import AnswerKind
from tests.analyzer.harness import ANN, CLIP, Harness, Process, open_harness
from tests.analyzer.scripted import ScriptedEngine

SECONDS = (4.0, 6.0, 8.0, 5.0, 7.0)
"""What the engine needs for each answer."""

BETWEEN_SECONDS = 0.5
"""From one answer's sending to the next one's."""

TEXTS = tuple(f"Question number {number}?" for number in range(1, len(SECONDS) + 1))


class TimedEngine(ScriptedEngine):
    """Has each answer's result after its time, which its question tells."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness.vendor)
        self._ready: dict[str, float] = {}

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        """Nothing, until the time is over."""
        now = time.perf_counter()
        ready = self._ready.setdefault(job.attempt_id, now + SECONDS[TEXTS.index(job.question)])
        return Pending() if now < ready else await super().poll(job, save_refs)


async def main() -> None:
    """Measure once and print the table."""
    table = Table("what is sent in", "until the last", "seconds", label_width=34)
    for label, until, measure in (
        ("the slowest answer alone", "result", _alone),
        ("an interview of five, all answers", "report", _interview),
        ("five attempts of their own", "result", _attempts),
    ):
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            async with open_harness(Path(name), patch) as harness:
                seconds = await measure(harness, _started(harness))
        table.row(label, until, f"{seconds:.1f}")
    print(f"The engine needs {', '.join(f'{one:.0f}' for one in SECONDS)} seconds for the answers.")


def _started(harness: Harness) -> Process:
    engine = TimedEngine(harness)
    process = harness.process(
        engines={engine.name: engine},
        timings=Timings(poll_first=0.1, poll_longest=0.1, edit_every=3600),
        limits=replace(harness.deps.limits, open_attempts=100),
    )
    process.runner.start(process.attempts.advance)
    return process


async def _alone(harness: Harness, process: Process) -> float:
    begun = time.perf_counter()
    await harness.submit(process, question=TEXTS[SECONDS.index(max(SECONDS))])
    await process.rest()
    return time.perf_counter() - begun


async def _interview(harness: Harness, process: Process) -> float:
    await harness.consents.agree(ANN, consent_version(harness.engine.name))
    interview = await process.interviews.begin(
        owner=ANN,
        channel_id=11,
        questions=[
            InterviewQuestion(position=2 * place, text=text, kind=AnswerKind.BEHAVIOURAL)
            for place, text in enumerate(TEXTS)
        ],
        follow_ups=FollowUps.NONE,
        reply=None,
    )

    async def send(place: int) -> None:
        await process.interviews.submit(
            owner=ANN,
            interview_id=interview.id,
            position=2 * place,
            source=CLIP,
            open_reply=harness.open_reply,
        )

    return await _after_the_last(send, lambda: _reported(harness))


async def _attempts(harness: Harness, process: Process) -> float:
    async def send(place: int) -> None:
        await harness.submit(process, question=TEXTS[place])

    async def all_told() -> bool:
        ended = [attempt for attempt, _ in harness.told.told]
        return sum(one.state is AttemptState.ASSESSED for one in ended) == len(TEXTS)

    return await _after_the_last(send, all_told)


async def _reported(harness: Harness) -> bool:
    return bool(harness.interviews_told.reports)


async def _after_the_last(
    send: Callable[[int], Awaitable[None]], done: Callable[[], Awaitable[bool]]
) -> float:
    """Send all in, and wait; the seconds since the slowest one was sent in."""
    begun = 0.0
    for place, seconds in enumerate(SECONDS):
        if seconds == max(SECONDS):
            begun = time.perf_counter()
        await send(place)
        await asyncio.sleep(BETWEEN_SECONDS)
    while not await done():  # noqa: ASYNC110 - the rows say when
        await asyncio.sleep(0.02)
    return time.perf_counter() - begun


if __name__ == "__main__":
    asyncio.run(main())
