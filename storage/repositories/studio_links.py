"""Links into the studio: good until an answer has been assessed, and forgotten after a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import Model
from core.models import QUESTION_MAX, Owner, ReplyAddress
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.mapping import NO_REPLY, AnyRow, owned_by, owner_of, reply_columns, reply_of
from storage.tables import studio_links as links

_NOT_EXPORTED = ("reply_token",)
"""A key of the bot's own, with which it can answer for minutes; it says nothing about anybody."""


class StudioLink(Model):
    """What one member may record and send in until one answer has been assessed.

    Each try has an attempt id of its own. The first one's is the link's id; when a try has ended
    without a result, the next try gets another.
    """

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    owner: Owner
    channel_id: int
    question: str = Field(min_length=1, max_length=QUESTION_MAX)
    shared: bool = False  # what the server has chosen; the member decides when sending it in
    reply: ReplyAddress | None = None  # cleared when it has been sent in
    created_at: datetime
    size_bytes: int | None = Field(default=None, gt=0)  # what the recording is said to have
    upload_begun_at: datetime | None = None
    submitted_at: datetime | None = None
    attempt_id: str = Field(default="", pattern=r"^[0-9a-f]{16}$")  # left out: the link's own id
    opened_at: datetime | None = None  # when this try began, if it is not the first
    began_at: datetime | None = None  # when the first link of the row was made, if it was another
    next_id: str | None = None  # the link that came after the result
    interview_id: str | None = None  # whose question it is for
    position: int | None = None  # of that question
    parent_id: str | None = None  # the attempt whose follow-up question it is for

    @model_validator(mode="before")
    @classmethod
    def _first_try(cls, values: dict[str, Any]) -> dict[str, Any]:
        return values if values.get("attempt_id") else values | {"attempt_id": values.get("id")}

    @property
    def usable_from(self) -> datetime:
        """From when on the time runs in which it may be recorded with."""
        return self.opened_at or self.created_at

    @property
    def row_began_at(self) -> datetime:
        """When the first of the links was made that led to this one, each after a result."""
        return self.began_at or self.created_at


