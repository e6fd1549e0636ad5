"""After a crash or a cancellation nothing is uploaded or analyzed twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from analyzer.engines import Pending
from core.models import VendorRefs
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.fakes.twelvelabs_faults import Silence

STEPS = {
    "upload": ("POST", "/assets"),
    "asset": ("GET", "/assets/*"),
    "create": ("POST", "/analyze/tasks"),
    "look": ("GET", "/analyze/tasks/*"),
}


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, instant=True) as bench:
        yield bench


class Crash(Exception):
    """The process ends before anything was committed."""


async def crash(_: VendorRefs) -> None:
    raise Crash


async def test_after_a_restart_an_uploaded_clip_is_found_instead_of_sent_again(
    bench: Bench,
) -> None:
    with pytest.raises(Crash):
        await bench.engine().prepare(bench.job(), crash)
    refs = await bench.engine().prepare(bench.job(resumed=True), bench.save_refs)
    assert refs == VendorRefs(asset_id=next(iter(bench.vendor.assets)))
    assert len(bench.vendor.calls("POST", "/assets")) == 1


async def test_after_a_restart_an_analysis_is_found_instead_of_begun_again(bench: Bench) -> None:
    first = bench.engine()
    await first.prepare(bench.job(), bench.save_refs)
    with pytest.raises(Crash):
        await first.start(bench.job(), crash)
    refs = await bench.engine().start(bench.job(resumed=True), bench.save_refs)
    assert refs.task_ids == tuple(bench.vendor.tasks)
    assert len(bench.vendor.calls("POST", "/analyze/tasks")) == 1


async def test_after_a_restart_a_repeat_is_found_instead_of_begun_again(bench: Bench) -> None:
    bench.vendor.finish_reason = lambda task: "length" if task.number == 1 else "stop"
    first = bench.engine()
    await bench.begin(first)
    with pytest.raises(Crash):
        await first.poll(bench.job(), crash)
    second = bench.engine()
    assert isinstance(await second.poll(bench.job(resumed=True), bench.save_refs), Pending)
    assert bench.refs.task_ids == tuple(bench.vendor.tasks)
    assert len(bench.vendor.calls("POST", "/analyze/tasks")) == 2
    assert (await bench.finish(second)).overall is not None


async def test_a_step_that_is_done_is_not_done_again(bench: Bench) -> None:
    await bench.begin(bench.engine())
    await bench.begin(bench.engine(), resumed=True)
    assert len(bench.vendor.assets) == bench.vendor.tasks_created == 1


@pytest.mark.parametrize("step", STEPS)
async def test_a_cancelled_step_stops_at_once(bench: Bench, step: str) -> None:
    bench.vendor.fail(*STEPS[step], Silence())
    work = asyncio.create_task(bench.assess(bench.engine()))
    while bench.vendor.faults_left:  # noqa: ASYNC110 - the stand-in has no event for it
        await asyncio.sleep(0.01)
    before = len(bench.vendor.requests)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert len(bench.vendor.requests) == before
