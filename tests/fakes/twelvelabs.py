"""A stand-in for the TwelveLabs API v1.3 on a loopback socket, to be spoken to by the real SDK.

It keeps the vendor's rules (status codes, lifecycles, limits, the JSON-schema linter) and can be
scripted to break in every way a client must survive:

    async with TwelveLabsStandIn() as vendor:
        client = AsyncTwelveLabs(api_key=vendor.key, base_url=vendor.url, httpx_client=...)
        vendor.asset_polls = 3                                # a knob, see Script
        vendor.fail("POST", "/analyze/tasks", LostAnswer())   # one-shot, see twelvelabs_faults

Not reproduced, since Greenroom never uses them, and answered 501: synchronous `POST /analyze`,
video segmentation, and videos given by URL. Webhooks are sent by `twelvelabs_webhooks`, when a test
says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, NoReturn, Self

from aiohttp import web

from tests.fakes.serving import serve_here
from tests.fakes.twelvelabs_assets import AssetRoutes
from tests.fakes.twelvelabs_faults import (
    Answer,
    CloseEarly,
    Fault,
    FaultQueue,
    LostAnswer,
    Redirect,
    Refusal,
    Reset,
    Silence,
    meant,
    vendor_error,
)
from tests.fakes.twelvelabs_script import Script, Seen
from tests.fakes.twelvelabs_tasks import TaskRoutes
from tests.fakes.twelvelabs_wire import ACCOUNT, SEEN

BASE = "/v1.3"
_KEY_HEADER = "x-api-key"
_BODY_LIMIT_BYTES = 64_000_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TwelveLabsStandIn(Script):
    """The stand-in. Its attributes are the knobs of `Script` and the records below.

    Args:
        instant: assets are ready when the upload is answered, and analyses at the first look.
        knobs: any attribute of `Script`.
    """

    def __init__(self, *, instant: bool = False, **knobs: Any) -> None:
        if instant:
            knobs = {"asset_polls": 0, "task_statuses": ("ready",), **knobs}
        super().__init__(**knobs)
        self.key = f"made-up-{secrets.token_hex(16)}"
        self.other_key = f"made-up-{secrets.token_hex(16)}"
        """Valid as well, of another account: it sees nothing of the first one's data."""
        self.url = ""  # known once it runs; includes /v1.3
        self.delay = 0.0
        """Seconds before any request is looked at."""
        self.down = False
        """Resets every connection while set."""
        self.requests: list[Seen] = []
        """Every request, in the order they came in, also those that met a fault."""
        self.elsewhere_headers: list[dict[str, str]] = []
        """What the other host of `Redirect` got: one dict of headers for each request."""
        self._faults = FaultQueue()
        self._released = asyncio.Event()
        self._elsewhere_url = ""
        self._exits = contextlib.AsyncExitStack()

    def fail(self, method: str, path: str, *faults: Fault) -> None:
        """Queue one-shot faults for requests to come, in this order.

        `path` is below `/v1.3`; `*` stands for one segment, as in `/assets/*/transcription`.
        `method` may be `*`.
        """
        self._faults.add(method, path, *faults)

    @property
    def faults_left(self) -> int:
        """How many queued faults no request has met yet: 0 when a test played them all."""
        return len(self._faults)

    def calls(self, method: str, path: str) -> list[Seen]:
        """Return the requests of a method (`*`: any) to a path (`*`: one segment), oldest first."""
        return [seen for seen in self.requests if meant(method, path, seen.method, seen.path)]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve], client_max_size=_BODY_LIMIT_BYTES)
        app.add_routes(AssetRoutes(self).routes(BASE))
        app.add_routes(TaskRoutes(self).routes(BASE))
        app.router.add_post(f"{BASE}/analyze", _not_reproduced)
        elsewhere = web.Application(client_max_size=_BODY_LIMIT_BYTES)
        elsewhere.router.add_route("*", "/{path:.*}", self._note_elsewhere)
        self.url = await serve_here(app, self._exits) + BASE
        self._elsewhere_url = await serve_here(elsewhere, self._exits)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self._exits.aclose()

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        seen = Seen(
            method=request.method,
            path=request.path.removeprefix(BASE),
            query=list(request.query.items()),
            headers=_without_key(request),
            at=time.monotonic(),
        )
        request[SEEN] = seen
        self.requests.append(seen)
        try:
            await asyncio.sleep(self.delay)
            if self.down:
                _hang_up(request, reset=True)
            if request.content_type != "multipart/form-data":
                await _note_body(request, seen)
            response = await self._meet(self._faults.take(seen.method, seen.path), request, handler)
        except _HungUp:
            return web.Response()  # nobody is left to read it
        seen.status = response.status
        return response

    async def _meet(
        self, fault: Fault | None, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Let the fault happen, before the work, after it or instead of it."""
        works = isinstance(fault, None | LostAnswer) or (
            isinstance(fault, Answer | Silence) and fault.done
        )
        response = await self._work(request, handler) if works else None
        match fault:
            case Answer():
                await request.release()
                return fault.response()
            case Redirect():
                await request.release()
                location = self._elsewhere_url + request.path_qs
                return web.Response(status=fault.status, headers={"Location": location})
            case CloseEarly():
                return await _close_early(request)
            case Silence():
                await self._released.wait()
                _hang_up(request, reset=False)
            case Reset() | LostAnswer():
                _hang_up(request, reset=isinstance(fault, Reset))
        assert response is not None
        return response

    async def _work(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Do what the vendor would do without a fault."""
        try:
            request[ACCOUNT] = self._account(request)
            if self.plan is not None:
                self.plan.check(request.method, request.path)
            response = await handler(request)
        except Refusal as refusal:
            await request.release()
            response = _refuse(request, refusal)
        except web.HTTPException as unknown:  # no such route
            await request.release()
            response = _refuse(request, Refusal(unknown.status, "not_found", "No such endpoint."))
        if self.plan is None:
            response.headers["x-ratelimit-request-remaining"] = "41"
        else:
            response.headers.update(self.plan.headers(request.method, request.path))
        return response

    def _account(self, request: web.Request) -> str:
        accounts = {self.key: "ours", self.other_key: "theirs"}
        key = request.headers.get(_KEY_HEADER)
        if key not in accounts:
            raise Refusal(401, "api_key_invalid", "The API key is invalid or was revoked.")
        return accounts[key]

    async def _note_elsewhere(self, request: web.Request) -> web.Response:
        self.elsewhere_headers.append({k.lower(): v for k, v in request.headers.items()})
        await request.release()
        return web.json_response({})


class _HungUp(Exception):
    """The connection was ended instead of answering."""


def _hang_up(request: web.Request, *, reset: bool) -> NoReturn:
    transport = request.transport
    if transport is not None:
        if reset:  # closing with a zero linger time makes TCP send RST (man 7 socket)
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    raise _HungUp


async def _close_early(request: web.Request) -> web.StreamResponse:
    """Answer after the first bytes of the body and close, as an edge server does."""
    await request.content.readany()
    response = vendor_error("video_filesize_too_large").response()
    response.force_close()
    await response.prepare(request)
    await response.write_eof()
    if request.transport is not None:
        request.transport.abort()
    return response


def _refuse(request: web.Request, refusal: Refusal) -> web.Response:
    """Shape an error as the endpoint does: nested below /analyze/tasks, flat elsewhere.

    The SDK reads a 401 of the cancel endpoint as flat, and the key is checked before any endpoint.
    """
    path = request.path.removeprefix(BASE)
    nested = path.startswith("/analyze/tasks") and not path.endswith("/cancel")
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if nested and refusal.status != HTTPStatus.UNAUTHORIZED:
        body = {"error": body}
    return web.json_response(body, status=refusal.status)


def _without_key(request: web.Request) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.pop(_KEY_HEADER, None)
    return headers


async def _note_body(request: web.Request, seen: Seen) -> None:
    raw = await request.read()
    seen.body_bytes = len(raw)
    if raw:
        seen.body_sha256 = hashlib.sha256(raw).hexdigest()
        with contextlib.suppress(ValueError):
            seen.json = json.loads(raw)


async def _not_reproduced(_: web.Request) -> web.Response:
    raise Refusal(501, "not_reproduced", "The stand-in knows asynchronous analysis only.")
