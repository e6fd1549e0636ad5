"""Deletes attempts: the board follows, and ids that lead to copies go to the pending deletions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.sql.dml import ReturningDelete

from core.models import Attempt, AttemptState, Owner
from storage.engine.database import Database
from storage.leaderboard.updates import restate
from storage.mapping import AnyRow, attempt_of, owned_by, owner_of
from storage.repositories.pending_deletions import LEADS_TO_COPIES, keep_pending_deletions
from storage.tables import attempts

_ENDED = tuple(state for state in AttemptState if state.ended)
_ASSESSED = attempts.c.assessment.is_not(None).label("assessed")
_BY_MEMBER = (attempts.c.guild_id, attempts.c.user_id)
_AT_A_TIME = 200
"""Attempts purged in one transaction: a few dozen milliseconds, so no writer waits for long."""

_Clock = Callable[[], datetime]


async def delete_attempt(
    database: Database, owner: Owner, attempt_id: str, clock: _Clock
) -> Attempt | None:
    """Delete the owner's attempt and return what it was."""
    one = delete(attempts).where(owned_by(attempts, owner), attempts.c.id == attempt_id)
    statement = one.returning(attempts, _ASSESSED)
    deleted = await _delete(database, statement, clock, turn=owner.user_id)
    return attempt_of(deleted[0]) if deleted else None


async def purge_attempts(
    database: Database, before: datetime, guild_id: int | None, clock: _Clock
) -> int:
    """Delete ended attempts made before this moment, of one server or of all; returns how many.

    Only what is needed of each is read: its transcript and scores would keep the loop busy.
    """
    old = attempts.c.state.in_(_ENDED) & (attempts.c.created_at < before)
    if guild_id is not None:
        old &= attempts.c.guild_id == guild_id
    async with database.read() as connection:
        chosen = select(attempts.c.id).where(old).order_by(*_BY_MEMBER, attempts.c.id)
        ids = (await connection.scalars(chosen)).all()
    gone = 0
    for first in range(0, len(ids), _AT_A_TIME):
        part = delete(attempts).where(old, attempts.c.id.in_(ids[first : first + _AT_A_TIME]))
        statement = part.returning(*LEADS_TO_COPIES, *_BY_MEMBER, _ASSESSED)
        gone += len(await _delete(database, statement, clock))
    return gone


async def _delete(
    database: Database, statement: ReturningDelete[Any], clock: _Clock, turn: int | None = None
) -> Sequence[AnyRow]:
    async with database.write(turn=turn) as connection:
        deleted: Sequence[AnyRow] = (await connection.execute(statement)).all()
        assessed = {owner_of(row) for row in deleted if row.assessed}
        await restate(connection, assessed, clock())
        await keep_pending_deletions(connection, deleted, clock())
    return deleted
