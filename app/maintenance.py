"""What an operator does with all data at once: back it up, move it, purge it, list failures."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.failures import DEFAULT_SINCE, failures
from app.gateway import required_token
from app.purge import purge_all
from core.errors import SettingsProblem, UserFacingError
from core.settings import Settings
from storage.maintenance.backup import back_up, backup_name, delete_old_backups, restore
from storage.maintenance.copy_to_postgres import move


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line."""
    backup = commands.add_parser("backup", help="copy the database to a file; the bot may run")
    backup.add_argument("file", type=Path, help="a file that is not there yet, or a folder")
    backup.add_argument("--keep", type=int, help="in a folder: delete all but the newest N of it")
    failed = commands.add_parser("failures", help="list failed attempts by code, with their step")
    failed.add_argument(
        "--since", default=DEFAULT_SINCE, help="how long ago (12h, 7d), or a day (2026-11-30)"
    )
    back = commands.add_parser("restore", help="take a backup as the database; stop the bot first")
    back.add_argument("file", type=Path, help="what `backup` has made")
    to = commands.add_parser(
        "migrate-to", help="copy all from SQLite to an empty Postgres database"
    )
    to.add_argument("url", nargs="?", help="where to; without it, what DATABASE_URL says")
    purge = commands.add_parser("purge-all", help="delete everything, here and elsewhere, for good")
    purge.add_argument("--yes", action="store_true", help="don't ask")
    purge.add_argument(
        "--leave-messages",
        action="store_true",
        help="finish even if messages in channels can't be deleted",
    )


async def operate(settings: Settings, chosen: argparse.Namespace) -> int:
    """Do what the command line says, and print how it went; returns the exit code."""
    try:
        if chosen.command == "backup":
            await _back_up(settings, chosen.file, chosen.keep)
        elif chosen.command == "failures":
            print(await failures(settings, chosen.since))
        elif chosen.command == "restore":
            await _restore(settings, chosen.file)
        elif chosen.command == "migrate-to":
            await _move(settings, chosen.url)
        else:
            return await purge_all(
                settings,
                required_token(settings),
                sure=chosen.yes,
                leave_messages=chosen.leave_messages,
            )
    except (SettingsProblem, UserFacingError) as problem:
        sentence = problem.sentence if isinstance(problem, UserFacingError) else problem
        print(f"{chosen.command} did not work: {sentence}", file=sys.stderr)
        return 1
    return 0


async def _back_up(settings: Settings, file: Path, keep: int | None) -> None:
    folder = file if await asyncio.to_thread(file.is_dir) else None
    if keep is not None and (folder is None or keep < 1):
        raise SettingsProblem(
            "--keep takes a number from 1 on, and a folder that is there, in which each backup gets"
            " a name of its own."
        )
    if folder is not None:
        file = folder / backup_name(datetime.now(UTC))
    made = await back_up(settings.sqlalchemy_url, file)
    print(
        f"Backed up: {made.bytes / 1e6:.1f} MB in {file}, and its checksum in {file.name}.sha256. "
        "It holds what members said: keep it as safe as the original."
    )
    if folder is not None and keep is not None:
        for old in await asyncio.to_thread(delete_old_backups, folder, keep):
            print(f"Deleted: {old.name}, as {keep} newer ones are kept.")


async def _restore(settings: Settings, file: Path) -> None:
    restored = await restore(file, settings.sqlalchemy_url)
    before = f" The database from before is {restored.kept}." if restored.kept else ""
    print(f"Restored: {file} is the database now.{before} Start the bot again.")


async def _move(settings: Settings, url: str | None) -> None:
    """Copy the SQLite database of the settings, or else the one in `DATA_DIR`."""
    target = url or settings.database_url
    if target is None or not target.startswith("postgresql"):
        raise SettingsProblem(
            "set DATABASE_URL to the Postgres database that everything goes to "
            "(postgresql+psycopg://…), or give its address after migrate-to."
        )
    named = settings.database_url if not settings.on_postgres else None
    source = settings.model_copy(update={"database_url": named}).sqlalchemy_url

    report = await move(source, target, progress=_show)
    if sys.stderr.isatty():
        print(end="\r\033[K", file=sys.stderr)
    for table, rows in report.rows.items():
        print(f"{table:<20}{rows:>9}")
    print(f"Moved and checked row by row: {sum(report.rows.values())} rows.")
    print(
        "The old file stays as it was, marked as moved: a bot refuses it. Delete it once all works."
    )
    if target == settings.database_url:
        print("DATABASE_URL names the new database already: start the bot.")
    else:
        print("Now set DATABASE_URL to the address of the new database, and start the bot.")


def _show(table: str, rows: int) -> None:
    """Say how far a move is, in one line that is written over, to who sits before a terminal."""
    if sys.stderr.isatty():
        print(f"\r{table}: {rows} rows\033[K", end="", file=sys.stderr, flush=True)
