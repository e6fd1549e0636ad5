"""A member's attempts as a whole, or a server's: listed, counted, exported and erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from core.models import Attempt, AttemptState, Owner
from core.questions import question_key
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.leaderboard.updates import restate
from storage.mapping import attempt_of, owned_by
from storage.repositories.pending_deletions import LEADS_TO_COPIES, keep_pending_deletions
from storage.tables import attempts

_OPEN = tuple(state for state in AttemptState if not state.ended)

_NOT_EXPORTED = ("reply_token",)
"""A key of the bot's own, with which it can answer for minutes; it says nothing about anybody."""


@dataclass(frozen=True, slots=True)
class AttemptCounts:
    """How many attempts a member has here, of which kinds, and from when."""

    total: int
    assessed: int
    shared: int
    under_way: int
    copies_left: int  # ended, but the copies of the clip are not known to be gone
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Named:
    """Enough of an attempt to name it in a list."""

    id: str
    question: str
    state: AttemptState
    overall: float | None
    created_at: datetime


class MemberAttempts:
    """Looks over all of an owner's attempts, however they ended."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def tally(self, owner: Owner) -> AttemptCounts:
        """Count the owner's attempts."""
        is_open = attempts.c.state.in_(_OPEN)
        statement = select(
            func.count(),
            func.count().filter(attempts.c.assessment.is_not(None)),
            func.count().filter(attempts.c.shared),
            func.count().filter(is_open),
            func.count().filter(~is_open, attempts.c.cleaned_at.is_(None)),
            func.min(attempts.c.created_at),
            func.max(attempts.c.created_at),
        ).where(owned_by(attempts, owner))
        async with self._database.read() as connection:
            return AttemptCounts(*(await connection.execute(statement)).one())

    async def named(self, owner: Owner, typed: str, limit: int) -> list[Named]:
        """The owner's attempts whose question contains what was typed, newest first."""
        statement = (
            select(
                *(attempts.c.id, attempts.c.question, attempts.c.state),
                *(attempts.c.overall, attempts.c.created_at),
            )
            .where(
                owned_by(attempts, owner),
                attempts.c.question_key.contains(question_key(typed), autoescape=True),
            )
            .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Named(*row) for row in await connection.execute(statement)]

    async def under_way(self, guild_id: int, user_id: int | None = None) -> list[Attempt]:
        """The attempts in this server that have not ended, of one member or of all."""
        return await self._select(attempts.c.state.in_(_OPEN), guild_id, user_id)

    async def uncleaned(self, guild_id: int, user_id: int | None = None) -> list[Attempt]:
        """The attempts whose copies are not known to be gone, of one member or of all."""
        return await self._select(attempts.c.cleaned_at.is_(None), guild_id, user_id)

    async def shared(self, owner: Owner) -> list[Attempt]:
        """The owner's attempts that everybody in a channel can see, or will."""
        return await self._select(attempts.c.shared, owner.guild_id, owner.user_id)

    async def _select(self, kind: Any, guild_id: int, user_id: int | None) -> list[Attempt]:
        statement = select(attempts).where(kind, attempts.c.guild_id == guild_id)
        if user_id is not None:
            statement = statement.where(attempts.c.user_id == user_id)
        statement = statement.order_by(attempts.c.created_at, attempts.c.id)
        async with self._database.read() as connection:
            return [attempt_of(row) for row in await connection.execute(statement)]

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """The owner's attempts, whole but for a key of the bot's own."""
        owned = owned_by(attempts, owner)
        return {"attempts": await rows_of(self._database, attempts, owned, without=_NOT_EXPORTED)}

    async def erase(self, owner: Owner) -> None:
        """Delete the owner's attempts at once; ids of copies not known to be gone are left over."""
        statement = delete(attempts).where(owned_by(attempts, owner)).returning(*LEADS_TO_COPIES)
        async with self._database.write(turn=owner.user_id) as connection:
            deleted = (await connection.execute(statement)).all()
            await keep_pending_deletions(connection, deleted, self._clock())
            await restate(connection, [owner], self._clock())
        if deleted:
            self._database.left_behind(Traces.WORDS)
