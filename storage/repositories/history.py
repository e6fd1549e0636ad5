"""What a member looks back on: their own assessed attempts, filtered, in pages or in outline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ColumnElement, func, select, type_coerce

from core.assessment import EngineName
from core.models import Attempt, Owner
from core.questions import question_key
from storage.engine.database import Database
from storage.mapping import attempt_of, owned_by
from storage.paging import nearest_page
from storage.tables import attempts

OUTLINE_LIMIT = 2000
"""Attempts an outline holds at most; older ones are only in the pages."""

_ROWS_AT_A_TIME = 25  # a few milliseconds of reading JSON on the loop

_CODE_LENGTH = 12  # 48 bits: it only has to tell apart the questions of one member


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which of a member's attempts are meant. `None` narrows nothing; both moments are included."""

    question_key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the attempts that are meant, newest first; pages are counted from 1."""

    attempts: tuple[Attempt, ...]
    number: int
    pages: int
    total: int  # attempts on all pages together


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt in outline: enough to name it in a menu and to count weeks."""

    id: str
    question: str
    question_key: str
    engine: EngineName
    overall: float | None
    created_at: datetime
    parent_id: str | None = None

    @property
    def code(self) -> str:
        """Stands for the question where its text does not fit; 12 hexadecimal digits."""
        return hashlib.sha256(self.question_key.encode()).hexdigest()[:_CODE_LENGTH]


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in one attempt: each sentence, and the second it begins at."""

    id: str
    question: str
    created_at: datetime
    sentences: tuple[tuple[str, float], ...]


def latest_at(entries: Iterable[Entry], question: str) -> Entry | None:
    """The first of these attempts at a question, which is given by its text or its code."""
    key = question_key(question)
    return next((e for e in entries if e.question_key == key or e.code == question), None)


class History:
    """Looks up assessed attempts, newest first, and only those of the owner it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, owner: Owner, narrowing: AttemptFilter, *, size: int, number: int = 1
    ) -> Page:
        """The page with this number, or the nearest there is, of the attempts that are meant."""
        meant = _meant(owner, narrowing)
        count = select(func.count()).select_from(attempts).where(meant)
        async with self._database.read() as connection:
            total = (await connection.execute(count)).scalar_one()
            number, pages = nearest_page(number, total, size)
            rows = (
                select(attempts)
                .where(meant)
                .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            found = tuple([attempt_of(row) for row in await connection.execute(rows)])
        return Page(found, number, pages, total)

    async def outline(self, owner: Owner) -> list[Entry]:
        """The latest 2000 attempts without their results, so that all of them are soon read."""
        statement = (
            select(
                attempts.c.id,
                attempts.c.question,
                attempts.c.question_key,
                attempts.c.engine,
                attempts.c.overall,
                attempts.c.created_at,
                attempts.c.parent_id,
            )
            .where(_meant(owner, AttemptFilter()))
            .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
            .limit(OUTLINE_LIMIT)
        )
        async with self._database.read() as connection:
            return [Entry(*row) for row in await connection.execute(statement)]

    async def several(self, owner: Owner, ids: Sequence[str]) -> list[Attempt]:
        """Those of the owner's assessed attempts that have one of these ids."""
        statement = select(attempts).where(_meant(owner, AttemptFilter()), attempts.c.id.in_(ids))
        async with self._database.read() as connection:
            return [attempt_of(row) for row in await connection.execute(statement)]

    async def said(self, owner: Owner, narrowing: AttemptFilter, *, limit: int) -> list[Said]:
        """The transcripts of the newest attempts that are meant and have one."""
        statement = (
            select(
                *(attempts.c.id, attempts.c.question, attempts.c.created_at),
                type_coerce(attempts.c.assessment, JSON).label("assessment"),
            )
            .where(_meant(owner, narrowing))
            .order_by(attempts.c.created_at.desc(), attempts.c.id.desc())
            .limit(limit)
        )
        found = []
        async with self._database.read() as connection, connection.stream(statement) as result:
            async for rows in result.partitions(_ROWS_AT_A_TIME):
                for row in rows:
                    transcript = row.assessment.get("transcript") or ()
                    sentences = tuple((one["text"], one["start"]) for one in transcript)
                    if sentences:
                        found.append(Said(row.id, row.question, row.created_at, sentences))
        return found


def _meant(owner: Owner, narrowing: AttemptFilter) -> ColumnElement[bool]:
    condition = owned_by(attempts, owner) & attempts.c.assessment.is_not(None)
    if narrowing.question_key is not None:
        condition &= attempts.c.question_key == narrowing.question_key
    if narrowing.since is not None:
        condition &= attempts.c.created_at >= narrowing.since
    if narrowing.until is not None:
        condition &= attempts.c.created_at <= narrowing.until
    return condition
