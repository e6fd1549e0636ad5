"""How often an address and a member may call, how many may watch, and whose address it is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from errors import Refused

ADDRESS = RateLimitItemPerMinute(3000, namespace="address")
"""A recording of 200 MB comes in 200 pieces, and a whole class may share an address."""
MEMBER = RateLimitItemPerMinute(1500, namespace="member")
WRONG = RateLimitItemPerMinute(30, namespace="wrong")
"""Links that are not ours, of an address; whoever has a link of ours is not hindered by it."""

STREAMS_OF_ONE = 3
STREAMS = 500

_FORWARDED_MAX = 2000  # characters of the header that are looked at


class Gates:
    """Counts calls in this process. Nothing of it is logged: addresses are personal data."""

    def __init__(self, trusted_proxies: int) -> None:
        """`trusted_proxies` is how many of our own stand in front and name who called."""
        self._proxies = trusted_proxies
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._streams: Counter[str] = Counter()

    async def pass_address(self, request: web.Request) -> None:
        """Count a call.

        Raises:
            Refused: `too_many`.
        """
        await self._hit(ADDRESS, self.address_of(request))

    async def pass_wrong(self, request: web.Request) -> None:
        """Count a link that is not ours; like `pass_address`, else."""
        await self._hit(WRONG, self.address_of(request))

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
        self._streams[link_id] += 1
        try:
            yield
        finally:
            self._streams[link_id] -= 1
            self._streams += Counter()  # takes out what is at zero

    def address_of(self, request: web.Request) -> str:
        """Who calls: the socket's other end, or whom the outermost of our proxies has named.

        What stands further left in `X-Forwarded-For` is whatever the caller has written there.
        """
        if self._proxies:
            header = ",".join(request.headers.getall("X-Forwarded-For", []))
            named = header[-_FORWARDED_MAX:].split(",")
            if len(named) >= self._proxies and (found := _network(named[-self._proxies].strip())):
                return found
        return _network(request.remote or "") or "unknown"

    async def _hit(self, item: RateLimitItem, key: str) -> None:
        if not await self._limiter.hit(item, key):
            raise _too_many()


def _network(text: str) -> str:
    """An address, of IPv6 the network that one household has; "" for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _too_many() -> Refused:
    return Refused("too_many", "That was very often within a short time. Try again in a minute.")
