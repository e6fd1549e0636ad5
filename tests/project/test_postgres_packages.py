"""What an operator is told when the packages for Postgres are not installed."""

from __future__ import annotations

import sys

import pytest

from app import check as checks
from app.check import _check_packages
from app.container import _make_runner
from core.errors import SettingsProblem
from core.settings import Settings

POSTGRES = Settings(database_url="postgresql+psycopg://example/greenroom")


def test_check_names_the_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check_packages(POSTGRES) is None
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name != "psycopg" else name)
    found = _check_packages(POSTGRES)
    assert found is not None
    fine, sentence = found
    assert not fine
    assert "psycopg_pool and procrastinate are not installed" in sentence
    assert "requirements/postgres.txt" in sentence
    assert _check_packages(Settings()) is None


def test_run_says_how_to_install_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    users = ("analyzer.pipeline.postgres_", "storage.engine.postgres_queue")
    for name in [name for name in sys.modules if name.startswith(users)]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        SettingsProblem, match="'procrastinate': run pip install -r requirements/po"
    ):
        _make_runner(POSTGRES, None, takes_attempts=True)  # type: ignore[arg-type]  # not reached
