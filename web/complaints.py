"""What goes wrong with connections, told in one line a minute at most, with counts and no names."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from enum import StrEnum

from core.telemetry import turned_away

log = logging.getLogger(__name__)

FIRST_SECONDS = 1.0
"""How long is counted before the first line, so that a flood's beginning is one line too."""

BETWEEN_SECONDS = 60.0


class Complaint(StrEnum):
    """Why somebody was not served; the value is the label in `/metrics`."""

    CROWDED_OUT = "crowded_out"
    REFUSED = "refused"
    SHARE = "share"
    UNREADABLE = "unreadable"
    NO_FILES = "no_files"


_WORDS = {
    Complaint.CROWDED_OUT: "idle connections closed to make room",
    Complaint.REFUSED: "connections refused, all others were busy",
    Complaint.SHARE: "requests refused, their caller had too many under way",
    Complaint.UNREADABLE: "requests that were no HTTP",
    Complaint.NO_FILES: "no file descriptor was free for a connection",
}
_HARMLESS = frozenset({Complaint.UNREADABLE})
"""Whatever is open to the internet is sent those; they cost nothing."""


class Complaints:
    """Counts, and tells the log."""

    def __init__(
        self, *, first_seconds: float = FIRST_SECONDS, between_seconds: float = BETWEEN_SECONDS
    ) -> None:
        """Make one; the times are for tests."""
        self._first = first_seconds
        self._between = between_seconds
        self._counts: Counter[Complaint] = Counter()
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def add(self, complaint: Complaint) -> None:
        """Count one. Called on the event loop."""
        turned_away.labels(complaint.value).inc()
        self._counts[complaint] += 1
        if self._timer is None:
            loop = asyncio.get_running_loop()
            due = max(loop.time() + self._first, self._told_at + self._between)
            self._timer = loop.call_at(due, self.tell)

    def tell(self) -> None:
        """Write the line now, if there is something to tell."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._counts:
            return
        counts = [(_WORDS[one], self._counts[one]) for one in Complaint]
        told = "; ".join(f"{words}: {count}" for words, count in counts if count)
        level = logging.INFO if self._counts.keys() <= _HARMLESS else logging.WARNING
        log.log(level, "web pages: %s", told)
        self._counts.clear()
        self._told_at = asyncio.get_running_loop().time()
