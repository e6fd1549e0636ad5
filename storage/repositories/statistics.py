"""What the operator may see of all attempts together: counts and sizes, never whose they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, func, select, text, type_coerce

from core.models import AttemptState
from storage.engine.database import Database
from storage.tables import attempts, pending_deletions

_ENDED = tuple(state for state in AttemptState if state.ended)
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


class Statistics:
    """Looks over everything; it has no call that names a member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def answers(self) -> None:
        """Ask for the least there is.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        async with self._database.read() as connection:
            await connection.execute(select(1))

    async def under_way(self) -> dict[AttemptState, int]:
        """How many attempts that have not ended are in each state; empty states are left out."""
        statement = (
            select(attempts.c.state, func.count().label("many"))
            .where(attempts.c.state.not_in(_ENDED))
            .group_by(attempts.c.state)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return {row.state: row.many for row in rows}

    async def failures(self, since: datetime) -> dict[str, int]:
        """How often attempts failed with which code since then, the most frequent first."""
        code = type_coerce(attempts.c.failure, JSON)["code"].as_string()
        statement = (
            select(code, func.count())
            .where(attempts.c.state == AttemptState.FAILED, attempts.c.ended_at >= since)
            .group_by(code)
            .order_by(func.count().desc(), code)
        )
        async with self._database.read() as connection:
            return {str(name): count for name, count in await connection.execute(statement)}

    async def left_to_delete(self) -> int:
        """How many ended or deleted attempts have copies that are not known to be gone."""
        uncleaned = (
            select(func.count())
            .where(attempts.c.state.in_(_ENDED), attempts.c.cleaned_at.is_(None))
            .scalar_subquery()
        )
        deleted = select(func.count()).select_from(pending_deletions).scalar_subquery()
        async with self._database.read() as connection:
            return int(await connection.scalar(select(uncleaned + deleted)) or 0)

    async def database_bytes(self) -> int:
        """The size of the database."""
        async with self._database.read() as connection:
            found = await connection.scalar(text(_SIZE[connection.dialect.name]))
        return int(found or 0)
