"""The one web application of a process: made of parts, open as long as the process works."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from errors import SettingsProblem

Part = Callable[[web.Application], None]
"""Adds its routes to the application."""

CLOSE_SECONDS = 2.0
"""How long requests under way may go on when the process stops."""

LARGEST_BODY = 1_000_000
"""Bytes of a body that is read at once. A route that streams counts for itself."""


def make_app(parts: Iterable[Part]) -> web.Application:
    """An application with the routes of all parts."""
    app = web.Application(client_max_size=LARGEST_BODY)
    for part in parts:
        part(app)
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application meanwhile; yields where, such as `http://127.0.0.1:8080`.

    `port` 0 takes any that is free. Nothing is logged about requests: addresses are personal data.

    Raises:
        SettingsProblem: the port is taken, or may not be used.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
        except OSError as error:
            raise SettingsProblem(
                f"HTTP_PORT {port} cannot be used ({error.strerror}). Choose another one."
            ) from None
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
