"""Fresh migrated databases of both kinds, repositories over them, and a clock that tests move."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.metadata import Metadata
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.pending_requests import PendingRequests
from tests.fresh_database import copy_migrated, url_of
from tests.postgres import PostgresServer

ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For a test of what is so on SQLite only; its name says so too."""

ON_POSTGRES = pytest.mark.parametrize("url", ["postgres"], indirect=True)
"""The same for Postgres."""


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


async def migrate(url: str) -> None:
    database = Database(url)
    await database.open()
    await database.close()


@pytest.fixture(scope="session")
def migrated_name(postgres: PostgresServer) -> str:
    """The same on the Postgres server."""
    name = f"migrated-{secrets.token_hex(4)}"
    asyncio.run(migrate(postgres.create(name)))
    return name


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a SQLite database may be made."""
    return tmp_path / "data" / "greenroom.sqlite3"


@pytest.fixture
def sqlite_url(file: Path) -> str:
    """A fresh migrated SQLite database, for what is so only there."""
    file.parent.mkdir(mode=0o700)
    copy_migrated(file)
    return url_of(file)


@pytest.fixture
def migrated_postgres_url(postgres: PostgresServer, migrated_name: str) -> Iterator[str]:
    """A fresh migrated database on Postgres, for what is so only there."""
    name = secrets.token_hex(8)
    yield postgres.create(name, template=migrated_name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database of each kind: whoever asks for it runs on both."""
    fixture = {"sqlite": "sqlite_url", "postgres": "migrated_postgres_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, file: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{file}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Where a backup may be made."""
    (tmp_path / "backups").mkdir(mode=0o700)
    return tmp_path / "backups" / "greenroom.backup"


@pytest.fixture
def attempts(database: Database, clock: Clock) -> Attempts:
    return Attempts(database, clock)


@pytest.fixture
def usage(database: Database, clock: Clock) -> DailyUsage:
    return DailyUsage(database, clock)


@pytest.fixture
def consents(database: Database, clock: Clock) -> Consents:
    return Consents(database, clock)


@pytest.fixture
def requests(database: Database, clock: Clock) -> PendingRequests:
    return PendingRequests(database, clock)


@pytest.fixture
def pending_deletions(database: Database, clock: Clock) -> PendingDeletions:
    return PendingDeletions(database, clock)


@pytest.fixture
def meta(database: Database, clock: Clock) -> Metadata:
    return Metadata(database, clock)


@pytest.fixture
def board(database: Database, clock: Clock) -> Board:
    return Board(database, clock)
