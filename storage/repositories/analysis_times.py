"""How long the vendor took for clips of which length, by model: it says nothing about members."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core.models import new_id
from storage.engine.database import Database
from storage.tables import analysis_times

KEPT = 200
"""How many of the latest analyses of a model are kept."""

_MODEL_LENGTH = 64
_TURN = -5  # no member's id, and nobody else's turn


class TimedAnalysis(NamedTuple):
    """One analysis that has ended, or that was given up after so many seconds."""

    id: str
    clip_seconds: float
    seconds: float
    ended_at: datetime


def timed_analysis(clip_seconds: float, seconds: float, ended_at: datetime) -> TimedAnalysis:
    """An analysis with an id of its own, to be kept."""
    return TimedAnalysis(new_id(), clip_seconds, seconds, ended_at)


class AnalysisTimesStore:
    """The repository of how long analyses took; it is shared by all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, model: str, ended: Iterable[TimedAnalysis]) -> None:
        """Keep these analyses, and forget the oldest beyond `KEPT` of their model.

        Those already kept stay: a commit that seemed to fail may be repeated.
        """
        table = analysis_times
        rows = [{"model": model[:_MODEL_LENGTH], **analysis._asdict()} for analysis in ended]
        if not rows:
            return
        of_model = table.c.model == model[:_MODEL_LENGTH]
        latest = select(table.c.ended_at).where(of_model).order_by(table.c.ended_at.desc())
        oldest_kept = latest.offset(KEPT - 1).limit(1)
        async with self._database.write(turn=_TURN) as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            await connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
            before = await connection.scalar(oldest_kept)
            if before is not None:
                await connection.execute(delete(table).where(of_model, table.c.ended_at < before))

    async def latest(
        self, model: str, count: int, *, since: datetime | None = None
    ) -> list[TimedAnalysis]:
        """The latest analyses of a model, at most so many, oldest first; those from `since` on."""
        table = analysis_times
        columns = (table.c.id, table.c.clip_seconds, table.c.seconds, table.c.ended_at)
        statement = select(*columns).where(table.c.model == model[:_MODEL_LENGTH])
        if since is not None:
            statement = statement.where(table.c.ended_at >= since)
        statement = statement.order_by(table.c.ended_at.desc(), table.c.id).limit(count)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [TimedAnalysis(*row) for row in reversed(rows)]
