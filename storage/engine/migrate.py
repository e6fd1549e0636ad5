"""Brings a database to the newest revision with Alembic, which is set up here, in code."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from core.errors import SettingsProblem

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


class Migrated(NamedTuple):
    """What a migration found and did."""

    before: str | None  # the revision the database was at; None: it was empty
    applied: tuple[str, ...]  # oldest first; none: it was up to date


def migrate(connection: Connection) -> Migrated:
    """Apply the missing migrations over `connection`, whose transaction the caller commits.

    Blocks: it reads the migration files.

    Raises:
        SettingsProblem: the database was made by a newer version.
    """
    config = alembic_config(connection)
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in _known(scripts):
        raise SettingsProblem(
            f"The database is at revision {current!r}, which this version of Greenroom does not"
            " know: start the newer version that made it, or restore a backup from before."
        )
    missing = [script.revision for script in scripts.iterate_revisions("head", current or "base")]
    if missing:
        command.upgrade(config, "head")
    return Migrated(current, tuple(reversed(missing)))


def alembic_config(connection: Connection) -> Config:
    """What Alembic's commands need to work over `connection`."""
    config = Config(attributes={"connection": connection})
    # ConfigParser reads % as the start of a reference, and a folder's name may hold one.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def schema_at(revision: str) -> list[tuple[str, str, str, str | None]]:
    """What SQLite's table of contents says when our migrations have come to this revision.

    As rows of type, name, table and statement. Blocks: it reads and runs the migrations.
    """
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
        found = [(row[0], row[1], row[2], row[3]) for row in rows]
    engine.dispose()
    return found


def known_revisions() -> frozenset[str]:
    """Every revision this version can start from. Blocks: it reads the migration files."""
    return _known(ScriptDirectory(str(_MIGRATIONS)))


def _known(scripts: ScriptDirectory) -> frozenset[str]:
    return frozenset(script.revision for script in scripts.walk_revisions())
