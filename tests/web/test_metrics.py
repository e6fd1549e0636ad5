"""Metrics: what the database says, seldom asked; what was counted; and how late the loop is."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from core import telemetry
from core.errors import EngineRefused, StorageUnavailable
from core.models import AttemptState
from storage.engine.database import Database
from storage.repositories.statistics import Statistics
from tests.analyzer.harness import ANN, BEN, CLIP, Harness, open_harness
from tests.web.conftest import Serve
from web import metrics as module
from web.metrics import COUNT_SECONDS, numbers

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def version() -> str:
    return "1.2.3 (commit abcdef0)"


async def scrape(caller: aiohttp.ClientSession, url: str) -> tuple[str, Samples]:
    async with caller.get(f"{url}/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        text = await answer.text()
    return text, {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
async def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Harness]:
    async with open_harness(tmp_path / "house", monkeypatch) as opened:
        yield opened


def of(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


async def test_a_whole_attempt_is_counted_and_nothing_says_whose(
    harness: Harness, serve: Serve, caller: aiohttp.ClientSession
) -> None:
    process = harness.process()
    part = numbers(Statistics(harness.database), lambda: 3, version, clock=lambda: 0.0)
    url = await serve(part)
    _, before = await scrape(caller, url)
    attempt = await harness.submit(process, ANN, "A very private question?")
    await process.start()
    text, after = await scrape(caller, url)

    def grown(name: str, **labels: str) -> float:
        return (of(after, name, **labels) or 0) - (of(before, name, **labels) or 0)

    engine = "twelvelabs"
    assert grown("greenroom_attempts_ended_total", engine=engine, outcome="delivered", code="") == 1
    for at in ("queued", "fetched", "uploaded", "analyzing", "assessed"):
        assert grown("greenroom_step_seconds_count", engine=engine, at=at) == 1
    assert of(after, "greenroom_in_flight") == 3
    assert of(after, "greenroom_build_info", version=await version()) == 1
    assert of(after, "process_start_time_seconds") is not None
    assert of(after, "python_info", **telemetry_platform()) == 1
    private = {
        *(attempt.id, "private question", CLIP.url, CLIP.name),
        *("reply-token", "task-", "asset-", str(harness.folder)),
    }
    assert not [word for word in private if word in text]
    known = {label for _, labels in after for label, _ in labels}
    assert known <= {
        *(
            "state",
            "engine",
            "outcome",
            "code",
            "at",
            "le",
            "period",
            "call",
            "status",
            "result",
            "why",
        ),
        *("version", "implementation", "major", "minor", "patchlevel"),
    }


def telemetry_platform() -> dict[str, str]:
    [info] = [
        sample.labels
        for family in telemetry.REGISTRY.collect()
        for sample in family.samples
        if sample.name == "python_info"
    ]
    return info


async def test_failed_and_cancelled_attempts_are_told_apart(
    harness: Harness, serve: Serve, caller: aiohttp.ClientSession
) -> None:
    url = await serve(numbers(Statistics(harness.database), lambda: 0, version))
    process = harness.process()
    harness.engine.troubles["start"] = EngineRefused("video_file_broken", "Export it again.")
    cancelled = await harness.submit(process, BEN)
    await process.attempts.cancel(BEN, cancelled.id)
    await harness.submit(process)
    _, before = await scrape(caller, url)
    await process.start()
    _, after = await scrape(caller, url)
    ended = "greenroom_attempts_ended_total"
    failed = {"engine": "twelvelabs", "outcome": "failed", "code": "video_file_broken"}
    stopped = {"engine": "twelvelabs", "outcome": "cancelled", "code": ""}
    assert (of(after, ended, **failed) or 0) - (of(before, ended, **failed) or 0) == 1
    assert (of(before, ended, **stopped) or 0) >= 1


async def test_the_database_is_counted_at_most_every_few_seconds(
    harness: Harness, serve: Serve, caller: aiohttp.ClientSession
) -> None:
    now = 0.0
    url = await serve(numbers(Statistics(harness.database), lambda: 0, version, clock=lambda: now))
    process = harness.process()

    async def queued() -> float | None:
        _, samples = await scrape(caller, url)
        assert of(samples, "greenroom_attempts", state="analyzing") == 0
        assert of(samples, "greenroom_attempts", state="delivered") is None
        assert of(samples, "greenroom_left_to_delete") == 0
        assert of(samples, "greenroom_database_up") == 1
        return of(samples, "greenroom_attempts", state="queued")

    await harness.submit(process, ANN)
    assert await queued() == 1
    await harness.submit(process, BEN)
    now = COUNT_SECONDS - 1
    assert await queued() == 1
    now = COUNT_SECONDS
    assert await queued() == 2


async def test_without_a_database_the_rest_is_still_shown(
    database: Database,
    serve: Serve,
    caller: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def under_way(_: Statistics) -> dict[AttemptState, int]:
        raise StorageUnavailable("57P01")

    monkeypatch.setattr(Statistics, "under_way", under_way)
    telemetry.attempts.labels("queued").set(5)  # as counted before
    url = await serve(numbers(Statistics(database), lambda: 7, version))
    _, samples = await scrape(caller, url)
    assert of(samples, "greenroom_database_up") == 0
    assert of(samples, "greenroom_attempts", state="queued") is None
    assert math.isnan(of(samples, "greenroom_left_to_delete") or 0)
    assert of(samples, "greenroom_in_flight") == 7


async def test_a_blocked_loop_shows(
    database: Database,
    serve: Serve,
    caller: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LAG_SECONDS", 0.01)
    url = await serve(numbers(Statistics(database), lambda: 0, version))
    name = "greenroom_event_loop_lag_seconds_sum"
    before = telemetry.REGISTRY.get_sample_value(name) or 0
    time.sleep(0.3)  # noqa: ASYNC251 - to block the loop is what this is about
    await asyncio.sleep(0.05)
    _, samples = await scrape(caller, url)
    assert (of(samples, name) or 0) - before > 0.2


def test_codes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_codes", set())
    for number in range(2 * telemetry._CODES_MAX):
        telemetry.count_ended("made-up", "failed", f"code_{number}")
    codes = {
        sample.labels["code"]
        for family in telemetry.REGISTRY.collect()
        for sample in family.samples
        if sample.labels.get("engine") == "made-up" and sample.name.endswith("_total")
    }
    assert len(codes) == telemetry._CODES_MAX + 1
    assert "other" in codes
