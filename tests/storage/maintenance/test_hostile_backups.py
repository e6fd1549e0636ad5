"""A backup that somebody has tampered with is refused in one sentence, and does nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.maintenance import backup as backup_module
from storage.maintenance import inspection as inspecting
from tests.storage.files import content_of, overwrite
from tests.storage.maintenance.tampering import refused, tamper, vouch

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
"""Never ends, and needs no memory."""

HARMFUL: dict[str, tuple[str, str]] = {
    "a trigger that keeps what is deleted": (
        "CREATE TRIGGER keep BEFORE DELETE ON attempts BEGIN SELECT RAISE(IGNORE); END",
        "no trigger 'keep'",
    ),
    "a trigger with a name of ours": (
        "CREATE TRIGGER attempts AFTER UPDATE ON attempts BEGIN DELETE FROM consents; END",
        "no trigger 'attempts'",
    ),
    "a view that swallows": (
        "ALTER TABLE attempts RENAME TO hidden; CREATE VIEW attempts AS SELECT * FROM hidden;"
        "CREATE TRIGGER swallow INSTEAD OF DELETE ON attempts BEGIN SELECT 1; END",
        "no table 'hidden'",
    ),
    "a view in the place of a table": (
        "DROP TABLE meta; CREATE VIEW meta AS SELECT 'key' AS \"key\", 'value' AS value",
        "no view 'meta'",
    ),
    "a view in the place of the table of revisions, which never ends": (
        f"DROP TABLE alembic_version; CREATE VIEW alembic_version AS {FOREVER}",
        "no table of revisions",
    ),
    "a view beside, which never ends": (f"CREATE VIEW extra AS {FOREVER}", "no view 'extra'"),
    "no table of revisions": ("DROP TABLE alembic_version", "cannot be restored: .* revisions"),
    "another table": ("CREATE TABLE extra (a)", "no table 'extra'"),
    "a virtual table": ("CREATE VIRTUAL TABLE extra USING fts5(a)", "no table 'extra'"),
    "a table less": ("DROP TABLE usage", "lacks its index ix_usage_member_used_at"),
    "an index less": ("DROP INDEX ix_usage_member_used_at", "lacks its index"),
    "another index": ("CREATE INDEX extra ON usage (used_at)", "no index 'extra'"),
    "an index over an expression that takes long": (
        "CREATE INDEX extra ON usage (length(hex(zeroblob(400000000))))",
        "no index 'extra'",
    ),
    "an index that leaves rows out": (
        "DROP INDEX ix_usage_member_used_at;"
        "CREATE INDEX ix_usage_member_used_at ON usage (member, used_at) WHERE guild_id > 9",
        "index ix_usage_member_used_at is not as",
    ),
    "an index that is unique": (
        "DROP INDEX ix_usage_member_used_at;"
        "CREATE UNIQUE INDEX ix_usage_member_used_at ON usage (member, used_at)",
        "index ix_usage_member_used_at is not as",
    ),
    "a column more": ("ALTER TABLE usage ADD COLUMN extra TEXT", "table usage is not as"),
    "a column that is worked out": (
        "ALTER TABLE usage ADD COLUMN extra AS (length(hex(zeroblob(400000000))))",
        "table usage is not as",
    ),
    "a column less": ("ALTER TABLE usage DROP COLUMN guild_id", "table usage is not as"),
    "a column of another name": (
        "ALTER TABLE usage RENAME COLUMN guild_id TO server",
        "table usage is not as",
    ),
    "several revisions": ("INSERT INTO alembic_version VALUES ('0001')", "revision 'several'"),
    "another revision": (
        "UPDATE alembic_version SET version_num = '0001'",
        "table attempts is not",
    ),
    "a revision that is no text": (
        "UPDATE alembic_version SET version_num = x'30303034'",
        "does not know",
    ),
    "a revision to paint the terminal with": (
        "UPDATE alembic_version SET version_num = char(27) || '[2J' || hex(zeroblob(5000))",
        r"'\\x1b\[2J0+, which",
    ),
    "a name to paint the terminal with": (
        'CREATE TABLE "\x1b[2J" (a)',
        r"no table '\\x1b\[2J'",
    ),
    "very many tables": (
        ";".join(f"CREATE TABLE extra{number} (a)" for number in range(600)),
        "far more in it",
    ),
    "a program of its own": ("PRAGMA application_id = 1", "another program"),
    "a version of its own": ("PRAGMA user_version = 7", "another program"),
}


def remade(table: str, old: str, new: str) -> str:
    """Make a table anew with another word in its definition, past SQLite's own checks."""
    changed = f"sql = replace(sql, '{old}', '{new}') WHERE name = '{table}'"
    return f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET {changed}"  # noqa: S608 - ours


