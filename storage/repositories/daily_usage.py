"""The daily allowance: one row a use, made by `Attempts.admit` in the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.models import Owner
from storage.engine.database import Database
from storage.export import rows_of
from storage.tables import usage


class DailyUsage:
    """The repository of uses. They are counted when an attempt is let in, by `Attempts.admit`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def used(
        self, owner: Owner, since: datetime
    ) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
        """When the owner has used their allowance since then: anywhere, and in this server."""
        async with self._database.read() as connection:
            return await uses_of(connection, owner, since)

    async def refund(self, attempt_id: str) -> None:
        """Give an attempt's use back; a second time changes nothing."""
        async with self._database.write() as connection:
            await connection.execute(delete(usage).where(usage.c.attempt_id == attempt_id))

    async def forget(self, before: datetime) -> int:
        """Delete the uses made before this moment, which no allowance counts any more."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(usage).where(usage.c.used_at < before))
            return result.rowcount

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """The owner's uses in this server, and those that no longer say where they were made."""
        return {"usage": await rows_of(self._database, usage, _of(owner))}

    async def erase(self, owner: Owner) -> None:
        """Take server and attempt out of the owner's uses: that there was a use, and when, stays.

        Else deleting everything would give the allowance back, and the operator's bill no bound.
        `forget` deletes the rest a day later.
        """
        async with self._database.write(turn=owner.user_id) as connection:
            taken = delete(usage).where(_of(owner)).returning(usage.c.used_at)
            uses = (await connection.scalars(taken)).all()
            bare = [
                {"attempt_id": secrets.token_hex(8), "user_id": owner.user_id, "used_at": used_at}
                for used_at in uses
            ]
            if bare:
                await connection.execute(insert(usage), bare)


async def uses_of(
    connection: AsyncConnection, owner: Owner, since: datetime
) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """When the owner has used their allowance since then, anywhere and in this server."""
    statement = (
        select(usage.c.used_at, usage.c.guild_id)
        .where(usage.c.user_id == owner.user_id, usage.c.used_at > since)
        .order_by(usage.c.used_at)
    )
    rows = (await connection.execute(statement)).all()
    here = (row.used_at for row in rows if row.guild_id == owner.guild_id)
    return tuple(row.used_at for row in rows), tuple(here)


def _of(owner: Owner) -> ColumnElement[bool]:
    here = (usage.c.guild_id == owner.guild_id) | usage.c.guild_id.is_(None)
    return (usage.c.user_id == owner.user_id) & here
