"""A database that cannot be opened says what is wrong and what to do, with no secret in it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from core.errors import SettingsProblem
from storage.engine import database as opening
from storage.engine.causes import cause_of, cause_of_os_error
from storage.engine.database import Database

PASSWORD = "made-up-and-wrong"


async def problem_with(url: str) -> str:
    """What opening a database says."""
    database = Database(url)
    with pytest.raises(SettingsProblem) as caught:
        await database.open()
    await database.close()
    assert PASSWORD not in str(caught.value)
    assert "who may write" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("place", [0, 4096, 100])
async def test_a_damaged_file_says_so(sqlite_url: str, file: Path, place: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(os.urandom(2000))
    said = await problem_with(sqlite_url)
    assert "damaged" in said
    assert "python bot.py restore" in said


async def test_a_cut_off_file_says_so(sqlite_url: str, file: Path) -> None:
    os.truncate(file, 5000)
    assert "damaged" in await problem_with(sqlite_url)


async def test_a_locked_file_says_so(
    sqlite_url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = opening._migrate_alone.__wrapped__  # type: ignore[attr-defined] # without the half minute
    monkeypatch.setattr(opening, "_migrate_alone", once)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in await problem_with(sqlite_url)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SQLITE_FULL", "disk is full"),
        ("SQLITE_READONLY", "can only be read"),
        ("SQLITE_READONLY_DIRECTORY", "can only be read"),
        ("SQLITE_BUSY_RECOVERY", "locked by another program"),
        ("SQLITE_IOERR_READ", "disk gives errors"),
        ("SQLITE_CORRUPT_VTAB", "damaged"),
    ],
)
def test_each_of_sqlites_troubles_has_its_own_words(code: str, words: str, file: Path) -> None:
    original = sqlite3.OperationalError("text that may hold anything")
    original.sqlite_errorname = code
    error = OperationalError("SELECT 1", {}, original)
    said = cause_of(error, make_url(f"sqlite+aiosqlite:///{file}"))
    assert words in said
    assert code in said
    assert "anything" not in said


def test_a_disk_without_room_is_named_before_there_is_a_file() -> None:
    full = OSError(28, "No space left on device")
    assert "disk is full" in cause_of_os_error(full, Path("/data/greenroom.sqlite3"))
    assert "read-only" in cause_of_os_error(OSError(30, "Read-only"), Path("/data/x"))


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="needs a disk of its own"
)
async def test_a_real_full_disk_says_so(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:  # noqa: ASYNC221, S603
        pytest.skip("this container mounts nothing")
    try:
        said = await problem_with(f"sqlite+aiosqlite:///{small / 'greenroom.sqlite3'}")
        assert "disk is full" in said
    finally:
        subprocess.run(["umount", str(small)], check=False)  # noqa: ASYNC221, S603, S607


async def test_a_port_where_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = await problem_with(f"postgresql+psycopg://ann:{PASSWORD}@127.0.0.1:{port}/greenroom")
    assert f"nothing listens at 127.0.0.1:{port}" in said


async def test_a_host_that_there_is_not() -> None:
    url = f"postgresql+psycopg://ann:{PASSWORD}@no-such-host.invalid/greenroom"
    assert "no host of the name no-such-host.invalid" in await problem_with(url)


async def test_a_database_that_there_is_not(postgres_url: str) -> None:
    url = make_url(postgres_url).set(database="misspelt").render_as_string(hide_password=False)
    said = await problem_with(url)
    assert "has no database misspelt" in said
    assert "createdb" in said


async def test_a_user_that_there_is_not(postgres_url: str) -> None:
    url = make_url(postgres_url).set(username="nobody_known", password=PASSWORD)
    said = await problem_with(url.render_as_string(hide_password=False))
    assert "knows no user nobody_known" in said or "does not accept the password" in said


def test_a_wrong_password_names_the_user_only() -> None:
    original = _unreached('FATAL:  password authentication failed for user "ann"')
    url = make_url(f"postgresql+psycopg://ann:{PASSWORD}@db.example:5433/greenroom?sslmode=require")
    said = cause_of(OperationalError("", {}, original), url)
    assert "does not accept the password of the user ann" in said
    assert "db.example:5433" in said
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("connection timeout expired", "does not answer"),
        ("Network is unreachable", "does not answer"),
        ("FATAL:  sorry, too many clients already", "no connection free"),
        ("FATAL:  the database system is starting up", "try again in a minute"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "pg_hba.conf"),
        ("something in another language", "look into the server's log"),
    ],
)
def test_each_of_postgres_troubles_has_its_own_words(text: str, words: str) -> None:
    url = make_url("postgresql+psycopg://ann@db.example/greenroom")
    assert words in cause_of(OperationalError("", {}, _unreached(text)), url)


def _unreached(text: str) -> Exception:
    import psycopg

    return psycopg.OperationalError(text)
