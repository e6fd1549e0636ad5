"""A free plan serves twenty members: later, but nobody's attempt fails and no limit is passed."""

from __future__ import annotations

from collections import Counter

import pytest

from core.models import AttemptState
from tests.analyzer.harness import Harness
from tests.analyzer.vendor_limits.plan_bench import Bench, open_bench, submit


async def serve(bench: Bench, members: int, each: int, **settings: object) -> None:
    process = await bench.process(**settings)
    await process.start()
    attempts = [
        await submit(bench, process, member, question=f"Why {number}?")
        for number in range(each)
        for member in range(1, members + 1)
    ]
    await bench.rest(process)
    ended = [await bench.harness.now(attempt) for attempt in attempts]
    assert Counter(one.state for one in ended if one) == {AttemptState.DELIVERED: len(attempts)}
    assert bench.vendor.tasks_created == len(attempts)
    assert not bench.vendor.live_assets()
    assert not bench.vendor.live_tasks()


async def test_twenty(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_bench(monkeypatch, harness, a_day=12) as bench:
        await serve(bench, 20, 1, vendor_requests_per_minute=6, vendor_requests_per_day=12)
        assert bench.plan.violations == []
        print(bench.time.elapsed, bench.time.jumps, len(bench.plan.calls))
