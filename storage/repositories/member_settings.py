"""What a member has chosen for themselves in a server: one row each; the defaults need none."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import Metric
from core.models import MemberSettings, Owner
from storage.engine.database import Database
from storage.export import rows_of
from storage.mapping import owned, owned_by, owner_values
from storage.tables import member_settings

_CHOSEN = select(member_settings.c.settings).where(owned(member_settings))


class MemberSettingsChanges(TypedDict, total=False):
    """The settings that a change sets; the others stay."""

    metrics_off: frozenset[Metric]
    last_question_id: str | None
    language: str | None


class MemberSettingsStore:
    """The repository of members' settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner: Owner) -> MemberSettings:
        """The owner's settings in this server; the defaults where nothing was chosen."""
        async with self._database.read() as connection:
            return await _settings(connection, owner)

    async def set(self, owner: Owner, settings: MemberSettings) -> None:
        """Keep these in place of what was there."""
        async with self._database.write(turn=owner.user_id) as connection:
            await _replace(connection, owner, settings)

    async def change(
        self, owner: Owner, **changes: Unpack[MemberSettingsChanges]
    ) -> MemberSettings:
        """Change some settings and return all: of two changes at a time, none is lost.

        Raises:
            pydantic.ValidationError: a value is not of its kind.
        """
        async with self._database.write(turn=owner.user_id) as connection:
            before = await _settings(connection, owner)
            after = MemberSettings.model_validate(before.model_dump() | changes)
            await _replace(connection, owner, after)
        return after

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """What the owner has chosen, if anything."""
        owned = owned_by(member_settings, owner)
        return {"member_settings": await rows_of(self._database, member_settings, owned)}

    async def erase(self, owner: Owner) -> None:
        """Back to the defaults."""
        await self.set(owner, MemberSettings())


async def _settings(connection: AsyncConnection, owner: Owner) -> MemberSettings:
    found: MemberSettings | None = await connection.scalar(_CHOSEN, owner_values(owner))
    return found or MemberSettings()


async def _replace(connection: AsyncConnection, owner: Owner, settings: MemberSettings) -> None:
    await connection.execute(delete(member_settings).where(owned_by(member_settings, owner)))
    if settings != MemberSettings():
        await connection.execute(
            insert(member_settings).values(
                guild_id=owner.guild_id, user_id=owner.user_id, settings=settings
            )
        )
