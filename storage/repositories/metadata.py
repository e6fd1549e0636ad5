"""Small facts about this installation: a name and a text each."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.database import Database
from storage.tables import meta

_INSTALLATION = "installation"
_TURN = 0  # no member's id

_VALUE = select(meta.c.value).where(meta.c.key == bindparam("of_key"))


class Metadata:
    """The repository of small facts."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, key: str) -> str | None:
        """The text kept under this key (at most 64 characters)."""
        async with self._database.read() as connection:
            return await _value(connection, key)

    async def set(self, key: str, value: str) -> None:
        """Keep a text under this key, in place of what was there."""
        change = update(meta).where(meta.c.key == key).values(value=value)
        async with self._database.write(turn=_TURN) as connection:
            if (await connection.execute(change)).rowcount == 0:
                await connection.execute(insert(meta).values(key=key, value=value))

    async def installation(self) -> str:
        """This installation's id: 8 hex digits, made once. It marks what is ours at a vendor."""
        async with self._database.write(turn=_TURN) as connection:
            known = await _value(connection, _INSTALLATION)
            if known is not None:
                return known
            made = secrets.token_hex(4)
            await connection.execute(insert(meta).values(key=_INSTALLATION, value=made))
        return made


async def _value(connection: AsyncConnection, key: str) -> str | None:
    value: str | None = await connection.scalar(_VALUE, {"of_key": key})
    return value
