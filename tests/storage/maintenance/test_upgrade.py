"""A database that version 0.1.0 has made works on, with all that is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from core.assessment import Metric
from core.models import AttemptState, Owner
from storage.engine.connections import blocking_engine, checked
from storage.engine.database import Database
from storage.engine.migrate import alembic_config
from storage.maintenance.backup import back_up, restore
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.member_data import MemberData
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.studio_links import StudioLinks

DUMP = Path(__file__).with_name("made_by_0_1_0.sql")
"""Made with that version's own code, from the demo's sample members."""

ANN, BEN = Owner(guild_id=7, user_id=1), Owner(guild_id=7, user_id=2)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
async def upgraded(file: Path) -> AsyncIterator[Database]:
    file.parent.mkdir(mode=0o700)
    with sqlite3.connect(file) as old:
        old.executescript(DUMP.read_text())
    old.close()
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    yield database
    await database.close()


async def test_every_row_is_read_as_it_was_meant(upgraded: Database) -> None:
    attempts = Attempts(upgraded, lambda: NOW)
    mine = await attempts.history(ANN, limit=100)
    assert len(mine) > 5
    assert {attempt.state for attempt in mine} == {AttemptState.DELIVERED}
    assert all(
        attempt.assessment and set(attempt.assessment.scores) == set(Metric) for attempt in mine
    )
    assert await attempts.previous(mine[0]) is not None
    assert await Consents(upgraded, lambda: NOW).get(BEN) is not None
    request = await PendingRequests(upgraded, lambda: NOW).take(ANN, "0123456789abcdef")
    assert request is not None
    assert request.question == "Why you?"
    link = await StudioLinks(upgraded, lambda: NOW).get("fedcba9876543210")
    assert link is not None
    assert (link.owner, link.question) == (ANN, "Why us?")
    server = await ServerSettingsStore(upgraded).get(7)
    assert set(server.channels) == {11}
    assert set(server.metrics_off) == {Metric.EYE_CONTACT}
    assert set((await MemberSettingsStore(upgraded).get(ANN)).metrics_off) == {Metric.VOICE_TONE}


async def test_uses_count_on_without_the_members_ids(upgraded: Database, file: Path) -> None:
    usage = DailyUsage(upgraded, lambda: NOW)
    for user_id in (2, 3, 4):
        owner = Owner(guild_id=7, user_id=user_id)
        used, here = await usage.used(owner, NOW - timedelta(days=2))
        assert (len(used), used) == (1, here), user_id
    assert await usage.used(Owner(guild_id=7, user_id=5), NOW - timedelta(days=2)) == ((), ())
    with sqlite3.connect(file) as raw:
        found = raw.execute("SELECT * FROM usage").fetchall()
    raw.close()
    assert len(found) == 3
    assert not any({2, 3, 4}.intersection(row) for row in found)


async def test_what_is_erased_of_it_is_gone(upgraded: Database) -> None:
    data = MemberData(upgraded, lambda: NOW)
    held = await data.export(ANN)
    assert len(held["attempts"]) > 5
    await data.erase(ANN)
    assert not any((await data.export(ANN)).values())


async def test_it_is_backed_up_and_restored(upgraded: Database, file: Path, backup: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    await back_up(url, backup)
    await upgraded.close()
    await restore(backup, url)
    assert len(await Attempts(upgraded, lambda: NOW).history(ANN, limit=100)) > 5


async def test_ids_in_uses_are_hashed_on_the_way_up(empty_url: str, file: Path) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    engine = blocking_engine(checked(empty_url))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0004")
        connection.exec_driver_sql(
            "INSERT INTO usage (attempt_id, guild_id, user_id, used_at)"
            " VALUES ('a', 7, 4444444444444444, '2026-11-20 11:00:00+00:00')"
        )
    engine.dispose()
    database = Database(empty_url)
    await database.open()
    owner = Owner(guild_id=7, user_id=4_444_444_444_444_444)
    used, here = await DailyUsage(database, lambda: NOW).used(owner, NOW - timedelta(days=1))
    assert (len(used), len(here)) == (1, 1)
    async with database.read() as connection:
        [row] = (await connection.exec_driver_sql("SELECT * FROM usage")).all()
    assert str(owner.user_id) not in repr(row)
    await database.close()
