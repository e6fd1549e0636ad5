"""Serves a stand-in on this machine."""

from __future__ import annotations

from contextlib import AsyncExitStack

from aiohttp import web


async def serve_here(app: web.Application, exits: AsyncExitStack) -> str:
    """Serve an application at a free port until `exits` are taken; returns its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    exits.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"
