"""Answers of the vendor that are packed, endless or odd cost neither memory nor the attempt."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator

import pytest

from analyzer.engines.twelvelabs.answers import ANSWER_MAX_BYTES
from core.errors import EngineUnavailable
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.fakes.twelvelabs_faults import Answer, BodyShape

LOOK = ("GET", "/analyze/tasks/*")
SHAPES: list[BodyShape] = ["packed", "huge", "odd type"]


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, instant=True) as bench:
        yield bench


@pytest.mark.parametrize("status", [200, 400, 503])
@pytest.mark.parametrize("shape", SHAPES)
async def test_what_is_packed_or_endless_is_asked_for_again(
    bench: Bench, shape: BodyShape, status: int
) -> None:
    bench.vendor.fail(*LOOK, Answer(status, shape=shape))
    tracemalloc.start()
    try:
        assert (await bench.assess(bench.engine())).overall is not None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * ANSWER_MAX_BYTES  # it unpacks to 256 MB
    assert bench.vendor.faults_left == 0
    assert {seen.headers["accept-encoding"] for seen in bench.vendor.calls(*LOOK)} == {"identity"}


async def test_a_vendor_that_answers_nothing_else_is_unavailable(bench: Bench) -> None:
    bench.vendor.fail(*LOOK, *(Answer(200, shape="packed") for _ in range(4)))
    with pytest.raises(EngineUnavailable) as caught:
        await bench.assess(bench.engine())
    assert caught.value.code == "unexpected_answer"
