"""aiohttp's side of a connection with what it lacks: deadlines, a bounded head, and a short log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from core.errors import error_location
from web.callers import network
from web.complaints import Complaint
from web.connections import Connections
from web.refusals import Handler, too_many

log = logging.getLogger(__name__)

HEAD_BYTES = 32_768
"""The lines of a head together. aiohttp bounds each of them to 8 kB, and their number."""

_HEADERS_MAX = 64  # browsers send about 20, proxies add a few; aiohttp's own bound is 128


class Connection(web.RequestHandler):
    """One connection; `Connections` counts it."""

    __slots__ = ("_body", "_connections", "_head_bytes", "_reads_head", "_timer")

    def __init__(
        self, connections: Connections, server: web.Server, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=cast("logging.Logger", None),  # aiohttp's way to say none
            auto_decompress=False,  # 6 KB of brotli are 4 GB, and would be unpacked on the loop
            keepalive_timeout=connections.bounds.idle_seconds,
            max_headers=_HEADERS_MAX,
        )
        self._connections = connections
        self._timer: asyncio.TimerHandle | None = None
        self._reads_head = True
        self._head_bytes = 0
        self._body: StreamReader | None = None  # of the request that aiohttp is at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        super().connection_made(transport)
        self._wait(self._connections.bounds.head_seconds)
        peer = transport.get_extra_info("peername")
        self._connections.arrived(self, network(peer[0]) if peer else "unknown")

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection has ended."""
        self._stop_waiting()
        self._connections.left(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something has come: of a body, or of a head, which has to be complete soon and small.

        Whatever comes before a request is answered is taken for the next one's head: nobody whom
        we serve sends requests ahead.
        """
        of_body = self._body is not None and not self._body.is_eof()
        if data and not of_body and self._timer is not None and not self._reads_head:
            self._reads_head = True
            self._wait(self._connections.bounds.head_seconds)
        before = self._request_count
        super().data_received(data)
        if not of_body and self._request_count == before:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._connections.complaints.add(Complaint.UNREADABLE)
                self.drop()

    def begins(self, body: StreamReader) -> None:
        """Begin with a request: its head is complete, and what comes next is of this body."""
        self._body, self._head_bytes = body, 0

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Have a request answered, unless its caller has too many under way."""
        with self._busy(), self._connections.under_way(request) as fits:
            return await handler(request) if fits else too_many()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Meanwhile nothing closes the connection."""
        self._stop_waiting()
        self._connections.set_quiet(self, quiet=False)
        try:
            yield
        finally:
            if self.transport is not None:
                self._reads_head = False
                self._wait(self._connections.bounds.idle_seconds)
                self._connections.set_quiet(self, quiet=True)

    def drop(self) -> None:
        """Close on the spot: `close` would first wait until the other side has read everything."""
        self._stop_waiting()
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what was sent
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or could not be handled; aiohttp would log whose it is.

        Raises:
            ConnectionError: an answer has begun already.
        """
        if status == HTTPStatus.BAD_REQUEST or isinstance(exc, web.RequestPayloadError):
            self._connections.complaints.add(Complaint.UNREADABLE)
        elif exc is not None and not isinstance(exc, ConnectionError):  # whoever called is gone
            log.error("not answered: %s", error_location(exc))
        if request.writer.output_size > 0:
            raise ConnectionError
        answer = _Nameless(status=status, text=f"{HTTPStatus(status).phrase}\n")
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - aiohttp's words
        """Log what ended a connection: a body that is no HTTP, or a bug."""
        error = kwargs.get("exc_info")
        if isinstance(error, web.RequestPayloadError):
            self._connections.complaints.add(Complaint.UNREADABLE)
        else:
            what = error_location(error) if isinstance(error, BaseException) else "not known"
            log.error("a connection was ended: %s", what)

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.drop)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Nameless(web.Response):
    """An answer to what is no HTTP. No `on_response_prepare` sees it, so it forgets by itself."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Have a request answered, unless whoever sends it has too many under way."""
    if not isinstance(request.protocol, Connection):
        return await handler(request)  # served by something else: a test
    return await request.protocol.answer(request, handler)


def connections_of(server: web.Server, connections: Connections) -> Callable[[], Connection]:
    """What makes a server's side of each connection, for `loop.create_server`."""
    loop, make_request = asyncio.get_running_loop(), server.request_factory

    def begin(
        message: RawRequestMessage,
        body: StreamReader,
        connection: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        if isinstance(connection, Connection):
            connection.begins(body)
        return make_request(message, body, connection, writer, task)

    server.request_factory = begin
    return lambda: Connection(connections, server, loop)
