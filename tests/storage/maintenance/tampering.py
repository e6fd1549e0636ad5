"""Backups that somebody has tampered with, and that a restore of them leaves all as it was."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import SettingsProblem
from storage.engine.database import Database
from storage.maintenance.backup import back_up, restore
from storage.repositories.metadata import Metadata
from tests.storage.conftest import Clock
from tests.storage.files import beside, content_of, overwrite


async def take(database: Database, url: str, backup: Path) -> Path:
    """A true backup of a database in which something is."""
    await Metadata(database, Clock()).set("key", "value")
    await back_up(url, backup)
    return backup


def vouch(backup: Path) -> None:
    """Write the checksum anew, as whoever tampers with a backup does."""
    checksum = hashlib.sha256(content_of(backup)).hexdigest()
    overwrite(backup.with_name(f"{backup.name}.sha256"), f"{checksum}  x\n".encode())


def tamper(backup: Path, script: str) -> None:
    """Run statements in a backup, and vouch for it."""
    with closing(sqlite3.connect(backup)) as raw:
        raw.executescript(script)
    vouch(backup)


async def refused(backup: Path, url: str, file: Path, match: str) -> str:
    """The restore is refused with one sentence, and all is as it was, with nothing beside it."""
    before, names = content_of(file), beside(file) | {f"{file.name}.lock"}
    async with asyncio.timeout(60):
        with pytest.raises(SettingsProblem, match=match) as problem:
            await restore(backup, url)
    assert content_of(file) == before
    assert beside(file) == names
    sentence = str(problem.value)
    assert sentence.isprintable()
    assert len(sentence) < 300
    return sentence
