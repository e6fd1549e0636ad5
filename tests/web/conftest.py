"""A fresh database, a way to serve parts, and a browser with a fake camera for the studio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from storage.engine.database import Database
from tests.fresh_database import fresh_database
from tests.web.static.fake_camera import fake_camera
from tests.web.static.page import BROWSER, StudioPage, browser_with, new_studio
from tests.web.static.standin import StandIn, stand_in
from tests.web.wire import Dial, Wire
from web.app import RouteInstaller, make_app, serving

Serve = Callable[..., Awaitable[str]]
"""Serves parts, with options of `make_app`, until the test ends, and says where."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await fresh_database(tmp_path)
    yield database
    await database.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def serve(*parts: RouteInstaller, **options: Any) -> str:
            app = make_app(parts, **options)
            return await stack.enter_async_context(serving(app, "127.0.0.1", 0))

        yield serve


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    wires: list[Wire] = []

    async def dial(url: str, **options: Any) -> Wire:
        wires.append(await Wire.to(url, **options))
        return wires[-1]

    yield dial
    for wire in wires:
        await wire.close()


@pytest.fixture
async def caller() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Its camera and microphone play the demo clip."""
    assert BROWSER is not None, "the test that asks for it is skipped without one"
    camera, microphone = fake_camera(tmp_path_factory.mktemp("devices"))
    async with browser_with(camera, microphone) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[StandIn]:
    """A link whose longest answer is a minute."""
    async with stand_in() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def studio(browser: Browser) -> AsyncIterator[StudioPage]:
    """A tab that may use camera and microphone, and in which nothing may go wrong unseen."""
    context, studio = await new_studio(browser, reduced_motion="reduce")
    yield studio
    await context.close()
    assert studio.complaints == []
