"""A member whose command meets a locked database is told what to do; the log says what it is."""

from __future__ import annotations

import logging

import pytest

from core.errors import StorageUnavailable
from tests.cogs.simulation import Simulation, text_of


async def test_a_command_is_answered_with_a_sentence_and_logged_once(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def locked(*_: object, **__: object) -> None:
        raise StorageUnavailable("SQLITE_BUSY")

    monkeypatch.setattr(sim.bot.app.deps.history, "page", locked)
    shown = await sim.ada.slash(sim.channel, "history")
    assert shown.ephemeral
    assert StorageUnavailable("").sentence in text_of(shown.response)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in told] == [
        "history: storage_unavailable (SQLITE_BUSY)"
    ]
