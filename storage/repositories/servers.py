"""Servers: which ones the bot is in, since when, and erasing those it has left for good."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.database import Database
from storage.engine.kept_databases import in_kept
from storage.engine.scrubbing import Traces
from storage.repositories.pending_deletions import LEADS_TO_COPIES, keep_pending_deletions
from storage.tables import attempts, metadata, servers

_TURN = -3  # no member's id, and nobody else's turn


class Servers:
    """The repository of servers. Ids are Discord's; direct messages are no server."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._serves: Callable[[int], bool] | None = None  # not told yet

    async def joined(self, guild_id: int) -> None:
        """Note that the bot is in a server, also one it had left. Safe to repeat."""
        async with self._database.write(turn=_TURN) as connection:
            await self._join(connection, guild_id)

    async def left(self, guild_id: int) -> None:
        """Note that the bot is no longer in a server; the first time counts."""
        now = self._clock()
        known = select(servers.c.guild_id).where(servers.c.guild_id == guild_id)
        async with self._database.write(turn=_TURN) as connection:
            if await connection.scalar(known) is None:
                await self._join(connection, guild_id)
            await connection.execute(
                update(servers)
                .where(servers.c.guild_id == guild_id, servers.c.left_at.is_(None))
                .values(left_at=now)
            )

    async def reconcile(
        self, present_ids: Collection[int], serves: Callable[[int], bool] = lambda _: True
    ) -> None:
        """Make up for what happened while nobody listened: these are all the bot is in.

        All of those that this process `serves`: of others it is told nothing, and judges none.
        """
        present = set(present_ids)
        async with self._database.write(turn=_TURN) as connection:
            rows = (await connection.execute(select(servers.c.guild_id, servers.c.left_at))).all()
            staying = {row.guild_id for row in rows if row.left_at is None and serves(row.guild_id)}
            for guild_id in present - staying:
                await self._join(connection, guild_id)
            if gone := staying - present:
                await connection.execute(
                    update(servers)
                    .where(servers.c.guild_id.in_(gone))
                    .values(left_at=self._clock())
                )
        self._serves = serves

    async def knows(self, guild_id: int) -> bool:
        """Whether the bot is in a server, or was until not long ago; else it was never invited."""
        statement = select(servers.c.guild_id).where(servers.c.guild_id == guild_id)
        async with self._database.read() as connection:
            return await connection.scalar(statement) is not None

    async def due(self, before: datetime) -> list[int]:
        """The servers that the bot left before this moment, and is still not in.

        None as long as this process has not been told which servers the bot is in: it may have
        been invited again while nobody listened. So none of those that another process serves.
        """
        serves = self._serves
        if serves is None:
            return []
        statement = select(servers.c.guild_id).where(servers.c.left_at < before)
        statement = statement.order_by(servers.c.guild_id)
        async with self._database.read() as connection:
            return [id_ for id_ in (await connection.scalars(statement)).all() if serves(id_)]

    async def erase(self, guild_id: int, left_before: datetime) -> bool:
        """Delete every row of a server that is still `due`, all at once; whether it was.

        It walks all tables, so that none is forgotten. Ids of copies not known to be gone are left
        over, and name neither server nor member. Waits for some seconds until nothing of the rest
        can be read from the files.
        """
        still_due = (servers.c.guild_id == guild_id) & (servers.c.left_at < left_before)
        async with self._database.write(turn=_TURN) as connection:
            if (await connection.execute(delete(servers).where(still_due))).rowcount == 0:
                return False
            await self._erase(connection, guild_id)
        self._database.left_behind(Traces.WORDS)

        async def erase_kept(kept: Database) -> None:
            async with kept.write() as connection:
                await self._erase(connection, guild_id)
            kept.left_behind(Traces.WORDS)

        await in_kept(self._database, erase_kept)
        await self._database.scrubbed()
        return True

    async def _erase(self, connection: AsyncConnection, guild_id: int) -> None:
        statement = delete(attempts).where(attempts.c.guild_id == guild_id)
        deleted = (await connection.execute(statement.returning(*LEADS_TO_COPIES))).all()
        await keep_pending_deletions(connection, deleted, self._clock())
        for table in metadata.tables.values():
            if "guild_id" in table.c:
                await connection.execute(delete(table).where(table.c.guild_id == guild_id))

    async def _join(self, connection: AsyncConnection, guild_id: int) -> None:
        back = update(servers).where(servers.c.guild_id == guild_id).values(left_at=None)
        if (await connection.execute(back)).rowcount == 0:
            await connection.execute(
                insert(servers).values(guild_id=guild_id, joined_at=self._clock())
            )
