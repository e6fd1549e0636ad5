"""A database that cannot be used for a while costs no attempt, and is logged as what it is."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StorageUnavailable
from core.models import AttemptState
from tests.analyzer.harness import Harness, open_harness
from tests.postgres import PostgresServer


async def assert_no_attempt_is_lost(
    harness: Harness,
    begin: Callable[[], Awaitable[None]],
    end: Callable[[], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The database breaks while the engine works, and is mended when the runner has noticed."""

    async def sleep(_seconds: float) -> None:
        await end()

    process = harness.process()
    process.runner._sleep = sleep
    await harness.submit(process)  # only to learn the points
    [(owner, attempt_id)] = await harness.attempts.unfinished()
    harness.points.names.clear()
    await process.attempts.advance(owner, attempt_id)
    at = harness.points.names.index("after engine.start")
    process.runner.start(process.attempts.advance)
    attempt = await harness.submit(process)
    harness.points.step_in(at, begin)
    await process.rest()
    now = await harness.now(attempt)
    assert now is not None
    assert now.state is AttemptState.DELIVERED
    assert harness.vendor.made[f"task {attempt.id}"] <= 1
    said = [record for record in caplog.records if "interrupted" in record.getMessage()]
    assert [record.levelno for record in said] == [logging.WARNING]
    assert "storage_unavailable (" in said[0].getMessage()
    await process.cleanup.run()
    await harness.assert_nothing_is_left()


async def test_a_file_locked_for_long_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "storage.engine.connections._PRAGMAS", ("busy_timeout = 20", "journal_mode = WAL")
    )
    async with open_harness(tmp_path, monkeypatch) as harness:
        file = tmp_path / "greenroom.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as other:

            async def lock() -> None:
                other.execute("BEGIN IMMEDIATE")

            async def unlock() -> None:
                other.execute("ROLLBACK")

            await assert_no_attempt_is_lost(harness, lock, unlock, caplog)


async def test_a_server_stopped_for_a_while_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with await asyncio.to_thread(PostgresServer) as server:
        url = server.create("greenroom")
        async with open_harness(tmp_path, monkeypatch, url) as harness:

            async def stop() -> None:
                await asyncio.to_thread(server.stop)

            async def start() -> None:
                await asyncio.to_thread(server.start)

            await assert_no_attempt_is_lost(harness, stop, start, caplog)


async def test_a_sweep_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object) -> int:
        raise StorageUnavailable("SQLITE_FULL")

    async with open_harness(tmp_path, monkeypatch) as harness:
        monkeypatch.setattr(harness.usage, "forget", full)
        await harness.process().cleanup.run()
    [said] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert said.getMessage() == "old uses: storage_unavailable (SQLITE_FULL); again in an hour"
