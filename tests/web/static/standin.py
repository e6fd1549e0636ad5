"""Plays the studio's server for tests of the page: the same calls, and trouble on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.web.static.fake_camera import RESULT
from web.studio.middleware import HEADERS
from web.studio.routes import PAGE, STATIC

TOKEN = "a-link"
NEXT_TOKEN = "the-next-link"
"""What leads on after a result."""

STAGES = ("Checking your recording", "Measuring your answer", "Your result is ready")


@dataclass
class StandIn:
    """One link and what became of it. Tests change it, and look at it."""

    session: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = field(default_factory=lambda: RESULT)
    refuses: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # by call
    cut_after: int | None = None  # bytes of the recording after which the server goes away
    away: bool = False
    break_events: int = 0  # how many streams of events break off after their first snapshot
    slow_piece: float = 0.0  # seconds
    stage_seconds: float = 0.15
    forgets: int = 0  # how often it has nothing of the recording when it is handed in
    held: asyncio.Event | None = None  # keeps the assessment from ending until it is set

    received: bytearray | None = None
    some_received: asyncio.Event = field(default_factory=asyncio.Event)
    size: int = 0
    kind: str = ""
    begun: int = 0
    pieces: int = 0
    shared: bool | None = None
    state: str = "open"
    stage: int = 0
    attempts: int = 1
    tokens: set[str] = field(default_factory=set)
    address: str = ""

    @property
    def link(self) -> str:
        """The address a member gets."""
        return f"{self.address}/studio#{TOKEN}"

    @property
    def recording(self) -> bytes:
        """What has come in of it."""
        return bytes(self.received or b"")

    def snapshot(self) -> dict[str, Any]:
        """How the attempt stands."""
        ended = self.state in ("delivered", "cancelled", "failed")
        stage = {"cancelled": "Cancelled", "failed": "No result this time"}.get(self.state)
        return {
            "id": f"{self.attempts:016x}",
            "state": self.state,
            "stage": stage or STAGES[self.stage],
            "ended": ended,
            "elapsed_seconds": 12.0 * self.stage,
            "failure": "I couldn't hear anybody speak." if self.state == "failed" else None,
            "result": self.result if self.state == "delivered" else None,
        }

    def described(self) -> dict[str, Any]:
        """The session."""
        submitted = self.shared is not None
        usual = {
            "question": "Tell me about a time you had to learn something quickly.",
            "prepare_seconds": 20,
            "answer_seconds": 120,
            "shortest_seconds": 30,
            "longest_seconds": 600,
            "max_bytes": 200_000_000,
            "expires_at": "2026-03-01T12:30:00Z",
            "seconds_left": 1500.0,
            "shared": False,
            "engine": "local",
            "state": "submitted" if submitted else "open" if self.received is None else "uploading",
            "received_bytes": None if self.received is None else len(self.received),
            "attempt": self.snapshot() if submitted else None,
            "retention_days": 90,
            "place": None,
            "looks_only": False,
        }
        return usual | self.session


def make_app(stand_in: StandIn) -> web.Application:
    """The page, its files, and the calls."""
    calls = _Calls(stand_in)
    app = web.Application(middlewares=[calls.guard], client_max_size=50_000_000)
    app.on_response_prepare.append(_add_headers)
    app.router.add_get("/studio", _page)
    app.router.add_static("/studio/static", STATIC)
    for method, name, call in (
        ("GET", "session", calls.session),
        ("POST", "upload", calls.begin),
        ("PATCH", "upload", calls.append),
        ("POST", "submit", calls.submit),
        ("GET", "attempt", calls.attempt),
        ("GET", "events", calls.events),
        ("POST", "cancel", calls.cancel),
        ("POST", "again", calls.again),
        ("POST", "follow-up", calls.again),
    ):
        app.router.add_route(method, f"/studio/api/{name}", call)
    return app


@asynccontextmanager
async def stand_in(**about: Any) -> AsyncIterator[StandIn]:
    """A stand-in that serves meanwhile, on a free port."""
    made = StandIn(**about)
    runner = web.AppRunner(make_app(made), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.address = f"http://localhost:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()


class _Calls:
    def __init__(self, stand_in: StandIn) -> None:
        self._of = stand_in

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Break off, refuse, or let through."""
        if "/api/" in request.path:
            if self._of.away and request.transport is not None:
                request.transport.abort()
                raise web.HTTPServiceUnavailable
            self._of.tokens.add(request.headers.get("Authorization", ""))
            name = request.path.rpartition("/")[2]
            if name in self._of.refuses:
                return _no(*self._of.refuses[name])
        answer: web.StreamResponse = await handler(request)
        return answer

    async def session(self, _request: web.Request) -> web.Response:
        return web.json_response(self._of.described())

    async def begin(self, request: web.Request) -> web.Response:
        about = await request.json()
        assert set(about) == {"size_bytes", "type", "seconds"}
        self._of.size, self._of.kind = about["size_bytes"], about["type"]
        self._of.received = bytearray()
        self._of.begun += 1
        return web.json_response({"received_bytes": 0}, status=201)

    async def append(self, request: web.Request) -> web.Response:
        received = self._of.received
        if received is None:
            return _no(404, "no_upload", "Begin.")
        assert request.content_type == "application/offset+octet-stream"
        if int(request.headers["Upload-Offset"]) != len(received):
            return _no(409, "offset", "Go on from there.", received_bytes=len(received))
        self._of.pieces += 1
        async for chunk in request.content.iter_chunked(16_384):
            received += chunk
            self._of.some_received.set()
            if self._of.cut_after is not None and len(received) > self._of.cut_after:
                self._of.cut_after, self._of.away = None, True
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            await asyncio.sleep(self._of.slow_piece)
        return web.json_response({"received_bytes": len(received)})

    async def submit(self, request: web.Request) -> web.Response:
        of = self._of
        if of.forgets:
            of.forgets -= 1
            of.received = None
            return _no(404, "no_upload", "Send it from the beginning.")
        if of.received is None or len(of.received) != of.size:
            received = 0 if of.received is None else len(of.received)
            return _no(409, "incomplete", "Something is missing.", received_bytes=received)
        again = of.shared is not None
        of.shared = (await request.json())["shared"]
        of.state = of.state if again else "queued"
        return web.json_response({"attempt": of.snapshot()}, status=200 if again else 202)

    async def attempt(self, _request: web.Request) -> web.Response:
        return web.json_response(self._of.snapshot())

    async def cancel(self, _request: web.Request) -> web.Response:
        self._of.state = "cancelled"
        return web.json_response(self._of.snapshot())

    async def again(self, _request: web.Request) -> web.Response:
        """The next try of this link where it came to nothing, else a new link."""
        of = self._of
        token = NEXT_TOKEN if of.state == "delivered" else None
        of.attempts += 1
        of.state, of.stage, of.shared, of.received = "open", 0, None, None
        return web.json_response({"token": token})

    async def events(self, request: web.Request) -> web.StreamResponse:
        of = self._of
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        while True:
            data = json.dumps(of.snapshot())
            await answer.write(f": still here\n\nevent: snapshot\ndata: {data}\n\n".encode())
            if of.break_events:
                of.break_events -= 1
                assert request.transport is not None
                request.transport.abort()
            if of.snapshot()["ended"]:
                return answer
            await asyncio.sleep(of.stage_seconds)
            if of.stage == 1 and of.held is not None:
                await of.held.wait()
            if of.state not in ("cancelled", "failed"):
                of.stage = min(of.stage + 1, len(STAGES) - 1)
                of.state = "delivered" if of.stage == len(STAGES) - 1 else "analyzing"


async def _page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / PAGE)


async def _add_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(HEADERS)
    answer.headers.setdefault("Cache-Control", "no-store")


def _no(status: int, code: str, sentence: str, **more: int) -> web.Response:
    return web.json_response({"code": code, "sentence": sentence} | more, status=status)
