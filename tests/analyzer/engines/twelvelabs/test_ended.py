"""Which analyses have ended, read from the vendor's list: the real SDK against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.errors import EngineError
from tests.analyzer.engines.twelvelabs.setup import Bench, open_bench
from tests.fakes.twelvelabs_faults import vendor_error
from tests.fakes.twelvelabs_script import TaskRecord


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch) as bench:
        yield bench


def analyses(bench: Bench, count: int, status: str) -> set[str]:
    """Let the account have so many with this status; their ids."""
    found = [
        TaskRecord(
            account="ours",
            number=len(bench.vendor.tasks) + 1,
            body={"video": {"type": "base64_string"}, "prompt": "Why?"},
            idempotency_key=None,
            asset=None,
            statuses=[],
            status=status,
        )
        for _ in range(count)
    ]
    bench.vendor.tasks.update({task.id: task for task in found})
    return {task.id for task in found}


async def test_all_pages_of_those_ready_and_of_those_failed_are_read(bench: Bench) -> None:
    analyses(bench, 60, "processing")
    ended = frozenset(analyses(bench, 120, "ready") | analyses(bench, 50, "failed"))
    assert await bench.engine().ended() == ended


async def test_none_is_told_where_nothing_has_ended(bench: Bench) -> None:
    analyses(bench, 3, "queued")
    assert await bench.engine().ended() == frozenset()


async def test_a_list_too_long_to_read_tells_nothing(bench: Bench) -> None:
    analyses(bench, 230, "ready")
    assert await bench.engine().ended() is None
    assert len(bench.vendor.calls("GET", "/analyze/tasks")) <= 4


async def test_a_list_that_is_refused_is_an_error_of_ours(bench: Bench) -> None:
    bench.vendor.fail("GET", "/analyze/tasks", vendor_error("parameter_invalid"))
    with pytest.raises(EngineError):
        await bench.engine().ended()
