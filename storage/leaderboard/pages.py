"""Reads one page of a board, and where who asked for it stands, without counting everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import EngineName
from core.models import Owner
from storage.leaderboard.standings import Ranking, Window, ladder_number
from storage.mapping import AnyRow
from storage.paging import nearest_page
from storage.tables import board_counts, board_members, board_standings

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class LeaderboardQuery:
    """Which board is looked at. Only attempts of one engine and rubric version are compared."""

    engine: EngineName
    rubric_version: int
    ranking: Ranking
    window: Window
    question: str = ""  # a `question_digest`; "" over all questions
    judge: str | None = None  # whose scores are ranked; None where no judge gives any


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a board. Equals share a rank, and the ranks after them are left out: 1, 2, 2, 4.

    `value` is in the ranking's own unit: a score, a difference of scores, or attempts.
    """

    rank: int
    user_id: int
    alias: str | None
    value: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a board, and where who asked for it stands."""

    number: int  # from 1; the last one when a later one was asked for
    pages: int  # at least 1
    ranked: int  # members on all pages together
    places: tuple[Place, ...]
    member: bool  # whether who asked has joined
    own: Place | None  # None: has not joined, or is not ranked here
    question_key: str  # in words, "" over all questions or where nobody is ranked at it


class _Count(NamedTuple):
    value: float
    members: int  # that have it


async def read_page(
    connection: AsyncConnection, asker: Owner, sight: LeaderboardQuery, number: int, now: datetime
) -> Page:
    """Read a page of a board of the asker's server, counted from 1.

    Equals stand in the order of the lots drawn when they joined, which says nothing about them.
    """
    ladder = ladder_number(
        *(asker.guild_id, sight.engine, sight.rubric_version, sight.question),
        sight.window.period(now),
        None if sight.ranking is Ranking.ATTEMPTS else sight.judge,
    )
    whose = {"ladder": ladder, "guild_id": asker.guild_id, "user_id": asker.user_id}
    found = (await connection.execute(_overview(sight.ranking), whose)).all()
    about = found[0]
    counts = [_Count(row.value, row.members) for row in found if row.members]
    ranked = sum(count.members for count in counts)
    number, pages = nearest_page(number, ranked, PAGE_SIZE)
    rows: Sequence[AnyRow] = ()
    if counts:
        first, skip = _begin(counts, (number - 1) * PAGE_SIZE)
        span = {"ladder": ladder, "guild_id": asker.guild_id, "first": first, "skip": skip}
        rows = (await connection.execute(_lines(sight.ranking), span)).all()
    own = None
    if about.own is not None:
        own = Place(_rank(about.own, counts), asker.user_id, about.alias, about.own)
    return Page(
        number=number,
        pages=pages,
        ranked=ranked,
        places=tuple(Place(_rank(row.value, counts), *row) for row in rows),
        member=about.lot is not None,
        own=own,
        question_key=about.question_key or "",
    )


def _begin(counts: Sequence[_Count], offset: int) -> tuple[float, int]:
    """The value after `offset` members, and how many who have it too come before."""
    for value, members in counts:
        if offset < members:
            return value, offset
        offset -= members
    return counts[-1].value, offset


def _rank(value: float, counts: Sequence[_Count]) -> int:
    """One more than the members who have a better value."""
    return 1 + sum(count.members for count in counts if count.value > value)


@cache
def _overview(ranking: Ranking) -> Select[Any]:
    """All about the asker, and how many have which value, the best value first.

    One row for each value, at most a few hundred, or a single one with `NULL` where nobody is
    ranked. What is about the asker is in each of them: a second statement would cost more. To make
    a statement anew costs more than to run it, so it is made once.
    """
    standings, members, counts = board_standings.c, board_members.c, board_counts.c
    on_ladder = standings.ladder == bindparam("ladder")
    is_asker = (members.guild_id == bindparam("guild_id")) & (
        members.user_id == bindparam("user_id")
    )
    about = select(
        select(standings[ranking])
        .where(on_ladder, standings.user_id == bindparam("user_id"))
        .scalar_subquery()
        .label("own"),
        select(members.lot).where(is_asker).scalar_subquery().label("lot"),
        select(members.alias).where(is_asker).scalar_subquery().label("alias"),
        select(standings.question_key)
        .where(on_ladder)
        .limit(1)
        .scalar_subquery()
        .label("question_key"),
    ).subquery()
    same = (counts.ladder == bindparam("ladder")) & (counts.ranking == ranking)
    return (
        select(about, counts.value, counts.members)
        .select_from(about.outerjoin(board_counts, same))
        .order_by(counts.value.desc())
    )


@cache
def _lines(ranking: Ranking) -> Select[Any]:
    """A page of members in order, from the `first` value down; nobody with a better one is read."""
    standings, members = board_standings.c, board_members.c
    value = standings[ranking]
    shown = (
        select(standings.user_id, value.label("value"), standings.lot)
        .where(standings.ladder == bindparam("ladder"), value <= bindparam("first"))
        .order_by(value.desc(), standings.lot.desc(), standings.user_id.desc())
        .limit(PAGE_SIZE)
        .offset(bindparam("skip"))
        .subquery()
    )
    same = (members.guild_id == bindparam("guild_id")) & (members.user_id == shown.c.user_id)
    return (
        select(shown.c.user_id, members.alias, shown.c.value)
        .select_from(shown.outerjoin(board_members, same))
        .order_by(shown.c.value.desc(), shown.c.lot.desc(), shown.c.user_id.desc())
    )
