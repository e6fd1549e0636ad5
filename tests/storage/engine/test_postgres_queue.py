"""The queue's schema: made once, whoever comes first, and brought up to date later."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from core.errors import SettingsProblem
from storage.engine import postgres_queue as queue
from storage.engine.postgres_queue import Connector, migrate_queue


async def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", "")) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_processes_that_start_together_make_it_once(postgres_url: str) -> None:
    await asyncio.gather(*(migrate_queue(postgres_url) for _ in range(4)))
    await migrate_queue(postgres_url)
    [[tables]] = await ask(
        postgres_url,
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'procrastinate'"
        " AND tablename = 'procrastinate_jobs'",
    )
    assert tables == 1
    assert await ask(postgres_url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


async def test_what_a_newer_procrastinate_brings_is_applied_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await migrate_queue(postgres_url)
    newer = queue._shipped() | {"99.sql": "CREATE TABLE newer ()"}
    monkeypatch.setattr(queue, "_shipped", lambda: newer)
    caplog.clear()
    await migrate_queue(postgres_url)
    await migrate_queue(postgres_url)
    assert caplog.messages.count("queue migrations applied: 1") == 1
    assert await ask(postgres_url, "SELECT to_regclass('procrastinate.newer')") == [
        ("procrastinate.newer",)
    ]


async def test_a_migration_that_fails_is_not_recorded(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate_queue(postgres_url)
    broken = queue._shipped() | {"99.sql": "CREATE TABLE half (); SELECT 1/0"}
    monkeypatch.setattr(queue, "_shipped", lambda: broken)
    with pytest.raises(SettingsProblem, match="22012"):
        await migrate_queue(postgres_url)
    assert await ask(postgres_url, "SELECT to_regclass('procrastinate.half')") == [(None,)]
    recorded = "SELECT 1 FROM procrastinate.applied_migrations WHERE name = '99.sql'"
    assert await ask(postgres_url, recorded) == []


async def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(SettingsProblem, match="queue cannot be set up"):
        await migrate_queue("postgresql+psycopg://nobody@127.0.0.1:9/none")


async def test_what_the_url_says_reaches_the_connections(postgres_url: str) -> None:
    connector = Connector(f"{postgres_url}?application_name=greenroom-test", patience=5)
    await connector.open_async()
    try:
        async with connector.pool.connection() as connection:
            cursor = await connection.execute("SHOW application_name")
            assert await cursor.fetchone() == ("greenroom-test",)
            cursor = await connection.execute("SHOW search_path")
            assert await cursor.fetchone() == ("procrastinate",)
    finally:
        await connector.close_async()
