"""No more is spent than a cap allows, and no less is counted than was billed, whoever dies when."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest

from analyzer.consent import consent_version
from core.assessment import EngineName
from core.errors import Refused
from core.models import AttemptState, Owner
from storage.repositories.vendor_usage import Period
from tests.analyzer.engines.twelvelabs.setup import answer, in_turn
from tests.analyzer.harness import Harness
from tests.analyzer.vendor_limits.plan_bench import Bench, Process, open_bench, submit
from tests.fakes.twelvelabs_faults import LostAnswer, rate_limited, vendor_error
from tests.storage.samples import FACTS

SECONDS = FACTS.duration_seconds
FREE: dict[str, Any] = {
    "every": 0.0,
    "a_day": 10**6,
    "asset_polls": 0,
    "task_statuses": ("ready",),
    "words": None,
}


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


async def crash() -> NoReturn:
    raise Crash


@pytest.fixture
async def bench(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, harness, **FREE) as bench:
        yield bench


async def counted(process: Process, *, month: str = "2026-03") -> float:
    return await process.deps.vendor_usage.of(month)


def billed(bench: Bench) -> float:
    """What the vendor asks money for: every analysis it has begun, whoever heard of it."""
    return bench.vendor.tasks_created * SECONDS


async def watched(bench: Bench, **settings: Any) -> Process:
    """A process whose every step can be its last."""
    process, points = await bench.process(**settings), bench.harness.points
    deps = process.deps
    usage = points.watch("vendor_usage", deps.vendor_usage)
    process.attempts._deps = replace(
        deps,
        attempts=points.watch("attempts", deps.attempts),
        engines={name: points.watch("engine", one) for name, one in deps.engines.items()},
        spending=replace(deps.spending, usage=usage),
    )
    return process


@pytest.mark.parametrize("repeats", [False, True], ids=["one analysis", "two"])
async def test_wherever_a_process_is_killed_no_less_is_counted_than_was_billed(
    bench: Bench, repeats: bool
) -> None:
    if repeats:
        lacking, whole = answer(clarity={"score": 11}), answer()
        bench.vendor.result = lambda task: whole if str(task.custom_id).endswith("2") else lacking
    first = await watched(bench)
    attempt = await submit(bench, first, 500)
    bench.harness.points.names.clear()
    await bench.advance(first, attempt)
    points, each = list(bench.harness.points.names), SECONDS * (1 + repeats)
    assert points.count("before vendor_usage.reserve") >= 1 + repeats
    assert await counted(first) == pytest.approx(each)
    done = 0
    for at, name in enumerate(points):
        if not name.split()[1].startswith(("engine", "vendor_usage", "attempts.change")):
            continue
        done += 1
        process = await watched(bench)
        attempt = await submit(bench, process, at + 1)
        bench.harness.points.step_in(at, crash)
        with pytest.raises(Crash):
            await bench.advance(process, attempt)
        assert await counted(process) >= billed(bench) - 0.001, name
        again = await bench.process()
        await bench.advance(again, attempt)
        ended = await bench.harness.now(attempt)
        assert ended is not None
        assert ended.state is AttemptState.DELIVERED, name
        assert await counted(process) == pytest.approx(each * (done + 1)), name
        assert billed(bench) == pytest.approx(each * (done + 1)), name


@pytest.mark.parametrize("path", ["/assets", "/analyze/tasks"])
async def test_a_kill_between_the_vendors_taking_it_and_our_hearing_of_it(
    bench: Bench, path: str
) -> None:
    process = await bench.process()
    attempt = await submit(bench, process, 1)
    bench.vendor.fail("POST", path, LostAnswer())

    async def dies(_seconds: float) -> NoReturn:
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stamina._core._smart_sleep", dies)
        with pytest.raises(Crash):
            await bench.advance(process, attempt)
    assert await counted(process) == pytest.approx(SECONDS)
    again = await bench.process()
    await bench.advance(again, attempt)
    assert await counted(process) == pytest.approx(SECONDS)
    assert len(bench.vendor.assets) == bench.vendor.tasks_created == 1


async def test_what_the_vendor_certainly_did_not_take_is_taken_back(bench: Bench) -> None:
    process = await bench.process()
    attempt = await submit(bench, process, 1)
    bench.vendor.fail("POST", "/assets", vendor_error("video_file_broken"))
    await bench.advance(process, attempt)
    assert await counted(process) == 0
    attempt = await submit(bench, process, 2)
    bench.vendor.fail("POST", "/assets", LostAnswer(), vendor_error("video_file_broken"))
    await bench.advance(process, attempt)
    assert await counted(process) == pytest.approx(SECONDS)


@pytest.mark.parametrize(
    ("said", "analyses"),
    [
        (answer(), 1),
        (answer(strength="", next_step=""), 1),
        (answer(strength=None, next_step=7, key_points=[]), 1),
        (answer(strength="You seem honest.", next_step="Be less nervous."), 1),
        (answer(parts=None, follow_up="", better={"said": ""}), 1),
        (answer(clarity={"score": 5}), 1),  # without evidence or a moment
        (answer(clarity={"score": None, "not_observable": "too dark"}), 1),
        (answer(clarity=None), 2),
        (answer(clarity={"score": 11, "evidence": "x"}), 2),
        ("", 2),
    ],
)
async def test_a_second_analysis_is_billed_for_a_missing_score_and_for_no_missing_sentence(
    bench: Bench, said: str, analyses: int
) -> None:
    bench.vendor.result = in_turn(said, answer())
    process = await bench.process()
    attempt = await submit(bench, process, 1)
    await bench.advance(process, attempt)
    assert bench.vendor.tasks_created == analyses
    assert await counted(process) == pytest.approx(analyses * SECONDS)
    ended = await bench.harness.now(attempt)
    assert ended is not None
    assert ended.state is AttemptState.DELIVERED


async def fill(process: Process, seconds: float, now: datetime) -> None:
    """Let others have used so much."""
    await process.deps.vendor_usage.reserve("f" * 16, 1, seconds, now=now)


async def test_a_repeat_is_left_out_at_the_cap(bench: Bench) -> None:
    bench.vendor.result = answer(clarity=None)
    process = await bench.process(vendor_minutes_per_day=1)
    await fill(process, 60 - 1.5 * SECONDS, bench.time())
    attempt = await submit(bench, process, 1)
    await bench.advance(process, attempt)
    ended = await bench.harness.now(attempt)
    assert ended is not None
    assert (ended.state, bench.vendor.tasks_created) == (AttemptState.DELIVERED, 1)


async def test_whoever_is_queued_at_the_days_cap_waits_for_tomorrow_and_is_told(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    process = await bench.process(vendor_minutes_per_day=1)
    await fill(process, 60 - 2.5 * SECONDS, bench.time())
    await process.start()
    attempts = [await submit(bench, process, member) for member in range(1, 6)]
    told = bench.harness.told
    waiting: Callable[[], set[str]] = lambda: {s.id for s in told.shown if s.waiting}  # noqa: E731
    await bench.rest(process, until=lambda: len(waiting()) == 3)
    until = next(shown.waiting.until for shown in told.shown if shown.waiting)
    assert until == datetime(2026, 3, 2, tzinfo=UTC)
    assert bench.vendor.tasks_created == 2
    await bench.rest(process)
    ended = [await bench.harness.now(attempt) for attempt in attempts]
    assert {one.state for one in ended if one} == {AttemptState.DELIVERED}
    assert bench.time.elapsed >= 12 * 3600
    used = await process.deps.vendor_usage.used(until)
    assert used[Period.DAY] == pytest.approx(3 * SECONDS)
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert sum("80 % of VENDOR_MINUTES_PER_DAY" in text for text in warnings) == 1
    assert sum("VENDOR_MINUTES_PER_DAY is used up" in text for text in warnings) == 1


async def test_whoever_is_queued_at_the_months_cap_ends_gently(bench: Bench) -> None:
    process = await bench.process(vendor_minutes_per_month=1)
    await fill(process, 60 - 0.5 * SECONDS, bench.time())
    attempt = await submit(bench, process, 1)
    assert await bench.harness.uses(attempt.owner) == 1
    await bench.advance(process, attempt)
    ended = await bench.harness.now(attempt)
    assert ended is not None
    assert ended.failure is not None
    assert ended.failure.code == "vendor_cap"
    assert "April 1" in ended.failure.sentence
    assert await bench.harness.uses(attempt.owner) == 0
    assert not bench.vendor.assets


async def test_new_attempts_are_refused_at_the_cap_with_the_time(bench: Bench) -> None:
    process = await bench.process(vendor_minutes_per_day=1)
    await fill(process, 58, bench.time())
    with pytest.raises(Refused) as refused:
        await submit(bench, process, 1)
    assert refused.value.code == "vendor_cap"
    assert refused.value.next_at == datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(Refused, match="vendor_cap"):
        await process.attempts.check_allowance(Owner(guild_id=7, user_id=1))
    await bench.later(12 * 3600, process)
    await submit(bench, process, 1)


async def test_the_local_engine_steps_in_only_for_who_has_read_its_own_card(bench: Bench) -> None:
    process = await bench.process(vendor_minutes_per_day=1, at_the_cap="local")
    await fill(process, 58, bench.time())
    owner = Owner(guild_id=7, user_id=1)
    with pytest.raises(Refused, match="consent_outdated"):
        await submit(bench, process, 1)
    version = consent_version(EngineName.TWELVELABS)
    await process.deps.consents.agree(owner, version, local_card=True)
    assert (await submit(bench, process, 1)).engine is EngineName.LOCAL
    await bench.later(12 * 3600, process)
    assert (await submit(bench, process, 1)).engine is EngineName.TWELVELABS


async def test_a_429_in_the_middle_counts_once_more_for_nobody(bench: Bench) -> None:
    process = await bench.process()
    await process.start()
    bench.vendor.fail("POST", "/assets", rate_limited(3))
    bench.vendor.fail("POST", "/analyze/tasks", rate_limited(7200))
    attempt = await submit(bench, process, 1)
    await bench.rest(process)
    ended = await bench.harness.now(attempt)
    assert ended is not None
    assert ended.state is AttemptState.DELIVERED
    assert await counted(process) == pytest.approx(SECONDS)
    assert bench.time.elapsed >= timedelta(hours=2).total_seconds()
