"""The one limiter of an API key: kept in the database, so all processes and restarts share it.

The library `limits` does not fit: none of its storages is our database, its strategies know neither
a line with places nor calls that go before others, and what it counts by is fixed when it starts,
while a vendor tells its limits as it goes.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from analyzer.engines.vendor_turns import CallKind, Waiter
from analyzer.vendor_limits.line import Answer, Line, Rules
from analyzer.vendor_limits.rate_headers import read_limits
from core.errors import MustWait, StorageUnavailable
from core.telemetry import vendor_waits
from storage.repositories.vendor_limits import VendorLimits

log = logging.getLogger(__name__)

T = TypeVar("T")

_FRESH_SECONDS = 2.0
"""For how long what another process may have learned is not looked up."""

_RECENT = 1000


class Limiter:
    """Says whose turn it is. See `Turns`.

    Where nothing is known of a limit, or it is far away, a call costs no transaction. Where the
    database cannot be used, this process goes on by what it knows.
    """

    def __init__(
        self,
        limits: VendorLimits,
        key_hash: str,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        """Make one for the key with this hash (`storage.repositories.vendor_limits.hash_of`)."""
        self._limits = limits
        self._key_hash = key_hash
        self._rules = rules
        self._clock = clock
        self._line = Line()
        self._read_at: float | None = None
        self._recent: deque[float] = deque(maxlen=_RECENT)

    async def check(self, kind: CallKind, waiter: Waiter) -> None:
        """See whether a turn is near, before work is done for it; it takes a place in line.

        Raises:
            MustWait: it is too long to wait for in place.
        """
        await self.ask(kind, waiter, takes=False)

    async def ask(self, kind: CallKind, waiter: Waiter, *, takes: bool = True) -> float:
        """Take a turn: 0.0, the call may go now; else in how many seconds to ask again.

        Raises:
            MustWait: that is too long to wait for in place.
        """
        await self._refresh()
        now = self._now()
        if self._line.unlimited(kind, now, self._rules):
            answer = Answer(0.0)
        else:
            since = None if waiter.since is None else waiter.since.timestamp()
            answer = await self._change(
                lambda line: line.ask(kind, waiter.id, since, now, self._rules, takes=takes)
            )
        if not answer.wait and takes:
            self._recent.append(now)
        if not answer.in_place:
            log.info("%s waits for its turn: place %d, %.0f s", kind, answer.place, answer.wait)
            until = self._clock() + timedelta(seconds=answer.wait)
            raise MustWait(answer.wait, until, answer.place)
        return answer.wait

    async def leave(self, kind: CallKind, waiter: Waiter) -> None:
        """Give a place in line up: nobody waits for it any more."""
        await self._change(lambda line: line.leave(kind, waiter.id))

    async def forget(self, attempt_id: str) -> None:
        """Let an attempt that was cancelled or deleted be in nobody's way."""
        await self._refresh()
        mine = any(one.waiter == attempt_id for one in self._line.waiting.values())
        if mine or attempt_id in self._line.reserved:
            await self._change(lambda line: line.forget(attempt_id))

    async def waiting(self) -> int:
        """How many calls of all processes wait for their turn."""
        await self._refresh()
        now = self._now()
        return sum(one.gone_at > now for one in self._line.waiting.values())

    async def learn(self, kind: CallKind, status: int, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the vendor's limits."""
        now = self._now()
        said = read_limits(headers, now)
        known = self._line.guesses or any(kind in one.kinds for one in self._line.told.values())
        if status != 429 and not said.told and not known:
            return
        recent = list(self._recent)

        def note(line: Line) -> None:
            line.learn(kind, status, said, now, recent)

        after = self._line.model_copy(deep=True)
        note(after)
        far = all(line.unlimited(kind, now, self._rules) for line in (self._line, after))
        if far and status != 429:
            self._line = after  # not worth a transaction
        else:
            await self._change(note)

    async def _refresh(self) -> None:
        now = self._now()
        if self._read_at is not None and 0 <= now - self._read_at < _FRESH_SECONDS:
            return
        try:
            text = await self._limits.read(self._key_hash)
        except StorageUnavailable:
            return
        if text is not None:
            self._line = Line.read(text)
        self._read_at = now

    async def _change(self, how: Callable[[Line], T]) -> T:
        def change(text: str | None) -> tuple[str, T]:
            line = Line.read(text) if text is not None else self._line.model_copy(deep=True)
            result = how(line)
            self._line = line
            vendor_waits.set(len(line.waiting))
            return line.text(), result

        try:
            return await self._limits.change(self._key_hash, change)
        except StorageUnavailable:
            return how(self._line)

    def _now(self) -> float:
        return self._clock().timestamp()
