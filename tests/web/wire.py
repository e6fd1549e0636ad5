"""A caller who writes bytes, for what no HTTP library would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

_SECONDS = 10.0


class Wire:
    """A connection to a server of ours."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, url: str, *, local: str = "127.0.0.1") -> Wire:
        """Connect; all of 127.0.0.0/8 are addresses of this machine."""
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(*await asyncio.open_connection(host, int(port), local_addr=(local, 0)))

    async def send(self, *lines: str, body: bytes = b"") -> None:
        """Send the lines of a head, complete if the last one is empty, and a body."""
        self._writer.write("\r\n".join(lines).encode())
        self._writer.write(b"\r\n" * bool(lines and not lines[-1]) + body)
        await self._writer.drain()

    async def ask(self, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
        """Send a request, and return what is answered."""
        length = [f"Content-Length: {len(body)}"] * bool(body)
        await self.send(f"{method} {path} HTTP/1.1", "Host: x", *headers, *length, "", body=body)
        return await self.answer()

    async def answer(self) -> bytes:
        """The next answer, with a body of known length."""
        async with asyncio.timeout(_SECONDS):
            head = await self._reader.readuntil(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length: ")
            return head + await self._reader.readexactly(int(length.split(b"\r\n")[0] or 0))

    async def ended(self) -> bytes:
        """Wait until the other side has closed; returns what came before."""
        came = b""
        async with asyncio.timeout(_SECONDS):
            with suppress(ConnectionError):
                while chunk := await self._reader.read(65_536):
                    came += chunk
        return came

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


Dial = Callable[..., Awaitable[Wire]]
"""What `Wire.to` is; hangs up at the end of the test."""
