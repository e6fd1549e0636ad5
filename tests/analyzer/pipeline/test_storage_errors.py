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
from tests.analyzer.harness import House, open_house
from tests.postgres import PostgresServer


async def assert_no_attempt_is_lost(
    house: House,
    begin: Callable[[], Awaitable[None]],
    end: Callable[[], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The database breaks while the engine works, and is mended when the runner has noticed."""

    async def sleep(_seconds: float) -> None:
        await end()

    process = house.process()
    process.runner._sleep = sleep
    await house.submit(process)  # only to learn the points
    [(owner, attempt_id)] = await house.attempts.unfinished()
    house.points.names.clear()
    await process.service.advance(owner, attempt_id)
    at = house.points.names.index("after engine.start")
    process.runner.start(process.service.advance)
    attempt = await house.submit(process)
    house.points.step_in(at, begin)
    await process.rest()
    now = await house.now(attempt)
    assert now is not None
    assert now.state is AttemptState.DELIVERED
    assert house.vendor.made[f"task {attempt.id}"] <= 1
    told = [record for record in caplog.records if "interrupted" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.WARNING]
    assert "storage_unavailable (" in told[0].getMessage()
    await process.sweep.run()
    await house.assert_nothing_is_left()


async def test_a_file_locked_for_long_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "storage.engine.connections._PRAGMAS", ("busy_timeout = 20", "journal_mode = WAL")
    )
    async with open_house(tmp_path, monkeypatch) as house:
        file = tmp_path / "greenroom.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as other:

            async def lock() -> None:
                other.execute("BEGIN IMMEDIATE")

            async def unlock() -> None:
                other.execute("ROLLBACK")

            await assert_no_attempt_is_lost(house, lock, unlock, caplog)


async def test_a_server_stopped_for_a_while_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with await asyncio.to_thread(PostgresServer) as server:
        url = server.create("greenroom")
        async with open_house(tmp_path, monkeypatch, url) as house:

            async def stop() -> None:
                await asyncio.to_thread(server.stop)

            async def start() -> None:
                await asyncio.to_thread(server.start)

            await assert_no_attempt_is_lost(house, stop, start, caplog)


async def test_a_sweep_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object) -> int:
        raise StorageUnavailable("SQLITE_FULL")

    async with open_house(tmp_path, monkeypatch) as house:
        monkeypatch.setattr(house.usage, "forget", full)
        await house.process().sweep.run()
    [told] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert told.getMessage() == "old uses: storage_unavailable (SQLITE_FULL); again in an hour"
