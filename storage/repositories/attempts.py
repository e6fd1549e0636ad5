"""Attempts: admitted, moved step by step, looked up, and deleted with what they left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Unpack

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from core.errors import Superseded
from core.models import Attempt, AttemptState, Owner
from core.questions import question_key
from storage.engine.database import Database
from storage.engine.kept_databases import in_kept
from storage.engine.scrubbing import Traces
from storage.leaderboard.updates import restate
from storage.mapping import (
    NO_REPLY,
    AnyRow,
    AttemptChanges,
    attempt_of,
    columns_of,
    owned,
    owned_by,
    owner_of,
    owner_values,
    row_of,
)
from storage.repositories.daily_usage import note_use, uses_of
from storage.repositories.pending_deletions import LEADS_TO_COPIES, keep_pending_deletions
from storage.tables import attempts

_ENDED = tuple(state for state in AttemptState if state.ended)
_OPEN = tuple(state for state in AttemptState if not state.ended)

_ASSESSED = attempts.c.assessment.is_not(None).label("assessed")
_BY_MEMBER = (attempts.c.guild_id, attempts.c.user_id)

_PURGED_AT_ONCE = 200
"""Attempts purged in one transaction: a few dozen milliseconds, so no writer waits for long."""

_ON_BOARD = frozenset({"assessment", "shared"})
"""A change of these columns may change where the member stands on the board."""

_NOT_TOLD = (attempts.c.state == AttemptState.FAILED) & attempts.c.delivered_via.is_(None)
"""Failed, and its owner does not know yet. A member who cancelled knows."""


_NEW = insert(attempts)
_MINE_FIRST = (
    select(attempts)
    .where(owned(attempts))
    .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
)
_ONE = select(attempts).where(owned(attempts), attempts.c.id == bindparam("known_id"))
_PREVIOUS = _MINE_FIRST.where(
    attempts.c.question_key == bindparam("same_question"),
    attempts.c.assessment.is_not(None),
    attempts.c.created_at < bindparam("before"),
).limit(1)
_UNDER_WAY = (
    select(attempts.c.question)
    .where(owned(attempts), attempts.c.state.in_(_OPEN))
    .order_by(attempts.c.created_at)
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an attempt was let in, and what was counted to decide it (without the attempt)."""

    admitted: bool
    used_at: tuple[datetime, ...]  # when each use of the allowance was made, oldest first
    open_questions: tuple[str, ...]  # of the attempts that have not ended, oldest first
    used_here_at: tuple[datetime, ...] = ()  # those of the uses that were made in this server


@cache
def _update_of(columns: frozenset[str]) -> ReturningUpdate[Any]:
    """The statement that sets these columns; made once, since that costs more than executing it."""
    return (
        update(attempts)
        .where(
            attempts.c.id == bindparam("known_id"),
            attempts.c.guild_id == bindparam("known_guild"),
            attempts.c.user_id == bindparam("known_user"),
            attempts.c.state == bindparam("known_state"),
        )
        .values({name: bindparam(name) for name in columns})
        .returning(attempts)
    )


