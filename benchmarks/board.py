"""Prints what the board costs with 10,000, 100,000 and 1,000,000 attempts of 50,000 members.

Run as `python -m benchmarks.board`. Each size is a new SQLite file in a temporary folder. Times are
in milliseconds, as a command waits for them: through the repositories, on an event loop.

- nothing: one empty read, which says what this machine is doing besides
- board: a page with the asker's own place; page, asker, ranking, window and question by chance
- first page: the same, but always the first page of the best overall of all time
- refresh: making a member's standings anew after one more attempt, with the commit
- heaviest: the same for a member with 900 attempts, ten on each of 90 days
- sweep: finding the standings of past weeks and months, where there are none, once
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from statistics import quantiles

from sqlalchemy import select

from benchmarks.board_data import (
    ENGINE,
    HEAVIEST_MEMBER,
    MEMBERS,
    NOW,
    QUESTIONS,
    RUBRIC,
    add_attempt,
    fill,
    owner,
)
from benchmarks.table import Table
from storage.engine.database import Database
from storage.leaderboard.pages import LeaderboardQuery
from storage.leaderboard.repository import Board
from storage.leaderboard.standings import Ranking, Window, question_digest

SIZES = (10_000, 100_000, 1_000_000)
SHOWS, REFRESHES, HEAVY_REFRESHES = 1000, 300, 100

BEST = LeaderboardQuery(ENGINE, RUBRIC, Ranking.BEST, Window.ALL)

Timed = Callable[[], Awaitable[float]]
"""Does something once and returns the seconds it took."""


async def main() -> None:
    """Measure each size and print the table."""
    deps = ("nothing", "board", "first page", "refresh", "heaviest")
    columns = [f"{part} {p}" for part in deps for p in ("p50", "p99")]
    table = Table("attempts", "standings", "file MB", "filled in s", *columns, "sweep")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            table.row(*await measure(size, Path(folder) / "board.sqlite3"))


async def measure(size: int, file: Path) -> list[str]:
    """One line of the table."""
    chance = random.Random(size)  # noqa: S311 - made-up data, the same at each run
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    begun = time.perf_counter()
    standings = await asyncio.to_thread(fill, file, size, chance)
    filled = time.perf_counter() - begun
    megabytes = (await asyncio.to_thread(file.stat)).st_size / 1e6
    board = Board(database, lambda: NOW)
    await check(board, file)
    figures: list[float] = []
    for repeats, timed in (
        (SHOWS, lambda: nothing(database)),
        (SHOWS, lambda: show(board, chance)),
        (SHOWS, lambda: first_page(board, chance)),
        (REFRESHES, lambda: refresh(board, file, chance.randrange(MEMBERS), chance)),
        (HEAVY_REFRESHES, lambda: refresh(board, file, HEAVIEST_MEMBER, chance)),
    ):
        figures += await percentiles(timed, repeats)
    figures.append(await sweep(board))
    await database.close()
    sizes = [f"{size:,}", f"{standings:,}", f"{megabytes:,.0f}", f"{filled:.0f}"]
    return sizes + [f"{seconds * 1000:.2f}" for seconds in figures]


async def percentiles(timed: Timed, repeats: int) -> tuple[float, float]:
    """The median and the 99th percentile in seconds, after one time that does not count."""
    await timed()
    taken = quantiles([await timed() for _ in range(repeats)], n=100)
    return taken[49], taken[98]


async def nothing(database: Database) -> float:
    """Read nothing."""
    begun = time.perf_counter()
    async with database.read() as connection:
        await connection.execute(select(1))
    return time.perf_counter() - begun


async def show(board: Board, chance: random.Random) -> float:
    """Show any page of any board to anybody."""
    question = question_digest(chance.choice(QUESTIONS)) if chance.random() < 0.2 else ""
    ranking, window = chance.choice(list(Ranking)), chance.choice(list(Window))
    sight = LeaderboardQuery(ENGINE, RUBRIC, ranking, window, question)
    asker, page = owner(chance.randrange(MEMBERS)), chance.randint(1, MEMBERS // 10)
    begun = time.perf_counter()
    await board.page(asker, sight, page)
    return time.perf_counter() - begun


async def first_page(board: Board, chance: random.Random) -> float:
    """Show what most people look at."""
    asker = owner(chance.randrange(MEMBERS))
    begun = time.perf_counter()
    page = await board.page(asker, BEST)
    taken = time.perf_counter() - begun
    assert len(page.places) == 10
    return taken


async def refresh(board: Board, file: Path, member: int, chance: random.Random) -> float:
    """Make a member's standings anew after one more attempt."""
    await asyncio.to_thread(add_attempt, file, member, chance)
    begun = time.perf_counter()
    await board.refresh(owner(member))
    return time.perf_counter() - begun


async def sweep(board: Board) -> float:
    """Look for standings of past weeks and months."""
    begun = time.perf_counter()
    assert await board.forget_past() == 0
    return time.perf_counter() - begun


async def check(board: Board, file: Path) -> None:
    """The standings and counts that were put in directly are those that the board makes itself."""
    with closing(sqlite3.connect(file)) as connection:
        counted = "SELECT count(*), sum(members), sum(value * members) FROM board_counts"
        counts = connection.execute(counted).fetchall()
        for member in (0, 1, 2, HEAVIEST_MEMBER):
            asked = "SELECT * FROM board_standings WHERE guild_id = ? AND user_id = ?"
            user = (owner(member).guild_id, owner(member).user_id)
            before = sorted(connection.execute(asked, user), key=repr)
            await board.refresh(owner(member))
            assert sorted(connection.execute(asked, user), key=repr) == before
        assert before, "the heaviest member has standings"
        assert connection.execute(counted).fetchall() == counts


if __name__ == "__main__":
    asyncio.run(main())
