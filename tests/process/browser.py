"""What the studio's page does, without a page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

PIECE = 200_000


class StudioBrowser:
    """Holds one link."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        page, _, token = address.partition("#")
        self._session = session
        self._api = f"{page}/api"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.token = token

    async def call(self, method: str, path: str, **options: Any) -> Any:
        headers = self._headers | options.pop("headers", {})
        async with self._session.request(
            method, f"{self._api}/{path}", headers=headers, **options
        ) as response:
            return await response.json()

    async def piece(self, data: bytes, offset: int) -> int:
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        part = data[offset : offset + PIECE]
        answer = await self.call("PATCH", "upload", data=part, headers=headers)
        return int(answer["received_bytes"])

    async def events(self) -> AsyncIterator[Any]:
        """The snapshots as they come, until the last."""
        async with self._session.get(f"{self._api}/events", headers=self._headers) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def last_event(self) -> Any:
        return [snapshot async for snapshot in self.events()][-1]
