"""`failures` lists what failed, by code and step, and names no member."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.failures import failures, since_of
from core.errors import SettingsProblem
from core.models import AttemptState, Failure, VendorRefs
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from tests.storage.conftest import Clock
from tests.storage.samples import FACTS, REFS, ended

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("12h", NOW - timedelta(hours=12)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:30+02:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_since_is_how_long_ago_or_a_day(text: str, moment: datetime) -> None:
    assert since_of(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "7", "-7d", "7y", "2026-13-01"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsProblem, match="such as 12h or 7d"):
        since_of(text, NOW)


async def test_they_are_listed_by_code_with_reference_and_step(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database = Database(settings.sqlalchemy_url)
    await database.open()
    clock = Clock()
    attempts = Attempts(database, clock)
    begin = clock.now - timedelta(hours=1)

    async def failed(code: str, **changes: Any) -> str:
        failure = Failure(code=code, sentence="What the member read.")
        attempt = await ended(attempts, clock.now, AttemptState.FAILED, failure=failure, **changes)
        return attempt.id

    early = await failed("clip_gone")
    late = [await failed("busy", facts=FACTS, refs=REFS) for _ in range(2)]
    uploading = await failed("busy", facts=FACTS, refs=VendorRefs())
    await ended(attempts, clock.now, AttemptState.DELIVERED)
    await database.close()

    listed = await failures(settings, begin.isoformat())
    lines = listed.splitlines()
    assert lines[0] == "busy: 3"
    assert "clip_gone: 1" in lines
    for reference in (early, *late, uploading):
        assert reference in listed
    assert f"{early}  twelvelabs, at fetching and checking the clip" in listed
    assert f"{late[0]}  twelvelabs, at analyzing" in listed
    assert f"{uploading}  twelvelabs, at uploading" in listed
    assert "member read" not in listed
    later = (clock.now + timedelta(days=1)).isoformat()
    assert "No attempt has failed" in await failures(settings, later)


async def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="no database"):
        await failures(Settings(data_dir=tmp_path), "7d")
    assert not (tmp_path / "greenroom.sqlite3").exists()