class Attempts:
    """The repository of attempts."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def admit(
        self,
        attempt: Attempt,
        *,
        used_since: datetime,
        daily_limit: int,
        open_limit: int,
        server_limit: int | None = None,
    ) -> Admission:
        """Let an attempt in, as `queued`, and note the use; past a limit, change nothing.

        The allowance counts the member's uses after `used_since` in all servers together, since it
        protects the operator's bill; `server_limit` counts those in this server only, and
        `open_limit` the attempts of this owner only.

        Raises:
            Superseded: there is an attempt with this id, or its use is still noted.
        """
        owner = attempt.owner
        async with self._database.write(turn=owner.user_id) as connection:
            used_at, here = await uses_of(connection, owner, used_since)
            questions = (await connection.scalars(_UNDER_WAY, owner_values(owner))).all()
            admitted = (
                len(used_at) < daily_limit
                and (server_limit is None or len(here) < server_limit)
                and len(questions) < open_limit
            )
            if admitted:
                try:
                    await self._insert(connection, attempt)
                except IntegrityError:
                    raise Superseded from None
        return Admission(admitted, used_at, tuple(questions), here)

    async def _insert(self, connection: AsyncConnection, attempt: Attempt) -> None:
        now = self._clock()
        row = row_of(attempt) | {"state": AttemptState.QUEUED, "updated_at": now}
        await connection.execute(_NEW, row)
        await note_use(connection, attempt.owner, attempt.id, now)

    async def get(self, owner: Owner, attempt_id: str) -> Attempt | None:
        """The owner's attempt with this id."""
        async with self._database.read() as connection:
            values = owner_values(owner) | {"known_id": attempt_id}
            row = (await connection.execute(_ONE, values)).one_or_none()
        return None if row is None else attempt_of(row)

    async def move(
        self, attempt: Attempt, to: AttemptState, **changes: Unpack[AttemptChanges]
    ) -> Attempt:
        """Move an attempt on from the state it is known to be in, and return what it is now.

        Raises:
            Superseded: it is in another state by now, or gone.
        """
        columns = columns_of(changes) | {"state": to}
        if to.ended:
            columns["ended_at"] = self._clock()
        return await self._update(attempt, columns)

    async def change(self, attempt: Attempt, **changes: Unpack[AttemptChanges]) -> Attempt:
        """Change an attempt that stays in the state it is known to be in; like `move`, else."""
        return await self._update(attempt, columns_of(changes))

    async def _update(self, attempt: Attempt, columns: dict[str, Any]) -> Attempt:
        known = {
            "known_id": attempt.id,
            "known_guild": attempt.owner.guild_id,
            "known_user": attempt.owner.user_id,
            "known_state": attempt.state,
        }
        new = columns | {"updated_at": self._clock()}
        async with self._database.write(turn=attempt.owner.user_id) as connection:
            changed = await connection.execute(_update_of(frozenset(new)), known | new)
            row = changed.one_or_none()
            if row is not None and not _ON_BOARD.isdisjoint(columns):
                await restate(connection, [attempt.owner], self._clock())
        if row is None:
            raise Superseded
        if "reply_token" in columns and (attempt.reply or columns["reply_token"] is None):
            self._database.left_behind(Traces.TOKENS)
        return attempt_of(row)

    async def history(self, owner: Owner, *, limit: int, offset: int = 0) -> list[Attempt]:
        """The owner's assessed attempts, newest first."""
        return await self._select(
            owner, attempts.c.assessment.is_not(None), limit=limit, offset=offset
        )

    async def previous(self, attempt: Attempt) -> Attempt | None:
        """The owner's latest assessed attempt at the same question before this one."""
        values = owner_values(attempt.owner) | {
            "same_question": question_key(attempt.question),
            "before": attempt.created_at,
        }
        async with self._database.read() as connection:
            row = (await connection.execute(_PREVIOUS, values)).one_or_none()
        return None if row is None else attempt_of(row)

    async def _select(
        self, owner: Owner, *conditions: ColumnElement[bool], limit: int, offset: int = 0
    ) -> list[Attempt]:
        """The owner's attempts that fulfil all conditions, newest first."""
        statement = (
            select(attempts)
            .where(owned_by(attempts, owner), *conditions)
            .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        async with self._database.read() as connection:
            return [attempt_of(row) for row in await connection.execute(statement)]

    async def questions(self, owner: Owner, typed: str, limit: int) -> list[str]:
        """The owner's questions that contain what was typed, each once, most recent first.

        Case, spacing and punctuation at the end make no difference, in what was typed either.
        """
        latest_first = func.row_number().over(
            partition_by=attempts.c.question_key,
            order_by=(attempts.c.created_at.desc(), attempts.c.id.desc()),
        )
        asked = (
            select(attempts.c.question, attempts.c.created_at, latest_first.label("place"))
            .where(
                owned_by(attempts, owner),
                attempts.c.question_key.contains(question_key(typed), autoescape=True),
            )
            .subquery()
        )
        statement = (
            select(asked.c.question)
            .where(asked.c.place == 1)
            .order_by(asked.c.created_at.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return list((await connection.scalars(statement)).all())

    async def unfinished(self) -> list[tuple[Owner, str]]:
        """Attempts that must go on, or whose owner must still hear of a failure; oldest first.

        For the runner at start, which works for all members: so it takes no owner, and gives none
        of their data.
        """
        return await self._ids(attempts.c.state.in_(_OPEN) | _NOT_TOLD)

    async def uncleaned(self) -> list[tuple[Owner, str]]:
        """Every ended attempt whose copies were not deleted yet, oldest first.

        For the cleanup, which works for all members: so it takes no owner, and gives none of their
        data.
        """
        return await self._ids(attempts.c.state.in_(_ENDED), attempts.c.cleaned_at.is_(None))

    async def open_ids(self) -> frozenset[str]:
        """Ids of the attempts, whoever's, that have not ended: their copies are still needed."""
        return frozenset(
            attempt_id for _, attempt_id in await self._ids(attempts.c.state.in_(_OPEN))
        )

    async def _ids(self, *conditions: ColumnElement[bool]) -> list[tuple[Owner, str]]:
        statement = (
            select(attempts.c.id, attempts.c.guild_id, attempts.c.user_id)
            .where(*conditions)
            .order_by(attempts.c.created_at, attempts.c.id)
        )
        async with self._database.read() as connection:
            return [(owner_of(row), row.id) for row in await connection.execute(statement)]

    async def delete(self, owner: Owner, attempt_id: str, *, scrub: bool = True) -> Attempt | None:
        """Delete the owner's attempt and return what it was.

        Where its copies are not known to be gone, their ids go to the pending deletions in the same
        transaction. Waits for some seconds until nothing of it can be read from the files; without
        `scrub` that comes later.
        """
        one = delete(attempts).where(owned_by(attempts, owner), attempts.c.id == attempt_id)
        statement = one.returning(attempts, _ASSESSED)
        deleted = await self._delete(self._database, statement, turn=owner.user_id)
        await in_kept(self._database, lambda kept: self._delete(kept, statement))
        if scrub:
            await self._database.scrubbed()
        return attempt_of(deleted[0]) if deleted else None

    async def purge(
        self, before: datetime, *, guild_id: int | None = None, unfinished: bool = False
    ) -> int:
        """Delete every ended attempt made before this moment, like `delete`; returns how many.

        Retention holds for all members, of one server or of all, so it takes no owner. Only what
        is needed of each attempt is read: its transcript and scores would keep the loop busy. Those
        that are `unfinished` go too where nobody works on them any more.
        """
        old = attempts.c.created_at < before
        if not unfinished:
            old &= attempts.c.state.in_(_ENDED)
        if guild_id is not None:
            old &= attempts.c.guild_id == guild_id
        async with self._database.read() as connection:
            chosen = select(attempts.c.id).where(old).order_by(*_BY_MEMBER, attempts.c.id)
            ids = (await connection.scalars(chosen)).all()
        gone = 0
        for first in range(0, len(ids), _PURGED_AT_ONCE):
            some = attempts.c.id.in_(ids[first : first + _PURGED_AT_ONCE])
            statement = delete(attempts).where(old, some)
            returning = statement.returning(*LEADS_TO_COPIES, *_BY_MEMBER, _ASSESSED)
            gone += len(await self._delete(self._database, returning))
        if gone:
            await self._database.scrubbed()
        return gone

    async def _delete(
        self, database: Database, statement: ReturningDelete[Any], turn: int | None = None
    ) -> Sequence[AnyRow]:
        """Delete attempts: the board follows, and ids of copies go to the pending deletions."""
        async with database.write(turn=turn) as connection:
            deleted: Sequence[AnyRow] = (await connection.execute(statement)).all()
            assessed = {owner_of(row) for row in deleted if row.assessed}
            await restate(connection, assessed, self._clock())
            await keep_pending_deletions(connection, deleted, self._clock())
        if deleted:
            database.left_behind(Traces.WORDS)
        return deleted

    async def forget_tokens(self, now: datetime) -> int:
        """Clear every reply that is of no more use, and return how many.

        A reply goes when its attempt has ended and its owner was told, or when Discord no longer
        takes its token. Tokens are credentials, so this goes over all members.
        """
        told = attempts.c.state.in_(_ENDED) & ~_NOT_TOLD
        statement = (
            update(attempts)
            .where(attempts.c.reply_token.is_not(None), told | (attempts.c.reply_dies_at <= now))
            .values(NO_REPLY | {"updated_at": self._clock()})
        )
        async with self._database.write() as connection:
            forgotten = (await connection.execute(statement)).rowcount
        if forgotten:
            self._database.left_behind(Traces.TOKENS)
        return forgotten
