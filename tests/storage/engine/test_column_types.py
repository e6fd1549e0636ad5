"""The column types: aware datetimes stay what they were, naive ones and broken JSON are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.tables import usage
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, admitted

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 3, 1, 3, 0, tzinfo=KATHMANDU),
    ],
)
async def test_datetime_comes_back_aware_and_equal(database: Database, moment: datetime) -> None:
    async with database.write() as connection:
        await connection.execute(insert(usage).values(attempt_id="1", member="0", used_at=moment))
    async with database.read() as connection:
        kept = (await connection.scalars(select(usage.c.used_at))).one()
        same = (await connection.scalars(select(usage).where(usage.c.used_at == moment))).all()
    assert kept == moment
    assert kept.tzinfo is UTC
    assert same == ["1"]


async def test_naive_datetime_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - what must be refused
    with pytest.raises(StatementError, match="without a zone"):
        async with database.write() as connection:
            await connection.execute(
                insert(usage).values(attempt_id="1", member="0", used_at=naive)
            )


async def test_json_that_no_longer_fits_its_model_is_an_error(
    database: Database, attempts: Attempts, clock: Clock
) -> None:
    attempt = await admitted(attempts, clock.now)
    async with database.write() as connection:
        await connection.execute(text("""UPDATE attempts SET source = '{"url": 1}'"""))
    with pytest.raises(ValidationError):
        await attempts.get(ANN, attempt.id)
