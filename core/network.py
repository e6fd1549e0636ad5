"""What a connection raises that breaks or takes too long, and when a busy server asks us back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

CONNECTION_ERRORS: tuple[type[Exception], ...] = (
    OSError,  # also `TimeoutError`, which `asyncio.timeout` raises
    aiohttp.ClientError,
    RuntimeError,  # what aiohttp raises for a session that was closed, as when a process stops
)
"""What discord.py lets through of aiohttp and of the system; what Discord answers is no part."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After`, seconds or a date (RFC 9110, 10.2.3); `None` when there is none."""
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
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
