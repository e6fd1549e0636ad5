"""The daily allowance: one row a use, made by `Attempts.admit` in the same transaction.

A use outlives what its member deletes, for a day: else deleting would give the allowance back. So
it names nobody. It has the member's id only as a hash (HMAC-SHA256, RFC 2104) under a key that is
made once for each installation: enough to count by, and not to be made from an id by anybody else.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, false, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.models import Owner
from storage.engine.database import Database
from storage.export import rows_of
from storage.tables import meta, usage

_KEY = "usage_key"
_KEY_BYTES = 32
_HASH_DIGITS = 32  # 128 bits

_KNOWN_KEY = select(meta.c.value).where(meta.c.key == _KEY)
_USES = (
    select(usage.c.used_at, usage.c.guild_id)
    .where(usage.c.member == bindparam("of_member"), usage.c.used_at > bindparam("since"))
    .order_by(usage.c.used_at)
)
_NEW_USE = insert(usage)


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
        async with self._database.read() as connection:
            member = await known_member(connection, owner.user_id)
        return {"usage": await rows_of(self._database, usage, _here(member, owner))}

    async def erase(self, owner: Owner) -> None:
        """Take server and attempt out of the owner's uses: that there was a use, and when, stays.

        Else deleting everything would give the allowance back, and the operator's bill no bound.
        `forget` deletes the rest a day later.
        """
        async with self._database.write(turn=owner.user_id) as connection:
            member = await known_member(connection, owner.user_id)
            taken = delete(usage).where(_here(member, owner)).returning(usage.c.used_at)
            uses = (await connection.scalars(taken)).all()
            bare = [
                {"attempt_id": secrets.token_hex(8), "member": member, "used_at": used_at}
                for used_at in uses
            ]
            if bare:
                await connection.execute(insert(usage), bare)


async def note_use(
    connection: AsyncConnection, owner: Owner, attempt_id: str, used_at: datetime
) -> None:
    """Note a use of the owner's allowance by this attempt."""
    member = _hashed(await _key(connection), owner.user_id)
    row = {
        "attempt_id": attempt_id,
        "guild_id": owner.guild_id,
        "member": member,
        "used_at": used_at,
    }
    await connection.execute(_NEW_USE, row)


async def uses_of(
    connection: AsyncConnection, owner: Owner, since: datetime
) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """When the owner has used their allowance since then, anywhere and in this server."""
    member = await known_member(connection, owner.user_id)
    if member is None:
        return (), ()
    rows = (await connection.execute(_USES, {"of_member": member, "since": since})).all()
    here = (row.used_at for row in rows if row.guild_id == owner.guild_id)
    return tuple(row.used_at for row in rows), tuple(here)


async def known_member(connection: AsyncConnection, user_id: int) -> str | None:
    """What stands for a member in the uses; `None` before the first use of anybody."""
    key = await connection.scalar(_KNOWN_KEY)
    return None if key is None else _hashed(key, user_id)


async def _key(connection: AsyncConnection) -> str:
    """This installation's key, made at its first use."""
    if (key := await connection.scalar(_KNOWN_KEY)) is None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        made = dialect.insert(meta).values(key=_KEY, value=secrets.token_hex(_KEY_BYTES))
        await connection.execute(made.on_conflict_do_nothing())  # another may make it just now
        key = (await connection.scalars(_KNOWN_KEY)).one()
    return str(key)


def _hashed(key: str, user_id: int) -> str:
    digest = hmac.new(bytes.fromhex(key), str(user_id).encode(), hashlib.sha256)
    return digest.hexdigest()[:_HASH_DIGITS]


def _here(member: str | None, owner: Owner) -> ColumnElement[bool]:
    if member is None:
        return false()
    here = (usage.c.guild_id == owner.guild_id) | usage.c.guild_id.is_(None)
    return (usage.c.member == member) & here
