"""Consents: which version of the card a member agreed to, and when, with its whole history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from core.models import Consent, Owner
from storage.engine.database import Database
from storage.export import rows_of
from storage.mapping import AnyRow, owned, owned_by, owner_values
from storage.tables import consents

_LATEST_FIRST = consents.c.agreed_at.desc(), consents.c.id.desc()
_LAST = select(consents).where(owned(consents)).order_by(*_LATEST_FIRST).limit(1)
_HELD = _LAST.where(consents.c.withdrawn_at.is_(None))


class Consents:
    """The repository of consents. A row stays for each time a member agreed."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, owner: Owner) -> Consent | None:
        """The owner's latest consent; `None` if it was never given, or withdrawn."""
        return await self._one(_HELD, owner)

    async def agree(
        self,
        owner: Owner,
        version: int,
        judge_host: str | None = None,
        *,
        local_card: bool = False,
    ) -> None:
        """Note that the owner agrees to this version from now on, and to where their words go.

        `local_card`: the version is the vendor's, and the local engine's card is agreed to too.
        """
        async with self._database.write() as connection:
            await connection.execute(
                insert(consents).values(
                    guild_id=owner.guild_id,
                    user_id=owner.user_id,
                    version=version,
                    agreed_at=self._clock(),
                    judge_host=judge_host,
                    local_card=local_card,
                )
            )

    async def withdraw(self, owner: Owner) -> None:
        """Note that the owner agrees to nothing any more."""
        statement = (
            update(consents)
            .where(owned_by(consents, owner), consents.c.withdrawn_at.is_(None))
            .values(withdrawn_at=self._clock())
        )
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def last(self, owner: Owner) -> Consent | None:
        """The owner's latest consent, also one that was withdrawn; `None` if never given."""
        return await self._one(_LAST, owner)

    async def _one(self, statement: Select[Any], owner: Owner) -> Consent | None:
        async with self._database.read() as connection:
            row = (await connection.execute(statement, owner_values(owner))).one_or_none()
        return None if row is None else _consent_of(row)

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """Every time the owner agreed or withdrew."""
        return {"consents": await rows_of(self._database, consents, owned_by(consents, owner))}

    async def erase(self, owner: Owner) -> None:
        """Forget that the owner ever agreed: they are asked again."""
        async with self._database.write() as connection:
            await connection.execute(delete(consents).where(owned_by(consents, owner)))


def _consent_of(row: AnyRow) -> Consent:
    return Consent(
        version=row.version,
        agreed_at=row.agreed_at,
        withdrawn_at=row.withdrawn_at,
        judge_host=row.judge_host,
        local_card=bool(row.local_card),  # NULL in rows older than the column
    )
