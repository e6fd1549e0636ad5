"""Ends statements of SQLite's that take too long, or that nobody waits for any more."""

from __future__ import annotations

import sqlite3
import threading
import time

_INSTRUCTIONS = 10_000  # of SQLite's, between two looks at the time: less than a millisecond


class TimeLimit:
    """How long something may take in all, and whether anybody still wants it."""

    def __init__(self, stopped: threading.Event, seconds: float) -> None:
        """It counts from now; `stopped` ends it sooner."""
        self._stopped = stopped
        self._until = time.monotonic() + seconds

    def over(self) -> bool:
        """Whether to give up."""
        return self._stopped.is_set() or time.monotonic() > self._until

    def guard(self, connection: sqlite3.Connection) -> None:
        """Let no statement of this connection take longer: it raises SQLITE_INTERRUPT."""
        connection.set_progress_handler(self.over, _INSTRUCTIONS)
