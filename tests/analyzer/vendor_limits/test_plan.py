"""A free plan serves twenty members: later, but nobody's attempt fails and no limit is passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from core.models import Attempt, AttemptState, ReplyAddress
from storage.engine.database import Database
from tests.analyzer.harness import Harness, open_harness
from tests.analyzer.vendor_limits.plan_bench import Bench, Process, clips_in, open_bench, submit
from tests.fakes.twelvelabs_plan import DAY

SET = {"vendor_requests_per_minute": 6, "vendor_requests_per_day": 50}
BRIEF: dict[str, Any] = {"asset_polls": 0, "task_statuses": ("ready",), "words": None}
"""An attempt of eight calls: each takes ten seconds of a plan."""


async def unshown() -> ReplyAddress | None:
    """No reply that anybody could look at, as of a command whose fifteen minutes are over."""
    return None


async def ask_all(bench: Bench, process: Process, members: int, **others: Any) -> list[Attempt]:
    attempts = []
    for member in range(1, members + 1):
        attempts.append(await submit(bench, process, member, **others))
        await bench.later(0.5, process)  # nobody came at the same moment
    return attempts


async def all_delivered(bench: Bench, attempts: Sequence[Attempt]) -> None:
    ended = [await bench.harness.now(attempt) for attempt in attempts]
    states = Counter(one.state for one in ended if one)
    assert states == {AttemptState.DELIVERED: len(attempts)}
    assert all(one.waiting is None for one in ended if one)
    assert bench.vendor.tasks_created == len(bench.vendor.assets) == len(attempts)
    assert not bench.vendor.live_assets()
    assert not bench.vendor.live_tasks()
    assert clips_in(bench.harness.folder) == 0


def use_up(bench: Bench, left: int) -> None:
    """Let somebody else have used the key today."""
    used = [bench.time.epoch() - 3600.0] * (bench.plan.a_day - left)
    bench.plan.made = {"assets": list(used), "tasks": list(used)}


async def test_what_is_set_is_kept_without_a_word_of_the_vendors(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty members, and a plan that has no analysis left for six of them before tomorrow."""
    async with open_bench(monkeypatch, harness, a_day=14, **BRIEF) as bench:
        process = await bench.process(vendor_requests_per_minute=6, vendor_requests_per_day=14)
        await process.start()
        attempts = await ask_all(bench, process, 20, open_reply=unshown)
        await bench.rest(process)
        await all_delivered(bench, attempts)
        assert bench.plan.violations == []
        assert DAY < bench.time.elapsed < 1.1 * DAY


@pytest.mark.parametrize("style", ["x", "combined"])
async def test_what_headers_tell_is_kept_before_the_vendor_complains(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    async with open_bench(monkeypatch, harness, style=style, **BRIEF) as bench:
        use_up(bench, left=7)
        process = await bench.process()
        await process.start()
        attempts = await ask_all(bench, process, 10, open_reply=unshown)
        await bench.rest(process)
        await all_delivered(bench, attempts)
        # the first calls go before any header has come: they are all that can be refused
        assert len(bench.plan.violations) <= 4
        assert [v for v in bench.plan.violations if v[0] >= bench.plan.calls[0] + 60] == [], (
            bench.plan.calls[:9]
        )
        assert bench.time.elapsed > DAY - 3700


async def test_a_vendor_that_only_says_how_long_to_wait_costs_nobody_an_attempt(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(monkeypatch, harness, style="retry-after", **BRIEF) as bench:
        use_up(bench, left=4)
        process = await bench.process()
        await process.start()
        attempts = await ask_all(bench, process, 6, open_reply=unshown)
        await bench.rest(process)
        await all_delivered(bench, attempts)
        assert len(bench.plan.violations) < len(bench.plan.calls) / 2


async def test_whoever_waits_is_told_place_and_time_and_holds_no_slot_and_no_clip(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(monkeypatch, harness, every=0.0, a_day=1, **BRIEF) as bench:
        process = await bench.process(max_in_flight=1, vendor_requests_per_day=1)
        await process.start()
        attempts = await ask_all(bench, process, 4)

        def three_wait() -> bool:
            waiting = {shown.id for shown in harness.told.shown if shown.waiting is not None}
            return len(waiting) == 3 and not bench.vendor.live_assets()

        await bench.rest(process, until=three_wait)
        waiting = [await harness.now(attempt) for attempt in attempts[1:]]
        told = [one.waiting for one in waiting if one and one.waiting]
        assert sorted(one.place or 0 for one in told) == [1, 2, 3]
        days = sorted(round((one.until - bench.time()).total_seconds() / DAY) for one in told)
        assert days == [1, 2, 3]
        assert not process.runner._slots.locked()
        assert clips_in(harness.folder) == 0
        await bench.rest(process)
        await all_delivered(bench, attempts)
        assert bench.plan.violations == []
        assert len(harness.fetched) >= 7  # each that waited was fetched again


async def test_a_restart_forgets_neither_the_limits_nor_who_came_first(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(monkeypatch, harness, every=0.0, a_day=2, **BRIEF) as bench:
        process = await bench.process(vendor_requests_per_day=2)
        await process.start()
        attempts = []
        for member in range(1, 6):
            attempts.append(await submit(bench, process, member))
            await bench.later(1, process)
        await bench.rest(
            process,
            until=lambda: len(harness.told.told) == 2 and not bench.vendor.live_assets(),
        )
        await process.runner.stop()
        again = await bench.process(vendor_requests_per_day=2)
        await again.start()
        await bench.rest(again)
        await all_delivered(bench, attempts)
        assert bench.plan.violations == []
        ended = list(dict.fromkeys(shown.id for shown, _ in harness.told.told))
        left = [one.id for one in attempts if one.id not in ended[:2]]
        assert (set(ended[2:4]), ended[4]) == (set(left[:2]), left[2])


async def test_waiting_counts_against_no_deadline(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call in five minutes: longer than any try of one may take, and than a whole analysis."""
    knobs = BRIEF | {"task_statuses": ("queued",) * 9 + ("ready",)}
    async with open_bench(monkeypatch, harness, every=300.0, **knobs) as bench:
        process = await bench.process(vendor_requests_per_minute=1)
        monkeypatch.setattr(process.deps.turns, "_rules", _Slow())
        await process.start()
        attempts = [await submit(bench, process, 1, open_reply=unshown)]
        await bench.rest(process)
        await all_delivered(bench, attempts)
        assert bench.plan.violations == []
        assert bench.time.elapsed > 15 * 300


class _Slow:
    a_minute, a_day = 0.2, None


async def test_two_processes_share_one_limit(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    folder = tmp_path_factory.mktemp("shared")
    async with (
        open_harness(folder, monkeypatch, postgres_url) as harness,
        open_bench(monkeypatch, harness, **BRIEF) as bench,
    ):
        processes, others = [], Database(postgres_url)
        for database in (harness.database, others):
            harness.database = database
            processes.append(await bench.process(**SET))
        for process in processes:
            await process.start()
        attempts = [
            await submit(bench, processes[member % 2], member, open_reply=unshown)
            for member in range(1, 7)
        ]
        await bench.rest(*processes)
        await all_delivered(bench, attempts)
        assert bench.plan.violations == []
        await others.close()
