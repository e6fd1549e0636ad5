"""`purge-all` asks first, and sees who else is connected to a Postgres database."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analyzer.media.upload_store import Bounds
from app.purge import _check_nobody_else, _confirm, _delete_outside
from core.errors import SettingsProblem
from core.models import ClipKind, ClipSource
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.studio_links import Begun
from tests.analyzer.harness import open_harness
from tests.analyzer.scripted import BYTES


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


async def test_recordings_and_what_is_being_sent_in_go_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_harness(tmp_path, monkeypatch) as opened:
        harness, process = opened, opened.process()
        app: Any = SimpleNamespace(database=harness.database, **vars(process))
        source = ClipSource(kind=ClipKind.STUDIO, url="", name="x.clip", size_bytes=len(BYTES))
        attempt = await harness.submit(process, source=source)
        file = tmp_path / "file"
        await asyncio.to_thread(file.write_bytes, BYTES)
        for clip_id in (attempt.id, "f" * 16):  # one of an attempt, one that none leads to
            await harness.deps.clip_store.put(clip_id, file)
        await harness.deps.uploads.begin(Begun("e" * 16, 1, 1), Bounds(1, 1, 1, 1))

        store = harness.deps.clip_store._root
        await asyncio.to_thread(Path(store).rename, f"{store}-away")
        await asyncio.to_thread(Path(store).write_bytes, b"in the way")
        left = await _delete_outside(app)
        assert left.copies["store_unreachable"]
        assert await harness.now(attempt) is not None  # it says where its recording is

        await asyncio.to_thread(Path(store).unlink)
        await asyncio.to_thread(Path(f"{store}-away").rename, store)
        assert not (await _delete_outside(app)).copies
        assert await harness.now(attempt) is None
        await harness.assert_nothing_is_left()
