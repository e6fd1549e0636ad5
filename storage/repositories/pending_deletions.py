"""Pending deletions: vendor copies and files that their attempt's row can no longer lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import EngineName
from core.models import VendorRefs
from storage.engine.database import Database
from storage.mapping import AnyRow
from storage.tables import attempts, pending_deletions

LEADS_TO_COPIES = (attempts.c.id, attempts.c.engine, attempts.c.refs, attempts.c.cleaned_at)
"""What `keep_pending_deletions` needs of a deleted attempt; whole rows would take long to read."""


@dataclass(frozen=True, slots=True)
class PendingDeletion:
    """What the cleanup must still delete for an attempt that is gone."""

    id: int
    attempt_id: str  # our file is named after it
    engine: EngineName
    refs: VendorRefs  # may be empty, when nothing was known to be with the vendor


class PendingDeletions:
    """The repository of pending deletions, which name no member.

    Whatever deletes attempts adds to them, with `keep_pending_deletions`.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, attempt_id: str, engine: EngineName, refs: VendorRefs) -> None:
        """Leave vendor ids to the cleanup that came too late for their attempt's row."""
        async with self._database.write() as connection:
            await connection.execute(
                insert(pending_deletions).values(
                    attempt_id=attempt_id, engine=engine, refs=refs, created_at=self._clock()
                )
            )

    async def all(self) -> list[PendingDeletion]:
        """Every pending deletion, oldest first."""
        statement = select(
            pending_deletions.c.id,
            pending_deletions.c.attempt_id,
            pending_deletions.c.engine,
            pending_deletions.c.refs,
        ).order_by(pending_deletions.c.id)
        async with self._database.read() as connection:
            return [PendingDeletion(*row) for row in await connection.execute(statement)]

    async def done(self, pending_id: int) -> None:
        """Forget one whose copies are gone; a second time changes nothing."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(pending_deletions).where(pending_deletions.c.id == pending_id)
            )


async def keep_pending_deletions(
    connection: AsyncConnection, deleted: Iterable[AnyRow], now: datetime
) -> None:
    """Of deleted attempts, leave to the cleanup the ids of copies not known to be gone.

    Runs in the transaction that deletes them. Nothing of it names a member or a server.
    """
    left = [
        {"attempt_id": row.id, "engine": row.engine, "refs": row.refs, "created_at": now}
        for row in deleted
        if row.cleaned_at is None
    ]
    if left:
        await connection.execute(insert(pending_deletions), left)
