"""Questions: each server's own bank; it is not kept who wrote them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.questions import Question, question_key
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.tables import questions

_COLUMNS = [questions.c[name] for name in Question.model_fields]

_SAME = select(*_COLUMNS).where(
    questions.c.guild_id == bindparam("of_guild"),
    questions.c.question_key == bindparam("same_question"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to a bank; `same` stays as it is."""

    added: tuple[Question, ...] = ()
    changed: tuple[Question, ...] = ()
    same: tuple[Question, ...] = ()


Rule = Callable[[Sequence[Question]], Change]
"""Given a whole bank, says what to do to it; whatever it raises stops that."""


class Questions:
    """The repository of questions. Every bank is in alphabetical order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, guild_id: int) -> list[Question]:
        """The server's whole bank."""
        async with self._database.read() as connection:
            return await _select(connection, guild_id)

    async def search(self, guild_id: int, typed: str, limit: int) -> list[Question]:
        """The server's questions that contain what was typed.

        Case, spacing and punctuation at the end make no difference, in what was typed either.
        """
        contains = questions.c.question_key.contains(question_key(typed), autoescape=True)
        async with self._database.read() as connection:
            return await _select(connection, guild_id, contains, limit=limit)

    async def get(self, guild_id: int, question_id: str) -> Question | None:
        """The server's question with this id."""
        async with self._database.read() as connection:
            found = await _select(connection, guild_id, questions.c.id == question_id)
        return found[0] if found else None

    async def like(self, guild_id: int, text: str) -> Question | None:
        """The server's question that is the same as this text, however it is written."""
        values = {"of_guild": guild_id, "same_question": question_key(text)}
        async with self._database.read() as connection:
            row = (await connection.execute(_SAME, values)).mappings().first()
        return None if row is None else Question(**row)

    async def change(self, guild_id: int, rule: Rule) -> Change:
        """Do what the rule says, all of it or nothing, and return it.

        The bank the rule is given is the one that is written to: of two changes at a time, the
        second sees the first.
        """
        async with self._database.write(turn=guild_id) as connection:
            change = rule(await _select(connection, guild_id))
            ids = [question.id for question in change.changed]
            await connection.execute(
                delete(questions).where(_of(guild_id), questions.c.id.in_(ids))
            )
            rows = [_row(guild_id, question) for question in change.added + change.changed]
            if rows:
                await connection.execute(insert(questions), rows)
        return change

    async def remove(self, guild_id: int, question_id: str) -> Question | None:
        """Delete the server's question and return what it was."""
        statement = (
            delete(questions)
            .where(_of(guild_id), questions.c.id == question_id)
            .returning(*_COLUMNS)
        )
        async with self._database.write(turn=guild_id) as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            return None
        self._database.left_behind(Traces.WORDS)
        return Question(**row)


def _of(guild_id: int) -> ColumnElement[bool]:
    return questions.c.guild_id == guild_id


async def _select(
    connection: AsyncConnection,
    guild_id: int,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
) -> list[Question]:
    statement = (
        select(*_COLUMNS)
        .where(_of(guild_id), *conditions)
        .order_by(questions.c.question_key)
        .limit(limit)
    )
    rows = (await connection.execute(statement)).mappings()
    return [Question(**row) for row in rows]


def _row(guild_id: int, question: Question) -> dict[str, object]:
    columns = {name: getattr(question, name) for name in Question.model_fields}
    return columns | {"guild_id": guild_id, "question_key": question_key(question.text)}
