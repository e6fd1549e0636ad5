"""`POST /webhooks/twelvelabs`: the vendor says that an analysis has ended, and its attempt wakes.

A webhook is a hint, never a source of truth: only the analysis's id is read of it, nothing is
looked up with it, and what the analysis says is asked from the vendor.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import StorageUnavailable, error_location
from core.telemetry import webhooks
from storage.repositories.webhook_events import WebhookEvents
from web.app import RouteInstaller

log = logging.getLogger(__name__)

PATH = "/webhooks/twelvelabs"

Wake = Callable[[str], Awaitable[None]]
"""Wakes whatever attempt waits for the analysis with this id, in whatever process."""

_LARGEST_BYTES = 64 * 1024  # real ones have less than one KB
_BODY_SECONDS = 5.0
_REMEMBER_SECONDS = 5.0
_AGE_SECONDS = 300  # the vendor's advice (its page on processing notifications)
_HEADER_MAX = 1024  # characters

_ENDED = frozenset(f"analyze.task.{how}" for how in ("ready", "failed", "canceled"))

_HINTS = {
    "forged": "a webhook was refused, its signature is wrong: is TWELVELABS_WEBHOOK_SECRET right?",
    "stale": "a webhook was refused, it is too old or from the future: is the clock right?",
}
"""What the operator may have set up wrongly. Each is said once: anybody can send such a webhook."""

_PAIR = re.compile(r" *(\w+) *= *([0-9a-fA-F]+) *", re.ASCII)


class _Event(BaseModel):
    """What every event has, whatever it is about."""

    model_config = ConfigDict(strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")
    type: str = Field(min_length=1, max_length=80)


class _Task(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{6,80}$")


class _TaskEnded(BaseModel):
    """What an event about an analysis has besides."""

    data: _Task


class _Refused(Exception):
    """The caller is told the status and nothing else; `/metrics` counts the result."""

    def __init__(self, status: int, result: str) -> None:
        super().__init__(result)
        self.status = status
        self.result = result


def twelvelabs_webhooks(
    secret: str,
    events: WebhookEvents,
    wake: Wake,
    *,
    clock: Callable[[], float] = time.time,
    body_seconds: float = _BODY_SECONDS,
) -> RouteInstaller:
    """Take what TwelveLabs sends.

    Args:
        secret: what the TwelveLabs playground shows for the endpoint. There is one at a time: for
            another, change the setting and start again. Webhooks in between are lost, polling is
            not.
        events: which events have come already.
        wake: wakes an attempt.
        clock: seconds since 1970.
        body_seconds: how long a caller may take to send the body.
    """
    receiver = _Receiver(secret.encode(), events, wake, clock, body_seconds)

    def add(app: web.Application) -> None:
        app.router.add_post(PATH, receiver.handle)

    return add


class _Receiver:
    def __init__(
        self,
        secret: bytes,
        events: WebhookEvents,
        wake: Wake,
        clock: Callable[[], float],
        body_seconds: float,
    ) -> None:
        self._secret = secret
        self._events = events
        self._wake = wake
        self._clock = clock
        self._body_seconds = body_seconds
        self._hints = dict(_HINTS)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer 204 to whatever the vendor has signed, and an empty 4xx to everything else."""
        try:
            result = await self._take(request)
        except _Refused as refused:
            webhooks.labels(refused.result).inc()
            if hint := self._hints.pop(refused.result, None):
                log.warning("%s", hint)
            answer = web.Response(status=refused.status)
            answer.force_close()  # some of the body may still be on its way
            return answer
        webhooks.labels(result).inc()
        return web.Response(status=204)

    async def _take(self, request: web.Request) -> str:
        """Do what a webhook asks for, and name the result.

        Raises:
            _Refused: it is not the vendor's, not of today, or not what we know.
        """
        stamp, signatures = _read_header(request)
        if abs(self._clock() - int(stamp)) > _AGE_SECONDS:
            raise _Refused(401, "stale")
        body = await self._read_body(request)
        # 64 KB take a fraction of a millisecond: no reason to leave the loop
        wanted = hmac.new(self._secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not any(hmac.compare_digest(wanted, given.lower()) for given in signatures):
            raise _Refused(401, "forged")
        return await self._act_on(body)

    async def _read_body(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > _LARGEST_BYTES:
            raise _Refused(413, "too_large")
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                async for piece in request.content.iter_any():
                    body += piece
                    if len(body) > _LARGEST_BYTES:
                        raise _Refused(413, "too_large")
        except TimeoutError:
            raise _Refused(408, "slow") from None
        except (OSError, web.RequestPayloadError):  # hung up, or no HTTP
            raise _Refused(400, "malformed") from None
        return bytes(body)

    async def _act_on(self, body: bytes) -> str:
        try:
            event = _Event.model_validate_json(body)
            if event.type not in _ENDED:
                return "ignored"
            task_id = _TaskEnded.model_validate_json(body).data.id
        except ValidationError:
            raise _Refused(400, "malformed") from None
        try:
            async with asyncio.timeout(_REMEMBER_SECONDS):
                if not await self._events.is_new(event.id):
                    return "repeat"
                await self._wake(task_id)
        except (StorageUnavailable, TimeoutError) as error:
            log.warning("a webhook could not be remembered: %s", error_location(error))
            raise _Refused(503, "unavailable") from None  # the vendor sends it again
        return "rang"


def _read_header(request: web.Request) -> tuple[str, list[str]]:
    """Read `TL-Signature: t=<seconds since 1970>,v1=<hex>`; there may be several v1.

    Raises:
        _Refused: it is missing, there are two, or it says something else.
    """
    headers = request.headers.getall("TL-Signature", [])
    if len(headers) != 1 or len(headers[0]) > _HEADER_MAX:
        raise _Refused(400, "malformed")
    pairs = [_PAIR.fullmatch(part) for part in headers[0].split(",")]
    stamps = [pair[2] for pair in pairs if pair and pair[1] == "t"]
    signatures = [pair[2] for pair in pairs if pair and pair[1] == "v1"]
    if None in pairs or len(stamps) != 1 or not re.fullmatch("[0-9]{1,12}", stamps[0]):
        raise _Refused(400, "malformed")
    return stamps[0], signatures
