"""Attempts with a score, and what is on the board, for the board's tests."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import insert, select

from core.assessment import Assessment, EngineName, Metric, Score
from core.models import Attempt, AttemptState, Owner
from storage.engine.database import Database
from storage.leaderboard.pages import LeaderboardQuery, Page
from storage.leaderboard.standings import Ranking, Window, ladder_number
from storage.repositories.attempts import Attempts
from storage.tables import board_counts, board_standings
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, ASSESSMENT, admitted

BEST = LeaderboardQuery(EngineName.TWELVELABS, 1, Ranking.BEST, Window.ALL)


def scored(value: int, **changes: Any) -> Assessment:
    scores = {metric: Score(value=value) for metric in Metric}
    return ASSESSMENT.model_copy(update={"scores": scores, **changes})


async def practised(
    attempts: Attempts, clock: Clock, owner: Owner, value: int, **fields: Any
) -> Attempt:
    """An assessed attempt with this overall score, shared unless said otherwise."""
    engine = fields.get("engine", EngineName.TWELVELABS)
    version = fields.pop("rubric_version", 1)
    assessment = scored(value, engine=engine, rubric_version=version)
    facts = {"facts": fields.pop("facts")} if "facts" in fields else {}
    attempt = await admitted(attempts, clock.now, owner, **({"shared": True} | fields))
    attempt = await attempts.move(attempt, AttemptState.ASSESSED, assessment=assessment, **facts)
    return await attempts.move(attempt, AttemptState.DELIVERED)


async def standings(database: Database, owner: Owner) -> set[tuple[Any, ...]]:
    table = board_standings.c
    async with database.read() as connection:
        rows = await connection.execute(
            select(
                *(table.question_key, table.period, table.best, table.best_three),
                *(table.improvement, table.attempts, table.ladder),
            ).where(table.guild_id == owner.guild_id, table.user_id == owner.user_id)
        )
        return {tuple(row) for row in rows}


async def best_of(database: Database, owner: Owner) -> dict[tuple[str, str], float | None]:
    return {(row[0], row[1]): row[2] for row in await standings(database, owner)}


async def assert_counts_agree(database: Database) -> None:
    """The counts are what counting the standings gives, and nothing else is left in them."""
    counted: Counter[tuple[int, str, float]] = Counter()
    async with database.read() as connection:
        for row in await connection.execute(select(board_standings)):
            for ranking in Ranking:
                value = getattr(row, ranking)
                if value is not None:
                    counted[row.ladder, ranking, value] += 1
        kept = {
            (row.ladder, row.ranking, row.value): row.members
            for row in await connection.execute(select(board_counts))
        }
    assert kept == counted


def ranks(page: Page) -> list[tuple[int, float]]:
    return [(place.rank, place.value) for place in page.places]


async def fill(database: Database, values: list[float]) -> list[Owner]:
    """Many members on one board, each with one value, without an attempt each."""
    owners = [Owner(guild_id=ANN.guild_id, user_id=1000 + index) for index in range(len(values))]
    ladder = ladder_number(ANN.guild_id, EngineName.TWELVELABS, 1, "", "all")
    counts = [
        {
            "ladder": ladder,
            "ranking": "best",
            "value": value,
            "guild_id": ANN.guild_id,
            "members": values.count(value),
        }
        for value in set(values)
    ]
    rows = [
        {
            "ladder": ladder,
            "user_id": owner.user_id,
            "guild_id": owner.guild_id,
            "engine": EngineName.TWELVELABS,
            "rubric_version": 1,
            "question_key": "",
            "period": "all",
            "lot": 1,
            "best": value,
            "attempts": 1,
        }
        for owner, value in zip(owners, values, strict=True)
    ]
    async with database.write() as connection:
        await connection.execute(insert(board_standings), rows)
        await connection.execute(insert(board_counts), counts)
    return owners
