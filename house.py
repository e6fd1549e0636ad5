"""The composition root: opens everything an attempt needs, for whoever works on attempts."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import discord

from analyzer.engines import Engine
from analyzer.engines.local import LocalEngine
from analyzer.engines.twelvelabs import TwelveLabsEngine
from analyzer.fetcher import Fetcher, HttpFetcher
from analyzer.parts import Clock, Limits, Pace, Parts
from analyzer.privacy import Privacy
from analyzer.rules import Rules
from analyzer.runner import InProcessRunner, Runner
from analyzer.service import Service
from analyzer.sweep import Sweep
from cogs.ui.announcer import Announcer
from models import EngineName
from settings import Settings
from storage.attempts import Attempts
from storage.board import Board
from storage.consents import Consents
from storage.database import Database
from storage.leftovers import Leftovers
from storage.member_settings import MemberSettingsStore
from storage.meta import Meta
from storage.requests import Requests
from storage.server_settings import ServerSettingsStore
from storage.usage import Usage
from storage.vendor_usage import VendorUsage
from web.app import Part, make_app, serving

log = logging.getLogger("greenroom")

OPEN_ATTEMPTS = 2
"""Attempts a member may have under way: one being assessed and one waiting."""

FetchThrough = Callable[[discord.Client], Fetcher]
WrapEngine = Callable[[discord.Client, Engine], Engine]


@dataclass(frozen=True, slots=True)
class Seams:
    """Where the demo and the tests stand between the bot and what a simulated Discord has not.

    That is: sockets, and real time.
    """

    fetch_through: FetchThrough | None = None
    wrap_engine: WrapEngine | None = None
    clock: Clock = discord.utils.utcnow
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open, and how to begin working."""

    database: Database
    meta: Meta
    parts: Parts
    service: Service
    privacy: Privacy
    runner: Runner
    begin: Callable[[], Awaitable[None]]  # goes on with unfinished attempts and begins to sweep


async def open_house(
    settings: Settings,
    client: discord.Client,
    stack: contextlib.AsyncExitStack,
    seams: Seams,
) -> House:
    """Open the memory and make what works on attempts; the stack closes it all.

    `client` need only be logged in: nothing in here uses a gateway connection.

    Raises:
        SettingsProblem: the database cannot be used.
    """
    clock, pace = seams.clock, seams.pace or Pace()
    database = Database(settings.sqlalchemy_url)
    stack.push_async_callback(database.close)
    await database.open()
    meta = Meta(database, clock)
    rules = Rules(
        settings.daily_attempts_per_member,
        timedelta(days=settings.retention_days),
        ServerSettingsStore(database),
        MemberSettingsStore(database),
    )
    parts = Parts(
        engines=await _open_engines(client, settings, meta, stack, seams.wrap_engine),
        engine=settings.engine_name,
        attempts=Attempts(database, clock),
        usage=Usage(database, clock),
        vendor_usage=VendorUsage(database),
        requests=Requests(database, clock),
        consents=Consents(database, clock),
        leftovers=Leftovers(database, clock),
        board=Board(database, clock),
        fetcher=await _open_fetcher(client, settings, stack, seams.fetch_through),
        announcer=Announcer(client, clock=clock, retention=rules.retention),
        clips_dir=settings.clips_dir,
        limits=Limits(
            daily_attempts=settings.daily_attempts_per_member,
            open_attempts=OPEN_ATTEMPTS,
            clip_bytes=settings.max_clip_bytes,
            clip_seconds=settings.max_clip_seconds,
            retention=timedelta(days=settings.retention_days),
        ),
        rules=rules,
        clock=clock,
        pace=pace,
    )
    runner = InProcessRunner(settings.max_in_flight)
    service = Service(parts, runner)
    privacy = Privacy(database, parts, service, runner)
    sweep = Sweep(parts, privacy)

    async def begin() -> None:
        stack.push_async_callback(runner.stop)
        stack.push_async_callback(sweep.stop)
        await runner.go_on(service.advance, service.unfinished)
        sweep.start()
        if settings.http_port is not None:
            app = make_app(_web_parts())
            where = await stack.enter_async_context(
                serving(app, settings.http_host, settings.http_port)
            )
            log.info("web pages at %s", where)

    return House(database, meta, parts, service, privacy, runner, begin)


def _web_parts() -> list[Part]:
    """What this process serves over HTTP."""
    return []


async def _open_engines(
    client: discord.Client,
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
    return {engine.name: wrap(client, engine) if wrap else engine for engine in engines}


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
    client: discord.Client,
    settings: Settings,
    stack: contextlib.AsyncExitStack,
    fetch_through: FetchThrough | None,
) -> Fetcher:
    if fetch_through is not None:
        return fetch_through(client)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    origins = [settings.discord_api_url] if settings.discord_api_url else []
    return HttpFetcher(session, other_origins=origins)
