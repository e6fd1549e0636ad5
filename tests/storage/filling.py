"""Made-up rows for every table, whatever its columns: nothing may be forgotten by a new table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, DateTime, Enum, String, Table, insert

from core.models import Owner
from storage.engine.column_types import AsJson, UtcDateTime
from storage.engine.database import Database
from storage.tables import metadata
from tests.storage.samples import ANN, ASSESSMENT, FACTS, REFS, STRANGERS

EVERYBODY = (ANN, *STRANGERS)
EVERY_TABLE = tuple(metadata.sorted_tables)

_MODELS: dict[str, Any] = {
    "assessment": ASSESSMENT,
    "facts": FACTS,
    "refs": REFS,
    "source": {"url": "https://cdn.example/clip.mp4", "name": "clip.mp4", "size_bytes": 1},
    "clips": [{"url": "https://cdn.example/clip.mp4", "name": "clip.mp4", "size_bytes": 1}],
    "member_settings.settings": {"last_question_id": "0" * 16},
    "server_settings.settings": {"retention_days": 7},
    "metrics_off": ["clarity"],
    "waiting": {"until": "2026-11-30T12:00:00Z", "place": 3},
    "tags": ["a tag, with “signs”"],
    "failure": {"code": "made_up", "sentence": "Made up."},
}


async def fill(database: Database, now: datetime, chosen: Iterable[Table] = EVERY_TABLE) -> None:
    """One row for each of `EVERYBODY` in each of these tables, those that others need first."""
    wanted = set(chosen)
    async with database.write() as connection:
        for table in (one for one in EVERY_TABLE if one in wanted):
            for number, owner in enumerate(EVERYBODY, start=1):
                row = {c.name: _made_up(c, owner, number, now) for c in table.c}
                await connection.execute(insert(table).values(row))


def _made_up(column: Column[Any], owner: Owner, number: int, now: datetime) -> Any:
    """Some value of the column's type, different in each row."""
    kind = column.type
    if column.name in ("guild_id", "user_id"):
        # Where a server has one row, owners in the same server must not share it
        alone = column.name == "guild_id" and column.table.primary_key.columns.keys() == [
            "guild_id"
        ]
        return number if alone else getattr(owner, column.name)
    if isinstance(kind, AsJson):
        known = _MODELS.get(f"{column.table.name}.{column.name}") or _MODELS[column.name]
        return TypeAdapter(kind.kind).validate_python(known)
    if isinstance(kind, UtcDateTime | DateTime):
        return now
    if isinstance(kind, Enum):
        return kind.enums[0]
    if isinstance(kind, String):
        return f"{number:0{kind.length or 16}x}"
    return kind.python_type(number)
