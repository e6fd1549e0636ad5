"""An attempt's way as server-sent events: a snapshot at once and on every change, until its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from core.errors import error_location
from web.studio.schemas import SnapshotAnswer

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
COMMENT_SECONDS = 15.0
"""Proxies close a connection on which nothing comes for long."""
STREAM_SECONDS = 3600.0
WRITE_SECONDS = 20.0
"""How long a reader may take to read."""

Look = Callable[[], Awaitable[SnapshotAnswer | None]]
"""How an attempt stands; `None` when it is gone."""


async def stream(request: web.Request, look: Look, stopping: asyncio.Event) -> web.StreamResponse:
    """Tell what changes until the attempt has ended, or the process stops."""
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})  # nginx: pass it on at once
    response.content_type, response.charset = "text/event-stream", "utf-8"
    await response.prepare(request)
    loop = asyncio.get_running_loop()
    shown: SnapshotAnswer | None = None
    begun = written = loop.time()
    try:
        while not stopping.is_set() and loop.time() - begun < STREAM_SECONDS:
            now = await look()
            if now is None:
                break
            if now.differs(shown):
                await _write(response, f"event: snapshot\ndata: {now.model_dump_json()}\n\n")
                shown, written = now, loop.time()
            elif loop.time() - written >= COMMENT_SECONDS:
                await _write(response, ": still here\n\n")
                written = loop.time()
            if now.ended:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await stopping.wait()
        async with asyncio.timeout(WRITE_SECONDS):
            await response.write_eof()
    except (ConnectionError, TimeoutError):  # nobody reads any more
        response.force_close()
    except Exception as error:  # noqa: BLE001 - too late for another answer: the page asks again
        log.error("events ended: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets
        response.force_close()
    return response


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(text.encode())
