"""The analyzer without Discord and without a vendor: real storage, everything else scripted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from analyzer.consent import consent_version
from analyzer.dependencies import Dependencies, Timings
from analyzer.media.disk_space import free_bytes
from analyzer.pipeline.runner import InProcessRunner
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.deletion import AttemptDeletion
from analyzer.services.interviews import InterviewService
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import StudioService
from app.container import Overrides, build_dependencies, build_services
from app.discord_api import make_requester
from core.models import Attempt, ClipFacts, ClipSource, Owner, ReplyAddress
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.daily_usage import known_member
from storage.tables import usage as usage_table
from tests.analyzer.scripted import (
    BYTES,
    Points,
    RecordingAnnouncer,
    RecordingInterviewAnnouncer,
    ScriptedEngine,
    ScriptedPlaces,
    Vendor,
)
from tests.fresh_database import fresh_database
from tests.storage.samples import FACTS

ANN = Owner(guild_id=7, user_id=1)
BEN = Owner(guild_id=7, user_id=2)
CLIP = ClipSource(url="https://cdn.example/clip.mp4", name="clip.mp4", size_bytes=9)
STUDIO_SECRET = "the bot's token"
STUDIO_URL = "https://bot.example"
NO_WAIT = Timings(poll_first=0, poll_longest=0, look_cost=0, edit_every=3600)


class Clock:
    """Tells the time it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class Disk:
    """The disk under a folder: the real one, or one with so many bytes for all that lies there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.size: int | None = None

    def free(self, folder: Path) -> int:
        if self.size is None:
            return free_bytes(folder)
        sizes = {f.stat().st_ino: f.stat().st_size for f in self._folder.rglob("*") if f.is_file()}
        return self.size - sum(sizes.values())


@dataclass
class Process:
    """One process's life: what a start of the bot makes."""

    deps: Dependencies
    runner: InProcessRunner
    attempts: AttemptService
    deletion: AttemptDeletion
    privacy: PrivacyService
    studio: StudioService
    cleanup: Cleanup
    interviews: InterviewService
    slept: list[float]  # what the runner waited before it tried again

    async def start(self) -> None:
        """Go on with what is unfinished, and clean up beside it, as the bot does at its start."""
        self.runner.start(self.attempts.advance, await self.attempts.unfinished())
        await self.cleanup.run()
        await self.rest()

    async def rest(self) -> None:
        """Wait until no attempt is being worked on."""
        while tasks := list(self.runner._tasks.values()):
            await asyncio.wait(tasks)


