"""The composition root: opens everything an attempt needs, for whoever works on attempts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import discord
from aiohttp import web

from analyzer.dependencies import WITH_WEBHOOKS, Clock, Dependencies, Limits, Timings
from analyzer.engines import Engine
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from analyzer.media.clip_store import ClipStore
from analyzer.media.fetcher import Fetcher, HttpFetcher
from analyzer.media.upload_store import UploadStore
from analyzer.pipeline.clip_files import clip_path
from analyzer.pipeline.runner import InProcessRunner, Runner
from analyzer.policy import Policy
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import StudioService
from app.web_server import open_wakeups, route_installers
from cogs.analyze.announcer import Announcer
from cogs.analyze.cards import consent_version
from core.errors import SettingsProblem
from core.models import EngineName
from core.settings import Settings
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.metadata import Metadata
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.statistics import Statistics
from storage.repositories.studio_links import StudioLinks
from storage.repositories.vendor_usage import VendorUsage
from storage.repositories.webhook_events import WebhookEvents
from web.app import make_app, serving

log = logging.getLogger(__name__)

OPEN_ATTEMPTS = 2
"""Attempts a member may have under way: one being assessed and one waiting."""

FetchThrough = Callable[[discord.Client], Fetcher]
WrapEngine = Callable[[discord.Client, Engine], Engine]


Serve = Callable[[web.Application, str, int], AbstractAsyncContextManager[str]]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Where the demo and the tests stand between the bot and what a simulated Discord has not.

    That is: sockets, and real time.
    """

    fetch_through: FetchThrough | None = None
    wrap_engine: WrapEngine | None = None
    clock: Clock = discord.utils.utcnow
    timings: Timings | None = None
    serve: Serve = serving


@dataclass(frozen=True, slots=True)
class App:
    """Everything that is open, and how to begin working."""

    database: Database
    meta: Metadata
    deps: Dependencies
    service: AttemptService
    privacy: PrivacyService
    studio: StudioService | None  # None where it is not set up
    runner: Runner
    begin: Callable[[], Awaitable[None]]  # goes on with unfinished attempts and begins to sweep


async def open_app(
    settings: Settings,
    client: discord.Client,
    stack: contextlib.AsyncExitStack,
    seams: Overrides,
    *,
    takes_attempts: bool = True,
) -> App:
    """Open the memory and make what works on attempts; the stack closes it all.

    `client` need only be logged in: nothing in here uses a gateway connection. Without
    `takes_attempts` the work is left to other processes.

    Raises:
        SettingsProblem: the database cannot be used.
    """
    clock, timings = seams.clock, seams.timings or _timings(settings)
    database = Database(settings.sqlalchemy_url)
    stack.push_async_callback(database.close)
    await database.open()
    meta = Metadata(database, clock)
    policy = Policy(
        settings.daily_attempts_per_member,
        timedelta(days=settings.retention_days),
        ServerSettingsStore(database),
        MemberSettingsStore(database),
    )
    deps = Dependencies(
        engines=await _open_engines(client, settings, meta, stack, seams.wrap_engine),
        engine=settings.engine_name,
        attempts=Attempts(database, clock),
        usage=DailyUsage(database, clock),
        vendor_usage=VendorUsage(database),
        requests=PendingRequests(database, clock),
        consents=Consents(database, clock),
        pending_deletions=PendingDeletions(database, clock),
        board=Board(database, clock),
        webhook_events=WebhookEvents(database, clock),
        fetcher=await _open_fetcher(client, settings, stack, seams.fetch_through),
        studio_links=StudioLinks(database, clock),
        uploads=UploadStore(settings.uploads_dir),
        clip_store=ClipStore(settings.clip_store_url, await meta.installation()),
        announcer=Announcer(client, clock=clock, timings=timings, retention=policy.retention),
        clips_dir=settings.clips_dir,
        limits=Limits(
            daily_attempts=settings.daily_attempts_per_member,
            open_attempts=OPEN_ATTEMPTS,
            clip_bytes=settings.max_clip_bytes,
            clip_seconds=settings.max_clip_seconds,
            retention=timedelta(days=settings.retention_days),
        ),
        policy=policy,
        clock=clock,
        timings=timings,
    )
    runner = _make_runner(settings, deps, takes_attempts=takes_attempts)
    service = AttemptService(deps, runner)
    privacy = PrivacyService(database, deps, service, runner)
    studio = _make_studio(settings, deps, service)
    cleanup = Cleanup(deps, privacy)

    async def begin() -> None:
        wake = open_wakeups(settings, database, deps.wakeups, stack, waits_here=takes_attempts)
        stack.push_async_callback(runner.stop)
        stack.push_async_callback(cleanup.stop)
        await runner.go_on(service.advance, service.unfinished)
        cleanup.start()
        if settings.http_port is not None:
            app = make_app(
                route_installers(
                    settings, client, deps, Statistics(database), service, wake, studio
                ),
                trusted_proxies=settings.trusted_proxies,
            )
            where = await stack.enter_async_context(
                seams.serve(app, settings.http_host, settings.http_port)
            )
            log.info("web pages at %s", where)

    return App(database, meta, deps, service, privacy, studio, runner, begin)


def _make_runner(settings: Settings, deps: Dependencies, *, takes_attempts: bool) -> Runner:
    if not settings.on_postgres:
        return InProcessRunner(settings.max_in_flight)
    try:
        # not at the top: SQLite needs none of its packages
        from analyzer.pipeline.postgres_runner import ProcrastinateRunner
    except ModuleNotFoundError as error:
        raise SettingsProblem(
            f"DATABASE_URL needs the Python package {error.name!r}: run pip install -r "
            "requirements-postgres.txt."
        ) from None

    async def tidy(attempt_id: str) -> None:
        with contextlib.suppress(OSError):  # the sweep tries again
            await asyncio.to_thread(clip_path(deps, attempt_id).unlink, missing_ok=True)

    return ProcrastinateRunner(
        settings.sqlalchemy_url,
        settings.max_in_flight,
        tidy=tidy,
        works=takes_attempts,
        silence_seconds=settings.worker_silence_seconds,
    )


def _timings(settings: Settings) -> Timings:
    """Look seldom where webhooks come in: here, or on Postgres in another process."""
    comes_in = settings.http_port is not None or settings.on_postgres
    secret = settings.twelvelabs_webhook_secret
    return WITH_WEBHOOKS if secret is not None and comes_in else Timings()


def _make_studio(
    settings: Settings, deps: Dependencies, service: AttemptService
) -> StudioService | None:
    """The studio, where everything is set that it needs."""
    if settings.http_port is None or settings.public_url is None:
        return None
    token = settings.discord_token
    secret = token.get_secret_value() if token is not None else secrets.token_hex()  # the demo's
    return StudioService(
        deps,
        service,
        secret,
        settings.public_url,
        consent_version=consent_version(settings.engine_name),
    )


async def _open_engines(
    client: discord.Client,
    settings: Settings,
    meta: Metadata,
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
