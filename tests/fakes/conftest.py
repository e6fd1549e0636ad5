"""The TwelveLabs stand-in running, and the real SDK speaking to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, client_of


@pytest.fixture
async def vendor(caplog: pytest.LogCaptureFixture) -> AsyncIterator[TwelveLabsStandIn]:
    """Give an instant stand-in that must not stumble itself: aiohttp would log that."""
    async with TwelveLabsStandIn(instant=True) as vendor:
        yield vendor
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.fixture
async def client(vendor: TwelveLabsStandIn) -> AsyncIterator[Client]:
    async with client_of(vendor) as client:
        yield client


@pytest.fixture
async def asset_id(client: Client) -> str:
    return await client.upload()