@dataclass
class Harness:
    """Everything that outlives a process, and how to make the next process."""

    database: Database
    folder: Path
    clock: Clock = field(default_factory=Clock)
    vendor: Vendor = field(default_factory=Vendor)
    told: RecordingAnnouncer = field(default_factory=RecordingAnnouncer)
    interviews_told: RecordingInterviewAnnouncer = field(
        default_factory=RecordingInterviewAnnouncer
    )
    places: ScriptedPlaces = field(default_factory=ScriptedPlaces)
    points: Points = field(default_factory=Points)
    fetched: list[str] = field(default_factory=list)
    fetch_trouble: Exception | None = None
    runners: list[InProcessRunner] = field(default_factory=list)  # of all processes

    async def build(self) -> None:
        """Build what processes work with, as the bot does, but with everything outside scripted."""
        self.engine = ScriptedEngine(self.vendor)
        self.disk = Disk(self.folder)
        self.settings = Settings(
            data_dir=self.folder,
            discord_token=SecretStr(STUDIO_SECRET),
            daily_attempts_per_member=5,
            http_port=1,
            public_url=STUDIO_URL,
        )
        overrides = Overrides(
            fetch_through=lambda _: self.fetch,
            engines={self.engine.name: self.points.watch("engine", self.engine)},
            announcer=self.points.watch("announcer", self.told),
            interview_announcer=self.interviews_told,
            places=self.places,
            free_bytes=self.disk.free,
            clock=self.clock,
            timings=NO_WAIT,
        )
        async with contextlib.AsyncExitStack() as stack:
            deps = await build_dependencies(
                self.settings, self.database, make_requester(), stack, overrides
            )
        self.attempts, self.usage, self.requests = deps.attempts, deps.usage, deps.requests
        self.pending_deletions, self.consents = deps.pending_deletions, deps.consents
        self.studio_links = deps.studio_links
        self.server_settings, self.servers = deps.server_settings, deps.servers
        watched = (
            "attempts",
            "usage",
            "requests",
            "pending_deletions",
            "member_data",
            "interviews",
        )
        self.deps = replace(
            deps,
            engine=self.engine.name,
            limits=replace(deps.limits, clip_bytes=1000),
            **{name: self.points.watch(name, getattr(deps, name)) for name in watched},
        )

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Serve the clip from memory."""
        self.fetched.append(url)
        if self.fetch_trouble is not None:
            raise self.fetch_trouble

        async def chunks() -> AsyncIterator[bytes]:
            yield BYTES

        yield chunks()

    def process(self, *, max_in_flight: int = 100, **changes: Any) -> Process:
        """The next process; `changes` are to its parts. Its runner waits for nothing."""
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await asyncio.sleep(0)

        deps = replace(self.deps, **changes)
        runner = InProcessRunner(max_in_flight, sleep=sleep)
        self.runners.append(runner)
        services = build_services(self.settings, deps, runner)
        assert services.studio is not None
        return Process(
            deps=deps,
            runner=runner,
            attempts=services.attempts,
            deletion=services.deletion,
            privacy=services.privacy,
            studio=services.studio,
            cleanup=services.cleanup,
            interviews=services.interviews,
            slept=slept,
        )

    async def submit(
        self, process: Process, owner: Owner = ANN, question: str = "Why you?", **others: Any
    ) -> Attempt:
        """Submit an attempt with a reply, as a command would; its owner has agreed."""
        if await self.consents.get(owner) is None:
            await self.consents.agree(owner, consent_version(self.engine.name))
        options: dict[str, Any] = {
            "owner": owner,
            "channel_id": 11,
            "question": question,
            "source": CLIP,
            "shared": False,
            "open_reply": self.open_reply,
        }
        return await process.attempts.submit(**(options | others))

    async def open_reply(self) -> ReplyAddress:
        await self.points.reach("open_reply")
        dies_at = self.clock() + timedelta(minutes=15)
        return ReplyAddress(application_id=5, token="reply-token", dies_at=dies_at)

    async def now(self, attempt: Attempt) -> Attempt | None:
        """The attempt as its row says."""
        return await self.attempts.get(attempt.owner, attempt.id)

    async def uses(self, owner: Owner) -> int:
        """How much of a member's allowance is used."""
        async with self.database.read() as connection:
            member = await known_member(connection, owner.user_id)
            statement = select(usage_table).where(usage_table.c.member == member)
            return len((await connection.execute(statement)).all())

    async def assert_nothing_is_left(self) -> None:
        """No copy at the vendor, no file, no leftover, no ended attempt that was not cleaned."""
        assert self.vendor.empty
        folders = [self.folder / name for name in ("clips", "uploads", "recordings")]
        files = [f for folder in folders for f in folder.rglob("*") if f.is_file()]
        assert files == []
        assert await self.pending_deletions.all() == []
        assert await self.attempts.uncleaned() == []


@asynccontextmanager
async def open_harness(
    folder: Path, monkeypatch: pytest.MonkeyPatch, url: str | None = None
) -> AsyncIterator[Harness]:
    """A harness with a fresh database. Its clips are not probed: that has tests of its own."""

    async def probe(clip: Path) -> ClipFacts:
        assert await asyncio.to_thread(clip.read_bytes) == BYTES
        return FACTS

    monkeypatch.setattr("analyzer.media.preflight.probe_clip", probe)
    if url is None:
        database = await fresh_database(folder)
    else:
        database = Database(url)
        await database.open()
    harness = Harness(database, folder)
    try:
        await harness.build()
        yield harness
    finally:
        for runner in harness.runners:
            await runner.stop()
        await database.close()


async def run_attempt(harness: Harness, **changes: Any) -> Attempt:
    """One attempt from submission to its end, by a process with these changes to its parts."""
    process = harness.process(**changes)
    attempt = await harness.submit(process)
    await process.attempts.advance(attempt.owner, attempt.id)
    return await row(harness, attempt)


async def row(harness: Harness, attempt: Attempt) -> Attempt:
    """What an attempt's row says now; it must be there."""
    found = await harness.now(attempt)
    assert found is not None
    return found
