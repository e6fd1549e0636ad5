"""Which webhook events have come already: a vendor sends one again until it has an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from storage.engine.database import Database
from storage.tables import webhook_events


class WebhookEvents:
    """The repository of events. Their ids are the vendor's, and name no member."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def is_new(self, event_id: str) -> bool:
        """Remember an event (at most 80 characters), and say whether it came for the first time.

        Of several calls at once, in however many processes, one is told yes.
        """
        row = {"event_id": event_id, "received_at": self._clock()}
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(webhook_events).values(row))
        except IntegrityError:
            return False
        return True

    async def forget(self, before: datetime) -> int:
        """Delete the events that came before this moment, and return how many."""
        old = webhook_events.c.received_at < before
        async with self._database.write() as connection:
            return (await connection.execute(delete(webhook_events).where(old))).rowcount
