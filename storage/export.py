"""Turns rows into plain JSON values, for members who want to have what is held about them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, select, type_coerce

from storage.engine.column_types import AsJson
from storage.engine.database import Database

_ROWS_AT_A_TIME = 25
"""Rows are read in parts, since their JSON is parsed on the loop: a part takes a few ms."""


async def rows_of(
    database: Database,
    table: Table,
    condition: ColumnElement[bool],
    *,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The rows that fulfil a condition, by column, without the columns named.

    JSON is given as it is stored, so a row is exported even where its model has changed since.
    """
    columns = [
        type_coerce(column, JSON).label(column.name) if isinstance(column.type, AsJson) else column
        for column in table.c
        if column.name not in without
    ]
    statement = select(*columns).where(condition).order_by(*table.primary_key)
    rows: list[dict[str, Any]] = []
    async with database.read() as connection, connection.stream(statement) as result:
        async for part in result.mappings().partitions(_ROWS_AT_A_TIME):
            rows += [{name: _plain(name, value) for name, value in row.items()} for row in part]
    return rows


def _plain(name: str, value: Any) -> Any:
    """A value for JSON. Discord's ids become text: many readers round numbers that large."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, int) and name.endswith("_id"):
        return str(value)
    return value
