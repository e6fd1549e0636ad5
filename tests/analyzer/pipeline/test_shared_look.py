"""Many attempts share one look at the vendor's list: the real SDK, and lists that mislead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analyzer.dependencies import Timings
from analyzer.looks import Looks
from analyzer.pipeline import shared_look
from analyzer.pipeline.shared_look import SharedLook
from core.errors import EngineUnavailable
from core.models import AttemptState, Owner
from storage.repositories.analysis_times import AnalysisTimesStore, timed_analysis
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.analyzer.harness import Harness, Process
from tests.analyzer.scripted import ScriptedEngine
from tests.fakes.twelvelabs_faults import Answer
from tests.storage.samples import FACTS

MODEL = "pegasus1.5"
FORETOLD, TAKES = 0.3, 2.5
"""Seconds: the vendor is slower than it was, so that each alone would look again and again."""
CROWD = 6
TIMINGS = Timings(edit_every=60, learn_every=0, crowd=4, list_every=0.5, max_polls_per_second=200)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, asset_polls=0) as bench:
        bench.vendor.analysis_seconds = lambda _: TAKES
        yield bench


async def a_process(harness: Harness, bench: Bench, foretold: float = FORETOLD) -> Process:
    """One with the real engine and the real time, that knows twenty analyses."""
    store = AnalysisTimesStore(harness.database)
    begun = now() - timedelta(hours=1)
    times = [
        timed_analysis(FACTS.duration_seconds, foretold + n % 3 / 50, begun + timedelta(minutes=n))
        for n in range(20)
    ]
    await store.add(MODEL, times)
    engine = bench.engine()
    return harness.process(
        engines={engine.name: engine},
        engine=engine.name,
        timings=TIMINGS,
        clock=now,
        looks=Looks(store, MODEL, TIMINGS, now),
    )


async def all_delivered(harness: Harness, process: Process, members: int) -> None:
    attempts = [
        await harness.submit(process, Owner(guild_id=7, user_id=member))
        for member in range(1, members + 1)
    ]
    async with asyncio.timeout(60):
        await asyncio.gather(*(process.attempts.advance(one.owner, one.id) for one in attempts))
    ended = [await harness.now(one) for one in attempts]
    assert {one.state for one in ended if one} == {AttemptState.DELIVERED}


def lists(bench: Bench) -> int:
    listed = bench.vendor.calls("GET", "/analyze/tasks")
    return sum("status" in dict(one.query) for one in listed)


def looks(bench: Bench) -> int:
    return len(bench.vendor.calls("GET", "/analyze/tasks/*"))


async def test_a_crowd_reads_one_list_in_place_of_many_looks(
    harness: Harness, bench: Bench
) -> None:
    process = await a_process(harness, bench)
    await all_delivered(harness, process, CROWD)
    assert lists(bench) > 2
    before_the_first_list_and_when_it_is_ready = 2 * CROWD
    when_few_are_left = TIMINGS.crowd // 2
    checked = 1
    assert looks(bench) <= before_the_first_list_and_when_it_is_ready + when_few_are_left + checked


async def test_the_list_wakes_long_before_an_attempt_would_look_itself(
    harness: Harness, bench: Bench
) -> None:
    bench.vendor.analysis_seconds = lambda _: 0.5
    process = await a_process(harness, bench, foretold=1000)
    await all_delivered(harness, process, CROWD)


async def test_a_failed_analysis_is_found_in_the_list_as_well(
    harness: Harness, bench: Bench
) -> None:
    bench.vendor.analysis_seconds = None
    bench.vendor.task_statuses = ("processing", "processing", "failed")
    process = await a_process(harness, bench, foretold=1000)
    attempts = [
        await harness.submit(process, Owner(guild_id=7, user_id=member))
        for member in range(1, CROWD + 1)
    ]
    async with asyncio.timeout(60):
        await asyncio.gather(*(process.attempts.advance(one.owner, one.id) for one in attempts))
    ended = [await harness.now(one) for one in attempts]
    assert {one.state for one in ended if one} == {AttemptState.FAILED}


async def test_a_few_look_for_themselves(harness: Harness, bench: Bench) -> None:
    bench.vendor.analysis_seconds = lambda _: 0.5
    process = await a_process(harness, bench)
    await all_delivered(harness, process, TIMINGS.crowd - 1)
    assert lists(bench) == 0


async def test_where_the_list_cannot_be_read_each_looks_for_itself(
    harness: Harness, bench: Bench
) -> None:
    bench.vendor.analysis_seconds = lambda _: 0.5
    bench.vendor.fail("GET", "/analyze/tasks", *[Answer(500, "internal_server_error")] * 99)
    process = await a_process(harness, bench)
    await all_delivered(harness, process, CROWD)
    assert bench.vendor.faults_left < 99


class Listing(ScriptedEngine):
    """An engine whose list of ended analyses is scripted; the last entry goes on."""

    def __init__(self, harness: Harness, *told: frozenset[str] | Exception | None) -> None:
        super().__init__(harness.vendor)
        self._told: Sequence[frozenset[str] | Exception | None] = told
        self.reads = 0

    async def ended(self) -> frozenset[str] | None:
        told = self._told[min(self.reads, len(self._told) - 1)]
        self.reads += 1
        if isinstance(told, Exception):
            raise told
        return told


class HeldTime:
    """The loop's clock, as the shared look reads it. Sleeping moves it, unless it is `stopped`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.stopped = False
        self.naps: list[float] = []
        monkeypatch.setattr(shared_look, "_now", lambda: self.now)

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self.stopped:
            await asyncio.Event().wait()
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> HeldTime:
    return HeldTime(monkeypatch)


