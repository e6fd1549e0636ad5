"""The command line: `python bot.py` with one of its commands."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from app import calibrate, gateway, maintenance, worker
from app.check import run_checks
from app.data_folder import close_to_others
from core import descriptors
from core.errors import SettingsProblem
from core.logs import quiet_retries, set_up_logging
from core.private_files import UMASK
from core.secrecy import hide_process, wipe_variable
from core.settings import Settings, forget_secrets, load_settings
from demo import run_demo

ANY_DATABASE = "also an empty database beside a full one, or one that was moved"

LASTING = ("run", "worker")
"""Commands that go on until they are told to stop; the others log warnings only."""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; with a mistake in it, say so and exit."""
    parser = argparse.ArgumentParser(prog="python bot.py", description="Greenroom, a Discord bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="run the bot")
    running.add_argument("--no-worker", action="store_true", help="leave attempts to workers")
    running.add_argument("--any-database", action="store_true", help=ANY_DATABASE)
    commands.add_parser("worker", help="work on attempts only, beside a bot; needs Postgres")
    check = commands.add_parser("check", help="check every setting, and try the token and the key")
    check.add_argument("--any-database", action="store_true", help=ANY_DATABASE)
    commands.add_parser("sync", help="register the commands with Discord again")
    demo = commands.add_parser("demo", help="try the bot without Discord, in the browser")
    demo.add_argument("--once", action="store_true", help="print one result and end")
    demo.add_argument("--clip", type=Path, help="the clip to assess first")
    demo.add_argument("--question", help="the question it answers")
    demo.add_argument("--port", type=int, help="the page's port on this machine")
    demo.add_argument("--no-browser", action="store_true", help="only print the page's address")
    calibrate.add_command(commands)
    maintenance.add_commands(commands)
    return parser.parse_args(arguments)


async def execute(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do what the command line says; returns the exit code.

    Raises:
        SettingsProblem: it cannot be done as things are set.
    """
    match chosen.command:
        case "run":
            return await gateway.run(
                settings,
                takes_attempts=not chosen.no_worker,
                any_database=chosen.any_database,
            )
        case "worker":
            return await worker.work(settings)
        case "check":
            return await run_checks(settings, any_database=chosen.any_database)
        case "sync":
            return await gateway.sync(settings)
        case "calibrate":
            return await calibrate.calibrate(settings, runs=chosen.runs, sure=chosen.yes)
        case "demo":
            return await run_demo(
                settings,
                clip=chosen.clip,
                question=chosen.question,
                once=chosen.once,
                port=chosen.port,
                browser=not chosen.no_browser,
            )
        case _:
            return await maintenance.operate(settings, chosen)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    os.umask(UMASK)
    chosen = parse(arguments)
    try:
        settings = load_settings()
        hide_process()
        forget_secrets(wipe_variable)
        calm = chosen.command not in LASTING and "log_level" not in settings.model_fields_set
        set_up_logging("WARNING" if calm else settings.log_level, settings.log_format)
        quiet_retries()
        close_to_others(settings)
        if chosen.command in LASTING:
            descriptors.raise_limit()
        return asyncio.run(execute(chosen, settings))
    except SettingsProblem as problem:
        print(f"Greenroom can't start: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
