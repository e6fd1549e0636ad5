"""The ways the TwelveLabs stand-in can go wrong, and the errors it answers by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.packed import bomb

BodyShape = Literal["flat", "nested", "empty", "html", "packed", "huge", "odd type"]

VENDOR_MESSAGES: Mapping[str, tuple[int, str]] = {
    "parameter_invalid": (400, "The request parameter is invalid."),
    "parameter_not_provided": (400, "A required request parameter is missing."),
    "parameter_unknown": (400, "The request contains an unknown parameter."),
    "video_duration_too_short": (400, "The video is shorter than the allowed minimum."),
    "video_duration_too_long": (400, "Video duration exceeds maximum allowed duration"),
    "video_resolution_too_low": (400, "The resolution of the video is too low."),
    "video_resolution_too_high": (400, "The resolution of the video is too high."),
    "video_resolution_invalid_aspect_ratio": (400, "The aspect ratio is out of range."),
    "video_file_broken": (400, "The video file cannot be read."),
    "video_filesize_too_large": (413, "The video file is too large."),
    "audio_file_broken": (400, "The audio track cannot be read."),
    "unsupported_file_type": (400, "The file type is not supported."),
    "token_limit_exceeded": (400, "The input is longer than the model can take."),
    "resource_not_exist": (404, "The resource does not exist."),
    "api_key_invalid": (401, "The API key is invalid or was revoked."),
    "unauthorized": (401, "The request is not authorized."),
    "api_allowed_for_paid_plan": (403, "This endpoint needs a paid plan."),
    "api_not_allowed": (403, "This endpoint is not enabled."),
    "region_not_allowed": (403, "The service is not offered in this region."),
    "usage_limit_exceeded": (403, "The plan's quota is used up."),
    "too_many_requests": (429, "You have exceeded the rate limit. Please try again later."),
    "request_canceled_or_timed_out": (500, "The request was canceled or timed out."),
    "internal_server_error": (500, "Something went wrong."),
    "task_cannot_be_deleted": (409, "The task is being processed."),
}
"""Each vendor code with its usual HTTP status and a message in the vendor's manner."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with an error instead of doing the work, or (`done`) after having done it."""

    status: int
    code: str = "internal_server_error"
    shape: BodyShape = "flat"
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False

    def response(self) -> web.Response:
        """Make the HTTP answer in its shape."""
        if self.shape == "empty":
            return web.Response(status=self.status, headers=self.headers)
        if self.shape == "html":
            page = f"<html><head><title>{self.status}</title></head><body>nginx</body></html>"
            return web.Response(
                status=self.status, headers=self.headers, text=page, content_type="text/html"
            )
        if self.shape == "packed":
            headers = {**self.headers, "Content-Encoding": "br"}
            return web.Response(status=self.status, headers=headers, body=bomb("br", 1 << 28))
        if self.shape == "huge":
            return web.Response(status=self.status, headers=self.headers, body=bytes(20_000_000))
        if self.shape == "odd type":
            headers = {**self.headers, "Content-Type": "a/b" + ";" * 4000}
            return web.Response(status=self.status, headers=headers, body=b"{}")
        default = VENDOR_MESSAGES.get(self.code, (0, "Something went wrong."))[1]
        body: dict[str, Any] = {"code": self.code, "message": default}
        if self.shape == "nested":
            body = {"error": body}
        return web.json_response(body, status=self.status, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the connection without doing the work."""


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """Do the work and keep what it made, then close the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Never answer, until the stand-in closes. `done`: the work is done first."""

    done: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client to another host, which records what it gets."""

    status: int = 307


@dataclass(frozen=True, slots=True)
class CloseEarly:
    """Answer 413 while the upload is still coming in, and close the connection."""


Fault = Answer | Reset | LostAnswer | Silence | Redirect | CloseEarly


class Refusal(Exception):
    """The request breaks a rule of the vendor."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def vendor_error(
    code: str, shape: BodyShape = "flat", headers: Mapping[str, str] | None = None
) -> Answer:
    """Make the answer the vendor gives with one of its codes (the keys of `VENDOR_MESSAGES`)."""
    return Answer(VENDOR_MESSAGES[code][0], code, shape, headers or {})


def rate_limited(retry_after: int, shape: BodyShape = "empty") -> Answer:
    """Make a 429 that asks for `retry_after` seconds; the real ones often have an empty body."""
    headers = {"retry-after": str(retry_after), "x-ratelimit-request-remaining": "0"}
    return Answer(429, "too_many_requests", shape, headers)


MISSING_ONCE = vendor_error("resource_not_exist")
"""For a GET right after a create, before every machine of the vendor knows the new thing."""


def meant(method: str, path: str, actual_method: str, actual_path: str) -> bool:
    """Tell whether a request fits a method (`*`: any) and a path where `*` is one segment."""
    pattern = re.escape(path).replace(r"\*", "[^/]+")
    return method in ("*", actual_method) and re.fullmatch(pattern, actual_path) is not None


class FaultQueue:
    """One-shot faults, waiting for the requests they are meant for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str, Fault]] = []

    def add(self, method: str, path: str, *faults: Fault) -> None:
        """Queue faults for requests that fit (see `meant`)."""
        self._waiting += [(method, path, fault) for fault in faults]

    def take(self, method: str, path: str) -> Fault | None:
        """Take the oldest fault that is meant for this request."""
        for number, (wanted_method, wanted_path, fault) in enumerate(self._waiting):
            if meant(wanted_method, wanted_path, method, path):
                del self._waiting[number]
                return fault
        return None

    def __len__(self) -> int:
        return len(self._waiting)
