"""Both stand-ins and an operator for each test."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import Operator


@pytest.fixture
async def discord() -> AsyncIterator[DiscordStandIn]:
    async with DiscordStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def vendor() -> AsyncIterator[TwelveLabsStandIn]:
    async with TwelveLabsStandIn(instant=True) as stand_in:
        yield stand_in


@pytest.fixture
async def operator(
    tmp_path: Path, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> AsyncIterator[Operator]:
    """At the end nothing of it runs, and it has printed no secret and no stack trace."""
    operator = Operator(tmp_path, discord, vendor)
    yield operator
    await operator.aclose()


@pytest.fixture
def web_settings() -> dict[str, str]:
    """Web pages with a studio, on a port that nobody uses now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
    return {"HTTP_PORT": port, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
