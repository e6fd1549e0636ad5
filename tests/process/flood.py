"""Strangers who hold connections open: half of them silent, half in the middle of a head."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from core import descriptors
from tests.process.operator import eventually

_AGAIN_SECONDS = 3.0  # before who has lost a connection opens another


@contextlib.asynccontextmanager
async def flooded(port: int, connections: int) -> AsyncIterator[None]:
    """Hold so many connections open meanwhile, and open each again that is closed."""
    if descriptors.raise_limit() < 2 * connections:
        pytest.skip(f"this machine's hard limit of files is too low for {connections} sockets")
    tried: set[int] = set()

    async def hold(number: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    if number % 2:
                        writer.write(b"POST /studio/api/upload HTTP/1.1\r\nHost: x\r\nX-Begun: ")
                    tried.add(number)
                    await reader.read()
                finally:
                    writer.close()
            await asyncio.sleep(_AGAIN_SECONDS)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(hold(number)) for number in range(connections)]
        await eventually(lambda: len(tried) == connections, "the flood", within=60)
        yield
        for task in tasks:
            task.cancel()
