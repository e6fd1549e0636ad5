"""A board's pages and places: order, ranks, filters, and what they are read from."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import event, select

from core.assessment import EngineName
from core.models import Owner
from storage.engine.database import Database
from storage.leaderboard.pages import PAGE_SIZE, LeaderboardQuery
from storage.leaderboard.repository import Board
from storage.leaderboard.standings import Ranking, Window, question_digest
from storage.repositories.attempts import Attempts
from storage.tables import board_members
from tests.storage.conftest import ON_SQLITE, Clock
from tests.storage.leaderboard.boards import BEST, fill, practised, ranks
from tests.storage.samples import ANN, ANN_ELSEWHERE, BEN


async def test_boards_are_by_server(board: Board, attempts: Attempts, clock: Clock) -> None:
    await board.join(ANN)
    await practised(attempts, clock, ANN, 7)
    page = await board.page(ANN_ELSEWHERE, BEST)
    assert (page.places, page.member, page.own) == ((), False, None)


async def test_ties_share_a_rank_and_the_next_ranks_are_left_out(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    owners = [Owner(guild_id=ANN.guild_id, user_id=100 + index) for index in range(6)]
    for owner, value in zip(owners, (9, 8, 8, 8, 3, 3), strict=True):
        await board.join(owner)
        await practised(attempts, clock, owner, value)
    page = await board.page(owners[4], BEST)
    assert ranks(page) == [(1, 9.0), (2, 8.0), (2, 8.0), (2, 8.0), (5, 3.0), (5, 3.0)]
    assert page.own is not None
    assert page.own.rank == 5


async def test_equals_keep_their_order_and_it_says_nothing_about_them(
    board: Board, attempts: Attempts, database: Database, clock: Clock
) -> None:
    """By lot: neither by who joined, nor by who practised first, nor by the age of an account."""
    owners = [Owner(guild_id=ANN.guild_id, user_id=100 + index) for index in range(PAGE_SIZE)]
    for owner in owners:
        await board.join(owner)
        await practised(attempts, clock, owner, 7)
        clock.forward(minutes=1)
    async with database.read() as connection:
        lots = dict(
            (await connection.execute(select(board_members.c.user_id, board_members.c.lot))).all()
        )
    assert len(set(lots.values())) > 1
    shown = [place.user_id for place in (await board.page(ANN, BEST)).places]
    assert shown == sorted(lots, key=lambda user: lots[user], reverse=True)
    await practised(attempts, clock, owners[3], 7)
    assert [place.user_id for place in (await board.page(ANN, BEST)).places] == shown


async def test_every_page_continues_the_one_before(database: Database, board: Board) -> None:
    chance = random.Random(3)  # noqa: S311 - test data
    values = [chance.randint(10, 40) / 10 for _ in range(57)]
    await fill(database, values)
    pages = [await board.page(ANN, BEST, number) for number in range(1, 7)]
    assert {page.pages for page in pages} == {6}
    assert {page.ranked for page in pages} == {57}
    assert [len(page.places) for page in pages] == [10, 10, 10, 10, 10, 7]
    places = [place for page in pages for place in page.places]
    assert len({place.user_id for place in places}) == 57
    ordered = sorted(values, reverse=True)
    assert [place.value for place in places] == ordered
    assert [place.rank for place in places] == [ordered.index(value) + 1 for value in ordered]


async def test_own_place_is_known_off_the_page(database: Database, board: Board) -> None:
    owners = await fill(database, [9.0] * 20 + [5.0, 5.0, 4.0])
    page = await board.page(owners[21], BEST)
    assert page.own is not None
    assert (page.own.rank, page.own.user_id) == (21, owners[21].user_id)
    assert owners[21].user_id not in [place.user_id for place in page.places]


@pytest.mark.parametrize(("asked", "shown"), [(-5, 1), (0, 1), (3, 3), (4, 3), (99999, 3)])
async def test_a_page_that_does_not_exist_becomes_the_nearest(
    database: Database, board: Board, asked: int, shown: int
) -> None:
    await fill(database, [5.0] * 21)
    page = await board.page(ANN, BEST, asked)
    assert page.number == shown
    assert len(page.places) == (1 if shown == 3 else 10)


async def test_question_filter_and_its_words(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    await board.join(ANN)
    await practised(attempts, clock, ANN, 9, question="Why us?")
    await practised(attempts, clock, ANN, 5, question="Why you?")
    sight = LeaderboardQuery(
        EngineName.TWELVELABS, 1, Ranking.BEST, Window.ALL, question_digest("WHY  YOU")
    )
    page = await board.page(ANN, sight)
    assert [place.value for place in page.places] == [5.0]
    assert page.question_key == "why you"
    unknown = LeaderboardQuery(
        EngineName.TWELVELABS, 1, Ranking.BEST, Window.ALL, question_digest("Never asked")
    )
    page = await board.page(ANN, unknown)
    assert (page.places, page.question_key, page.pages) == ((), "", 1)


async def test_only_the_same_engine_and_rubric_are_compared(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    await board.join(ANN)
    await board.join(BEN)
    await practised(attempts, clock, ANN, 9, rubric_version=2)
    await practised(attempts, clock, BEN, 5)
    page = await board.page(ANN, BEST)
    assert [place.user_id for place in page.places] == [BEN.user_id]
    assert page.own is None
    newer = LeaderboardQuery(EngineName.TWELVELABS, 2, Ranking.BEST, Window.ALL)
    assert [place.user_id for place in (await board.page(ANN, newer)).places] == [ANN.user_id]


async def test_each_ranking_shows_its_own_value(
    board: Board, attempts: Attempts, clock: Clock
) -> None:
    await board.join(ANN)
    for value in (4, 6, 9, 8):
        await practised(attempts, clock, ANN, value)
        clock.forward(minutes=1)
    found = {}
    for ranking in Ranking:
        page = await board.page(
            ANN, LeaderboardQuery(EngineName.TWELVELABS, 1, ranking, Window.WEEK)
        )
        found[ranking] = page.places[0].value
    assert found == {
        Ranking.BEST: 9.0,
        Ranking.BEST_THREE: 7.7,
        Ranking.IMPROVEMENT: 5.0,
        Ranking.ATTEMPTS: 4,
    }


@ON_SQLITE
@pytest.mark.parametrize("ranking", Ranking)
async def test_each_ranking_is_read_from_an_index_that_covers_it_on_sqlite(
    database: Database, board: Board, attempts: Attempts, clock: Clock, ranking: Ranking
) -> None:
    """Without one a board would be sorted anew for whoever looks at it."""
    await board.join(ANN)
    for value in (4, 5, 6):
        await practised(attempts, clock, ANN, value)
        clock.forward(minutes=1)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    page = await board.page(ANN, LeaderboardQuery(EngineName.TWELVELABS, 1, ranking, Window.ALL), 1)
    event.remove(engine, "before_cursor_execute", note)
    assert len(page.places) == 1
    plan: list[str] = []
    async with database.read() as connection:
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                explained = f"EXPLAIN QUERY PLAN {statement}"
                found = await connection.exec_driver_sql(explained, parameters)
                plan += [row.detail for row in found]
    index = f"ix_board_standings_ladder_{ranking}_lot_user_id"
    assert [line for line in plan if f"COVERING INDEX {index}" in line], "\n".join(plan)
    assert not [line for line in plan if line.startswith("SCAN board")], "\n".join(plan)
