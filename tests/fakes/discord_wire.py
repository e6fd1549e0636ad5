"""What every part of the Discord stand-in speaks: ids, answers, refusals, bodies, and waiting."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import BodyPartReader, web

API = "/api/v10"

_EPOCH_MS = 1_420_070_400_000
_numbers = itertools.count()

T = TypeVar("T")


@dataclass(slots=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str  # below /api/v10, or the whole path outside it
    at: float  # seconds, time.monotonic()
    json: Any = None
    files: int = 0
    status: int | None = None  # None: not answered, or the connection was ended


SEEN = web.RequestKey("seen", Seen)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sent: a member with a command, or the bot with a message."""

    name: str
    content: bytes = field(repr=False)


class Refusal(Exception):
    """The request breaks a rule of Discord's. `errors` is nested as Discord does with 50035."""

    def __init__(
        self, status: int, code: int, message: str, errors: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def response(self) -> web.Response:
        """Make the HTTP answer."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return answer(body, status=self.status)


def answer(
    body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with JSON and exactly `application/json`: discord.py compares the whole header."""
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )


def snowflake() -> str:
    """Make an id like Discord's: it holds the time, and none comes twice."""
    milliseconds = int(time.time() * 1000) - _EPOCH_MS
    return str((milliseconds << 22) | (next(_numbers) & 0x3F_FFFF))


async def read_body(request: web.Request) -> tuple[dict[str, Any], list[Upload]]:
    """Read a body of JSON, or of `payload_json` with files, and note it on the request's record."""
    payload: Any = {}
    files: list[Upload] = []
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "payload_json":
                payload = json.loads(await part.text())
            else:
                files.append(Upload(part.filename or "file", bytes(await part.read())))
    elif request.can_read_body:
        payload = await request.json()
    request[SEEN].json, request[SEEN].files = payload, len(files)
    return (payload if isinstance(payload, dict) else {"items": payload}), files


class Watch:
    """Lets tests wait for what they want to see, instead of for time to pass."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def changed(self) -> None:
        """Let everybody who waits look again."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, look: Callable[[], T | None], within: float, what: str) -> T:
        """Return what `look` finds, as soon as it is true.

        Raises:
            AssertionError: nothing was found `within` seconds; the text says `what`.
        """
        try:
            async with asyncio.timeout(within):
                while not (found := look()):
                    await self._event.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"{what}: not within {within:g} s") from None
