"""Why a database cannot be used, in a sentence for the operator that says what to do.

No sentence holds a password or a driver's own text: hosts, ports, names and short codes only.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from storage.engine.errors import code_of

_HERE = "check DATABASE_URL or DATA_DIR"

_SQLITE = (
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
        "is damaged, or is no database of SQLite's: stop the bot, put the file aside and bring a"
        " backup back with `python bot.py restore FILE`",
    ),
    (("SQLITE_FULL",), "has no room to grow: its disk is full. Make room there"),
    (
        ("SQLITE_READONLY", "SQLITE_PERM"),
        "can only be read: it or its folder is read-only, or belongs to another user. Give the"
        " user that runs the bot the right to write there",
    ),
    (
        ("SQLITE_CANTOPEN",),
        f"cannot be opened: {_HERE}, and that the user that runs the bot may read and write there",
    ),
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"),
        "is locked by another program. End what else has it open, such as a database browser, and"
        " try again",
    ),
    (
        ("SQLITE_IOERR",),
        "cannot be read or written: the disk gives errors. Look into the system's log, and put the"
        " data on another disk",
    ),
)
"""By how SQLite's codes begin (sqlite.org/rescode.html)."""

_NEVER_REACHED = (
    (
        r"could not translate host name|name or service not known|name resolution|nodename",
        "there is no host of the name {host}: correct it in DATABASE_URL",
    ),
    (
        r"connection refused|no such file or directory",
        "nothing listens at {place}: start the Postgres server, or correct host and port in"
        " DATABASE_URL",
    ),
    (
        r"timeout|timed out|no route to host|network is unreachable|host is down",
        "{place} does not answer: check that the machine is on, and that no firewall is in between",
    ),
    (
        r"password authentication failed|no password supplied|authentication failed",
        "the server at {place} does not accept the password of the user {user}: correct it in"
        " DATABASE_URL",
    ),
    (
        r'role ".*" does not exist',
        "the server at {place} knows no user {user}: create one, or correct DATABASE_URL",
    ),
    (
        r'database ".*" does not exist',
        "the server at {place} has no database {name}: make it (`createdb --encoding=UTF8"
        " --template=template0 {name}`), or correct the name in DATABASE_URL",
    ),
    (
        r"no pg_hba\.conf entry",
        "the server at {place} lets the user {user} not in from this machine: add a line to its"
        " pg_hba.conf",
    ),
    (
        r"too many connections|too many clients|remaining connection slots",
        "the server at {place} has no connection free: end other programs, or raise its"
        " max_connections",
    ),
    (
        r"starting up|shutting down|recovery mode",
        "the server at {place} is starting or stopping: try again in a minute",
    ),
    (r"\bssl\b|certificate", "no encrypted connection to {place} came about: check sslmode"),
)
"""What libpq says before there is a session. It gives no code then (PQerrorMessage)."""

_POSTGRES = (
    ("53100", "the disk of the server at {place} is full: make room there"),
    ("53300", _NEVER_REACHED[7][1]),
    ("25006", "the server at {place} can only be read: it is a standby. Use the primary"),
    ("55P03", "another program holds locks in {name} at {place}: end it, and try again"),
    (
        "42501",
        "the user {user} may not make tables in {name} at {place}: let them own the database",
    ),
    ("XX", "{name} at {place} is damaged: bring a backup back, and look into the server's log"),
    ("58", "the server at {place} cannot read or write its files: look into its log"),
    ("57P", _NEVER_REACHED[8][1]),
)
"""By how Postgres's codes begin (its manual, appendix A)."""

_SYSTEM = {
    errno.ENOSPC: _SQLITE[1][1],
    errno.EDQUOT: _SQLITE[1][1],
    errno.EROFS: "cannot be made: the disk is read-only. Put the data on another one",
    errno.EACCES: _SQLITE[2][1],
    errno.EPERM: _SQLITE[2][1],
}


def cause_of(error: DBAPIError, url: URL) -> str:
    """Why the database at this URL cannot be used now, and what to do about it."""
    code = code_of(error)
    if url.get_backend_name() == "sqlite":
        return (
            f"The database file {url.database} {_sqlite_cause(code, str(url.database))} ({code})."
        )
    place = f"{url.host or 'the local socket'}:{url.port or 5432}"
    words = {"host": url.host, "place": place, "user": url.username, "name": url.database}
    if getattr(error.orig, "sqlstate", None) is not None:
        found = next((text for begin, text in _POSTGRES if code.startswith(begin)), None)
    else:
        said = str(error.orig).lower()
        found = next((text for pattern, text in _NEVER_REACHED if re.search(pattern, said)), None)
    if found is None:
        found = "{name} at {place} gives an error: look into the server's log"
    return f"The database cannot be used: {found.format(**words)} ({code})."


def cause_of_os_error(error: OSError, file: Path) -> str:
    """Why a database file, or its folder, cannot be made."""
    known = _SYSTEM.get(error.errno or 0)
    why = known or f"cannot be written ({error.strerror}): {_HERE}"
    return f"The database file {file} {why}."


def _sqlite_cause(code: str, file: str) -> str:
    if code.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _is_full(file):
        code = "SQLITE_FULL"  # what SQLite makes of a log for which there is no room
    for begins, text in _SQLITE:
        if code.startswith(begins):
            return text
    return f"cannot be used: it is none of Greenroom's, or another program has changed it; {_HERE}"


def _is_full(file: str) -> bool:
    try:
        found = os.statvfs(Path(file).parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < 65_536
