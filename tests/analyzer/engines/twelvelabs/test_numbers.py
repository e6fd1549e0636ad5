"""Every try of a call to the vendor is counted, by how it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.errors import EngineUnavailable
from core.models import VendorRefs
from core.telemetry import REGISTRY
from tests.analyzer.engines.twelvelabs.setup import QUICK, Bench, open_bench
from tests.fakes.twelvelabs_faults import Answer, Reset, Silence, rate_limited


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch) as bench:
        yield bench


def counted(call: str) -> dict[str, float]:
    return {
        sample.labels["status"]: sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "greenroom_vendor_calls_total" and sample.labels["call"] == call
    }


def since(before: dict[str, float], call: str) -> dict[str, float]:
    grown = {status: value - before.get(status, 0) for status, value in counted(call).items()}
    return {status: value for status, value in grown.items() if value}


async def test_each_try_counts_by_how_it_ended(bench: Bench) -> None:
    before = counted("delete_asset")
    for fault in (Answer(502, shape="html"), Reset(), rate_limited(0)):
        bench.vendor.fail("DELETE", "/assets/*", fault)
    await bench.engine().discard(VendorRefs(asset_id="64f8d2c7e4a1b37f8a9c5d12"))
    assert since(before, "delete_asset") == {"502": 1, "network": 1, "429": 1, "404": 1}


async def test_a_call_without_an_answer_is_counted_too(bench: Bench) -> None:
    before = counted("check")
    bench.vendor.fail("GET", "/assets", *[Silence()] * 10)
    with pytest.raises(EngineUnavailable):
        await bench.engine(deadlines=QUICK).check()
    tried = since(before, "check")
    assert set(tried) <= {"timeout", "cut_off"}
    assert tried["timeout"] >= 1


async def test_an_answer_that_is_not_json_is_no_success(bench: Bench) -> None:
    before = counted("check")
    bench.vendor.fail("GET", "/assets", Answer(200, shape="html"))
    await bench.engine().check()
    assert since(before, "check") == {"unexpected_answer": 1, "ok": 1}
