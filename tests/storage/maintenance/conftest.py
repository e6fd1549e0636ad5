"""What the tests of backups and restores begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.engine.database import Database
from tests.storage.maintenance.tampering import take


@pytest.fixture
async def taken(database: Database, url: str, backup: Path) -> Path:
    """A true backup of a database in which something is."""
    return await take(database, url, backup)
