"""What a connection raises, when a busy server asks us back, and what bounds its answers."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

CONNECTION_ERRORS: tuple[type[Exception], ...] = (
    OSError,  # also `TimeoutError`, which `asyncio.timeout` raises
    aiohttp.ClientError,
    RuntimeError,  # what aiohttp raises for a session that was closed, as when a process stops
)
"""What discord.py lets through of aiohttp and of the system; what Discord answers is no part."""

UNPACKED = "identity"
"""What we ask for: clients unpack on the event loop and without a bound, a few kB to GBs."""

_TYPE_MAX = 200  # characters; reading a long one takes seconds (email.message, in httpx)


class UnusableAnswer(ValueError):
    """A server's answer is packed although nobody asked for it, or has no end."""


def refuse_packed(headers: Mapping[str, str]) -> None:
    """Let only an answer through that came as it was asked for (RFC 9110, 12.5.3).

    Raises:
        UnusableAnswer: it is packed, or its type is no type.
    """
    if headers.get("Content-Encoding", UNPACKED).strip().lower() != UNPACKED:
        raise UnusableAnswer
    if len(headers.get("Content-Type", "")) > _TYPE_MAX:
        raise UnusableAnswer


async def bounded(chunks: AsyncIterator[bytes], most_bytes: int) -> AsyncIterator[bytes]:
    """Pass an answer on as it comes, as long as it has at most so many bytes.

    Raises:
        UnusableAnswer: it is longer.
    """
    async for chunk in chunks:
        most_bytes -= len(chunk)
        if most_bytes < 0:
            raise UnusableAnswer
        yield chunk


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read `Retry-After`, seconds or a date (RFC 9110, 10.2.3); `None` when there is none.

    `now` is the time by which a date is read; `None`: the system's.
    """
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), None)
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