FORGED: dict[str, tuple[str, str]] = {
    "a check": (
        remade("usage", "CONSTRAINT pk_usage", "CHECK (guild_id < 1), CONSTRAINT pk_usage"),
        "table usage is not as",
    ),
    "a default": (remade("usage", "guild_id BIGINT", "guild_id BIGINT DEFAULT 7"), "usage is not"),
    "a null": (
        remade("usage", "member VARCHAR(32) NOT NULL", "member VARCHAR(32)"),
        "usage is not",
    ),
    "an order": (
        remade("usage", "member VARCHAR(32)", "member VARCHAR(32) COLLATE NOCASE"),
        "usage is not",
    ),
    "a reference": (
        remade("usage", "guild_id BIGINT", "guild_id BIGINT REFERENCES servers"),
        "usage is not",
    ),
    "another type": (remade("usage", "member VARCHAR(32)", "member TEXT"), "usage is not"),
    "white space that SQLite does not know": (
        remade("usage", "guild_id BIGINT", "guild_id\u00a0BIGINT"),
        "usage is not",
    ),
    "a table with no row numbers": (
        remade("usage", "(attempt_id)\n)", "(attempt_id)\n) WITHOUT ROWID"),
        "usage is not",
    ),
    "a trigger that says it is a table": (
        "CREATE TRIGGER keep BEFORE DELETE ON usage BEGIN SELECT RAISE(IGNORE); END;"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET type = 'table', tbl_name = 'keep' WHERE name = 'keep'",
        "no table 'keep'|damaged",
    ),
    "a trigger that says it is a table of ours": (
        "CREATE TRIGGER keep BEFORE DELETE ON usage BEGIN SELECT RAISE(IGNORE); END;"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET type = 'table', name = 'usage' WHERE name = 'keep'",
        "usage is not|damaged",
    ),
    "a table named twice": (
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_master"
        " SELECT type, name, tbl_name, 999, sql FROM sqlite_master WHERE name = 'usage'",
        "twice|damaged",
    ),
    "two tables in one place": (
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM"
        " sqlite_master WHERE name = 'meta') WHERE name = 'usage'",
        "table of contents",
    ),
    "a table that is nowhere": (
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET rootpage = 4000000 WHERE name = 'usage'",
        "damaged",
    ),
    "a definition that is no text": (
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = CAST(sql AS BLOB) WHERE name = 'usage'",
        "table of contents|damaged",
    ),
    "a definition that is nonsense": (
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE' WHERE name = 'usage'",
        "damaged",
    ),
    "a definition that is endless": (
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql || '/*' ||"
        " hex(zeroblob(2000000)) || '*/' WHERE name = 'usage'",
        "damaged|usage is not",
    ),
    "a second table of contents": (
        "CREATE TABLE extra (a); PRAGMA writable_schema = ON; UPDATE sqlite_master SET"
        " name = 'sqlite_master', tbl_name = 'sqlite_master',"
        " sql = 'CREATE TABLE sqlite_master(a)' WHERE name = 'extra'",
        "damaged|no table 'sqlite_master'",
    ),
    "numbers of an id": (
        "CREATE TABLE extra (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE extra",
        "no table 'sqlite_sequence'",
    ),
    "statistics with a column that is worked out": (
        "ANALYZE; PRAGMA writable_schema = ON; UPDATE sqlite_master SET"
        " sql = 'CREATE TABLE sqlite_stat1(tbl,idx,stat AS (1))' WHERE name = 'sqlite_stat1'",
        "no table 'sqlite_stat1'|damaged",
    ),
}


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Only SQLite: Postgres restores with a program of its own."""
    return sqlite_url


@pytest.mark.parametrize(
    ("script", "match"), [*HARMFUL.values(), *FORGED.values()], ids=[*HARMFUL, *FORGED]
)
async def test_a_schema_that_is_not_ours_to_the_letter_is_refused(
    taken: Path, url: str, file: Path, script: str, match: str
) -> None:
    await asyncio.to_thread(tamper, taken, script)
    await refused(taken, url, file, match)


def cut(backup: Path) -> None:
    overwrite(backup, content_of(backup)[:-4096])


def cut_within_a_page(backup: Path) -> None:
    overwrite(backup, content_of(backup)[:-1])


def wipe_a_page(backup: Path) -> None:
    overwrite(backup, b"\xff" * 4096, at=4096 * 5)


def write_in_utf16(backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as raw:
        script = "\n".join(raw.iterdump())
    backup.unlink()
    with closing(sqlite3.connect(backup)) as raw:
        raw.executescript(f"PRAGMA encoding = 'UTF-16le'; {script}")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (cut, "cut off"),
        (cut_within_a_page, "cut off"),
        (wipe_a_page, "damaged"),
        (write_in_utf16, "not in UTF-8"),
        (lambda backup: overwrite(backup, b""), "not a database"),
        (lambda backup: overwrite(backup, b"notes " * 1000), "not a database"),
        (lambda backup: overwrite(backup, content_of(backup)[:100]), "cut off"),
        (lambda backup: overwrite(backup, content_of(backup)[:100] + bytes(9000)), "cut off"),
        (lambda backup: overwrite(backup, b"\x00\x03", at=16), "cut off|damaged"),
    ],
)
async def test_a_file_that_is_no_whole_database_is_refused(
    taken: Path, url: str, file: Path, change: Callable[[Path], None], match: str
) -> None:
    await asyncio.to_thread(change, taken)
    vouch(taken)
    await refused(taken, url, file, match)


@pytest.mark.parametrize("what", ["backup", "checksum"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
async def test_what_is_no_file_is_neither_waited_for_nor_read(
    taken: Path, url: str, file: Path, what: str, kind: str
) -> None:
    replaced = taken if what == "backup" else taken.with_name(f"{taken.name}.sha256")
    replaced.unlink()
    if kind == "pipe":
        os.mkfifo(replaced)
    elif kind == "device":
        replaced.symlink_to("/dev/zero")
    else:
        replaced.mkdir()
    match = "cannot be restored" if what == "backup" else "keep them together"
    await refused(taken, url, file, match)


async def test_a_check_that_takes_too_long_is_given_up(
    taken: Path, url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "_LEAST_SECONDS", -1.0)
    await refused(taken, url, file, "takes far too long")


async def test_a_disk_without_room_is_told_before_anything_is_copied(
    taken: Path, url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_module, "_FREE_BYTES", 10**18)
    await refused(taken, url, file, "too little room")