def look_of(harness: Harness, engine: Listing, time: HeldTime, *, crowd: int = 1) -> SharedLook:
    timings = Timings(crowd=crowd, list_every=2.0, max_polls_per_second=20)
    engines = {engine.name: engine}
    return SharedLook(replace(harness.deps, engines=engines, timings=timings, sleep=time.sleep))


async def rings(harness: Harness, task_id: str) -> bool:
    return await harness.deps.wakeups.wait(task_id, 30)


async def test_a_list_that_misses_one_twice_is_not_believed_for_an_hour(
    harness: Harness, time: HeldTime, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Listing(harness, frozenset())
    look = look_of(harness, engine, time)
    for task_id in ("one", "two"):
        async with look.waiting(task_id):
            assert await rings(harness, task_id)  # checked, though the list has it not
            assert look.tells(task_id)
            look.seen(task_id, ended=True)
    assert "not complete" in caplog.text
    reads = engine.reads
    async with look.waiting("three"):
        assert not look.tells("three")
        await asyncio.sleep(0)
    assert engine.reads == reads
    time.now += 3601
    async with look.waiting("three"):
        assert await rings(harness, "three")
    assert engine.reads > reads


async def test_one_that_ended_between_the_list_and_the_look_is_no_reason_to_doubt_it(
    harness: Harness, time: HeldTime, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Listing(harness, frozenset())
    look = look_of(harness, engine, time)
    for ended in (True, False, True, False):
        async with look.waiting("one"):
            assert await rings(harness, "one")
            look.seen("one", ended=ended)
        time.now += 60
    assert "not complete" not in caplog.text


async def test_one_that_came_after_a_list_was_read_is_not_told_by_it(
    harness: Harness, time: HeldTime
) -> None:
    look = look_of(harness, Listing(harness, frozenset()), time)
    time.stopped = True
    async with look.waiting("one"):
        assert await rings(harness, "one")
        assert look.tells("one")
        time.now += 0.1
        async with look.waiting("two"):
            assert not look.tells("two")
        time.now += 60  # nothing has been read since
        assert not look.tells("one")


@pytest.mark.expects_logged_error
@pytest.mark.parametrize(
    "trouble", [None, EngineUnavailable("vendor_down", "Try again later."), ValueError("a bug")]
)
async def test_a_list_that_tells_nothing_is_read_less_and_less_often_until_it_does(
    harness: Harness, time: HeldTime, trouble: Exception | None
) -> None:
    engine = Listing(harness, *[trouble] * 8, frozenset({"one"}))
    look = look_of(harness, engine, time)
    async with look.waiting("one"):
        assert await rings(harness, "one")
    assert time.naps[:8] == [4, 8, 16, 32, 60, 60, 60, 60]


async def test_when_a_crowd_goes_whoever_is_left_looks_for_themselves(
    harness: Harness, time: HeldTime
) -> None:
    look = look_of(harness, Listing(harness, frozenset({"a", "b", "c"})), time, crowd=4)
    async with look.waiting("left"):
        for _ in range(3):
            await harness.deps.wakeups.wait("left", 0.01)  # nobody checks it: there is no crowd
        async with look.waiting("a"), look.waiting("b"), look.waiting("c"):
            await asyncio.gather(*(rings(harness, one) for one in "abc"))
        assert await rings(harness, "left")
