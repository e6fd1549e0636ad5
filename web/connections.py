"""Bounds on open connections, in all and of one address, so that no flood uses up our files.

aiohttp has none, and asyncio accepts whatever comes until no file descriptor is left; then Discord,
the database and TwelveLabs cannot be reached either. So each connection is either *busy*, while a
request is answered, or *quiet*: silent, in the middle of a request's head, or reading an answer.
Where one more would be too many, the one that has been quiet longest is closed in its favour:
whoever only holds connections open loses them, and whoever asks something is answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web

from core.errors import error_location
from web.callers import Callers, counted, network
from web.complaints import Complaint, Complaints
from web.refusals import Handler, too_many

log = logging.getLogger(__name__)

ACCEPTED_AT_ONCE = 8
"""asyncio's backlog: also how many it accepts in one go, before any can be counted and closed."""

QUEUE = 512
"""The kernel's own queue of those who have connected and were not accepted yet."""

_MOST = 1000
_HEADERS_MAX = 64  # browsers send about 20, proxies add a few; aiohttp's own bound is 128


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections there may be, and how long they may be quiet."""

    in_all: int = _MOST
    of_one: int = _MOST // 2  # an address; a whole class may share one
    requests_of_one: int = _MOST // 4  # under way at once, where proxies name who calls
    head_seconds: float = 20.0  # from connecting, or a request's first byte, to its head's last
    idle_seconds: float = 150.0
    """Longer than nginx (60) and Caddy (120) keep theirs: else they would reuse a closed one."""

    @classmethod
    def within(cls, descriptors: int) -> Bounds:
        """A quarter of the files that may be open at once; the rest is for the bot's own work.

        More than the quarter are open for a moment only: `ACCEPTED_AT_ONCE`, and about three times
        as many that are being closed.
        """
        most = max(16, min(_MOST, descriptors // 4))
        return cls(in_all=most, of_one=most // 2, requests_of_one=most // 4)


class Connection(web.RequestHandler):
    """aiohttp's side of a connection, counted by `Connections`."""

    __slots__ = ("_connections", "_reads_head", "_timer")

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
        self._reads_head = True
        self._timer: asyncio.TimerHandle | None = None

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
        """Something has come; a request that begins has to be complete soon."""
        if self._timer is not None and not self._reads_head and data:
            self._reads_head = True
            self._wait(self._connections.bounds.head_seconds)
        super().data_received(data)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A request is being answered: meanwhile nothing closes the connection."""
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


class Connections:
    """All open connections of an application."""

    def __init__(
        self, bounds: Bounds, callers: Callers, complaints: Complaints | None = None
    ) -> None:
        self.bounds = bounds
        self.complaints = complaints or Complaints()
        self._callers = callers
        self._peers: dict[Connection, str] = {}
        self._open_of: Counter[str] = Counter()
        self._quiet: dict[Connection, None] = {}  # in the order in which they became so
        self._quiet_of: defaultdict[str, dict[Connection, None]] = defaultdict(dict)
        self._requests_of: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._peers)

    def arrived(self, connection: Connection, peer: str) -> None:
        """Count a connection, in place of one that is quiet where it would be one too many."""
        crowd = None
        if not self._callers.named and self._open_of[peer] >= self.bounds.of_one:
            crowd = self._quiet_of[peer]
        elif len(self) >= self.bounds.in_all:
            crowd = self._quiet
        if crowd is not None:
            oldest = next(iter(crowd), None)
            if oldest is None:
                self.complaints.add(Complaint.REFUSED)
                connection.drop()
                return
            self.complaints.add(Complaint.CROWDED_OUT)
            oldest.drop()
            self.left(oldest)
        self._peers[connection] = peer
        self._open_of[peer] += 1
        self.set_quiet(connection, quiet=True)

    def left(self, connection: Connection) -> None:
        """Count a connection no more."""
        peer = self._peers.pop(connection, None)
        if peer is None:
            return
        self.set_quiet(connection, quiet=False, peer=peer)
        self._open_of[peer] -= 1
        if not self._open_of[peer]:
            del self._open_of[peer]
            self._quiet_of.pop(peer, None)

    def set_quiet(self, connection: Connection, *, quiet: bool, peer: str | None = None) -> None:
        """Note that a connection is quiet from now on, or no more."""
        peer = peer or self._peers.get(connection)
        if peer is None:
            return
        for crowd in (self._quiet, self._quiet_of[peer]):
            crowd.pop(connection, None)
            if quiet:
                crowd[connection] = None

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Have a request answered, unless whoever sends it has too many under way."""
        if not isinstance(request.protocol, Connection):
            return await handler(request)  # served by something else: a test, or the demo
        with request.protocol.busy():
            if not self._callers.named:
                return await handler(request)
            caller = self._callers.of(request)
            if self._requests_of[caller] >= self.bounds.requests_of_one:
                self.complaints.add(Complaint.SHARE)
                return too_many()
            with counted(self._requests_of, caller):
                return await handler(request)
