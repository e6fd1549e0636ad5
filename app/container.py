"""The one place that builds things: what a process works with, the services on it, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import discord
from aiohttp import web

from analyzer.dependencies import (
    WITH_WEBHOOKS,
    Announcer,
    Clock,
    Dependencies,
    InterviewAnnouncer,
    Limits,
    Sleep,
    Timings,
)
from analyzer.engines import Engine
from analyzer.engines.local.content.finder import LocalFinder
from analyzer.engines.work_pace import META_KEY, WorkPace
from analyzer.judge.judge import Judge
from analyzer.judge.role_questions import JudgeQuestions
from analyzer.looks import Looks
from analyzer.media.clip_store import ClipStore
from analyzer.media.disk_space import Room, free_bytes
from analyzer.media.fetcher import Fetcher, HttpFetcher, RefreshingFetcher
from analyzer.media.upload_store import UploadStore
from analyzer.pipeline.clip_files import clip_path
from analyzer.pipeline.runner import InProcessRunner, Runner
from analyzer.places import Places
from analyzer.policy import Policy
from analyzer.services.app import App, Services
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.deletion import AttemptDeletion
from analyzer.services.finding import FindingService
from analyzer.services.interviews import InterviewService
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import StudioService
from analyzer.services.studio_pages import StudioPages
from analyzer.vendor_limits.limiter import Limiter
from app.discord_api import fresh_link
from app.engines import (
    judge_in_use,
    local_engines,
    make_limiter,
    make_spending,
    open_engines,
    open_judge,
)
from app.web_server import open_wakeups, route_installers
from cogs.analyze.announcer import DiscordAnnouncer
from cogs.interview.announcer import DiscordInterviewAnnouncer
from cogs.places import DiscordPlaces
from core.assessment import EngineName
from core.errors import SettingsProblem
from core.settings import Settings
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.analysis_times import AnalysisTimesStore
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.history import History
from storage.repositories.interviews import Interviews
from storage.repositories.member_data import MemberData
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.metadata import Metadata
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.questions import Questions
from storage.repositories.sentence_vectors import SentenceVectors
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.servers import Servers
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the demo and the tests put in place of the real thing.

    That is what a simulated Discord does not have (sockets, and real time), and what a test of the
    analyzer alone scripts.
    """

    fetch_through: FetchThrough | None = None
    wrap_engine: WrapEngine | None = None
    engines: Mapping[EngineName, Engine] | None = None
    announcer: Announcer | None = None
    interview_announcer: InterviewAnnouncer | None = None
    places: Places | None = None
    clock: Clock = discord.utils.utcnow
    free_bytes: Callable[[Path], int] = free_bytes
    timings: Timings | None = None
    sleep: Sleep = asyncio.sleep
    serve: Serve = serving


_DEMO_SECRET = secrets.token_hex()
"""What studio links are signed with where there is no token: in the demo, for one process."""


async def open_app(
    settings: Settings,
    client: discord.Client,
    stack: contextlib.AsyncExitStack,
    overrides: Overrides | None = None,
    *,
    takes_attempts: bool = True,
) -> App:
    """Open the database and build all that works on attempts; the stack closes it again.

    `client` need only be logged in: nothing in here uses a gateway connection. Without
    `takes_attempts` the work is left to other processes.

    Raises:
        SettingsProblem: the database cannot be used.
    """
    overrides = overrides or Overrides()
    database = Database(settings.sqlalchemy_url)
    stack.push_async_callback(database.close)
    await database.open()
    deps = await build_dependencies(settings, database, client, stack, overrides)
    runner = _make_runner(settings, deps, takes_attempts=takes_attempts)
    services = build_services(settings, deps, runner)

    async def start() -> None:
        wake = open_wakeups(settings, database, deps.wakeups, stack, waits_here=takes_attempts)
        stack.push_async_callback(runner.stop)
        stack.push_async_callback(services.cleanup.stop)
        await runner.go_on(services.attempts.advance, services.attempts.unfinished)
        services.cleanup.start()
        if settings.http_port is not None:
            app = make_app(
                route_installers(settings, client, deps, services, wake),
                trusted_proxies=settings.trusted_proxies,
            )
            address = await stack.enter_async_context(
                overrides.serve(app, settings.http_host, settings.http_port)
            )
            log.info("web pages at %s", address)

    return App(*services, deps, runner, start)


