"""How often an address and a member may call, and how much of theirs may go on at once."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from aiohttp import web
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from core.errors import Refused
from web.callers import Callers, counted

ADDRESS = RateLimitItemPerMinute(3000, namespace="address")
"""A recording of 200 MB comes in 200 pieces, and a whole class may share an address."""
MEMBER = RateLimitItemPerMinute(1500, namespace="member")
WRONG = RateLimitItemPerMinute(30, namespace="wrong")
"""Links that are not ours, of an address; whoever has a link of ours is not hindered by it."""

STREAMS_OF_ONE = 3
STREAMS = 500

CHANGES_OF_ONE = 4
"""Calls that may change one recording at once; all but one wait. The page makes one, and another
when it has given up on the one before, which may still hold the recording for a while."""


class RateLimiter:
    """Counts calls in this process. Nothing of it is logged: addresses are personal data."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._streams: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()

    async def pass_address(self, request: web.Request) -> None:
        """Count a call.

        Raises:
            Refused: `too_many`.
        """
        await self._hit(ADDRESS, self._callers.of(request))

    async def pass_wrong(self, request: web.Request) -> None:
        """Count a link that is not ours; like `pass_address`, else."""
        await self._hit(WRONG, self._callers.of(request))

    async def pass_member(self, user_id: int) -> None:
        """Count a member's call; like `pass_address`, else."""
        await self._hit(MEMBER, str(user_id))

    @contextlib.contextmanager
    def watching(self, link_id: str) -> Iterator[None]:
        """Count who watches meanwhile.

        Raises:
            Refused: `too_many`.
        """
        if self._streams[link_id] >= STREAMS_OF_ONE or self._streams.total() >= STREAMS:
            raise _too_many()
        with counted(self._streams, link_id):
            yield

    @contextlib.contextmanager
    def changing(self, link_id: str) -> Iterator[None]:
        """Count who changes a recording meanwhile, or waits for their turn to.

        Raises:
            Refused: `upload_busy`; the page tries again by itself.
        """
        if self._changes[link_id] >= CHANGES_OF_ONE:
            raise Refused(
                "upload_busy", "An earlier part is still on its way. Try again in a moment."
            )
        with counted(self._changes, link_id):
            yield

    async def _hit(self, item: RateLimitItem, key: str) -> None:
        if not await self._limiter.hit(item, key):
            raise _too_many()


def _too_many() -> Refused:
    return Refused("too_many", "That was very often within a short time. Try again in a minute.")
