"""The whole house without Discord and without a vendor: real storage, everything else scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from analyzer.dependencies import Dependencies, Limits, Timings
from analyzer.media.clip_store import ClipStore
from analyzer.media.upload_store import UploadStore
from analyzer.pipeline.runner import InProcessRunner
from analyzer.policy import Policy
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.privacy import PrivacyService
from core.models import Attempt, ClipFacts, ClipSource, Owner, ReplyAddress
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.studio_links import StudioLinks
from storage.repositories.vendor_usage import VendorUsage
from storage.repositories.webhook_events import WebhookEvents
from storage.tables import usage as usage_table
from tests.analyzer.scripted import BYTES, Points, ScriptedEngine, UserFacingError, Vendor
from tests.storage.samples import FACTS

ANN = Owner(guild_id=7, user_id=1)
BEN = Owner(guild_id=7, user_id=2)
CLIP = ClipSource(url="https://cdn.example/clip.mp4", name="clip.mp4", size_bytes=9)
NO_WAIT = Timings(poll_first=0, poll_longest=0, edit_every=3600)


class Clock:
    """Tells the time it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Process:
    """One process's life: what a start of the bot makes."""

    deps: Dependencies
    service: AttemptService
    runner: InProcessRunner
    cleanup: Cleanup
    slept: list[float]  # what the runner waited before it tried again

    async def start(self) -> None:
        """Go on with what is unfinished, and sweep beside it, as the bot does at its start."""
        self.runner.start(self.service.advance, await self.service.unfinished())
        await self.cleanup.run()
        await self.rest()

    async def rest(self) -> None:
        """Wait until no attempt is being worked on."""
        while tasks := list(self.runner._tasks.values()):
            await asyncio.wait(tasks)


RETENTION = timedelta(days=90)


@dataclass
class Harness:
    """Everything that outlives a process, and how to make the next process."""

    database: Database
    folder: Path
    clock: Clock = field(default_factory=Clock)
    vendor: Vendor = field(default_factory=Vendor)
    told: UserFacingError = field(default_factory=UserFacingError)
    points: Points = field(default_factory=Points)
    fetched: list[str] = field(default_factory=list)
    fetch_trouble: Exception | None = None

    def __post_init__(self) -> None:
        self.attempts = Attempts(self.database, self.clock)
        self.usage = DailyUsage(self.database, self.clock)
        self.requests = PendingRequests(self.database, self.clock)
        self.pending_deletions = PendingDeletions(self.database, self.clock)
        self.consents = Consents(self.database, self.clock)
        self.studio_links = StudioLinks(self.database, self.clock)
        self.engine = ScriptedEngine(self.vendor)
        self.deps = Dependencies(
            engines={self.engine.name: self.points.watch("engine", self.engine)},
            engine=self.engine.name,
            attempts=cast("Attempts", self.points.watch("attempts", self.attempts)),
            usage=cast("DailyUsage", self.points.watch("usage", self.usage)),
            requests=cast("PendingRequests", self.points.watch("requests", self.requests)),
            pending_deletions=cast(
                "PendingDeletions", self.points.watch("leftovers", self.pending_deletions)
            ),
            vendor_usage=VendorUsage(self.database),
            consents=self.consents,
            board=Board(self.database, self.clock),
            webhook_events=WebhookEvents(self.database, self.clock),
            policy=Policy(
                5,
                RETENTION,
                ServerSettingsStore(self.database),
                MemberSettingsStore(self.database),
            ),
            fetcher=self.fetch,
            studio_links=self.studio_links,
            uploads=UploadStore(self.folder / "uploads"),
            clip_store=ClipStore(str(self.folder / "recordings"), "test"),
            announcer=self.points.watch("announcer", self.told),
            clips_dir=self.folder / "clips",
            limits=Limits(
                daily_attempts=5,
                open_attempts=2,
                clip_bytes=1000,
                clip_seconds=600,
                retention=RETENTION,
            ),
            clock=self.clock,
            timings=NO_WAIT,
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
        service = AttemptService(deps, runner)
        cleanup = Cleanup(deps, PrivacyService(self.database, deps, service, runner))
        return Process(deps, service, runner, cleanup, slept)

    async def submit(
        self, process: Process, owner: Owner = ANN, question: str = "Why you?", **others: Any
    ) -> Attempt:
        """Submit an attempt with a reply, as a command would; its owner has agreed."""
        if await self.consents.get(owner) is None:
            await self.consents.agree(owner, 1)
        options: dict[str, Any] = {
            "owner": owner,
            "channel_id": 11,
            "question": question,
            "source": CLIP,
            "shared": False,
            "open_reply": self.open_reply,
        }
        return await process.service.submit(**(options | others))

    async def open_reply(self) -> ReplyAddress:
        await self.points.reach("open_reply")
        dies_at = self.clock() + timedelta(minutes=15)
        return ReplyAddress(application_id=5, token="reply-token", dies_at=dies_at)

    async def now(self, attempt: Attempt) -> Attempt | None:
        """The attempt as its row says."""
        return await self.attempts.get(attempt.owner, attempt.id)

    async def uses(self, owner: Owner) -> int:
        """How much of a member's allowance is used."""
        statement = select(usage_table).where(usage_table.c.user_id == owner.user_id)
        async with self.database.read() as connection:
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
    """A house with a fresh database. Its clips are not probed: that has tests of its own."""

    async def probe(clip: Path) -> ClipFacts:
        assert await asyncio.to_thread(clip.read_bytes) == BYTES
        return FACTS

    monkeypatch.setattr("analyzer.media.preflight.probe_clip", probe)
    database = Database(url or f"sqlite+aiosqlite:///{folder / 'greenroom.sqlite3'}")
    await database.open()
    try:
        yield Harness(database, folder)
    finally:
        await database.close()


async def journey(harness: Harness, **changes: Any) -> Attempt:
    """One attempt from submission to its end, by a process with these changes to its parts."""
    process = harness.process(**changes)
    attempt = await harness.submit(process)
    await process.service.advance(attempt.owner, attempt.id)
    return await row(harness, attempt)


async def row(harness: Harness, attempt: Attempt) -> Attempt:
    """What an attempt's row says now; it must be there."""
    found = await harness.now(attempt)
    assert found is not None
    return found
