"""Requests: what members asked for that still waits for their consent or their question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select

from core.models import Owner, Request
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.mapping import AnyRow, owned_by, owner_of
from storage.tables import requests


class PendingRequests:
    """The repository of requests."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, request: Request) -> None:
        """Keep a request until it is taken or purged."""
        columns = {name: getattr(request, name) for name in Request.model_fields if name != "owner"}
        columns |= {"guild_id": request.owner.guild_id, "user_id": request.owner.user_id}
        async with self._database.write() as connection:
            await connection.execute(insert(requests).values(columns))

    async def get(self, owner: Owner, request_id: str) -> Request | None:
        """The owner's request with this id."""
        statement = select(requests).where(_one(owner, request_id))
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else _request_of(row)

    async def take(self, owner: Owner, request_id: str) -> Request | None:
        """Take the owner's request away to act on it: of several takers, one gets it."""
        statement = delete(requests).where(_one(owner, request_id)).returning(requests)
        async with self._database.write() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else _request_of(row)

    async def purge(self, before: datetime) -> int:
        """Delete every request made before this moment, whoever's; returns how many."""
        async with self._database.write() as connection:
            result = await connection.execute(
                delete(requests).where(requests.c.created_at < before)
            )
        if result.rowcount:
            self._database.left_behind(Traces.WORDS)
        return result.rowcount

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """What the owner has asked for and that still waits."""
        return {"requests": await rows_of(self._database, requests, owned_by(requests, owner))}

    async def erase(self, owner: Owner) -> None:
        """Forget what the owner has asked for."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(requests).where(owned_by(requests, owner)))
        if result.rowcount:
            self._database.left_behind(Traces.WORDS)


def _one(owner: Owner, request_id: str) -> ColumnElement[bool]:
    return owned_by(requests, owner) & (requests.c.id == request_id)


def _request_of(row: AnyRow) -> Request:
    return Request(
        id=row.id,
        owner=owner_of(row),
        channel_id=row.channel_id,
        question=row.question,
        clips=row.clips,
        shared=row.shared,
        language=row.language,
        interview_id=row.interview_id,
        parent_id=row.parent_id,
        created_at=row.created_at,
    )
