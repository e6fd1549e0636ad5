"""Bounds on what TwelveLabs may answer with: never packed, and never more than we can hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import httpx

from core.network import bounded, refuse_packed

ANSWER_MAX_BYTES = 8_000_000
"""The longest real ones are transcripts: about 100 kB an hour. All of it is parsed at once."""


async def bound(response: httpx.Response) -> None:
    """Refuse a packed answer, and bound any other as it comes; a hook for httpx's client.

    httpx unpacks whatever it is given, on the event loop and without a bound, and a few kB may
    unpack to GBs. We ask for unpacked answers, so whoever sends another breaks RFC 9110, 12.5.3.

    Raises:
        UnusableAnswer: it is packed, or its type is no type; later, from reading it, it is too
            long.
    """
    refuse_packed(response.headers)
    response.stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return bounded(aiter(self._stream), ANSWER_MAX_BYTES)

    async def aclose(self) -> None:
        await self._stream.aclose()
