"""Bounds on open connections, in all and of one address, so that no flood uses up our files.

aiohttp has none, and asyncio accepts whatever comes until no file descriptor is left; then Discord,
the database and TwelveLabs cannot be reached either. So each connection is either *busy*, while a
request is answered, or *quiet*: silent, in the middle of a request's head, or reading an answer.
Where one more would be too many, the one that has been quiet longest is closed in its favour:
whoever only holds connections open loses them, and whoever asks something is answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from web.callers import Callers, counted
from web.complaints import Complaint, Complaints

ACCEPTED_AT_ONCE = 8
"""asyncio's backlog: also how many it accepts in one go, before any can be counted and closed."""

QUEUE = 512
"""The kernel's own queue of those who have connected and were not accepted yet."""

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections there may be, and how long they may be quiet."""

    in_all: int = _MOST
    of_one: int = _MOST // 2  # an address; a whole class may share one
    requests_of_one: int = _MOST // 4  # under way at once, where proxies name who calls
    head_seconds: float = 20.0  # from connecting, or a request's first byte, to its head's last
    idle_seconds: float = 150.0
    """Longer than nginx (60) and Caddy (120) keep theirs: else they would reuse a closed one."""

    @classmethod
    def within(cls, descriptors: int) -> Bounds:
        """A quarter of the files that may be open at once; the rest is for the bot's own work.

        More than the quarter are open for a moment only: `ACCEPTED_AT_ONCE`, and about three times
        as many that are being closed.
        """
        most = max(16, min(_MOST, descriptors // 4))
        return cls(in_all=most, of_one=most // 2, requests_of_one=most // 4)


class Counted(Protocol):
    """A connection, as far as it is counted."""

    def drop(self) -> None:
        """Close it on the spot."""


class Connections:
    """All open connections of an application."""

    def __init__(
        self, bounds: Bounds, callers: Callers, complaints: Complaints | None = None
    ) -> None:
        self.bounds = bounds
        self.complaints = complaints or Complaints()
        self._callers = callers
        self._peers: dict[Counted, str] = {}
        self._open_of: Counter[str] = Counter()
        self._quiet: dict[Counted, None] = {}  # in the order in which they became so
        self._quiet_of: defaultdict[str, dict[Counted, None]] = defaultdict(dict)
        self._requests_of: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._peers)

    def arrived(self, connection: Counted, peer: str) -> None:
        """Count a connection, in place of one that is quiet where it would be one too many."""
        crowd = None
        if not self._callers.named and self._open_of[peer] >= self.bounds.of_one:
            crowd = self._quiet_of[peer]
        elif len(self) >= self.bounds.in_all:
            crowd = self._quiet
        if crowd is not None:
            oldest = next(iter(crowd), None)
            if oldest is None:
                self.complaints.add(Complaint.REFUSED)
                connection.drop()
                return
            self.complaints.add(Complaint.CROWDED_OUT)
            oldest.drop()
            self.left(oldest)
        self._peers[connection] = peer
        self._open_of[peer] += 1
        self.set_quiet(connection, quiet=True)

    def left(self, connection: Counted) -> None:
        """Count a connection no more."""
        peer = self._peers.pop(connection, None)
        if peer is None:
            return
        self.set_quiet(connection, quiet=False, peer=peer)
        self._open_of[peer] -= 1
        if not self._open_of[peer]:
            del self._open_of[peer]
            self._quiet_of.pop(peer, None)

    def set_quiet(self, connection: Counted, *, quiet: bool, peer: str | None = None) -> None:
        """Note that a connection is quiet from now on, or no more."""
        peer = peer or self._peers.get(connection)
        if peer is None:
            return
        for crowd in (self._quiet, self._quiet_of[peer]):
            crowd.pop(connection, None)
            if quiet:
                crowd[connection] = None

    @contextmanager
    def under_way(self, request: web.Request) -> Iterator[bool]:
        """Count a request meanwhile; yields whether its caller may have it answered.

        Without a proxy the bound on an address's connections does as well.
        """
        if not self._callers.named:
            yield True
            return
        caller = self._callers.of(request)
        fits = self._requests_of[caller] < self.bounds.requests_of_one
        if not fits:
            self.complaints.add(Complaint.SHARE)
        with counted(self._requests_of, caller):
            yield fits
