"""Turns whatever a TwelveLabs call raised into Greenroom's errors, without a word of the vendor's.

Everything is decided by status and code. The SDK's exception classes differ from endpoint to
endpoint, its messages hold the vendor's body, and a body may be flat, nested, empty or HTML.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from twelvelabs.core.api_error import ApiError

from core.errors import EngineBusy, EngineError, EngineRefused, EngineUnavailable
from core.network import retry_after

_ACCESS = (
    "Greenroom's TwelveLabs access isn't working right now. Tell whoever runs this bot; "
    "your clip is fine."
)
_OUR_FAULT = (
    "TwelveLabs didn't take the request the way this bot sent it. Tell whoever runs this bot; "
    "your clip is fine."
)
_UNREADABLE = "TwelveLabs couldn't read that clip. Export it as MP4 (H.264) and try again."
_GONE = "TwelveLabs no longer has that clip. Please send it again."
_CANCELLED = "The analysis was cancelled at TwelveLabs. Please send the clip again."
_GENERAL = "TwelveLabs couldn't analyze that clip. Export it as MP4 (H.264) and try again."
UNAVAILABLE = "TwelveLabs isn't answering right now. Try again in a few minutes."

REFUSALS: Mapping[str, str] = {
    "parameter_invalid": _OUR_FAULT,
    "parameter_not_provided": _OUR_FAULT,
    "parameter_unknown": _OUR_FAULT,
    "video_duration_too_short": "That clip is too short for TwelveLabs. "
    "Record at least 4 seconds and try again.",
    "video_duration_too_long": "That clip is too long for TwelveLabs. "
    "Record a shorter answer and try again.",
    "video_resolution_too_low": "That picture is too small for TwelveLabs. "
    "Record with at least 360 pixels on each side and try again.",
    "video_resolution_too_high": "That picture is too large for TwelveLabs. "
    "Export the clip at 1080p and try again.",
    "video_resolution_invalid_aspect_ratio": "That picture is too narrow for TwelveLabs. "
    "Record it no narrower than 1:2.4 and try again.",
    "video_file_broken": _UNREADABLE,
    "audio_file_broken": "TwelveLabs couldn't read that clip's sound. "
    "Export it as MP4 with AAC sound and try again.",
    "unsupported_file_type": _UNREADABLE,
    "video_filesize_too_large": "That file is too large for TwelveLabs. "
    "Export it smaller (720p is plenty) and try again.",
    "token_limit_exceeded": "That clip is too long for the model. "
    "Record a shorter answer and try again.",
    "resource_not_exist": _GONE,
    "api_key_invalid": _ACCESS,
    "unauthorized": _ACCESS,
    "api_allowed_for_paid_plan": _ACCESS,
    "api_not_allowed": _ACCESS,
    "region_not_allowed": _ACCESS,
    "usage_limit_exceeded": "This bot's TwelveLabs quota is used up. Tell whoever runs this bot; "
    "your clip is fine.",
    "user_canceled": _CANCELLED,
    "batch_canceled": _CANCELLED,
    "batch_expired": _CANCELLED,
}
"""What a member is told for each final code of the vendor's error-code page and task errors."""

_TRANSIENT_CODES = frozenset(
    {
        "asset_not_ready",
        "batch_processing_timeout",
        "internal_server_error",
        "request_canceled_or_timed_out",
        "service_unavailable",
        "task_cannot_be_deleted",
        "too_many_requests",
    }
)
_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BY_STATUS: Mapping[int, str] = {
    401: "api_key_invalid",
    402: "usage_limit_exceeded",
    403: "api_not_allowed",
    404: "resource_not_exist",
    413: "video_filesize_too_large",
    422: "parameter_invalid",
    429: "too_many_requests",
}
_BUSY_SECONDS = 60.0  # when a 429 names no time
DRIFT = "unexpected_answer"


