"""A fresh database, and a way to serve parts of the application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from storage.database import Database
from web.app import Part, make_app, serving

Serve = Callable[..., Awaitable[str]]
"""Serves parts until the test ends, and says where."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'greenroom.sqlite3'}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def serve(*parts: Part) -> str:
            return await stack.enter_async_context(serving(make_app(parts), "127.0.0.1", 0))

        yield serve


@pytest.fixture
async def caller() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
