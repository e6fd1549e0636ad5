"""Wakes an attempt that waits for its vendor, when a webhook says that its work is done."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress

_REMEMBERED = 1000
"""Rings that nobody waited for: a webhook may be faster than the answer that names the work."""


class Wakeups:
    """Rings for keys, such as the id of a vendor's task. One lives in each process."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Timeout]] = {}
        self._early: OrderedDict[str, None] = OrderedDict()

    def wake(self, key: str) -> None:
        """Wake whoever waits for this key; else whoever waits for it next does not wait."""
        if waiting := self._waiting.pop(key, None):
            for wait in waiting:
                wait.reschedule(asyncio.get_running_loop().time())
            return
        self._early[key] = None
        if len(self._early) > _REMEMBERED:
            self._early.popitem(last=False)

    async def wait(
        self,
        key: str,
        seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> bool:
        """Wait until this key rings, but at most so many seconds; returns whether it rang."""
        if key in self._early:
            del self._early[key]
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as wait:
                self._waiting.setdefault(key, set()).add(wait)
                try:
                    await sleep(seconds)
                finally:
                    self._forget(key, wait)
        return wait.expired()

    def _forget(self, key: str, wait: asyncio.Timeout) -> None:
        waiting = self._waiting.get(key, set())
        waiting.discard(wait)
        if not waiting:
            self._waiting.pop(key, None)