async def build_dependencies(
    settings: Settings,
    database: Database,
    client: discord.Client,
    stack: contextlib.AsyncExitStack,
    overrides: Overrides,
) -> Dependencies:
    """Build what everything works with, over a database that is open; the stack closes it."""
    clock, timings = overrides.clock, overrides.timings or _timings(settings)
    metadata = Metadata(database, clock)
    installation = await metadata.installation()
    work_pace = WorkPace(await metadata.get(META_KEY), at_once=local_engines(settings))
    servers, members = ServerSettingsStore(database), MemberSettingsStore(database)
    retention = timedelta(days=settings.retention_days)
    policy = Policy(settings.daily_attempts_per_member, retention, servers, members)
    room = Room(settings.data_dir, clock, free=overrides.free_bytes)
    studio_links = StudioLinks(database, clock)
    judge = open_judge(settings, stack)
    pages = _studio_pages(settings, studio_links, clock)
    turns, vendor_usage = make_limiter(settings, database, clock), VendorUsage(database)
    return Dependencies(
        engines=_engines(client, settings, installation, work_pace, judge, turns, stack, overrides),
        engine=settings.engine_name,
        judge=judge_in_use(settings),
        question_writer=None if judge is None else JudgeQuestions(judge),
        finder=LocalFinder(),
        spending=make_spending(settings, vendor_usage, clock),
        turns=turns,
        database=database,
        attempts=Attempts(database, clock),
        history=History(database),
        member_data=MemberData(database, clock),
        usage=DailyUsage(database, clock),
        vendor_usage=vendor_usage,
        requests=PendingRequests(database, clock),
        consents=Consents(database, clock),
        pending_deletions=PendingDeletions(database, clock),
        board=Board(database, clock),
        questions=Questions(database),
        server_settings=servers,
        member_settings=members,
        servers=Servers(database, clock),
        sentence_vectors=SentenceVectors(database),
        studio_links=studio_links,
        interviews=Interviews(database, clock),
        webhook_events=WebhookEvents(database, clock),
        metadata=metadata,
        statistics=Statistics(database),
        fetcher=await _open_fetcher(client, settings, stack, overrides),
        uploads=UploadStore(settings.uploads_dir, room),
        clip_store=ClipStore(settings.clip_store_url, installation, room=room),
        places=overrides.places or DiscordPlaces(client),
        clips_dir=settings.clips_dir,
        room=room,
        limits=Limits(
            daily_attempts=settings.daily_attempts_per_member,
            open_attempts=OPEN_ATTEMPTS,
            clip_bytes=settings.max_clip_bytes,
            clip_seconds=settings.max_clip_seconds,
            retention=retention,
        ),
        policy=policy,
        timings=timings,
        operator=settings.operator,
        studio_needs=settings.studio_needs,
        announcer=overrides.announcer
        or DiscordAnnouncer(
            client,
            clock=clock,
            timings=timings,
            retention=policy.retention,
            result_page=None if pages is None else pages.of_result,
        ),
        interview_announcer=overrides.interview_announcer
        or DiscordInterviewAnnouncer(
            client,
            clock=clock,
            timings=timings,
            page=None if pages is None else pages.of_interview,
        ),
        clock=clock,
        looks=Looks(AnalysisTimesStore(database), settings.twelvelabs_model, timings, clock),
        sleep=overrides.sleep,
        work_pace=work_pace,
    )


def build_services(settings: Settings, deps: Dependencies, runner: Runner) -> Services:
    """Build the services on what they work with; the studio only where it is set up."""
    attempts = AttemptService(deps, runner)
    deletion = AttemptDeletion(deps, attempts)
    privacy = PrivacyService(deps, attempts, deletion)
    interviews = InterviewService(deps, attempts, deletion)
    return Services(
        attempts=attempts,
        deletion=deletion,
        privacy=privacy,
        studio=_make_studio(settings, deps, attempts, interviews),
        cleanup=Cleanup(deps, privacy, interviews),
        finding=FindingService(deps),
        interviews=interviews,
    )


def _make_runner(settings: Settings, deps: Dependencies, *, takes_attempts: bool) -> Runner:
    if not settings.on_postgres:
        return InProcessRunner(settings.max_in_flight, sleep=deps.sleep)
    try:
        # not at the top: SQLite needs none of its packages
        from analyzer.pipeline.postgres_runner import ProcrastinateRunner
    except ModuleNotFoundError as error:
        raise SettingsProblem(
            f"DATABASE_URL needs the Python package {error.name!r}: run pip install -r "
            "requirements/postgres.txt."
        ) from None

    async def tidy(attempt_id: str) -> None:
        with contextlib.suppress(OSError):  # the cleanup tries again
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
    settings: Settings,
    deps: Dependencies,
    attempts: AttemptService,
    interviews: InterviewService,
) -> StudioService | None:
    if settings.http_port is None or settings.public_url is None:
        return None
    secret = _studio_secret(settings)
    return StudioService(deps, attempts, interviews, secret, settings.public_url)


def _studio_pages(settings: Settings, links: StudioLinks, clock: Clock) -> StudioPages | None:
    """Where results are looked at: here, or on Postgres in another process that has the studio."""
    served = settings.http_port is not None or settings.on_postgres
    if not served or settings.public_url is None:
        return None
    return StudioPages(links, _studio_secret(settings), settings.public_url, clock)


def _studio_secret(settings: Settings) -> str:
    token = settings.discord_token
    return token.get_secret_value() if token is not None else _DEMO_SECRET


def _engines(
    client: discord.Client,
    settings: Settings,
    installation: str,
    work_pace: WorkPace,
    judge: Judge | None,
    turns: Limiter | None,
    stack: contextlib.AsyncExitStack,
    overrides: Overrides,
) -> Mapping[EngineName, Engine]:
    if overrides.engines is not None:
        return overrides.engines
    wrap = overrides.wrap_engine
    return {
        engine.name: wrap(client, engine) if wrap else engine
        for engine in open_engines(
            settings, installation, work_pace, judge, stack, turns=turns, sleep=overrides.sleep
        )
    }


async def _open_fetcher(
    client: discord.Client,
    settings: Settings,
    stack: contextlib.AsyncExitStack,
    overrides: Overrides,
) -> Fetcher:
    if overrides.fetch_through is not None:
        return overrides.fetch_through(client)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    origins = [settings.discord_api_url] if settings.discord_api_url else []
    fetcher = HttpFetcher(session, other_origins=origins)
    return RefreshingFetcher(fetcher, lambda url: fresh_link(client, url))
