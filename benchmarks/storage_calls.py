"""Prints what the database costs for one attempt: processor time of every call, threads included.

Run as `python -m benchmarks.storage_calls`. The calls are those of one attempt from `/analyze` to
the result, in their order, on a new SQLite file: made by one attempt after another, and then by
four at a time, as a busy bot does. Every attempt is a new member's. Nothing else of the bot runs.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from benchmarks.load_data import FACTS, SIGNED_URL_CHARACTERS
from benchmarks.table import Table
from core.assessment import Assessment, EngineName, KeyPoint, Metric, Score, Sentence
from core.models import (
    AnalysisUnderWay,
    Attempt,
    AttemptState,
    ClipSource,
    DeliveredVia,
    Owner,
    ReplyAddress,
    VendorRefs,
    new_id,
)
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.metadata import Metadata
from storage.repositories.questions import Questions
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.vendor_usage import VendorUsage

WARM_UP, COUNTED, AT_A_TIME = 50, 600, 4
GUILD, CHANNEL, APPLICATION = 2**60, 2**60 + 1, 2**60 + 2
ASSESSMENT = Assessment(
    engine=EngineName.TWELVELABS,
    engine_version="pegasus1.5",
    rubric_version=1,
    scores={
        metric: Score(value=7, evidence="You named the goal before the first step.", at_seconds=9)
        for metric in Metric
    },
    strength="You said at once what the problem was, and whose it was.",
    next_step="Give the figure that shows what came of it.",
    key_points=tuple(KeyPoint(text=f"What was done in step {n}", at_seconds=n) for n in range(5)),
    transcript=tuple(
        Sentence(text="Then I asked the team what had been tried before.", start=n, end=n + 1)
        for n in range(20)
    ),
)

T = TypeVar("T")


class Meter:
    """Processor time of this process, by what it was spent on."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()

    async def call(self, name: str, calling: Awaitable[T]) -> T:
        """Await a call, and count it. Only what runs alone can be told apart from the rest."""
        begun = time.process_time()
        try:
            return await calling
        finally:
            self.seconds[name] += time.process_time() - begun
            self.calls[name] += 1


class Storage:
    """The repositories that an attempt needs, over a database of their own."""

    def __init__(self, database: Database) -> None:
        self.attempts = Attempts(database, _now)
        self.consents = Consents(database, _now)
        self.members = MemberSettingsStore(database)
        self.servers = ServerSettingsStore(database)
        self.questions = Questions(database)
        self.metadata = Metadata(database, _now)
        self.usage = VendorUsage(database)

    async def attempt(self, user_id: int, meter: Meter) -> None:
        """Make the calls of one attempt whose clip goes to the vendor."""
        attempts, owner, call = self.attempts, Owner(guild_id=GUILD, user_id=user_id), meter.call
        await call("ServerSettingsStore.get", self.servers.get(GUILD))
        await call("Consents.get", self.consents.get(owner))
        await call("MemberSettingsStore.get", self.members.get(owner))
        new = _attempt(owner)
        since = new.created_at - timedelta(days=1)
        letting_in = attempts.admit(new, used_since=since, daily_limit=10, open_limit=2)
        assert (await call("Attempts.admit", letting_in)).admitted
        known = await call("Attempts.get", attempts.get(owner, new.id))
        assert known is not None
        await call("Consents.get", self.consents.get(owner))
        fetched = attempts.move(known, AttemptState.FETCHED, facts=FACTS)
        known = await call("Attempts.move", fetched)
        await call("Consents.get", self.consents.get(owner))
        await call("Questions.like", self.questions.like(GUILD, known.question))
        await call("VendorUsage.reserve", self._reserve(new.id))
        refs = VendorRefs(asset_id=f"asset-{new.id}")
        known = await call("Attempts.change", attempts.change(known, refs=refs))
        uploaded = attempts.move(known, AttemptState.UPLOADED, refs=refs)
        known = await call("Attempts.move", uploaded)
        await call("Consents.get", self.consents.get(owner))
        await call("VendorUsage.reserve again", self._reserve(new.id))
        begun = AnalysisUnderWay(since=_now(), expected_seconds=30, latest_seconds=60)
        refs = refs.model_copy(update={"task_ids": (f"task-{new.id}",), "analysis": begun})
        analyzing = attempts.move(known, AttemptState.ANALYZING, refs=refs)
        known = await call("Attempts.move", analyzing)
        await call("Metadata.get", self.metadata.get("a benchmark's"))
        assessed = attempts.move(known, AttemptState.ASSESSED, assessment=ASSESSMENT)
        known = await call("Attempts.move to assessed", assessed)
        await call("Attempts.previous", attempts.previous(known))
        await call("ServerSettingsStore.get", self.servers.get(GUILD))
        delivered = attempts.move(
            known,
            AttemptState.DELIVERED,
            delivered_via=DeliveredVia.REPLY,
            shared_message_id=None,
            shared_channel_id=None,
            reply=None,
        )
        known = await call("Attempts.move", delivered)
        await call("Attempts.change", attempts.change(known, cleaned_at=_now()))

    async def _reserve(self, attempt_id: str) -> None:
        await self.usage.reserve(attempt_id, 1, FACTS.duration_seconds, now=_now())