_attempt_id: ColumnElement[str] = func.coalesce(links.c.attempt_id, links.c.id)
_opened_at: ColumnElement[datetime] = func.coalesce(links.c.opened_at, links.c.created_at)


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload by the id of its link: whose it is, and how large it is said to be in the end."""

    id: str
    user_id: int
    size_bytes: int


class StudioLinks:
    """The repository of studio links."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, link: StudioLink, *, since: datetime, most: int) -> bool:
        """Keep a link, unless its member has made `most` since then; whether it was kept."""
        async with self._database.write(turn=link.owner.user_id) as connection:
            return await _insert(connection, link, since=since, most=most)

    async def follow(
        self, link: StudioLink, following: StudioLink, *, since: datetime, most: int
    ) -> StudioLink | None:
        """Keep the one link that comes after another; the one that is there where one is already.

        `None` where the member has made `most` since then, or the other link is gone.
        """
        here = links.c.id == link.id
        async with self._database.write(turn=link.owner.user_id) as connection:
            row = (await connection.execute(select(links).where(here))).one_or_none()
            if row is None:
                return None
            if row.next_id is not None:
                theirs = select(links).where(links.c.id == row.next_id)
                there = (await connection.execute(theirs)).one_or_none()
                if there is not None:
                    return _link_of(there)
            if not await _insert(connection, following, since=since, most=most):
                return None
            await connection.execute(update(links).where(here).values(next_id=following.id))
        return following

    async def of_question(
        self, link: StudioLink, *, since: datetime, most: int
    ) -> StudioLink | None:
        """The one link for a question of an interview: this one, unless there is one already.

        `None` where the member has made `most` since then.
        """
        same = (links.c.interview_id == link.interview_id) & (links.c.position == link.position)
        there = select(links).where(owned_by(links, link.owner), same)
        async with self._database.write(turn=link.owner.user_id) as connection:
            row = (await connection.execute(there)).one_or_none()
            if row is not None:
                return _link_of(row)
            if not await _insert(connection, link, since=since, most=most):
                return None
        return link

    async def reopen(self, link: StudioLink, attempt_id: str) -> StudioLink | None:
        """Let the next try begin, whose attempt will have this id, in place of the one known.

        Returns the link as it is now, whoever has let which try begin; `None` when it is gone.
        """
        async with self._database.write(turn=link.owner.user_id) as connection:
            await connection.execute(
                update(links)
                .where(links.c.id == link.id, _attempt_id == link.attempt_id)
                .values(
                    NO_REPLY
                    | {
                        "attempt_id": attempt_id,
                        "opened_at": self._clock(),
                        "size_bytes": None,
                        "upload_begun_at": None,
                        "submitted_at": None,
                    }
                )
            )
            row = (
                await connection.execute(select(links).where(links.c.id == link.id))
            ).one_or_none()
        return None if row is None else _link_of(row)

    async def of_attempt(self, owner: Owner, attempt_id: str) -> StudioLink | None:
        """The owner's link with whose present try this attempt was, or is to be, made."""
        return await self._one(owned_by(links, owner), _attempt_id == attempt_id)

    async def get(self, link_id: str) -> StudioLink | None:
        """The link with this id, whoever's: the id must come out of a signature of ours."""
        return await self._one(links.c.id == link_id)

    async def owned(self, owner: Owner, link_id: str) -> StudioLink | None:
        """The owner's link with this id."""
        return await self._one(owned_by(links, owner), links.c.id == link_id)

    async def _one(self, *conditions: ColumnElement[bool]) -> StudioLink | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(links).where(*conditions))).one_or_none()
        return None if row is None else _link_of(row)

    async def begin_upload(self, link: StudioLink, size_bytes: int) -> bool:
        """Note that a recording of this size is being sent in.

        False where the link is gone, its recording has been sent in, or this is another try.
        """
        begun = link.upload_begun_at or self._clock()
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(links)
                .where(
                    links.c.id == link.id,
                    links.c.submitted_at.is_(None),
                    _attempt_id == link.attempt_id,
                )
                .values(size_bytes=size_bytes, upload_begun_at=begun)
            )
            return changed.rowcount == 1

    async def begun(self, since: datetime) -> list[Begun]:
        """Uploads that have begun and were not sent in, of tries begun after this moment."""
        statement = select(links.c.id, links.c.user_id, links.c.size_bytes).where(
            links.c.upload_begun_at.is_not(None),
            links.c.submitted_at.is_(None),
            _opened_at > since,
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [Begun(row.id, row.user_id, row.size_bytes) for row in rows]

    async def submitted(self, link: StudioLink) -> None:
        """Note that it has been sent in; the attempt has the reply from now on."""
        async with self._database.write() as connection:
            await connection.execute(
                update(links)
                .where(links.c.id == link.id, _attempt_id == link.attempt_id)
                .values(NO_REPLY | {"submitted_at": self._clock()})
            )
        self._database.left_behind(Traces.TOKENS)

    async def ids(self, since: datetime) -> frozenset[str]:
        """Ids of the links, whoever's, with a try that began after this moment and was not sent in.

        And the ids that their attempts will have: by those their recordings are known.
        """
        statement = select(links.c.id, _attempt_id).where(
            _opened_at > since, links.c.submitted_at.is_(None)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return frozenset(one for row in rows for one in row)

    async def ids_of(self, owner: Owner) -> list[str]:
        """Ids of the owner's links."""
        statement = select(links.c.id).where(owned_by(links, owner))
        async with self._database.read() as connection:
            return list((await connection.scalars(statement)).all())

    async def forget_tokens(self, now: datetime) -> None:
        """Clear every reply that Discord no longer takes. Tokens are credentials."""
        dead = links.c.reply_token.is_not(None) & (links.c.reply_dies_at <= now)
        async with self._database.write() as connection:
            forgotten = (
                await connection.execute(update(links).where(dead).values(NO_REPLY))
            ).rowcount
        if forgotten:
            self._database.left_behind(Traces.TOKENS)

    async def purge(self, before: datetime) -> int:
        """Delete every link made before this moment, whoever's; returns how many."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(links).where(links.c.created_at < before))
        if result.rowcount:
            self._database.left_behind(Traces.WORDS)
        return result.rowcount

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """The owner's links, without a key of the bot's own."""
        owned = owned_by(links, owner)
        rows = await rows_of(self._database, links, owned, without=_NOT_EXPORTED)
        return {"studio_links": rows}

    async def erase(self, owner: Owner) -> None:
        """Forget the owner's links: what was open in a browser ends there."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(links).where(owned_by(links, owner)))
        if result.rowcount:
            self._database.left_behind(Traces.WORDS)


async def _insert(
    connection: AsyncConnection, link: StudioLink, *, since: datetime, most: int
) -> bool:
    """Keep a link, unless its member has made `most` since then. The member's turn is taken."""
    owner = link.owner
    mine = select(func.count()).where(links.c.user_id == owner.user_id, links.c.created_at > since)
    if int(await connection.scalar(mine) or 0) >= most:
        return False
    row: dict[str, Any] = link.model_dump(exclude={"owner", "reply"})
    row |= {"guild_id": owner.guild_id, "user_id": owner.user_id}
    await connection.execute(insert(links).values(row | reply_columns(link.reply)))
    return True


def _link_of(row: AnyRow) -> StudioLink:
    return StudioLink(
        id=row.id,
        owner=owner_of(row),
        channel_id=row.channel_id,
        question=row.question,
        shared=row.shared,
        reply=reply_of(row),
        created_at=row.created_at,
        size_bytes=row.size_bytes,
        upload_begun_at=row.upload_begun_at,
        submitted_at=row.submitted_at,
        attempt_id=row.attempt_id or row.id,
        opened_at=row.opened_at,
        began_at=row.began_at,
        next_id=row.next_id,
        interview_id=row.interview_id,
        position=row.position,
        parent_id=row.parent_id,
    )
