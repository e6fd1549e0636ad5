"""What everything is given to work with: engines, repositories, clips, limits, a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from analyzer.engines import Engine
from analyzer.engines.nearest import SentenceFinder
from analyzer.engines.work_pace import WorkPace
from analyzer.interviews.course import Course
from analyzer.interviews.planner import QuestionWriter
from analyzer.interviews.report import InterviewReport
from analyzer.looks import Looks
from analyzer.media.clip_store import ClipStore
from analyzer.media.disk_space import Room
from analyzer.media.fetcher import Fetcher
from analyzer.media.upload_store import UploadStore
from analyzer.places import Places
from analyzer.policy import Policy
from analyzer.throttle import Throttle
from analyzer.vendor_limits.limiter import Limiter
from analyzer.vendor_limits.spending import Spending
from analyzer.wakeups import Wakeups
from core.assessment import EngineName
from core.errors import Refused
from core.models import Attempt, DeliveredVia, ReplyAddress
from storage.engine.database import Database
from storage.leaderboard.repository import Board
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

Clock = Callable[[], datetime]
"""Tells the time, aware and in UTC."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits, in seconds."""


@dataclass(frozen=True, slots=True)
class Announced:
    """How a member was told, and where the public copy is, if there is one."""

    via: DeliveredVia
    message_id: int | None = None
    channel_id: int | None = None


class Announcer(Protocol):
    """Tells members. It never raises: what cannot be told waits behind a button and in /history."""

    async def progress(self, attempt: Attempt) -> bool:
        """Show how far an attempt is; whether it has a reply that can still be edited."""
        ...

    async def deliver(self, attempt: Attempt, previous: Attempt | None) -> Announced:
        """Show the assessment, or why there is none. Safe to repeat: it edits where it can."""
        ...

    async def open_public(self, reply: ReplyAddress) -> ReplyAddress | None:
        """Send the message that will become a shared result; `None` where that is not possible."""
        ...

    async def take_back(self, attempt: Attempt, *, pressed: ReplyAddress | None = None) -> bool:
        """Delete what everybody can see of an attempt; whether nothing of it is left there.

        `pressed` answers a press under that very message, and may delete it.
        """
        ...


class InterviewAnnouncer(Protocol):
    """Shows a member how far an interview is. It never raises, like `Announcer`."""

    async def show(self, course: Course, report: InterviewReport | None) -> None:
        """Show it in the message that it has, and with a report that this is there."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a member may ask for."""

    daily_attempts: int
    open_attempts: int  # under way and waiting together
    clip_bytes: int
    clip_seconds: int
    retention: timedelta


@dataclass(frozen=True, slots=True)
class Timings:
    """How often an attempt under way looks and shows, in seconds."""

    poll_first: float = 2.5  # after a look at once; these three until `Looks` knows the vendor
    poll_longest: float = 5.0
    poll_growth: float = 2.0
    look_cost: float = 0.3  # a look is worth so long a wait; 0: no looks are learned
    look_longest: float = 60.0  # between two learned looks
    learn_every: float = 10.0  # the database is read and written for that
    poll_after_wakeup: float = 1.0  # a webhook may come before the vendor's own answer knows of it
    max_polls_per_second: float = 20.0  # of all attempts of this process together: 1,200 a minute
    edit_every: float = 5.0
    crowd: int = 10  # from so many on that wait, one look at the vendor's list is for all of them
    list_every: float = 2.0
    alone_longest: float = 600.0  # without a look of its own, where the list tells
    max_edits_per_second: float = 6.0  # of all attempts together; each is an edit of a reply
    edit_longest: float = 240.0
    analysis_deadline: float = 1800.0  # ten minutes of a vendor's outage must fit in
    tell_again: tuple[float, ...] = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # when Discord can't take it


WITH_WEBHOOKS = Timings(
    poll_first=5.0, poll_longest=30.0, poll_growth=1.5, look_cost=6.0, look_longest=30.0
)
"""A webhook wakes an attempt, so looks are only for one that got lost. Then a result is late by at
most half a minute. A look costs twenty times what it does without: it serves one in twenty."""


@dataclass(frozen=True, slots=True)
class JudgeInUse:
    """Which language model reads the words, and where they go for it."""

    model: str
    host: str  # `core.models.THIS_MACHINE` where they go nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Everything that services, pipeline and cogs work with; `app.container` builds it, once.

    Tests and the demo put their own in place of some of it, with `Overrides`.
    """

    engines: Mapping[EngineName, Engine]
    engine: EngineName  # the one new attempts use
    judge: JudgeInUse | None = None
    question_writer: QuestionWriter | None = None  # the judge, where there is one
    finder: SentenceFinder  # for the transcripts of any engine
    spending: Spending
    turns: Limiter | None = None  # of the vendor's calls; None: there is no vendor

    database: Database

    # repositories
    attempts: Attempts
    history: History
    member_data: MemberData
    usage: DailyUsage
    vendor_usage: VendorUsage
    requests: PendingRequests
    consents: Consents
    pending_deletions: PendingDeletions
    board: Board
    questions: Questions
    server_settings: ServerSettingsStore
    member_settings: MemberSettingsStore
    servers: Servers
    sentence_vectors: SentenceVectors
    studio_links: StudioLinks
    interviews: Interviews
    webhook_events: WebhookEvents
    metadata: Metadata
    statistics: Statistics

    # clips
    fetcher: Fetcher
    uploads: UploadStore
    clip_store: ClipStore
    places: Places  # where members practise, as Discord says now
    clips_dir: Path
    room: Room  # on the disk with `clips_dir` and `uploads`

    # what is in force
    limits: Limits
    policy: Policy
    timings: Timings
    operator: str | None  # who runs this bot, for the consent card
    studio_needs: tuple[str, ...]  # the settings that are missing for the studio

    announcer: Announcer
    interview_announcer: InterviewAnnouncer
    clock: Clock
    looks: Looks
    sleep: Sleep = asyncio.sleep
    wakeups: Wakeups = field(default_factory=Wakeups)
    throttle: Throttle = field(default_factory=Throttle)
    work_pace: WorkPace = field(default_factory=WorkPace)

    async def engine_now(self) -> EngineName:
        """What assesses a new attempt at this moment: at a cap that may be the local engine.

        Raises:
            Refused: `vendor_cap`; nothing does. It says from when on.
        """
        return await self.spending.engine(self.engine)

    async def engine_shown(self) -> EngineName:
        """The same for whoever is only told about it: where none is in use, the chosen one."""
        try:
            return await self.engine_now()
        except Refused:
            return self.engine

    @property
    def judge_host(self) -> str | None:
        """Where members' words go to be judged; `None` where they are not."""
        return None if self.judge is None else self.judge.host
