"""The ways the Discord stand-in can be told to go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.discord_wire import answer
from tests.fakes.twelvelabs_faults import meant


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with an error instead of doing the work."""

    status: int
    code: int = 0
    message: str = "made to fail"
    more: Mapping[str, object] = field(default_factory=dict)  # put into the body
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str = ""  # HTML in place of a JSON body, as a proxy on the way answers

    def response(self) -> web.Response:
        """Make the HTTP answer."""
        if self.page:
            return web.Response(status=self.status, text=self.page, content_type="text/html")
        body = {"message": self.message, "code": self.code, **self.more}
        return answer(body, status=self.status, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Reset:
    """End the connection without an answer, and without doing the work."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Never answer, until the stand-in closes. `done`: the work is done first."""

    done: bool = False


Fault = Answer | Reset | Silence

UNAUTHORIZED = Answer(401, 0, "401: Unauthorized")
TOKEN_EXPIRED = Answer(401, 50027, "Invalid Webhook Token")
UNKNOWN_WEBHOOK = Answer(404, 10015, "Unknown Webhook")
MISSING_ACCESS = Answer(403, 50001, "Missing Access")
BAD_GATEWAY = Answer(502, page="<html><title>502 Bad Gateway</title>cloudflare</html>")
FILE_GONE = Answer(404, 0, "This content is no longer available.")


def rate_limited(retry_after: float, *, everywhere: bool = False) -> Answer:
    """Make a 429. Without a `Via` header discord.py takes it for a ban by Cloudflare."""
    return Answer(
        429,
        0,
        "You are being rate limited.",
        more={"retry_after": retry_after, "global": everywhere},
        headers={
            "Via": "1.1 stand-in",
            "Retry-After": str(retry_after),
            "X-RateLimit-Scope": "global" if everywhere else "user",
        },
    )


class FaultQueue:
    """One-shot faults, waiting for the requests they are meant for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str, Fault]] = []

    def add(self, method: str, path: str, fault: Fault, times: int) -> None:
        """Queue a fault for requests that fit: `*` is any method, or one segment of a path."""
        self._waiting += [(method, path, fault)] * times

    def take(self, method: str, path: str) -> Fault | None:
        """Take the oldest fault that is meant for this request."""
        for number, (wanted_method, wanted_path, fault) in enumerate(self._waiting):
            if meant(wanted_method, wanted_path, method, path):
                del self._waiting[number]
                return fault
        return None

    def __len__(self) -> int:
        return len(self._waiting)
