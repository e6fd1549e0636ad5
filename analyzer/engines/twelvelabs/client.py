"""The one way to call TwelveLabs: the official SDK over our HTTP client, with retries."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
import stamina
from twelvelabs import AsyncTwelveLabs

from analyzer.engines.twelvelabs.answers import bound
from analyzer.engines.twelvelabs.deadlines import Deadline, Deadlines
from analyzer.engines.twelvelabs.errors import CALL_ERRORS, DRIFT, VendorProblem, problem_of
from analyzer.engines.twelvelabs.turns import TurnTaker, held_up
from analyzer.engines.vendor_turns import Turns
from core.errors import MustWait
from core.network import UNPACKED
from core.telemetry import vendor_calls

log = logging.getLogger(__name__)

T = TypeVar("T")

Sleep = Callable[[float], Awaitable[None]]

_ID = re.compile(r"[A-Za-z0-9_-]{6,80}")
_CONNECTIONS = 200
_IDLE_CONNECTIONS = 5  # httpcore looks at each of them at every request
_SURPRISES_MAX = 4  # tries that may end in an answer we do not understand, or in a 404
_SHORTEST_WAIT = 0.5  # seconds, also where the vendor asks for none


class CallFailed(Exception):
    """A call failed for good, or until its deadline.

    `nothing_arrived`: in none of its tries the vendor can have done what was asked.
    """

    def __init__(self, problem: VendorProblem, *, nothing_arrived: bool = False) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.nothing_arrived = nothing_arrived


def is_transient(problem: VendorProblem) -> bool:
    """The usual answer to whether a failed call is tried again."""
    return problem.transient


class Vendor:
    """The SDK client `sdk`, and `call` to use it through."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None,
        deadlines: Deadlines,
        turns: Turns | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._each = deadlines.each
        self._has_line = turns is not None
        taker = TurnTaker(turns, sleep) if turns is not None else None
        # Our own client, because the SDK's follows redirects with the key in the headers and is
        # never closed. The SDK applies its read timeout to connect, write and pool as well, and
        # replaces `base_url` by TWELVELABS_BASE_URL of the environment (SDK 1.3.6).
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            timeout=deadlines.stall,
            headers={"Accept-Encoding": UNPACKED},
            event_hooks={
                "request": [taker.before] if taker else [],
                "response": [taker.after, bound] if taker else [bound],
            },
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
        until: Deadline,
        retry: Callable[[VendorProblem], bool] = is_transient,
        upload: bool = False,
    ) -> T:
        """Call `send` until it succeeds, fails for good, or the time is up.

        The SDK's own retries stay off: they drop form fields and do not rewind files.

        Args:
            what: Names the call in the log and in `/metrics`.
            send: One try. Anything it opens, it opens anew.
            until: When to give up. Waiting for our turn makes it later by as much.
            retry: Whether to try again after a problem.
            upload: Allow one try all the time there is.

        Raises:
            CallFailed: with the last problem.
            MustWait: our turn comes so late that nobody should hold a slot for it.
        """
        problems: list[VendorProblem] = []

        def backoff(error: Exception) -> bool | float:
            if not isinstance(error, CALL_ERRORS):
                return False
            problem = problem_of(error)
            problems.append(problem)
            log.info("%s: %s", what, problem.code)
            if self._has_line and problem.status == 429:
                return _SHORTEST_WAIT  # it was heard: the next try waits for its turn
            return _wait(problems, until) if retry(problem) else False

        async def one_try() -> T:
            with _counted(what):
                async with asyncio.timeout(None if upload else self._each) as each:
                    with held_up(until, whole, each):
                        return await send()

        retrying = stamina.retry(
            on=backoff, attempts=None, timeout=None, wait_initial=0.5, wait_max=10.0
        )
        try:
            async with asyncio.timeout_at(until.at) as whole:
                return await retrying(one_try)()
        except MustWait as wait:
            wait.nothing_arrived = not any(one.may_have_arrived for one in problems)
            raise
        except CALL_ERRORS as error:
            problem = problem_of(error)
            if isinstance(error, TimeoutError) and problems:
                problem = problems[-1]  # says more than that the time is up
            tries = (*problems, problem_of(error))
            none = not any(one.may_have_arrived for one in tries)
            raise CallFailed(problem, nothing_arrived=none) from None


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
    except MustWait:
        status = "waits"
        raise
    finally:
        vendor_calls.labels(what, status).inc()


def _status(problem: VendorProblem) -> str:
    refused = problem.status is not None and problem.status >= 300
    return str(problem.status) if refused else problem.code


def _wait(problems: list[VendorProblem], until: Deadline) -> bool | float:
    """Say how stamina goes on: seconds, `True` for its own backoff, `False` for giving up."""
    last = problems[-1]
    surprises = [t for t in problems if t.code == DRIFT or t.missing]
    if len(surprises) >= _SURPRISES_MAX:
        return False
    if last.retry_after is None:
        return True
    wait = max(last.retry_after, _SHORTEST_WAIT)
    return wait if until.allows(wait) else False


def checked_id(value: object) -> str:
    """Return an id of the vendor's that is fit for a path: the SDK does not encode them.

    Raises:
        ValueError: it is no such id.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError("not an id")
