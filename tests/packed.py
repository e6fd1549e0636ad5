"""Small bodies that unpack to large ones, and who notices when something unpacks them."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import brotli
import pytest
from aiohttp.http_parser import DeflateBuffer

_BLOCK = 1 << 24


@cache
def bomb(encoding: str, size: int) -> bytes:
    """So many zeros, packed: with brotli six kB for four GB. `size` is a multiple of 16 MiB."""
    if encoding == "br":
        packer = brotli.Compressor(quality=5)
        first, other = (packer.process(bytes(_BLOCK)) + packer.flush() for _ in range(2))
        return bytes(first + other * (size // _BLOCK - 1) + packer.finish())
    deflate = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    blocks = [deflate.compress(bytes(_BLOCK)) for _ in range(size // _BLOCK)]
    return b"".join(blocks) + deflate.flush()


def watch_unpacking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what aiohttp's decompressors, a server's or a client's, are given from now."""
    seen: list[int] = []
    feed = DeflateBuffer.feed_data

    def watched(self: DeflateBuffer, chunk: bytes, *others: Any) -> Any:
        seen.append(len(chunk))
        return feed(self, chunk, *others)

    monkeypatch.setattr(DeflateBuffer, "feed_data", watched)
    return seen
