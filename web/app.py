"""The one web application of a process: made of parts, open as long as the process works."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from aiohttp import web

from core import descriptors
from core.errors import SettingsProblem
from web.callers import CALLERS, Callers
from web.complaints import Complaint, Complaints
from web.connections import ACCEPTED_AT_ONCE, QUEUE, Bounds, Connections
from web.protocol import admit, connections_of
from web.refusals import refuse_packed

RouteInstaller = Callable[[web.Application], None]
"""Adds its routes to the application."""

CONNECTIONS = web.AppKey("connections", Connections)

CLOSE_SECONDS = 2.0
"""How long requests under way may go on when the process stops."""

LARGEST_BODY = 1_000_000
"""Bytes of a body that is read at once. A route that streams counts for itself."""

_NO_FILES = "socket.accept() out of system resource"
"""How asyncio's event loops name it (asyncio/selector_events.py, `_accept_connection`)."""


def make_app(
    parts: Iterable[RouteInstaller], *, trusted_proxies: int = 0, bounds: Bounds | None = None
) -> web.Application:
    """An application with the routes of all parts.

    Args:
        parts: what it is made of.
        trusted_proxies: how many of our own proxies stand in front and name who calls.
        bounds: on connections; by default what the limit of open files leaves for them.
    """
    bounds = bounds or Bounds.within(descriptors.limit())
    callers = Callers(trusted_proxies)
    connections = Connections(bounds, callers)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[admit, refuse_packed])
    app[CALLERS], app[CONNECTIONS] = callers, connections
    app.on_response_prepare.append(_forget_server)
    for part in parts:
        part(app)
    return app


@contextlib.asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application of `make_app`; yields where, such as `http://127.0.0.1:8080`.

    `port` 0 takes any that is free. Nothing is logged about requests: addresses are personal data.

    Raises:
        SettingsProblem: the port is taken, or may not be used.
    """
    loop, connections = asyncio.get_running_loop(), app[CONNECTIONS]
    runner = web.AppRunner(app, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        server = runner.server
        assert server is not None  # noqa: S101 - it is set up
        try:
            listening = await loop.create_server(
                connections_of(server, connections), host, port, backlog=ACCEPTED_AT_ONCE
            )
        except OSError as error:
            raise SettingsProblem(
                f"HTTP_PORT {port} cannot be used ({error.strerror}). Choose another one."
            ) from None
        with contextlib.closing(listening), _counting_refused(connections.complaints):
            for each in listening.sockets:
                with each.dup() as same:  # asyncio has one number for its backlog and the kernel's
                    same.listen(QUEUE)
            bound = listening.sockets[0].getsockname()
            yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
        connections.complaints.tell()


@contextlib.contextmanager
def _counting_refused(complaints: Complaints) -> Iterator[None]:
    """Count connections that no file was free for; asyncio logs each try, many times a second."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context.get("message") == _NO_FILES:
            complaints.add(Complaint.NO_FILES)
        elif before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(before)


async def _forget_server(_request: web.Request, response: web.StreamResponse) -> None:
    """Take out the header in which aiohttp names itself and Python, with their versions."""
    response.headers.popall("Server", None)
