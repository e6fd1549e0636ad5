"""An attempt is looked at when its analysis is likely to be ready: the real SDK, a vendor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analyzer.dependencies import Timings
from analyzer.looks import Looks
from analyzer.stages import stage_line
from core.assessment import EngineName
from core.models import Attempt, AttemptState
from storage.repositories.analysis_times import AnalysisTimesStore, timed_analysis
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.analyzer.harness import ANN, Harness
from tests.analyzer.scripted import RecordingAnnouncer
from tests.storage.samples import FACTS

MODEL = "pegasus1.5"
SECONDS = 1.2
TIMINGS = Timings(edit_every=0.1, learn_every=0)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, asset_polls=0) as bench:
        bench.vendor.analysis_seconds = lambda _: SECONDS
        yield bench


@pytest.fixture
async def store(harness: Harness) -> AnalysisTimesStore:
    """Twenty analyses are known, which took about as long."""
    store = AnalysisTimesStore(harness.database)
    begun = now() - timedelta(hours=1)
    await store.add(
        MODEL,
        [
            timed_analysis(
                FACTS.duration_seconds, SECONDS + n % 3 / 50, begun + timedelta(minutes=n)
            )
            for n in range(20)
        ],
    )
    return store


class Lines(RecordingAnnouncer):
    """Writes down what a member is shown under way."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    async def progress(self, attempt: Attempt) -> bool:
        self.lines.append(stage_line(attempt, now()))
        return await super().progress(attempt)


def parts(bench: Bench, store: AnalysisTimesStore) -> dict[str, Any]:
    """The parts of a process with the real engine and the real time."""
    engine = bench.engine()
    return {
        "engines": {engine.name: engine},
        "engine": engine.name,
        "timings": TIMINGS,
        "clock": now,
        "looks": Looks(store, MODEL, TIMINGS, now),
    }


async def test_a_foretold_analysis_is_seen_soon_after_few_looks(
    harness: Harness, bench: Bench, store: AnalysisTimesStore
) -> None:
    shown = Lines()
    process = harness.process(**parts(bench, store), announcer=shown)
    attempt = await harness.submit(process)
    await process.attempts.advance(attempt.owner, attempt.id)
    row = await harness.now(attempt)
    assert row is not None
    assert row.state is AttemptState.DELIVERED
    [task] = bench.vendor.tasks.values()
    looks = bench.vendor.calls("GET", f"/analyze/tasks/{task.id}")
    assert len(looks) <= 3
    assert row.assessment is not None
    assert any("left" in line for line in shown.lines)
    latest = (await store.latest(MODEL, 1))[0]
    assert latest.seconds == pytest.approx(SECONDS, abs=0.01)  # by the vendor's clock
    assert latest.clip_seconds == FACTS.duration_seconds


async def test_after_a_restart_the_row_knows_since_when(
    harness: Harness, bench: Bench, store: AnalysisTimesStore
) -> None:
    bench.vendor.analysis_seconds = lambda _: 1000.0
    process = harness.process(**parts(bench, store))
    attempt = await harness.submit(process)
    going = asyncio.create_task(process.attempts.advance(attempt.owner, attempt.id))
    row: Attempt | None = None
    async with asyncio.timeout(5):
        while row is None or row.state is not AttemptState.ANALYZING:
            await asyncio.sleep(0.02)
            row = await harness.now(attempt)
    going.cancel()
    await asyncio.wait([going])
    assert row.refs.analysis is not None
    assert row.refs.analysis.expected_seconds == pytest.approx(SECONDS, abs=0.4)

    waits: list[float] = []
    long_after = now() + timedelta(seconds=500)
    woken = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds < 1:  # its turn after a restart, and an edit of the reply
            await asyncio.sleep(seconds)
            return
        waits.append(seconds)
        woken.set()
        await asyncio.sleep(3600)

    later = harness.process(
        **{
            **parts(bench, store),
            "clock": lambda: long_after,
            "looks": Looks(store, MODEL, TIMINGS, lambda: long_after),
            "sleep": sleep,
        }
    )
    going = asyncio.create_task(later.attempts.advance(ANN, attempt.id))
    async with asyncio.timeout(5):
        await woken.wait()
    going.cancel()
    await asyncio.wait([going])
    assert waits[0] > 10  # for one that has gone on for so long, not as if it had just begun
    assert attempt.engine is EngineName.TWELVELABS