@dataclass(frozen=True, slots=True)
class VendorProblem:
    """What is known about a failed call."""

    code: str  # one of ours, or a known one of the vendor's: safe to log
    status: int | None = None  # None: no HTTP answer, or none that the SDK understands
    retry_after: float | None = None  # seconds the vendor asked to wait
    may_have_arrived: bool = True  # the vendor may have done what was asked

    @property
    def transient(self) -> bool:
        """Whether the same call may work a little later."""
        if self.code in REFUSALS:
            return False
        if self.code in _TRANSIENT_CODES or self.status is None:
            return True
        return self.status in _TRANSIENT_STATUSES or self.status >= 500 or self.code == DRIFT

    @property
    def missing(self) -> bool:
        """Whether the vendor has no such thing (any more)."""
        return self.status == 404 or self.code == "resource_not_exist"

    def to_engine_error(self) -> EngineError:
        """The error that the member is told about."""
        if self.transient and (self.status == 429 or self.retry_after is not None):
            wait = _BUSY_SECONDS if self.retry_after is None else self.retry_after
            return EngineBusy(
                self.code, f"TwelveLabs is busy. Try again {_in(wait)}.", retry_after=wait
            )
        if self.transient or self.code == "redirected":
            return EngineUnavailable(self.code, UNAVAILABLE)
        return EngineRefused(self.code, REFUSALS.get(self.code, _GENERAL))


CALL_ERRORS = (ApiError, httpx.HTTPError, TimeoutError, ValueError, RecursionError)
"""What a call raises when something is wrong with the vendor, the connection or an answer.

Pydantic's and JSON's errors are ValueErrors. Whatever else is raised is a bug of ours.
"""


def problem_of(error: Exception) -> VendorProblem:
    """Classify one of the `CALL_ERRORS`."""
    if isinstance(error, ApiError):
        return _of_answer(error)
    if isinstance(error, httpx.HTTPError):
        return VendorProblem("network", may_have_arrived=not isinstance(error, _NEVER_SENT))
    if isinstance(error, TimeoutError):
        return VendorProblem("timeout")
    if isinstance(error, UnicodeEncodeError):  # the key cannot even be put into a header
        return VendorProblem("api_key_invalid", may_have_arrived=False)
    return VendorProblem(DRIFT)


def transient_or_missing(problem: VendorProblem) -> bool:
    """Try again also when something just created cannot be found yet."""
    return problem.transient or problem.missing


def failure_of_task(status: object, code: object) -> EngineError | None:
    """Return why an analysis ended badly, or `None` when it did not.

    `EngineUnavailable` means that nothing was wrong with the clip: another try may work.
    """
    if status not in ("failed", "canceled"):
        return None
    known = code if isinstance(code, str) else ""
    if known in REFUSALS:
        return EngineRefused(known, REFUSALS[known])
    if known in _TRANSIENT_CODES:
        return EngineUnavailable(known, UNAVAILABLE)
    if status == "canceled":
        return EngineRefused("task_canceled", _CANCELLED)
    return EngineRefused("task_failed", _GENERAL)


def asset_failure() -> EngineRefused:
    """Return the error for an asset that failed: the vendor says why in free text only."""
    return EngineRefused("asset_failed", _UNREADABLE)


def clip_missing() -> EngineRefused:
    """Return the error for a clip that is neither here nor at the vendor."""
    return EngineRefused("clip_missing", "The clip is no longer here. Please send it again.")


def _of_answer(error: ApiError) -> VendorProblem:
    status = error.status_code or 0
    arrived = status < 300 or status == 408 or status >= 500
    if 200 <= status < 300:  # the SDK raises for a success whose body is not JSON
        return VendorProblem(DRIFT, status)
    if 300 <= status < 400:
        return VendorProblem("redirected", status, may_have_arrived=False)
    code = _code_in(error.body)
    if code is None or status in (401, 429):
        code = code if code == "usage_limit_exceeded" else _BY_STATUS.get(status)
    return VendorProblem(
        code or f"http_{status}", status, retry_after(error.headers or {}), arrived
    )


def _code_in(body: object) -> str | None:
    """Find a code we know in a body that is flat, nested under `error`, or something else."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        code = inner.get("code") if isinstance(inner, Mapping) else None
        if isinstance(code, str) and (code in REFUSALS or code in _TRANSIENT_CODES):
            return code
    return None


def _in(seconds: float) -> str:
    """Say in words when `seconds` from now is."""
    if seconds < 90:
        return "in a minute or two"
    minutes = math.ceil(seconds / 60)
    return f"in about {minutes} minutes" if minutes < 120 else f"in about {minutes // 60} hours"
