"""Looks into a database file that nobody vouches for, before anything of it is used.

Its schema must be, to the letter, what our migrations make at its revision. So nothing that SQLite
would run by itself can be in it: no trigger, no view, no expression in an index or a check.
The order matters: first the header, then the schema, as rows that are only read, and only then
SQLite's own check, which would evaluate such expressions. See also sqlite.org/security.html.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from storage.engine.errors import code_of
from storage.engine.migrate import known_revisions, schema_at
from storage.engine.time_limit import TimeLimit

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100  # and where its fields are: sqlite.org/fileformat.html
_UTF8 = 1

_MOST_ENTRIES = 500  # of a schema; ours has about fifty
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 50_000_000,  # bytes of a row; ours have some hundred thousand
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,  # of a statement in the schema; ours have a thousand
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_PRAGMAS = ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")
_LEAST_SECONDS = 60.0
_BYTES_A_SECOND = 2_000_000  # at least; on a slow disk SQLite checks ten times as many

_SPACE = re.compile(r"[ \t\n\r\f]+")  # what SQLite takes for white space
_BESIDE_SIGNS = re.compile(r" ?([(),]) ?")

_STATISTICS = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
"""What ANALYZE makes (sqlite.org/fileformat2.html), should an operator have run it."""


class Unfit(Exception):
    """A file is not a database of ours. The text is the rest of a sentence for the operator."""


class Entry(NamedTuple):
    """What a schema says about one thing, as its table of contents has it."""

    kind: str
    name: str
    table: str
    sql: str | None


class Watch(TimeLimit):
    """How long looking into a file may take in all."""

    def __init__(self, stopped: threading.Event, size_bytes: int) -> None:
        """A file of so many bytes takes no longer than this, unless it was made to."""
        super().__init__(stopped, _LEAST_SECONDS + size_bytes / _BYTES_A_SECOND)

    def look(self) -> None:
        """Go on.

        Raises:
            Unfit: it has taken too long, or nobody wants it any more.
        """
        if self.over():
            raise Unfit("it takes far too long")


def inspect(file: Path, watch: Watch) -> str:
    """The revision of a database's tables, once it is known to be whole and ours.

    Nobody else may write to the file; nothing is written to it or beside it.

    Raises:
        Unfit: it is not.
        OSError: it cannot be read.
    """
    _check_header(file)
    address = f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as database:
            for limit, value in _LIMITS.items():
                database.setlimit(limit, value)
            watch.guard(database)
            for pragma in _PRAGMAS:
                database.execute(f"PRAGMA {pragma}")
            entries = _entries(database)
            revision = _revision(database, entries)
            _compare(entries, _ours(revision))
            if database.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
                raise Unfit("the database is damaged: SQLite's integrity check fails")
    except sqlite3.Error as error:
        code = code_of(error)
        if code == "SQLITE_INTERRUPT":
            watch.look()
        raise Unfit(f"the database is damaged, or was made to do harm ({code})") from None
    return revision


def drop_statistics(file: Path) -> None:
    """Leave out what ANALYZE has found: only a hint, and one that could be made to mislead."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in found:
            if name in _STATISTICS:
                database.execute(f"DROP TABLE {name}")


def _check_header(file: Path) -> None:
    """Check what SQLite itself would believe, or only find out in the middle."""
    with file.open("rb") as opened:
        header = opened.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise Unfit("it is not a database of SQLite's")

    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(header[at : at + size])

    page_bytes = 65_536 if number(16, 2) == 1 else number(16, 2)
    size = file.stat().st_size
    counted = number(24) == number(92)  # else SQLite goes by the file's size
    if size % max(page_bytes, 1) or (counted and size < page_bytes * number(28)):
        raise Unfit("the database is cut off")
    if number(56) != _UTF8:
        raise Unfit("the database is not in UTF-8, so it is none of Greenroom's")
    if number(60) or number(68):
        raise Unfit("the database belongs to another program")


def _entries(database: sqlite3.Connection) -> list[Entry]:
    rows = database.execute(
        "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_master LIMIT ?", (_MOST_ENTRIES,)
    ).fetchall()
    if len(rows) == _MOST_ENTRIES:
        raise Unfit("the database has far more in it than Greenroom makes")
    roots = [row[4] for row in rows if row[4] != 0]  # a view has none
    texts = [value for row in rows for value in row[:4] if value is not None]
    if not all(isinstance(text, str) for text in texts) or len(set(roots)) < len(roots):
        raise Unfit("the database's table of contents is not as SQLite writes it")
    return [Entry(*row[:4]) for row in rows]


def _revision(database: sqlite3.Connection, entries: list[Entry]) -> str:
    """What the table of revisions says, if it is one: reading from a view would run it."""
    newest = _ours(max(known_revisions()))
    if _about_revisions(entries) != _about_revisions(newest):
        raise Unfit("the database is none of Greenroom's, as it has no table of revisions")
    found = database.execute("SELECT version_num FROM alembic_version LIMIT 2").fetchall()
    revision = "none" if not found else found[0][0] if len(found) == 1 else "several"
    if revision not in known_revisions():
        raise Unfit(
            f"the database is at revision {ascii(revision)[:40]}, which this version of Greenroom"
            " does not know: use the version that made it"
        )
    return str(revision)


def _ours(revision: str) -> list[Entry]:
    return [Entry(*row) for row in schema_at(revision)]


def _about_revisions(entries: list[Entry]) -> set[Entry]:
    own = (entry for entry in entries if "alembic_version" in (entry.name, entry.table))
    return set(map(_plain, own))


def _compare(entries: list[Entry], ours: list[Entry]) -> None:
    found, wanted = list(map(_plain, entries)), set(map(_plain, ours))
    statistics = {Entry("table", name, name, _plain_sql(sql)) for name, sql in _STATISTICS.items()}
    names = {(entry.kind, entry.name) for entry in wanted}
    for entry in found:
        if entry in wanted or entry in statistics:
            continue
        if (entry.kind, entry.name) in names:
            raise Unfit(f"the database's {entry.kind} {entry.name} is not as Greenroom makes it")
        kind = entry.kind if entry.kind in ("table", "index", "view", "trigger") else "entry"
        raise Unfit(f"Greenroom makes no {kind} {ascii(entry.name)[:60]}, but the database has one")
    if missing := sorted(wanted - set(found)):
        raise Unfit(f"the database lacks its {missing[0].kind} {missing[0].name}")
    if len(found) > len(set(found)):
        raise Unfit("the database's table of contents names something twice")


def _plain(entry: Entry) -> Entry:
    return entry._replace(sql=None if entry.sql is None else _plain_sql(entry.sql))


def _plain_sql(sql: str) -> str:
    """The statement without its layout, which may change with the library that writes it.

    Ours have no white space inside quotes, so what is the same afterwards means the same.
    """
    return _BESIDE_SIGNS.sub(r"\1", _SPACE.sub(" ", sql)).strip(" ")
