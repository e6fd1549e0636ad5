"""Takes a turn before each request to TwelveLabs, and learns of limits from each answer.

Hooks of httpx's client, since one call may be several requests: it looks whether something is
there, and creates it then; it deletes, cancels, and deletes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

from analyzer.engines.twelvelabs.deadlines import Deadline
from analyzer.engines.vendor_turns import CallKind, Turns, current_waiter

_KIND = "greenroom_kind"  # in a request's extensions

_Clocks = tuple[Deadline, asyncio.Timeout, asyncio.Timeout]

_clocks: ContextVar[_Clocks | None] = ContextVar("clocks of a call", default=None)


@contextmanager
def held_up(deadline: Deadline, *timeouts: asyncio.Timeout) -> Iterator[None]:
    """Put these off by what a request inside waits for its turn."""
    whole, each = timeouts
    token = _clocks.set((deadline, whole, each))
    try:
        yield
    finally:
        _clocks.reset(token)


class TurnTaker:
    """The two hooks."""

    def __init__(self, turns: Turns, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._turns = turns
        self._sleep = sleep

    async def before(self, request: httpx.Request) -> None:
        """Wait until a request may go.

        Raises:
            MustWait: for too long to wait here.
        """
        kind, waiter = kind_of(request.method, request.url), current_waiter()
        request.extensions[_KIND] = kind
        while wait := await self._turns.ask(kind, waiter):
            _put_off(wait)
            try:
                await self._sleep(wait)
            except asyncio.CancelledError:
                await self._turns.leave(kind, waiter)
                raise

    async def after(self, response: httpx.Response) -> None:
        """Learn from an answer."""
        kind = response.request.extensions[_KIND]
        await self._turns.learn(kind, response.status_code, response.headers)


def kind_of(method: str, url: httpx.URL) -> CallKind:
    """What a request is for. A list is what creating and deleting begin with, or a look at all."""
    what = url.path.rstrip("/").rpartition("/")[2]
    if method == "POST":
        return {"assets": CallKind.UPLOAD, "tasks": CallKind.ANALYZE}.get(what, CallKind.TIDY)
    if method == "GET" and (what not in ("assets", "tasks") or "status" in url.params):
        return CallKind.LOOK
    return CallKind.TIDY


def _put_off(seconds: float) -> None:
    if (clocks := _clocks.get()) is None:
        return
    deadline, whole, each = clocks
    deadline.put_off(seconds)
    for timeout in (whole, each):
        if (at := timeout.when()) is not None:
            timeout.reschedule(at + seconds)
