"""A fresh migrated database, the repositories over it, and a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.attempts import Attempts
from storage.board import Board
from storage.consents import Consents
from storage.database import Database
from storage.leftovers import Leftovers
from storage.meta import Meta
from storage.requests import Requests
from storage.usage import Usage


class Clock:
    """Tells the time it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "greenroom.sqlite3"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def attempts(database: Database, clock: Clock) -> Attempts:
    return Attempts(database, clock)


@pytest.fixture
def usage(database: Database, clock: Clock) -> Usage:
    return Usage(database, clock)


@pytest.fixture
def consents(database: Database, clock: Clock) -> Consents:
    return Consents(database, clock)


@pytest.fixture
def requests(database: Database, clock: Clock) -> Requests:
    return Requests(database, clock)


@pytest.fixture
def leftovers(database: Database, clock: Clock) -> Leftovers:
    return Leftovers(database, clock)


@pytest.fixture
def meta(database: Database, clock: Clock) -> Meta:
    return Meta(database, clock)


@pytest.fixture
def board(database: Database, clock: Clock) -> Board:
    return Board(database, clock)
