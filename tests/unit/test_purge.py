"""`purge-all` asks first, and sees who else is connected to a Postgres database."""

from __future__ import annotations

import io
import sys

import pytest

from errors import SettingsProblem
from purge import _check_nobody_else, _confirm
from settings import Settings
from storage.database import Database


async def test_the_bots_name_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Greenroom\n"))
    await _confirm("Greenroom")


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "greenroom\n"])
async def test_nothing_else_does(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(SettingsProblem, match="not the bot's name"):
        await _confirm("Greenroom")


async def test_on_postgres_whoever_is_connected_is_in_the_way(postgres_url: str) -> None:
    settings = Settings(database_url=postgres_url)
    bot = Database(postgres_url)
    await bot.open()
    await _check_nobody_else(settings)
    try:
        async with bot.read():
            pass  # its connection stays in its pool
        with pytest.raises(SettingsProblem, match="Stop every bot and worker"):
            await _check_nobody_else(settings)
    finally:
        await bot.close()
    await _check_nobody_else(settings)
