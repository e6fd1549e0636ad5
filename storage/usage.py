"""The daily allowance: one row a use, made by `Attempts.admit` in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete

from storage.database import Database
from storage.tables import usage


class Usage:
    """The repository of uses. Both calls are the system's own, not a look-up for a member."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def refund(self, attempt_id: str) -> None:
        """Give an attempt's use back; a second time changes nothing."""
        async with self._database.write() as connection:
            await connection.execute(delete(usage).where(usage.c.attempt_id == attempt_id))

    async def forget(self, before: datetime) -> int:
        """Delete the uses made before this moment, which no allowance counts any more."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(usage).where(usage.c.used_at < before))
            return result.rowcount
