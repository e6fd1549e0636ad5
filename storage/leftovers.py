"""Leftovers: vendor copies and files that their attempt's row can no longer lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from models import EngineName, VendorRefs
from storage.database import Database
from storage.tables import leftovers


@dataclass(frozen=True, slots=True)
class Leftover:
    """What the sweep must still delete for an attempt that is gone."""

    id: int
    attempt_id: str  # our file is named after it
    engine: EngineName
    refs: VendorRefs  # may be empty, when nothing was known to be with the vendor


class Leftovers:
    """The repository of leftovers, which name no member. `Attempts.delete` and `purge` add some."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, attempt_id: str, engine: EngineName, refs: VendorRefs) -> None:
        """Leave vendor ids to the sweep that came too late for their attempt's row."""
        async with self._database.write() as connection:
            await connection.execute(
                insert(leftovers).values(
                    attempt_id=attempt_id, engine=engine, refs=refs, created_at=self._clock()
                )
            )

    async def all(self) -> list[Leftover]:
        """Every leftover, oldest first."""
        statement = select(
            leftovers.c.id, leftovers.c.attempt_id, leftovers.c.engine, leftovers.c.refs
        ).order_by(leftovers.c.id)
        async with self._database.read() as connection:
            return [Leftover(*row) for row in await connection.execute(statement)]

    async def done(self, leftover_id: int) -> None:
        """Forget a leftover whose copies are gone; a second time changes nothing."""
        async with self._database.write() as connection:
            await connection.execute(delete(leftovers).where(leftovers.c.id == leftover_id))
