"""What the vendor refuses for good is told at once, each code with its own sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from analyzer.engines.twelvelabs.errors import REFUSALS
from core.errors import EngineRefused, EngineUnavailable
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.fakes.twelvelabs_faults import (
    VENDOR_MESSAGES,
    Answer,
    BodyShape,
    vendor_error,
)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, instant=True) as bench:
        yield bench


FINAL = [code for code in VENDOR_MESSAGES if code in REFUSALS]


@pytest.mark.parametrize("shape", ["flat", "nested"])
@pytest.mark.parametrize("code", FINAL)
async def test_a_final_code_is_refused_at_once_with_its_own_sentence(
    bench: Bench, code: str, shape: BodyShape
) -> None:
    bench.vendor.fail("POST", "/analyze/tasks", vendor_error(code, shape))
    engine = bench.engine()
    with pytest.raises(EngineRefused) as caught:
        await bench.begin(engine)
    known = "api_key_invalid" if code == "unauthorized" else code
    assert (caught.value.code, caught.value.sentence) == (known, REFUSALS[code])
    assert len(bench.vendor.calls("POST", "/analyze/tasks")) == 1
    await engine.discard(bench.refs)
    assert bench.nothing_left()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "http_400"),
        (401, "api_key_invalid"),
        (402, "usage_limit_exceeded"),
        (403, "api_not_allowed"),
        (404, "resource_not_exist"),
        (413, "video_filesize_too_large"),
        (418, "http_418"),
        (422, "parameter_invalid"),
    ],
)
@pytest.mark.parametrize("shape", ["empty", "html", "flat"])
async def test_a_status_without_a_known_code_is_refused_by_the_status(
    bench: Bench, status: int, code: str, shape: BodyShape
) -> None:
    bench.vendor.fail("POST", "/assets", Answer(status, "brand_new_code", shape))
    with pytest.raises(EngineRefused) as caught:
        await bench.begin(bench.engine())
    assert caught.value.code == code
    assert bench.vendor.assets == {}
    assert bench.naps == []


@pytest.mark.parametrize("code", FINAL)
async def test_an_analysis_that_failed_is_refused_by_its_code(bench: Bench, code: str) -> None:
    bench.vendor.task_statuses = ("failed",)
    bench.vendor.task_error = {"code": code, "message": VENDOR_MESSAGES[code][1]}
    with pytest.raises(EngineRefused) as caught:
        await bench.assess(bench.engine())
    assert (caught.value.code, caught.value.sentence) == (code, REFUSALS[code])
    assert bench.vendor.tasks_created == 1


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        ("failed", {"message": "Video duration exceeds maximum allowed duration"}, "task_failed"),
        ("failed", {"code": "brand_new_code", "message": "?"}, "task_failed"),
        ("failed", None, "task_failed"),
        ("canceled", None, "task_canceled"),
        ("canceled", {"code": "user_canceled", "message": "?"}, "user_canceled"),
    ],
)
async def test_an_analysis_that_ended_badly_without_a_known_code_is_refused(
    bench: Bench, status: str, error: dict[str, str] | None, code: str
) -> None:
    bench.vendor.task_statuses, bench.vendor.task_error = (status,), error
    with pytest.raises(EngineRefused, match=f"^{code}$"):
        await bench.assess(bench.engine())


async def test_an_analysis_that_failed_through_no_fault_of_the_clip_is_repeated_once(
    bench: Bench,
) -> None:
    bench.vendor.task_statuses = ("failed",)
    bench.vendor.task_error = {"code": "batch_processing_timeout", "message": "?"}
    with pytest.raises(EngineUnavailable, match="batch_processing_timeout"):
        await bench.assess(bench.engine())
    assert bench.vendor.tasks_created == 2