def _now() -> datetime:
    return datetime.now(UTC)


def _attempt(owner: Owner) -> Attempt:
    now = _now()
    return Attempt(
        id=new_id(),
        owner=owner,
        channel_id=CHANNEL,
        question="Tell me about a time when you disagreed with your manager.",
        shared=False,
        source=ClipSource(
            url="https://cdn.discordapp.com/".ljust(SIGNED_URL_CHARACTERS, "x"),
            name="answer.mp4",
            size_bytes=FACTS.size_bytes,
        ),
        engine=EngineName.TWELVELABS,
        state=AttemptState.QUEUED,
        created_at=now,
        reply=ReplyAddress(
            application_id=APPLICATION,
            token="x" * 200,
            dies_at=now + timedelta(minutes=15),
        ),
    )


@asynccontextmanager
async def opened() -> AsyncIterator[Storage]:
    """A new database with a consent of each member."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'greenroom.sqlite3'}")
        await database.open()
        try:
            storage = Storage(database)
            for user_id in range(1, WARM_UP + COUNTED + 1):
                await storage.consents.agree(Owner(guild_id=GUILD, user_id=user_id), 4)
            for user_id in range(1, WARM_UP + 1):
                await storage.attempt(user_id, Meter())
            yield storage
        finally:
            await database.close()


async def one_by_one() -> Meter:
    """The calls of so many attempts, one after another."""
    meter = Meter()
    async with opened() as storage:
        for user_id in range(WARM_UP + 1, WARM_UP + COUNTED + 1):
            await storage.attempt(user_id, meter)
    return meter


async def some_at_a_time() -> float:
    """The seconds of processor time for so many attempts, with some always under way."""
    async with opened() as storage:
        waiting = iter(range(WARM_UP + 1, WARM_UP + COUNTED + 1))

        async def work() -> None:
            for user_id in waiting:
                await storage.attempt(user_id, Meter())

        begun = time.process_time()
        await asyncio.gather(*(work() for _ in range(AT_A_TIME)))
        return time.process_time() - begun


async def main() -> None:
    """Measure both and print the table."""
    meter = await one_by_one()
    table = Table("call", "calls", "ms each", "ms in all", label_width=34)
    for name, seconds in sorted(meter.seconds.items(), key=lambda each: -each[1]):
        calls, cost = meter.calls[name], 1000 * seconds
        table.row(name, f"{calls // COUNTED}", f"{cost / calls:.2f}", f"{cost / COUNTED:.2f}")
    calls = meter.calls.total() // COUNTED
    alone = 1000 * sum(meter.seconds.values()) / COUNTED
    together = 1000 * await some_at_a_time() / COUNTED
    for name, cost in (("an attempt", alone), (f"an attempt, {AT_A_TIME} at a time", together)):
        table.row(name, f"{calls}", f"{cost / calls:.2f}", f"{cost:.2f}")
    print("Milliseconds of processor time of the whole process, in all for each attempt")


if __name__ == "__main__":
    asyncio.run(main())
