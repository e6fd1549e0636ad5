"""Nothing of a member stays with the vendor: deleting, and the sweep after a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.errors import EngineUnavailable
from core.models import VendorRefs
from tests.analyzer.engines.twelvelabs.setup import ATTEMPT, QUICK, Bench, open_bench
from tests.fakes.twelvelabs_faults import Answer, LostAnswer, vendor_error
from tests.fakes.twelvelabs_script import AssetRecord, ClipMetadata

OTHER = "ffffffffffffffff"


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, asset_polls=0) as bench:
        yield bench


def open_now(*attempt_ids: str) -> Callable[[], Awaitable[frozenset[str]]]:
    async def ids() -> frozenset[str]:
        return frozenset(attempt_ids)

    return ids


def add_asset(bench: Bench, filename: str, *, account: str = "ours") -> AssetRecord:
    asset = AssetRecord(
        account=account,
        clip=ClipMetadata(),
        polls_left=0,
        failure=None,
        transcription_statuses=[],
        filename=filename,
    )
    bench.vendor.assets[asset.id] = asset
    return asset


async def test_a_running_analysis_is_cancelled_and_deleted(bench: Bench) -> None:
    engine = bench.engine()
    await bench.begin(engine)
    await engine.discard(bench.refs)
    assert bench.nothing_left()
    assert bench.naps == []


async def test_the_clip_is_deleted_after_its_analyses_and_by_force(bench: Bench) -> None:
    engine = bench.engine()
    await bench.assess(engine)
    await engine.discard(bench.refs)
    deleted = [seen for seen in bench.vendor.requests if seen.method == "DELETE"]
    assert [seen.path.split("/")[1] for seen in deleted] == ["analyze", "assets"]
    assert deleted[1].query == [("force", "true")]


async def test_what_is_gone_already_counts_as_deleted(bench: Bench) -> None:
    engine = bench.engine()
    await bench.assess(engine)
    await engine.discard(bench.refs)
    await engine.discard(bench.refs)


async def test_nothing_to_delete_calls_nobody(bench: Bench) -> None:
    await bench.engine().discard(VendorRefs())
    assert bench.vendor.requests == []


async def test_an_analysis_whose_id_never_reached_us_is_deleted_too(bench: Bench) -> None:
    engine = bench.engine(deadlines=QUICK)
    await engine.prepare(bench.job(), bench.save_refs)
    bench.vendor.fail("POST", "/analyze/tasks", LostAnswer())
    bench.vendor.fail("GET", "/analyze/tasks", *[Answer(503, shape="empty")] * 2000)
    with pytest.raises(EngineUnavailable):
        await engine.start(bench.job(), bench.save_refs)
    assert bench.refs.task_ids == ()
    assert bench.vendor.tasks_created == 1
    bench.vendor._faults._waiting.clear()
    await bench.engine().discard(bench.refs)
    assert bench.nothing_left()


@pytest.mark.parametrize("status", [400, 409])
async def test_an_analysis_that_cannot_be_deleted_yet_is_tried_again(
    bench: Bench, status: int
) -> None:
    engine = bench.engine()
    await bench.assess(engine)
    refusal = Answer(status, "task_cannot_be_deleted")
    bench.vendor.fail("DELETE", "/analyze/tasks/*", refusal, refusal, refusal)
    await engine.discard(bench.refs)
    assert bench.nothing_left()
    assert len(bench.naps) >= 1


async def test_what_can_be_deleted_is_when_something_else_cannot(bench: Bench) -> None:
    engine = bench.engine(deadlines=QUICK)
    await bench.assess(engine)
    bench.vendor.fail("DELETE", "/analyze/tasks/*", vendor_error("parameter_invalid"))
    with pytest.raises(EngineUnavailable, match="parameter_invalid"):
        await engine.discard(bench.refs)
    assert bench.vendor.live_assets() == []
    await engine.discard(bench.refs)
    assert bench.nothing_left()


async def test_a_broken_key_leaves_the_copies_for_later(bench: Bench) -> None:
    await bench.assess(bench.engine())
    with pytest.raises(EngineUnavailable, match="api_key_invalid"):
        await bench.engine(api_key="made-up-wrong").discard(bench.refs)


async def test_the_sweep_deletes_what_belongs_to_no_attempt_under_way(bench: Bench) -> None:
    engine = bench.engine()
    await bench.begin(engine)
    open_copy = add_asset(bench, f"greenroom-test-{OTHER}.webm")
    assert await engine.sweep(open_now(OTHER)) == 1
    assert bench.vendor.live_assets() == [open_copy]
    assert bench.vendor.live_tasks() == []


@pytest.mark.parametrize(
    "filename",
    [
        f"greenroom-test2-{ATTEMPT}.mp4",
        f"greenroom-test-2-{ATTEMPT}.mp4",
        f"my-greenroom-test-{ATTEMPT}.mp4",
        f"greenroom-test-{ATTEMPT}.mp4.bak",
        "greenroom-test-holiday.mp4",
        "greenroom-test-0123.mp4",
        "holiday.mp4",
        "",
    ],
)
async def test_the_sweep_touches_nothing_that_is_not_ours(bench: Bench, filename: str) -> None:
    add_asset(bench, filename)
    assert await bench.engine().sweep(open_now()) == 0
    assert len(bench.vendor.live_assets()) == 1


async def test_the_sweep_asks_which_attempts_are_open_after_listing(bench: Bench) -> None:
    calls: list[int] = []

    async def ids() -> frozenset[str]:
        calls.append(len(bench.vendor.calls("GET", "/assets")))
        return frozenset()

    await bench.engine().sweep(ids)
    assert len(calls) == 1
    assert calls[0] >= 1


async def test_the_sweep_goes_through_all_pages(bench: Bench) -> None:
    for number in range(101):
        add_asset(bench, f"greenroom-test-{number:016x}.mp4")
    assert await bench.engine().sweep(open_now()) == 101
    assert bench.vendor.live_assets() == []


async def test_the_sweep_goes_on_after_a_copy_that_cannot_be_deleted(bench: Bench) -> None:
    for number in range(3):
        add_asset(bench, f"greenroom-test-{number:016x}.mp4")
    bench.vendor.fail("DELETE", "/assets/*", vendor_error("parameter_invalid"))
    with pytest.raises(EngineUnavailable):
        await bench.engine().sweep(open_now())
    assert len(bench.vendor.live_assets()) == 1
