"""The front door: every command of `python bot.py`, and the composition root `create_bot`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import sys
from pathlib import Path

import discord

from analyzer.dependencies import Clock, Timings
from analyzer.media.sandbox import sandbox
from app.check import run_checks
from app.container import FetchThrough, Overrides, Serve, WrapEngine, make_twelvelabs, open_app
from app.discord_api import discord_told, point_discord_at
from app.maintenance import COMMANDS as OPERATING
from app.maintenance import add_commands, operate
from app.shutdown import install_signal_handlers
from app.worker import work
from cogs.client import GreenroomBot, Shards, Tools
from core import descriptors
from core.errors import SettingsProblem
from core.logs import quiet_retries, set_up_logging
from core.models import EngineName
from core.secrecy import hide_process, wipe_variable
from core.settings import Settings, forget_secrets, load_settings
from core.version import version
from demo import run_demo
from storage.engine.file_lock import exclusive_lock
from storage.repositories.history import History
from storage.repositories.questions import Questions
from storage.repositories.statistics import Statistics
from web.app import serving

log = logging.getLogger(__name__)


def create_bot(
    settings: Settings,
    *,
    fetch_through: FetchThrough | None = None,
    wrap_engine: WrapEngine | None = None,
    clock: Clock = discord.utils.utcnow,
    timings: Timings | None = None,
    serve: Serve = serving,
    takes_attempts: bool = True,
) -> GreenroomBot:
    """Make the bot. Nothing is opened before it logs in; closing it closes everything.

    Without `takes_attempts` it leaves them to workers. The other arguments are for the demo and the
    tests: see `house.Seams`.
    """
    seams = Overrides(fetch_through, wrap_engine, clock, timings, serve)

    async def furnish(bot: GreenroomBot, stack: contextlib.AsyncExitStack) -> Tools:
        house = await open_app(settings, bot, stack, seams, takes_attempts=takes_attempts)
        deps, database = house.deps, house.database
        return Tools(
            service=house.service,
            privacy=house.privacy,
            studio=house.studio,
            studio_needs=settings.studio_needs,
            attempts=deps.attempts,
            history=History(database),
            consents=deps.consents,
            requests=deps.requests,
            board=deps.board,
            meta=house.meta,
            server_settings=deps.policy.servers,
            member_settings=deps.policy.members,
            questions=Questions(database),
            fetcher=deps.fetcher,
            policy=deps.policy,
            overview=Statistics(database),
            vendor_usage=deps.vendor_usage,
            version=version,
            started_at=clock(),
            clock=clock,
            engine=settings.engine_name,
            operator=settings.operator,
            begin=house.begin,
        )

    return GreenroomBot(furnish, shards=_shards(settings))


def _shards(settings: Settings) -> Shards | None:
    if settings.shard_count is None:
        return None
    return Shards(settings.shard_numbers, settings.shard_count)


async def run(settings: Settings, *, takes_attempts: bool = True) -> int:
    """Run the bot until it is told to stop; returns the exit code.

    Without `takes_attempts` it only answers commands, and workers do the rest.
    """
    token = _token(settings)
    _check_engine(settings)
    if not (takes_attempts or settings.on_postgres):
        raise SettingsProblem(
            "with --no-worker somebody else must do the work, and a SQLite file is for one "
            "process. Set DATABASE_URL to a Postgres database (postgresql+psycopg://…)."
        )
    log.info("Greenroom %s, engine %s", await version(), settings.engine_name)
    log.info("%s", (await sandbox())[1])
    gc.freeze()  # what is imported stays: full collections need not go through it
    stop = install_signal_handlers()
    async with (
        exclusive_lock(settings.sqlalchemy_url),
        create_bot(settings, takes_attempts=takes_attempts) as bot,
    ):
        await point_discord_at(settings.discord_api_url, bot)
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            log.info("stopping: what is under way goes on at the next start")
            running.cancel()  # also a login that hangs; leaving the block closes everything
            await asyncio.wait({running})
        else:
            with discord_told():
                await running
    return 0


async def sync(settings: Settings) -> int:
    """Register the commands now, changed or not; returns the exit code."""
    token = _token(settings)
    async with create_bot(settings) as bot:
        await point_discord_at(settings.discord_api_url, bot)
        bot.works = False
        with discord_told():
            await bot.login(token)
            registered = await bot.sync_commands(force=True)
        print(f"{registered} commands registered with Discord.")
    return 0


def _token(settings: Settings) -> str:
    if settings.discord_token is None:
        raise SettingsProblem(
            "DISCORD_TOKEN is not set. Put it into .env; the README says where to get it."
        )
    return settings.discord_token.get_secret_value()


def _check_engine(settings: Settings) -> None:
    if settings.engine_name is EngineName.TWELVELABS and settings.twelvelabs_api_key is None:
        raise SettingsProblem("ENGINE is twelvelabs, but TWELVELABS_API_KEY is not set.")


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python bot.py", description="Greenroom, a Discord bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="run the bot")
    running.add_argument("--no-worker", action="store_true", help="leave attempts to workers")
    commands.add_parser("worker", help="work on attempts only, beside a bot; needs Postgres")
    commands.add_parser("check", help="check every setting, and try the token and the key")
    commands.add_parser("sync", help="register the commands with Discord again")
    demo = commands.add_parser("demo", help="try the bot without Discord, in the browser")
    demo.add_argument("--once", action="store_true", help="print one result and end")
    demo.add_argument("--clip", type=Path, help="the clip to assess first")
    demo.add_argument("--question", help="the question it answers")
    demo.add_argument("--port", type=int, help="the page's port on this machine")
    demo.add_argument("--no-browser", action="store_true", help="only print the page's address")
    add_commands(commands)
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
        hide_process()
        forget_secrets(wipe_variable)
        calm = (
            chosen.command not in ("run", "worker") and "log_level" not in settings.model_fields_set
        )
        set_up_logging("WARNING" if calm else settings.log_level, settings.log_format)
        quiet_retries()
        if chosen.command in ("run", "worker"):
            descriptors.raise_limit()
        if chosen.command == "run":
            return asyncio.run(run(settings, takes_attempts=not chosen.no_worker))
        if chosen.command == "worker":
            _check_engine(settings)
            return asyncio.run(work(settings, _token(settings)))
        if chosen.command == "check":
            return asyncio.run(run_checks(settings, make_twelvelabs))
        if chosen.command == "sync":
            return asyncio.run(sync(settings))
        if chosen.command in OPERATING:
            return asyncio.run(operate(settings, chosen, _token))
        return asyncio.run(
            run_demo(
                settings,
                create_bot,
                clip=chosen.clip,
                question=chosen.question,
                once=chosen.once,
                port=chosen.port,
                browser=not chosen.no_browser,
            )
        )
    except SettingsProblem as problem:
        print(f"Greenroom can't start: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
