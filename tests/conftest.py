"""What every test gets: no settings of this machine, and no logged error that goes unnoticed."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from core.logs import OURS
from core.settings import Settings
from tests.packed import watch_unpacking
from tests.postgres import PostgresServer

# How long an example takes says how busy the machine is, and nothing about what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each process of tests. Leave it running: who stops one makes their own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """What `DATABASE_URL` says for a fresh empty database on Postgres."""
    name = secrets.token_hex(8)
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The lengths of what aiohttp unpacks meanwhile; there must be none."""
    seen = watch_unpacking(monkeypatch)
    yield seen
    assert seen == []


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own environment or .env must not reach a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(autouse=True)
def _logged_errors_fail(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """The bot answers a bug with a sentence and a log line; a test must see that line."""
    caplog.set_level(logging.INFO)
    yield
    if request.node.get_closest_marker("expects_logged_error"):
        return
    errors = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.ERROR and record.name.split(".")[0] in OURS
    ]
    assert not errors, f"the bot logged errors: {errors}"
