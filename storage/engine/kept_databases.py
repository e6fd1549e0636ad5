"""Databases that a restore has replaced: what is deleted here is deleted there too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from core.errors import SettingsProblem, StorageUnavailable
from storage.engine.connections import kept_beside, sqlite_file
from storage.engine.database import Database

logger = logging.getLogger(__name__)


async def in_kept(database: Database, act: Callable[[Database], Awaitable[object]]) -> None:
    """Act in every database beside this one that a restore has replaced.

    One that cannot be used, as it is damaged or of a newer version, is left and named in the log.
    """
    file = sqlite_file(database.url)
    if file is None:
        return
    for kept in await asyncio.to_thread(kept_beside, file):
        try:
            await _act_in(kept, database, act)
        except (SettingsProblem, StorageUnavailable):
            logger.warning(
                "%s cannot be used, so what members delete stays in it: delete the file, or move it"
                " to where you keep backups",
                kept.name,
            )


async def _act_in(
    kept: Path, database: Database, act: Callable[[Database], Awaitable[object]]
) -> None:
    one = Database(database.url.set(database=str(kept)).render_as_string(hide_password=False))
    try:
        await one.open()
        await act(one)
        await one.scrubbed()
    finally:
        await one.close()
