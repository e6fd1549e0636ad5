"""Moves a SQLite database to Postgres, and compares every row before it counts as moved."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    collate,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from core.errors import SettingsProblem
from storage.engine.column_types import AsJson
from storage.engine.connections import POSTGRES, blocking_engine, checked, sqlite_file
from storage.engine.database import Database
from storage.engine.errors import code_of, is_unavailable
from storage.engine.file_lock import exclusive_lock
from storage.maintenance.other_database import MOVED, mark_moved
from storage.mapping import AnyRow
from storage.tables import meta, metadata

_AT_A_TIME = 500
"""Rows in memory at once, of each database; one may be a few hundred kilobytes."""

Progress = Callable[[str, int], None]
"""Is told a table's name and how many of its rows are copied; called on the event loop."""


@dataclass(frozen=True, slots=True)
class MoveReport:
    """How many rows of each table were copied and found to be the same."""

    rows: dict[str, int]


class _Stopped(Exception):
    """Whoever wanted the move no longer does."""


async def move(source_url: str, target_url: str, *, progress: Progress) -> MoveReport:
    """Copy every row of a SQLite database into an empty Postgres database.

    The bot must not run on either meanwhile. Either all rows are there and the same, or the target
    stays without rows, also when this is interrupted. The source is only brought to the newest
    revision, and marked as moved: a bot refuses it from then on. It can be moved again.

    Raises:
        SettingsProblem: a URL or database is not as it must be, a row does not fit or differs. The
            text names table and key, never what a row holds.
    """
    source, target = checked(source_url), checked(target_url)
    file = sqlite_file(source)
    if file is None or target.drivername != POSTGRES:
        raise SettingsProblem(f"A move goes from a SQLite database to a {POSTGRES}:// URL.")
    if not await asyncio.to_thread(file.is_file):
        raise SettingsProblem(f"There is no database at {file}: check DATABASE_URL or DATA_DIR.")
    async with exclusive_lock(source_url):
        for url in (source_url, target_url):
            database = Database(url)
            await database.open()
            await database.close()
        work = _Move(asyncio.get_running_loop(), progress)
        moving = asyncio.create_task(asyncio.to_thread(work.run, source_url, target_url))
        try:
            report = await asyncio.shield(moving)
            await asyncio.to_thread(mark_moved, file, target)
            return report
        except asyncio.CancelledError:
            work.stopped.set()  # a thread cannot be cancelled: it looks here before each batch
            await asyncio.gather(moving, return_exceptions=True)
            raise


class _Move:
    """One move, in a thread of its own: reading and comparing rows would keep the loop busy."""

    def __init__(self, loop: asyncio.AbstractEventLoop, progress: Progress) -> None:
        self._loop = loop
        self._progress = progress
        self.stopped = threading.Event()

    def run(self, source_url: str, target_url: str) -> MoveReport:
        """Copy, then compare, in one transaction of the target."""
        source, target = (blocking_engine(checked(url)) for url in (source_url, target_url))
        tables = [_plain(table) for table in metadata.sorted_tables]
        try:
            with source.connect() as here, target.begin() as there:
                _claim(there, tables)
                rows = {table.name: self._copy(here, there, table) for table in tables}
                for table in tables:
                    self._compare(here, there, table)
        except DBAPIError as error:
            raise SettingsProblem(
                f"The move failed ({code_of(error)}). Nothing was moved."
            ) from None
        return MoveReport(rows)

    def _copy(self, here: Connection, there: Connection, table: Table) -> int:
        copied = 0
        with _streamed(here, table) as found:
            for rows in found.partitions(_AT_A_TIME):
                self._go_on()
                _insert(there, table, [_by_column(row) for row in rows])
                copied += len(rows)
                self._loop.call_soon_threadsafe(self._progress, table.name, copied)
        _continue_ids(there, table)
        return copied

    def _compare(self, here: Connection, there: Connection, table: Table) -> None:
        with _streamed(here, table) as wanted, _streamed(there, table) as arrived:
            for number, (one, other) in enumerate(zip_longest(wanted, arrived)):
                if number % _AT_A_TIME == 0:
                    self._go_on()
                if one is None or other is None or tuple(one) != tuple(other):
                    raise SettingsProblem(
                        f"A row of {table.name!r} is not the same after the copy"
                        f" ({_key(table, _by_column(one or other))}). Nothing was moved."
                    )

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise _Stopped


def _plain(table: Table) -> Table:
    """The table with its JSON as it is stored.

    A row moves also when its model has changed since, and whatever a model leaves out is compared.
    All other columns keep their types.
    """
    columns = [
        Column(
            column.name,
            JSON(none_as_null=True) if isinstance(column.type, AsJson) else column.type,
            primary_key=column.primary_key,
            autoincrement=column.autoincrement,
        )
        for column in table.c
    ]
    return Table(table.name, MetaData(), *columns)


def _claim(there: Connection, tables: list[Table]) -> None:
    """Keep every writer out of the target until the end, and make sure that it has no rows."""
    names = ", ".join(table.name for table in tables)
    there.execute(text("SET LOCAL lock_timeout = '10s'"))
    there.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table in tables:
        if there.scalar(select(func.count()).select_from(select(table).limit(1).subquery())):
            raise SettingsProblem(
                f"The target database is not empty: {table.name!r} has rows. Move to a new one."
            )


def _streamed(connection: Connection, table: Table) -> Any:
    """All rows in the order of their keys: on both databases the same, that of the bytes."""
    postgres = connection.dialect.name == "postgresql"
    order = [
        collate(column, "C") if postgres and isinstance(column.type, String) else column
        for column in table.primary_key
    ]
    statement = select(table).order_by(*order).execution_options(yield_per=_AT_A_TIME)
    if table.name == meta.name:
        statement = statement.where(table.c.key != MOVED)  # of an earlier move
    return connection.execute(statement)


def _insert(there: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; one that cannot be is looked for, and named."""
    try:
        with there.begin_nested():
            there.execute(insert(table), rows)
    except DBAPIError as error:
        if is_unavailable(error):
            raise
        if len(rows) == 1:
            raise SettingsProblem(
                f"A row of {table.name!r} does not fit into Postgres ({code_of(error)},"
                f" {_key(table, rows[0])}). Nothing was moved."
            ) from None
        for row in rows:
            _insert(there, table, [row])


def _continue_ids(there: Connection, table: Table) -> None:
    """Let the ids that Postgres gives go on after those that were copied."""
    column = table.autoincrement_column
    if column is not None and (last := there.scalar(select(func.max(column)))) is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        there.execute(select(func.setval(sequence, last)))


def _by_column(row: AnyRow) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - public, with an underscore to spare column names


def _key(table: Table, row: dict[str, Any]) -> str:
    """What names a row: ids and words of our own, nothing that a member wrote."""
    return ", ".join(f"{column.name}={row[column.name]}" for column in table.primary_key)
