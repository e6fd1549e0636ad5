"""Keeps the board's rows in agreement with the attempts they are made from."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, case, delete, insert, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.assessment import EngineName
from core.models import Owner
from storage.leaderboard.standings import (
    Counted,
    Ladder,
    Ranking,
    Standing,
    key_digest,
    ladder_number,
    standings_of,
)
from storage.mapping import AnyRow, owned_by
from storage.tables import attempts, board_counts, board_members, board_standings

_Values = tuple[Any, ...]
"""A row of standings, in the order of `_NAMES`."""

_Changes = Counter[tuple[int, str, float, int]]
"""By ladder, ranking, value and server: how many members more, or fewer, have it."""

_NAMES = (
    *("ladder", "user_id", "guild_id", "engine", "rubric_version", "question_key", "period"),
    *("lot", "judge", *(ranking.value for ranking in Ranking)),
)
_COLUMNS = [board_standings.c[name] for name in _NAMES]
_RANKINGS = [(ranking.value, _NAMES.index(ranking.value)) for ranking in Ranking]


async def restate(connection: AsyncConnection, owners: Iterable[Owner], now: datetime) -> None:
    """Make the standings of those owners who are on a board agree with their attempts.

    Runs in the transaction that changed the attempts, so that no crash can come between the two.
    Only rows that differ are written.
    """
    changes: _Changes = Counter()
    for owner in sorted(owners, key=lambda one: (one.guild_id, one.user_id)):
        member = await _locked(connection, owner)
        if member is not None:
            counted = await _counted(connection, owner, member)
            want = await asyncio.to_thread(_rows, owner, member.lot, counted, now)
            changes.update(await _replace(connection, owner, want))
    await _count(connection, changes)


async def clear(connection: AsyncConnection, owner: Owner) -> None:
    """Delete the owner's standings."""
    await _locked(connection, owner)
    await _count(connection, await _replace(connection, owner, set()))


async def _locked(connection: AsyncConnection, owner: Owner) -> AnyRow | None:
    """The owner's row on the board, if they have joined.

    Locked, because on Postgres the cleanup may be changing the same member's attempts meanwhile:
    whoever comes second then sees what the first has written.
    """
    joined = select(board_members).where(owned_by(board_members, owner)).with_for_update()
    return (await connection.execute(joined)).one_or_none()


async def _counted(connection: AsyncConnection, owner: Owner, member: AnyRow) -> list[Counted]:
    """The owner's attempts that count, oldest first; private ones only if they chose so.

    The overall of one without a picture is made of other metrics, so it is not ranked.
    """
    assessment = type_coerce(attempts.c.assessment, JSON)
    version = assessment["rubric_version"].as_integer()
    # what a judge adds to another engine's result is no score
    judge = case((attempts.c.engine == EngineName.LOCAL, assessment["judge"].as_string()))
    unseen = type_coerce(attempts.c.facts, JSON)["width"].as_integer() == 0
    statement = (
        select(
            *(attempts.c.question_key, attempts.c.engine, version),
            case((unseen, None), else_=attempts.c.overall),
            *(attempts.c.created_at, judge),
        )
        .where(owned_by(attempts, owner), attempts.c.assessment.is_not(None))
        .order_by(attempts.c.created_at, attempts.c.id)
    )
    if not member.counts_private:
        statement = statement.where(attempts.c.shared)
    return [Counted(*row) for row in await connection.execute(statement)]


def _rows(owner: Owner, lot: int, counted: list[Counted], now: datetime) -> set[_Values]:
    return {_row(owner, lot, *each) for each in standings_of(counted, now).items()}


def _row(owner: Owner, lot: int, ladder: Ladder, standing: Standing) -> _Values:
    kind = (ladder.engine, ladder.rubric_version)
    digest = key_digest(ladder.question_key)
    number = ladder_number(owner.guild_id, *kind, digest, ladder.period, ladder.judge)
    values = (getattr(standing, ranking) for ranking in Ranking)
    scope = (*kind, ladder.question_key, ladder.period)
    return (number, owner.user_id, owner.guild_id, *scope, lot, ladder.judge, *values)


async def _replace(connection: AsyncConnection, owner: Owner, want: set[_Values]) -> _Changes:
    """Make these the owner's only rows; returns what that changes in the counts."""
    present = select(*_COLUMNS).where(owned_by(board_standings, owner))
    have = {tuple(row) for row in await connection.execute(present)}
    gone, new = have - want, want - have
    if gone:
        whose = board_standings.c.user_id == owner.user_id
        ladders = [row[0] for row in gone]
        await connection.execute(
            delete(board_standings).where(whose, board_standings.c.ladder.in_(ladders))
        )
    if new:
        rows = [dict(zip(_NAMES, row, strict=True)) for row in new]
        await connection.execute(insert(board_standings), rows)
    changes: _Changes = Counter()
    for row, members in [*((row, -1) for row in gone), *((row, 1) for row in new)]:
        for ranking, place in _RANKINGS:
            if row[place] is not None:
                changes[row[0], ranking, row[place], owner.guild_id] += members
    return changes


async def _count(connection: AsyncConnection, changes: _Changes) -> None:
    """Change the counts, always in the same order, so that on Postgres nobody waits in a circle."""
    rows: list[dict[str, Any]] = [
        dict(zip(board_counts.c.keys(), (*key, members), strict=True))
        for key, members in sorted(changes.items())
        if members
    ]
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    add = dialect.insert(board_counts)
    more = {"members": board_counts.c.members + add.excluded.members}
    key = board_counts.primary_key.columns
    await connection.execute(add.on_conflict_do_update(index_elements=key, set_=more), rows)
    ladders = {row["ladder"] for row in rows if row["members"] < 0}
    await connection.execute(
        delete(board_counts).where(board_counts.c.ladder.in_(ladders), board_counts.c.members <= 0)
    )
