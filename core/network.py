"""What a connection raises that breaks, cannot be made, or takes too long."""

from __future__ import annotations

import aiohttp

CONNECTION_ERRORS: tuple[type[Exception], ...] = (
    OSError,  # also `TimeoutError`, which `asyncio.timeout` raises
    aiohttp.ClientError,
    RuntimeError,  # what aiohttp raises for a session that was closed, as when a process stops
)
"""What discord.py lets through of aiohttp and of the system; what Discord answers is no part."""
