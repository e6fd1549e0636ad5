"""Fills a database with one busy server: members who have joined, attempts, and their standings.

Attempts come in the order they were made, over 90 days, and some are private, so that a member's
lie as far apart in the file as they really would. Indexes are made at the end, which is faster.
"""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.assessment import (
    Assessment,
    EngineName,
    KeyPoint,
    Metric,
    Score,
    Sentence,
)
from core.models import Owner
from core.questions import question_key
from storage.leaderboard.standings import (
    Counted,
    Ranking,
    ladder_number,
    question_digest,
    standings_of,
)

MEMBERS = 50_000
HEAVIEST_MEMBER = MEMBERS
HEAVIEST_ATTEMPTS = 900
ENGINE, RUBRIC = EngineName.TWELVELABS, 1
NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
QUESTIONS = [f"Tell me about a time you had to handle situation number {n}." for n in range(60)]

_GUILD, _FIRST_USER = 2**60, 2**61
_DIGESTS = {question_key(question): question_digest(question) for question in QUESTIONS}
_DAYS = 90
_SHARED = 0.7  # of all attempts

_ATTEMPT = (
    "INSERT INTO attempts (id, guild_id, user_id, channel_id, question, question_key, shared,"
    " source, engine, state, refs, assessment, overall, created_at, updated_at, cleaned_at)"
    " VALUES (?, ?, ?, 1, ?, ?, ?, '{}', 'twelvelabs', 'delivered', '{}', ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up attempt."""

    member: int
    question: str
    overall: float
    at: datetime
    shared: bool


def owner(member: int) -> Owner:
    """The member with this number, from 0; the last one is the heaviest."""
    return Owner(guild_id=_GUILD, user_id=_FIRST_USER + member)


def fill(file: Path, size: int, chance: random.Random) -> int:
    """Fill a migrated, empty database with `size` attempts; returns how many standings it has."""
    lots = [chance.randrange(2**31) for _ in range(MEMBERS + 1)]
    attempts = sorted(_attempts(size, chance), key=lambda made: made.at)
    standings = sorted(_standings(attempts, lots))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany(
            "INSERT INTO board_members (guild_id, user_id, counts_private, lot, joined_at)"
            " VALUES (?, ?, 0, ?, ?)",
            ((_GUILD, _FIRST_USER + member, lot, _sql(NOW)) for member, lot in enumerate(lots)),
        )
        with _indexes_last(connection, "attempts"), _indexes_last(connection, "board_standings"):
            connection.executemany(_ATTEMPT, (_attempt_row(made, chance) for made in attempts))
            marks = ", ".join("?" * len(standings[0]))
            connection.executemany(f"INSERT INTO board_standings VALUES ({marks})", standings)  # noqa: S608 - question marks only
        connection.executemany(
            "INSERT INTO board_counts VALUES (?, ?, ?, ?, ?)", _counts(standings)
        )
    return len(standings)


def add_attempt(file: Path, member: int, chance: random.Random) -> None:
    """Let a member have made one more attempt, now."""
    made = Made(member, chance.choice(QUESTIONS), _overall(chance), NOW, shared=True)
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        connection.execute(_ATTEMPT, _attempt_row(made, chance))


def _attempts(size: int, chance: random.Random) -> Iterator[Made]:
    """A few members make many attempts, most make some: about as in any community."""
    members = chance.choices(
        range(MEMBERS),
        weights=[chance.paretovariate(1.5) for _ in range(MEMBERS)],
        k=max(0, size - HEAVIEST_ATTEMPTS),
    )
    for member in members + [HEAVIEST_MEMBER] * HEAVIEST_ATTEMPTS:
        at = NOW - timedelta(seconds=chance.randrange(_DAYS * 86_400))
        shared = chance.random() < _SHARED
        yield Made(member, chance.choice(QUESTIONS), _overall(chance), at, shared)


def _overall(chance: random.Random) -> float:
    return min(10.0, max(1.0, round(chance.gauss(6.5, 1.3), 1)))


def _standings(attempts: list[Made], lots: list[int]) -> Iterator[tuple[Any, ...]]:
    """The rows that the board would make itself; the benchmark checks some of them."""
    counted: dict[int, list[Counted]] = defaultdict(list)
    for made in attempts:
        if made.shared:
            key = question_key(made.question)
            counted[made.member].append(Counted(key, ENGINE, RUBRIC, made.overall, made.at))
    for member, ones in counted.items():
        for ladder, standing in standings_of(ones, NOW).items():
            digest = _DIGESTS.get(ladder.question_key, "")
            number = ladder_number(_GUILD, ENGINE, RUBRIC, digest, ladder.period)
            place = (number, _FIRST_USER + member, _GUILD, ENGINE.value, RUBRIC)
            values = (standing.best, standing.best_three, standing.improvement, standing.attempts)
            yield (*place, ladder.question_key, ladder.period, lots[member], *values)


def _counts(standings: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    counts = Counter(
        (row[0], ranking.value, value)
        for row in standings
        for ranking, value in zip(Ranking, row[-len(Ranking) :], strict=True)
        if value is not None
    )
    for key, members in counts.items():
        yield (*key, _GUILD, members)


def _attempt_row(made: Made, chance: random.Random) -> tuple[Any, ...]:
    at = _sql(made.at)
    key = question_key(made.question)
    whose = (secrets.token_hex(8), _GUILD, _FIRST_USER + made.member, made.question, key)
    return (*whose, made.shared, chance.choice(_ASSESSMENTS), made.overall, at, at, at)


@contextmanager
def _indexes_last(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """Take a table's indexes away meanwhile."""
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''"
    indexes = connection.execute(asked, (table,)).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, sql in indexes:
        connection.execute(sql)


def _sql(moment: datetime) -> str:
    """As SQLAlchemy stores it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _assessment(chance: random.Random) -> str:
    """A short result as JSON: longer ones make the file larger, and the board no slower."""
    said = "I looked at what had gone wrong, wrote it down and asked the others. " * 2
    made = Assessment(
        engine=ENGINE,
        engine_version="made-up",
        rubric_version=RUBRIC,
        scores={
            metric: Score(value=chance.randint(1, 10), evidence=said[:30], at_seconds=4.0)
            for metric in Metric
        },
        strength=said[:80],
        next_step=said[:100],
        key_points=tuple(KeyPoint(text=said[:70], at_seconds=n * 5.0) for n in range(2)),
        transcript=tuple(Sentence(text=said[:75], start=n, end=n + 1) for n in range(2)),
    )
    return json.dumps(made.model_dump(mode="json"))


_ASSESSMENTS = [_assessment(random.Random(n)) for n in range(20)]  # noqa: S311 - made-up data
