"""Interviews and their questions. Which attempt answers a question, the attempts say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.interviews import Interview, InterviewQuestion, InterviewState
from core.models import Attempt, AttemptState, Owner, ReplyAddress
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.mapping import (
    NO_REPLY,
    AnyRow,
    attempt_of,
    owned_by,
    owner_of,
    reply_columns,
    reply_of,
)
from storage.paging import nearest_page
from storage.tables import attempts, interview_questions, interviews

_NOT_EXPORTED = ("reply_token",)
"""A key of the bot's own, with which it can answer for minutes; it says nothing about anybody."""

_OPEN = tuple(state for state in AttemptState if not state.ended)

_ANSWERS = (
    case((attempts.c.state.in_((AttemptState.FAILED, AttemptState.CANCELLED)), 0), else_=1),
    attempts.c.created_at,
    attempts.c.id,
)
"""The order of answers to one question: the last one counts, and what came to nothing does not
where there is another."""


@dataclass(frozen=True, slots=True)
class Found:
    """An interview, and the latest answer to each of its questions by the attempt's id."""

    interview: Interview
    attempts: dict[str, Attempt]


class Interviews:
    """The repository of interviews."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, interview: Interview, *, since: datetime) -> bool:
        """Keep a new interview, unless its owner has one that goes on and began after `since`."""
        owner = interview.owner
        goes_on = select(func.count()).where(
            owned_by(interviews, owner),
            interviews.c.state == InterviewState.OPEN,
            interviews.c.created_at > since,
        )
        async with self._database.write(turn=owner.user_id) as connection:
            if await connection.scalar(goes_on):
                return False
            row: dict[str, Any] = interview.model_dump(exclude={"owner", "reply", "questions"})
            row |= {"guild_id": owner.guild_id, "user_id": owner.user_id}
            await connection.execute(
                insert(interviews).values(row | reply_columns(interview.reply))
            )
            await connection.execute(
                insert(interview_questions),
                [_question_row(interview.id, owner, one) for one in interview.questions],
            )
        return True

    async def get(self, owner: Owner, interview_id: str) -> Found | None:
        """The owner's interview with this id, and its answers."""
        return await self._one(owned_by(interviews, owner), interviews.c.id == interview_id)

    async def goes_on(self, owner: Owner, *, since: datetime) -> Found | None:
        """The owner's interview that goes on, if it began after `since`."""
        return await self._one(
            owned_by(interviews, owner),
            interviews.c.state == InterviewState.OPEN,
            interviews.c.created_at > since,
        )

    async def last(self, owner: Owner) -> Found | None:
        """The owner's latest interview, however it ended."""
        return await self._one(owned_by(interviews, owner))

    async def _one(self, *conditions: ColumnElement[bool]) -> Found | None:
        statement = select(interviews).where(*conditions).order_by(*_newest_first()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                return None
            asked = (
                await connection.execute(
                    select(interview_questions)
                    .where(interview_questions.c.interview_id == row.id)
                    .order_by(interview_questions.c.position)
                )
            ).all()
            answers = (
                await connection.execute(
                    select(attempts)
                    .where(owned_by(attempts, owner_of(row)), attempts.c.interview_id == row.id)
                    .order_by(*_ANSWERS)
                )
            ).all()
        latest = {answer.position: attempt_of(answer) for answer in answers}
        ids = {(row.id, position): attempt.id for position, attempt in latest.items()}
        return Found(_interview_of(row, asked, ids), {one.id: one for one in latest.values()})

    async def page(
        self, owner: Owner, *, size: int, number: int = 1
    ) -> tuple[list[Interview], int]:
        """A page of the owner's interviews, newest first, and how many there are on all of them.

        It is the one with this number, or the nearest there is.
        """
        async with self._database.read() as connection:
            total = await _count(connection, owner)
            number, _ = nearest_page(number, total, size)
            rows = (
                select(interviews)
                .where(owned_by(interviews, owner))
                .order_by(*_newest_first())
                .limit(size)
                .offset((number - 1) * size)
            )
            found = (await connection.execute(rows)).all()
            ids = [row.id for row in found]
            asked = (
                await connection.execute(
                    select(interview_questions)
                    .where(interview_questions.c.interview_id.in_(ids))
                    .order_by(interview_questions.c.position)
                )
            ).all()
            answers = (
                await connection.execute(
                    select(attempts.c.id, attempts.c.interview_id, attempts.c.position)
                    .where(owned_by(attempts, owner), attempts.c.interview_id.in_(ids))
                    .order_by(*_ANSWERS)
                )
            ).all()
        latest: dict[tuple[str, int], str] = {
            (answer.interview_id, answer.position): answer.id for answer in answers
        }
        return [_interview_of(row, asked, latest) for row in found], total

    async def count(self, owner: Owner) -> int:
        """How many interviews the owner has."""
        async with self._database.read() as connection:
            return await _count(connection, owner)

    async def answers(self, owner: Owner, interview_id: str) -> list[Attempt]:
        """Every attempt at the questions of the owner's interview, oldest first."""
        statement = (
            select(attempts)
            .where(owned_by(attempts, owner), attempts.c.interview_id == interview_id)
            .order_by(attempts.c.created_at, attempts.c.id)
        )
        async with self._database.read() as connection:
            return [attempt_of(row) for row in await connection.execute(statement)]

    async def add_question(
        self, interview: Interview, question: InterviewQuestion, *, only: bool = False
    ) -> bool:
        """Ask one more question, once for each position; whether it is new, and asked.

        With `only`, no other follow-up may have been asked.
        """
        owner = interview.owner
        followed = select(interview_questions.c.position).where(
            interview_questions.c.interview_id == interview.id,
            interview_questions.c.follows.is_not(None),
        )
        async with self._database.write(turn=owner.user_id) as connection:
            still = select(interviews.c.id).where(
                interviews.c.id == interview.id, interviews.c.state == InterviewState.OPEN
            )
            if await connection.scalar(still) is None:
                return False
            if only and await connection.scalar(followed) is not None:
                return False
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            made = dialect.insert(interview_questions).values(
                _question_row(interview.id, owner, question)
            )
            asked = made.on_conflict_do_nothing().returning(interview_questions.c.position)
            return (await connection.execute(asked)).one_or_none() is not None

    async def leave_out(
        self, owner: Owner, interview_id: str, position: int, *, left_out: bool
    ) -> bool:
        """Note that a question is left out, or is not any more; whether there is such a one."""
        statement = (
            update(interview_questions)
            .where(
                owned_by(interview_questions, owner),
                interview_questions.c.interview_id == interview_id,
                interview_questions.c.position == position,
            )
            .values(left_out=left_out)
        )
        async with self._database.write() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def end(self, owner: Owner, interview_id: str, state: InterviewState) -> bool:
        """End an interview that goes on; whether this has ended it."""
        return await self._change(
            owner,
            interview_id,
            {"state": state, "ended_at": self._clock()},
            interviews.c.state == InterviewState.OPEN,
        )

    async def reopen(self, owner: Owner, interview_id: str) -> bool:
        """Let an interview that was stopped go on, unless another one does; whether it does now."""
        other = interviews.alias()
        another = exists().where(
            other.c.guild_id == owner.guild_id,
            other.c.user_id == owner.user_id,
            other.c.state == InterviewState.OPEN,
        )
        return await self._change(
            owner,
            interview_id,
            {"state": InterviewState.OPEN, "ended_at": None},
            interviews.c.state == InterviewState.STOPPED,
            ~another,
        )

    async def reported(self, owner: Owner, interview_id: str) -> bool:
        """Note that its member was told of the report; whether this is the first time."""
        changed = await self._change(
            owner,
            interview_id,
            NO_REPLY | {"reported_at": self._clock()},
            interviews.c.reported_at.is_(None),
        )
        if changed:
            self._database.left_behind(Traces.TOKENS)
        return changed

    async def show_in(self, owner: Owner, interview_id: str, reply: ReplyAddress | None) -> bool:
        """Note which message shows an interview from now on; whether there is one."""
        changed = await self._change(owner, interview_id, reply_columns(reply))
        if changed:
            self._database.left_behind(Traces.TOKENS)
        return changed

    async def _change(
        self, owner: Owner, interview_id: str, columns: dict[str, Any], *when: ColumnElement[bool]
    ) -> bool:
        statement = (
            update(interviews)
            .where(owned_by(interviews, owner), interviews.c.id == interview_id, *when)
            .values(columns)
        )
        async with self._database.write(turn=owner.user_id) as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def unsettled(self) -> list[tuple[Owner, str]]:
        """Interviews that go on, or whose member was not told of the report; oldest first.

        For the cleanup, which works for all members: so it takes no owner, and gives none of
        their data. Those with an answer under way are left to whoever works on that.
        """
        under_way = exists().where(
            attempts.c.interview_id == interviews.c.id, attempts.c.state.in_(_OPEN)
        )
        statement = (
            select(interviews.c.id, interviews.c.guild_id, interviews.c.user_id)
            .where(
                (interviews.c.state == InterviewState.OPEN)
                | (
                    (interviews.c.state == InterviewState.FINISHED)
                    & interviews.c.reported_at.is_(None)
                ),
                ~under_way,
            )
            .order_by(interviews.c.created_at, interviews.c.id)
        )
        async with self._database.read() as connection:
            return [(owner_of(row), row.id) for row in await connection.execute(statement)]

    async def delete(self, owner: Owner, interview_id: str) -> bool:
        """Delete the owner's interview with its questions; whether there was one. Answers stay."""
        one = owned_by(interviews, owner) & (interviews.c.id == interview_id)
        return await self._delete(one, turn=owner.user_id) == 1

    async def purge(self, before: datetime, *, guild_id: int | None = None) -> int:
        """Delete every interview begun before this moment, of one server or of all.

        Retention holds for all members, so it takes no owner. Returns how many.
        """
        old = interviews.c.created_at < before
        if guild_id is not None:
            old &= interviews.c.guild_id == guild_id
        return await self._delete(old)

    async def forget_tokens(self, now: datetime) -> None:
        """Clear every reply that Discord no longer takes. Tokens are credentials."""
        dead = interviews.c.reply_token.is_not(None) & (interviews.c.reply_dies_at <= now)
        async with self._database.write() as connection:
            forgotten = await connection.execute(update(interviews).where(dead).values(NO_REPLY))
        if forgotten.rowcount:
            self._database.left_behind(Traces.TOKENS)

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """The owner's interviews and their questions, without a key of the bot's own."""
        mine = owned_by(interviews, owner)
        asked = owned_by(interview_questions, owner)
        return {
            "interviews": await rows_of(self._database, interviews, mine, without=_NOT_EXPORTED),
            "interview_questions": await rows_of(self._database, interview_questions, asked),
        }

    async def erase(self, owner: Owner) -> None:
        """Forget the owner's interviews."""
        await self._delete(owned_by(interviews, owner), turn=owner.user_id)

    async def _delete(self, which: ColumnElement[bool], turn: int | None = None) -> int:
        ids = select(interviews.c.id).where(which)
        asked = interview_questions.c.interview_id.in_(ids)
        async with self._database.write(turn=turn) as connection:
            await connection.execute(delete(interview_questions).where(asked))
            gone = (await connection.execute(delete(interviews).where(which))).rowcount
        if gone:
            self._database.left_behind(Traces.WORDS)
        return gone


async def _count(connection: AsyncConnection, owner: Owner) -> int:
    count = select(func.count()).select_from(interviews).where(owned_by(interviews, owner))
    return int(await connection.scalar(count) or 0)


def _newest_first() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return interviews.c.created_at.desc(), interviews.c.id.desc()


def _question_row(interview_id: str, owner: Owner, question: InterviewQuestion) -> dict[str, Any]:
    row: dict[str, Any] = question.model_dump(exclude={"attempt_id"})
    return row | {
        "interview_id": interview_id,
        "guild_id": owner.guild_id,
        "user_id": owner.user_id,
    }


def _question_of(row: AnyRow, attempt_id: str | None) -> InterviewQuestion:
    return InterviewQuestion(
        position=row.position,
        text=row.text,
        kind=row.kind,
        origin=row.origin,
        follows=row.follows,
        attempt_id=attempt_id,
        left_out=row.left_out,
    )


def _interview_of(
    row: AnyRow, asked: Sequence[AnyRow], latest: dict[tuple[str, int], str]
) -> Interview:
    """The interview in a row; `asked` and `latest`, answers by interview and place, have others."""
    own = [one for one in asked if one.interview_id == row.id]
    return Interview(
        id=row.id,
        owner=owner_of(row),
        channel_id=row.channel_id,
        state=row.state,
        follow_ups=row.follow_ups,
        questions=tuple(_question_of(one, latest.get((row.id, one.position))) for one in own),
        reply=reply_of(row),
        created_at=row.created_at,
        ended_at=row.ended_at,
        reported_at=row.reported_at,
    )
