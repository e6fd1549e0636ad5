"""A Postgres database that is not in UTF-8 is refused with a sentence that says what to do."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from core.errors import SettingsProblem
from storage.engine.database import Database
from tests.postgres import PostgresServer


@pytest.fixture
def ascii_url(postgres: PostgresServer) -> Iterator[str]:
    """What `DATABASE_URL` says for a database such as a server makes whose locale is C."""
    name = secrets.token_hex(8)
    postgres.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'")
    yield postgres.url(name)
    postgres.drop(name)


async def test_a_database_that_is_not_in_utf_8_is_refused(ascii_url: str) -> None:
    database = Database(ascii_url)
    with pytest.raises(SettingsProblem, match="createdb --encoding=UTF8"):
        await database.open()
    await database.close()
