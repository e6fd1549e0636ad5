"""What a server's managers have chosen: one row a server; the defaults need none."""

from __future__ import annotations

from typing import TypedDict, Unpack

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import Metric
from core.models import ServerSettings
from storage.engine.database import Database
from storage.tables import server_settings

_CHOSEN = select(server_settings.c.settings).where(
    server_settings.c.guild_id == bindparam("of_guild")
)


class ServerSettingsChanges(TypedDict, total=False):
    """The settings that a change sets; the others stay."""

    share_by_default: bool
    channels: frozenset[int]
    roles: frozenset[int]
    daily_attempts: int | None
    retention_days: int | None
    board: bool
    metrics_off: frozenset[Metric]


class ServerSettingsStore:
    """The repository of servers' settings, which name no member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: int) -> ServerSettings:
        """The server's settings; the defaults where nothing was chosen."""
        async with self._database.read() as connection:
            return await _settings(connection, guild_id)

    async def set(self, guild_id: int, settings: ServerSettings) -> None:
        """Keep these in place of what was there."""
        async with self._database.write(turn=guild_id) as connection:
            await _replace(connection, guild_id, settings)

    async def change(
        self, guild_id: int, **changes: Unpack[ServerSettingsChanges]
    ) -> ServerSettings:
        """Change some settings and return all: of two changes at a time, none is lost.

        Raises:
            pydantic.ValidationError: a value is out of its range.
        """
        async with self._database.write(turn=guild_id) as connection:
            before = await _settings(connection, guild_id)
            after = ServerSettings.model_validate(before.model_dump() | changes)
            await _replace(connection, guild_id, after)
        return after

    async def retention_days(self) -> dict[int, int]:
        """By server: the days its managers have chosen to keep attempts, where they have."""
        statement = select(server_settings.c.guild_id, server_settings.c.settings)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return {
            row.guild_id: row.settings.retention_days
            for row in rows
            if row.settings.retention_days is not None
        }


async def _settings(connection: AsyncConnection, guild_id: int) -> ServerSettings:
    found: ServerSettings | None = await connection.scalar(_CHOSEN, {"of_guild": guild_id})
    return found or ServerSettings()


async def _replace(connection: AsyncConnection, guild_id: int, settings: ServerSettings) -> None:
    await connection.execute(delete(server_settings).where(server_settings.c.guild_id == guild_id))
    if settings != ServerSettings():
        await connection.execute(
            insert(server_settings).values(guild_id=guild_id, settings=settings)
        )
