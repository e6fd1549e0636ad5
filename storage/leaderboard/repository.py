"""The board: who has joined it and as whom, and that nothing stays of who has left."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.models import Owner
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.leaderboard.pages import LeaderboardQuery, Page, read_page
from storage.leaderboard.standings import Window
from storage.leaderboard.updates import clear, restate
from storage.mapping import AnyRow, owned_by
from storage.tables import board_counts, board_members, board_standings

_LOTS = 2**31  # fits an Integer of every database


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member chose when they joined a server's board."""

    alias: str | None
    counts_private: bool
    joined_at: datetime


class Board:
    """The repository of boards. Standings follow the attempts by themselves: see `restate`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def membership(self, owner: Owner) -> Membership | None:
        """What the owner chose, `None` when they have not joined."""
        async with self._database.read() as connection:
            row = (await connection.execute(_member(owner))).one_or_none()
        return None if row is None else _membership_of(row)

    async def join(
        self, owner: Owner, *, alias: str | None = None, counts_private: bool | None = None
    ) -> Membership | None:
        """Put the owner on the server's board, or change what they chose before.

        What is `None` stays as it was; at first that is no alias, and private attempts not
        counted. Returns the choices now in force, or `None`, with nothing changed, when another
        member of this server has an alias that looks the same.
        """
        chosen: dict[str, Any] = {}
        if alias is not None:
            chosen |= {"alias": alias, "alias_key": _alias_key(alias)}
        if counts_private is not None:
            chosen["counts_private"] = counts_private
        try:
            async with self._database.write(turn=owner.user_id) as connection:
                await self._enrol(connection, owner, chosen)
                await restate(connection, [owner], self._clock())
                row = (await connection.execute(_member(owner))).one()
        except IntegrityError:  # the unique index on aliases: the rest has taken its turn
            return None
        return _membership_of(row)

    async def _enrol(
        self, connection: AsyncConnection, owner: Owner, chosen: dict[str, Any]
    ) -> None:
        if (await connection.execute(_member(owner))).one_or_none() is None:
            new = {
                "guild_id": owner.guild_id,
                "user_id": owner.user_id,
                "counts_private": False,
                "lot": secrets.randbelow(_LOTS),
                "joined_at": self._clock(),
            }
            await connection.execute(insert(board_members).values(new | chosen))
        elif chosen:
            await connection.execute(
                update(board_members).where(owned_by(board_members, owner)).values(chosen)
            )

    async def leave(self, owner: Owner) -> bool:
        """Delete every trace of the owner from the server's board; whether there was one."""
        async with self._database.write(turn=owner.user_id) as connection:
            await clear(connection, owner)
            left = await connection.execute(
                delete(board_members).where(owned_by(board_members, owner))
            )
        if left.rowcount > 0:
            self._database.left_behind(Traces.WORDS)  # an alias
        return left.rowcount > 0

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """What the owner chose when they joined, and where they stand."""
        return {
            table.name: await rows_of(self._database, table, owned_by(table, owner))
            for table in (board_members, board_standings)
        }

    async def erase(self, owner: Owner) -> None:
        """Delete every trace of the owner from the server's board."""
        await self.leave(owner)

    async def refresh(self, owner: Owner) -> None:
        """Make the owner's standings anew from their attempts; changes nothing when they agree."""
        async with self._database.write(turn=owner.user_id) as connection:
            await restate(connection, [owner], self._clock())

    async def page(self, asker: Owner, sight: LeaderboardQuery, number: int = 1) -> Page:
        """One page of a board of the asker's server, counted from 1, with the asker's own place."""
        async with self._database.read() as connection:
            return await read_page(connection, asker, sight, number, self._clock())

    async def forget_past(self) -> int:
        """Delete the standings of weeks and months that are over, and return how many.

        For the cleanup, so it takes no owner. Each board goes by itself, to keep no writer waiting.
        """
        present = {window.period(self._clock()) for window in Window}
        over = (
            select(board_standings.c.ladder)
            .where(board_standings.c.period.not_in(present))
            .distinct()
        )
        async with self._database.read() as connection:
            ladders = (await connection.scalars(over)).all()
        gone = 0
        for ladder in ladders:
            # In the order in which `restate` writes, so that on Postgres nobody waits in a circle
            standings = delete(board_standings).where(board_standings.c.ladder == ladder)
            counts = delete(board_counts).where(board_counts.c.ladder == ladder)
            async with self._database.write() as connection:
                gone += (await connection.execute(standings)).rowcount
                await connection.execute(counts)
        return gone


def _member(owner: Owner) -> Select[Any]:
    return select(board_members).where(owned_by(board_members, owner))


def _membership_of(row: AnyRow) -> Membership:
    return Membership(row.alias, row.counts_private, row.joined_at)


def _alias_key(alias: str) -> str:
    """What two aliases share that look the same but for case, spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", alias).casefold())
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LMN")
