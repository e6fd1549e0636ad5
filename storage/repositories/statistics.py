"""What the operator may see of all attempts together: counts and sizes, never whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, func, select, text, type_coerce

from core.assessment import EngineName
from core.models import AttemptState, VendorRefs
from storage.engine.database import Database
from storage.repositories.vendor_usage import Period, VendorUsage
from storage.tables import attempts, pending_deletions

_ENDED = tuple(state for state in AttemptState if state.ended)
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


_FAILURES_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """A failed attempt as the operator may see it."""

    attempt_id: str  # the reference that the member was given
    engine: EngineName
    code: str
    step: str
    ended_at: datetime


def _step(engine: EngineName, *, facts: bool, refs: VendorRefs) -> str:
    """Which step an attempt was at: its state says only that it failed, so by what it has."""
    if not facts:
        return "fetching and checking the clip"
    if engine is EngineName.LOCAL:
        return "assessing"
    if refs.asset_id is None:
        return "uploading"
    return "analyzing" if refs.task_ids else "starting the analysis"


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

    async def failed_since(self, since: datetime) -> list[FailedAttempt]:
        """Which attempts failed since then, the newest first."""
        columns = (attempts.c.id, attempts.c.engine, attempts.c.failure, attempts.c.ended_at)
        statement = (
            select(*columns, attempts.c.facts, attempts.c.refs)
            .where(attempts.c.state == AttemptState.FAILED, attempts.c.ended_at >= since)
            .order_by(attempts.c.ended_at.desc(), attempts.c.id)
            .limit(_FAILURES_SHOWN)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [
            FailedAttempt(
                attempt_id=row.id,
                engine=row.engine,
                code=row.failure.code if row.failure else "unknown",
                step=_step(row.engine, facts=row.facts is not None, refs=row.refs),
                ended_at=row.ended_at,
            )
            for row in rows
        ]

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

    async def vendor_seconds(self, now: datetime) -> dict[Period, float]:
        """The seconds of clips that the vendor was asked to analyze this day and month."""
        return await VendorUsage(self._database).used(now)
