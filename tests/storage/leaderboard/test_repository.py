"""The board's repository: joining, leaving, and standings that follow the attempts."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from core.assessment import EngineName
from core.models import Owner
from storage.engine.database import Database
from storage.leaderboard.pages import LeaderboardQuery
from storage.leaderboard.repository import Board
from storage.leaderboard.standings import Ranking, Window
from storage.leaderboard.updates import clear
from storage.repositories.attempts import Attempts
from storage.tables import board_members, board_standings
from tests.storage.conftest import ON_POSTGRES, ON_SQLITE, Clock
from tests.storage.leaderboard.boards import (
    BEST,
    assert_counts_agree,
    best_of,
    practised,
    standings,
)
from tests.storage.samples import ANN, ANN_ELSEWHERE, BEN, FACTS


async def remade(board: Board, database: Database, owner: Owner) -> set[tuple[Any, ...]]:
    """The standings after they were thrown away and made anew."""
    async with database.write() as connection:
        await clear(connection, owner)
    assert await standings(database, owner) == set()
    await assert_counts_agree(database)
    await board.refresh(owner)
    return await standings(database, owner)


async def test_nobody_is_on_the_board_unasked(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await practised(attempts, clock, ANN, 8)
    assert await standings(database, ANN) == set()
    page = await board.page(ANN, BEST)
    assert (page.places, page.ranked, page.member, page.own) == ((), 0, False, None)


async def test_joining_counts_what_was_shared_before(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    await practised(attempts, clock, ANN, 8)
    await practised(attempts, clock, ANN, 10, shared=False)
    await board.join(ANN)
    page = await board.page(BEN, BEST)
    assert [(place.user_id, place.value) for place in page.places] == [(ANN.user_id, 8.0)]
    assert page.own is None
    assert not page.member


async def test_sound_without_a_picture_counts_as_an_attempt_and_is_not_ranked_by_its_overall(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    sound = FACTS.model_copy(update={"width": 0, "height": 0, "video_codec": ""})
    await board.join(ANN)
    await practised(attempts, clock, ANN, 10, facts=sound)
    await practised(attempts, clock, ANN, 7, facts=FACTS)
    await practised(attempts, clock, ANN, 6)
    values = {(row[0], row[1]): (row[2], row[5]) for row in await standings(database, ANN)}
    assert values["", "all"] == (7, 3)
    await assert_counts_agree(database)


async def test_private_attempts_count_only_while_the_member_chose_so(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    await practised(attempts, clock, ANN, 8, shared=False)
    await board.join(ANN)
    assert (await board.page(ANN, BEST)).own is None
    await board.join(ANN, counts_private=True)
    own = (await board.page(ANN, BEST)).own
    assert own is not None
    assert own.value == 8.0
    await board.join(ANN, counts_private=False)
    assert (await board.page(ANN, BEST)).own is None


async def test_standings_follow_an_attempt_by_themselves(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await board.join(ANN)
    first = await practised(attempts, clock, ANN, 6)
    assert (await best_of(database, ANN))[("", "all")] == 6.0
    second = await practised(attempts, clock, ANN, 9, shared=False)
    assert (await best_of(database, ANN))[("", "all")] == 6.0
    second = await attempts.change(second, shared=True)
    assert (await best_of(database, ANN))[("", "all")] == 9.0
    await attempts.change(second, shared=False)
    assert (await best_of(database, ANN))[("", "all")] == 6.0
    await attempts.delete(ANN, first.id)
    assert await standings(database, ANN) == set()


async def test_retention_takes_its_attempts_off_the_board(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await board.join(ANN)
    await board.join(BEN)
    await practised(attempts, clock, ANN, 9)
    await practised(attempts, clock, BEN, 9)
    clock.forward(days=10)
    await practised(attempts, clock, ANN, 5)
    assert await attempts.purge(clock.now - timedelta(days=5)) == 2
    assert (await best_of(database, ANN))[("", "all")] == 5.0
    assert await standings(database, BEN) == set()
    await assert_counts_agree(database)


async def test_a_failed_write_leaves_attempt_and_board_as_they_were(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    """What the board shows is committed together with what it is made from, or not at all."""
    await board.join(ANN)
    attempt = await practised(attempts, clock, ANN, 6, shared=False)

    def fail(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO board_standings"):
            raise OSError

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(OSError):  # noqa: PT011 - it is the one raised above
        await attempts.change(attempt, shared=True)
    event.remove(engine, "before_cursor_execute", fail)
    found = await attempts.get(ANN, attempt.id)
    assert found is not None
    assert not found.shared
    assert await standings(database, ANN) == set()


async def test_leaving_leaves_no_trace_and_touches_nobody_else(
    board: Board, attempts: Attempts, database: Database, clock: Clock, file: Path
) -> None:
    for owner in (ANN, ANN_ELSEWHERE, BEN):
        await board.join(owner, alias=f"Alias {owner.user_id}-{owner.guild_id}"[:32])
        await practised(attempts, clock, owner, 7)
    others = [await standings(database, owner) for owner in (ANN_ELSEWHERE, BEN)]
    assert await board.leave(ANN)
    assert not await board.leave(ANN)
    assert await board.membership(ANN) is None
    async with database.read() as connection:
        for table in (board_members, board_standings):
            left = select(table).where(
                table.c.guild_id == ANN.guild_id, table.c.user_id == ANN.user_id
            )
            assert (await connection.execute(left)).all() == []
    assert [await standings(database, owner) for owner in (ANN_ELSEWHERE, BEN)] == others
    await assert_counts_agree(database)
    await practised(attempts, clock, ANN, 7)
    assert await standings(database, ANN) == set()


async def test_refresh_changes_nothing_and_making_anew_gives_the_same(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await board.join(ANN, counts_private=True)
    chance = random.Random(7)  # noqa: S311 - test data
    for _ in range(40):
        clock.forward(days=chance.random() * 2)
        attempt = await practised(
            *(attempts, clock, ANN, chance.randint(1, 10)),
            question=chance.choice(["Why?", "How?", "What?"]),
            shared=chance.random() < 0.5,
        )
        if chance.random() < 0.3:
            await attempts.delete(ANN, attempt.id)
    await board.refresh(ANN)  # weeks have gone by
    kept = await standings(database, ANN)
    assert len(kept) > 6
    await board.refresh(ANN)
    assert await standings(database, ANN) == kept
    await assert_counts_agree(database)
    assert await remade(board, database, ANN) == kept
    await assert_counts_agree(database)


async def test_rows_that_did_not_change_are_not_written_again(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await board.join(ANN)
    for question in ("A?", "B?", "C?"):
        await practised(attempts, clock, ANN, 5, question=question)
    written: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "board_standings" in statement and not statement.startswith("SELECT"):
            written.append(statement.split()[0] + f" {len(parameters)}")

    event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    await board.refresh(ANN)
    assert written == []
    await practised(attempts, clock, ANN, 5, question="A?")
    assert [line.split()[0] for line in written] == ["DELETE", "INSERT"]
    assert written[1] == "INSERT 6"  # this question and all, in three windows


async def test_a_week_that_is_over_is_not_shown_and_then_forgotten(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    await board.join(ANN)
    await practised(attempts, clock, ANN, 9)
    week = LeaderboardQuery(EngineName.TWELVELABS, 1, Ranking.BEST, Window.WEEK)
    assert (await board.page(ANN, week)).ranked == 1
    assert await board.forget_past() == 0
    clock.forward(days=7)
    assert (await board.page(ANN, week)).ranked == 0
    assert await board.forget_past() == 2  # over all questions, and at the one
    await assert_counts_agree(database)
    assert {period for _, period in await best_of(database, ANN)} == {"all", "2026-03"}
    assert (await board.page(ANN, BEST)).ranked == 1


async def test_alias_is_shown_and_unique_however_it_is_written(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    assert (await board.join(ANN, alias="Sam the 1st")) is not None
    await practised(attempts, clock, ANN, 9)
    assert (await board.page(BEN, BEST)).places[0].alias == "Sam the 1st"
    for same in ("sam the 1st", "SAM-THE-1ST", "Sam_the.1st", "Ｓａｍ the 1st"):
        assert await board.join(BEN, alias=same) is None
    assert await board.membership(BEN) is None
    elsewhere = await board.join(ANN_ELSEWHERE, alias="sam the 1st")
    assert elsewhere is not None
    again = await board.join(ANN, alias="Sam The 1st")
    assert again is not None
    assert again.alias == "Sam The 1st"


async def test_joining_again_keeps_what_is_not_said(board: Board, clock: Clock) -> None:
    first = await board.join(ANN, alias="Sam", counts_private=True)
    clock.forward(days=1)
    assert first is not None
    assert await board.join(ANN) == first
    assert await board.membership(ANN) == first
    changed = await board.join(ANN, counts_private=False)
    assert changed is not None
    assert (changed.alias, changed.counts_private) == ("Sam", False)


async def test_a_taken_alias_changes_nothing_else(board: Board) -> None:
    await board.join(BEN, alias="Sam")
    before = await board.join(ANN, alias="Ann", counts_private=False)
    assert await board.join(ANN, alias="sam", counts_private=True) is None
    assert await board.membership(ANN) == before


async def test_two_members_who_want_one_alias_at_once(board: Board) -> None:
    joined = await asyncio.gather(board.join(ANN, alias="Sam"), board.join(BEN, alias="sam"))
    assert [one is None for one in joined].count(True) == 1


@ON_SQLITE
async def test_migrated_indexes_are_partial_as_the_tables_say_on_sqlite(database: Database) -> None:
    """Alembic's own comparison does not look at an index's condition or at WITHOUT ROWID."""
    asked = text("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'board_standings'")
    async with database.read() as connection:
        made = {row.name: str(row.sql) for row in await connection.execute(asked)}
    assert "WITHOUT ROWID" in made["board_standings"]
    for index in board_standings.indexes:
        condition = index.dialect_kwargs.get("sqlite_where")
        sql = made[str(index.name)]
        assert sql.endswith(f"WHERE {condition}") if condition is not None else "WHERE" not in sql


@ON_POSTGRES
async def test_migrated_indexes_are_partial_as_the_tables_say_on_postgres(
    database: Database,
) -> None:
    asked = text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'board_standings'")
    async with database.read() as connection:
        made = {row.indexname: row.indexdef for row in await connection.execute(asked)}
    for index in board_standings.indexes:
        condition = index.dialect_kwargs.get("postgresql_where")
        sql = made[str(index.name)]
        wanted = f"WHERE ({condition})"
        assert sql.endswith(wanted) if condition is not None else "WHERE" not in sql
