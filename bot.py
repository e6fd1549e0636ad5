"""The front door: `python bot.py run|demo|check|sync`, and the composition root `create_bot`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import discord

from analyzer.engines import Engine
from analyzer.engines.local import LocalEngine
from analyzer.engines.twelvelabs import TwelveLabsEngine
from analyzer.fetcher import Fetcher, HttpFetcher
from analyzer.parts import Clock, Limits, Pace, Parts
from analyzer.privacy import Privacy
from analyzer.rules import Rules
from analyzer.runner import InProcessRunner
from analyzer.service import Service
from analyzer.sweep import Sweep
from checks import run_checks
from cogs.client import GreenroomBot, Tools
from cogs.ui.announcer import Announcer
from connection import discord_told, point_discord_at
from demo import run_demo
from errors import SettingsProblem
from logs import quiet_retries, set_up_logging
from models import EngineName
from settings import Settings, load_settings, version
from storage.attempts import Attempts
from storage.board import Board
from storage.consents import Consents
from storage.database import Database
from storage.history import History
from storage.leftovers import Leftovers
from storage.member_settings import MemberSettingsStore
from storage.meta import Meta
from storage.overview import Overview
from storage.questions import Questions
from storage.requests import Requests
from storage.server_settings import ServerSettingsStore
from storage.usage import Usage
from storage.vendor_usage import VendorUsage

log = logging.getLogger("greenroom")

OPEN_ATTEMPTS = 2
"""Attempts a member may have under way: one being assessed and one waiting."""

FetchThrough = Callable[[discord.Client], Fetcher]
WrapEngine = Callable[[discord.Client, Engine], Engine]


def create_bot(
    settings: Settings,
    *,
    fetch_through: FetchThrough | None = None,
    wrap_engine: WrapEngine | None = None,
    clock: Clock = discord.utils.utcnow,
    pace: Pace | None = None,
) -> GreenroomBot:
    """Make the bot. Nothing is opened before it logs in; closing it closes everything.

    `fetch_through` and `wrap_engine` let the demo and the tests stand between the bot and what a
    simulated Discord has not: sockets, and real time.
    """

    async def furnish(bot: GreenroomBot, stack: contextlib.AsyncExitStack) -> Tools:
        database = Database(settings.sqlalchemy_url)
        stack.push_async_callback(database.close)
        await database.open()
        attempts, requests = Attempts(database, clock), Requests(database, clock)
        meta, board = Meta(database, clock), Board(database, clock)
        retention = timedelta(days=settings.retention_days)
        servers, members = ServerSettingsStore(database), MemberSettingsStore(database)
        rules = Rules(settings.daily_attempts_per_member, retention, servers, members)
        parts = Parts(
            engines=await _open_engines(bot, settings, meta, stack, wrap_engine),
            engine=settings.engine_name,
            attempts=attempts,
            usage=Usage(database, clock),
            vendor_usage=VendorUsage(database),
            requests=requests,
            consents=Consents(database, clock),
            leftovers=Leftovers(database, clock),
            board=board,
            fetcher=await _open_fetcher(bot, settings, stack, fetch_through),
            announcer=Announcer(bot, clock=clock, retention=rules.retention),
            clips_dir=settings.clips_dir,
            limits=Limits(
                daily_attempts=settings.daily_attempts_per_member,
                open_attempts=OPEN_ATTEMPTS,
                clip_bytes=settings.max_clip_bytes,
                clip_seconds=settings.max_clip_seconds,
                retention=retention,
            ),
            rules=rules,
            clock=clock,
            pace=pace or Pace(),
        )
        runner = InProcessRunner(settings.max_in_flight)
        service = Service(parts, runner)
        privacy = Privacy(database, parts, service, runner)
        sweep = Sweep(parts, privacy)

        async def begin() -> None:
            stack.push_async_callback(runner.stop)
            stack.push_async_callback(sweep.stop)
            runner.start(service.advance, await service.unfinished())
            sweep.start()

        return Tools(
            service=service,
            privacy=privacy,
            attempts=attempts,
            history=History(database),
            consents=parts.consents,
            requests=requests,
            board=board,
            meta=meta,
            server_settings=servers,
            member_settings=members,
            questions=Questions(database),
            fetcher=parts.fetcher,
            rules=rules,
            overview=Overview(database),
            vendor_usage=parts.vendor_usage,
            version=version,
            started_at=clock(),
            clock=clock,
            engine=settings.engine_name,
            operator=settings.operator,
            begin=begin,
        )

    return GreenroomBot(furnish)


async def _open_engines(
    bot: discord.Client,
    settings: Settings,
    meta: Meta,
    stack: contextlib.AsyncExitStack,
    wrap: WrapEngine | None,
) -> dict[EngineName, Engine]:
    """Every engine that is set up, also one not in use: it may have copies left to delete."""
    engines: list[Engine] = [LocalEngine(model_dir=settings.local_asr_model)]
    if settings.twelvelabs_api_key is not None:
        engines.append(make_twelvelabs(settings, await meta.installation()))
    for engine in engines:
        stack.push_async_callback(engine.aclose)
    return {engine.name: wrap(bot, engine) if wrap else engine for engine in engines}


def make_twelvelabs(settings: Settings, installation: str) -> TwelveLabsEngine:
    """The TwelveLabs engine as the settings want it; its key must be set."""
    assert settings.twelvelabs_api_key is not None  # noqa: S101 - the callers have looked
    return TwelveLabsEngine(
        api_key=settings.twelvelabs_api_key.get_secret_value(),
        model=settings.twelvelabs_model,
        installation=installation,
        base_url=settings.twelvelabs_base_url,
    )


async def _open_fetcher(
    bot: discord.Client,
    settings: Settings,
    stack: contextlib.AsyncExitStack,
    fetch_through: FetchThrough | None,
) -> Fetcher:
    if fetch_through is not None:
        return fetch_through(bot)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    origins = [settings.discord_api_url] if settings.discord_api_url else []
    return HttpFetcher(session, other_origins=origins)


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit code."""
    token = _token(settings)
    if settings.engine_name is EngineName.TWELVELABS and settings.twelvelabs_api_key is None:
        raise SettingsProblem("ENGINE is twelvelabs, but TWELVELABS_API_KEY is not set.")
    log.info("Greenroom %s, engine %s", await version(), settings.engine_name)
    stop = asyncio.Event()
    for name in ("SIGINT", "SIGTERM"):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C ends asyncio.run itself
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), stop.set)
    async with create_bot(settings) as bot:
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


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python bot.py", description="Greenroom, a Discord bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot")
    commands.add_parser("check", help="check every setting, and try the token and the key")
    commands.add_parser("sync", help="register the commands with Discord again")
    demo = commands.add_parser("demo", help="try the bot without Discord, in the browser")
    demo.add_argument("--once", action="store_true", help="print one result and end")
    demo.add_argument("--clip", type=Path, help="the clip to assess first")
    demo.add_argument("--question", help="the question it answers")
    demo.add_argument("--port", type=int, help="the page's port on this machine")
    demo.add_argument("--no-browser", action="store_true", help="only print the page's address")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
        calm = chosen.command != "run" and "log_level" not in settings.model_fields_set
        set_up_logging("WARNING" if calm else settings.log_level, settings.log_format)
        quiet_retries()
        if chosen.command == "run":
            return asyncio.run(run(settings))
        if chosen.command == "check":
            return asyncio.run(run_checks(settings, make_twelvelabs))
        if chosen.command == "sync":
            return asyncio.run(sync(settings))
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
