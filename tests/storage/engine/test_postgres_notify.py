"""Notices reach every listening process, also after the server was away; nothing else is heard."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.engine.database import Database
from storage.engine.postgres_notify import CHANNEL, Notifications
from tests.postgres import PostgresServer
from tests.process.operator import eventually

KEY = "64f8d2c7e4a1b37f8a9c5d12"


class Process:
    """One process: its database, its listening, and what it has heard."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self.waits: list[float] = []
        self._came = asyncio.Event()
        self.database = Database(url)
        self.notices = Notifications(self.database, url, self._hear, sleep=self._sleep)

    def _hear(self, key: str) -> None:
        self.heard.append(key)
        self._came.set()

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.02)

    async def hears(self, many: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.heard) < many:
                self._came.clear()
                await self._came.wait()
        return self.heard

    async def listens(self) -> None:
        async with asyncio.timeout(10):
            await self.notices.listening.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        self.notices.start()
        try:
            await self.listens()
            yield self
        finally:
            await self.notices.stop()
            await self.database.close()


async def test_what_one_process_sends_all_hear(postgres_url: str) -> None:
    async with Process(postgres_url).running() as one, Process(postgres_url).running() as other:
        await one.notices.send(KEY)
        await other.notices.send("another-key")
        for process in (one, other):
            assert await process.hears(2) == [KEY, "another-key"]


async def test_what_is_no_key_is_not_heard(postgres_url: str, postgres: PostgresServer) -> None:
    database = postgres_url.rsplit("/", 1)[1]
    async with Process(postgres_url).running() as process:
        for payload in ("", "short", "../assets", "a" * 81, "two words", "new\nline"):
            postgres.execute(f"SELECT pg_notify('{CHANNEL}', '{payload}')", database)
        postgres.execute(f"SELECT pg_notify('another_channel', '{KEY}')", database)
        await process.notices.send("the-last-one")
        assert await process.hears(1) == ["the-last-one"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stop", "crash"])
async def test_it_listens_again_when_the_server_is_back(
    how: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    with PostgresServer() as server:
        async with Process(server.create("greenroom")).running() as process:
            await asyncio.to_thread(server.stop, how)
            await eventually(lambda: len(process.waits) >= 3, "tries to listen again")
            assert not process.notices.listening.is_set()
            assert process.waits[:3] == [1.0, 2.0, 5.0]
            await asyncio.to_thread(server.start)
            await process.listens()
            await process.notices.send(KEY)
            assert await process.hears(1) == [KEY]
    for record in caplog.records:
        if record.name.startswith("storage"):
            assert record.levelno <= logging.WARNING
            assert "postgres://" not in record.getMessage()


async def test_to_stop_ends_a_connection_under_way(tmp_path: Path) -> None:
    called: list[asyncio.StreamWriter] = []

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = Process(f"postgresql+psycopg://postgres@127.0.0.1:{port}/none")
    process.notices.start()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await process.notices.stop()
    for writer in called:
        writer.close()
        await writer.wait_closed()
    server.close()
