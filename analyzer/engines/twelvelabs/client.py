"""The one way to call TwelveLabs: the official SDK over our HTTP client, with retries."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx
import stamina
from twelvelabs import AsyncTwelveLabs

from analyzer.engines.twelvelabs.answers import bound
from analyzer.engines.twelvelabs.errors import CALL_ERRORS, DRIFT, VendorProblem, problem_of
from core.network import UNPACKED
from core.telemetry import vendor_calls

log = logging.getLogger(__name__)

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_-]{6,80}")
_CONNECTIONS = 200
_IDLE_CONNECTIONS = 5  # httpcore looks at each of them at every request
_SURPRISES_MAX = 4  # tries that may end in an answer we do not understand, or in a 404
_SHORTEST_WAIT = 0.5  # seconds, also where the vendor asks for none


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each step may take, in seconds, retries included."""

    upload: float = 900
    ready: float = 900  # an uploaded clip becoming usable
    start: float = 900
    poll: float = 900  # one look at an analysis; an outage of ten minutes must fit in
    transcription: float = 6
    discard: float = 90
    check: float = 20
    each: float = 30  # one try of any call but an upload
    stall: float = 90  # an upload during which nothing moves


class CallFailed(Exception):
    """A call failed for good, or until its deadline."""

    def __init__(self, problem: VendorProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def is_transient(problem: VendorProblem) -> bool:
    """The usual answer to whether a failed call is tried again."""
    return problem.transient


class Vendor:
    """The SDK client `sdk`, and `call` to use it through."""

    def __init__(self, *, api_key: str, base_url: str | None, deadlines: Deadlines) -> None:
        self._each = deadlines.each
        # Our own client, because the SDK's follows redirects with the key in the headers and is
        # never closed. The SDK applies its read timeout to connect, write and pool as well, and
        # replaces `base_url` by TWELVELABS_BASE_URL of the environment (SDK 1.3.6).
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            timeout=deadlines.stall,
            headers={"Accept-Encoding": UNPACKED},
            event_hooks={"response": [bound]},
            limits=httpx.Limits(
                max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE_CONNECTIONS
            ),
        )
        self.sdk = AsyncTwelveLabs(
            api_key=api_key.strip(), base_url=base_url, httpx_client=self._http
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(
        self,
        what: str,
        send: Callable[[], Awaitable[T]],
        *,
        until: float,
        retry: Callable[[VendorProblem], bool] = is_transient,
        upload: bool = False,
    ) -> T:
        """Call `send` until it succeeds, fails for good, or the time is up.

        The SDK's own retries stay off: they drop form fields and do not rewind files.

        Args:
            what: Names the call in the log and in `/metrics`.
            send: One try. Anything it opens, it opens anew.
            until: When to give up, in the loop's time.
            retry: Whether to try again after a problem.
            upload: Allow one try all the time there is.

        Raises:
            CallFailed: with the last problem.
        """
        problems: list[VendorProblem] = []

        def backoff(error: Exception) -> bool | float:
            if not isinstance(error, CALL_ERRORS):
                return False
            problem = problem_of(error)
            problems.append(problem)
            log.info("%s: %s", what, problem.code)
            return _wait(problems, until) if retry(problem) else False

        async def one_try() -> T:
            with _counted(what):
                async with asyncio.timeout(None if upload else self._each):
                    return await send()

        retrying = stamina.retry(
            on=backoff, attempts=None, timeout=None, wait_initial=0.5, wait_max=10.0
        )
        try:
            async with asyncio.timeout_at(until):
                return await retrying(one_try)()
        except CALL_ERRORS as error:
            problem = problem_of(error)
            if isinstance(error, TimeoutError) and problems:
                problem = problems[-1]  # says more than that the time is up
            raise CallFailed(problem) from None


@contextmanager
def _counted(what: str) -> Iterator[None]:
    """Count a try by how it ended; `cut_off` is one whose time, or whose attempt, was up."""
    status = "bug"
    try:
        yield
        status = "ok"
    except CALL_ERRORS as error:
        status = _status(problem_of(error))
        raise
    except asyncio.CancelledError:
        status = "cut_off"
        raise
    finally:
        vendor_calls.labels(what, status).inc()


def _status(problem: VendorProblem) -> str:
    refused = problem.status is not None and problem.status >= 300
    return str(problem.status) if refused else problem.code


def _wait(problems: list[VendorProblem], until: float) -> bool | float:
    """Say how stamina goes on: seconds, `True` for its own backoff, `False` for giving up."""
    last = problems[-1]
    surprises = [t for t in problems if t.code == DRIFT or t.missing]
    if len(surprises) >= _SURPRISES_MAX:
        return False
    if last.retry_after is None:
        return True
    wait = max(last.retry_after, _SHORTEST_WAIT)
    return wait if within(wait) < until else False


def within(seconds: float) -> float:
    """Return when `seconds` from now is, in the loop's time."""
    return asyncio.get_running_loop().time() + seconds


def checked_id(value: object) -> str:
    """Return an id of the vendor's that is fit for a path: the SDK does not encode them.

    Raises:
        ValueError: it is no such id.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError("not an id")
