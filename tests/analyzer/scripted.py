"""A vendor, an engine, an announcer and places in memory, and the points where a test acts."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from analyzer.dependencies import Announced
from analyzer.engines import Job, Pending, SaveRefs
from analyzer.interviews.course import Course
from analyzer.interviews.report import InterviewReport
from analyzer.places import Place
from core.assessment import Assessment, EngineName
from core.models import (
    Attempt,
    DeliveredVia,
    Owner,
    ReplyAddress,
    ServerSettings,
    VendorRefs,
)
from tests.storage.samples import ASSESSMENT

BYTES = b"clip data"
"""The clip of every attempt."""

PUBLIC_COPY = 99
"""The id of the message that shows a shared result, where the reply has none of its own."""


class Points:
    """The awaits on storage, engine and announcer, in order; at one of them a test may step in."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._act: Callable[[], Awaitable[None]] | None = None
        self._at = -1

    def step_in(self, at: int, act: Callable[[], Awaitable[None]]) -> None:
        """Let `act` happen at the point with this number, counted from now."""
        self.names, self._at, self._act = [], at, act

    async def reach(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self._at and self._act is not None:
            act, self._act = self._act, None
            await act()

    def watch(self, name: str, target: Any) -> Any:
        """The same object, with a point before and after each of its coroutines."""
        return _Watched(name, target, self)


class _Watched:
    def __init__(self, name: str, target: Any, points: Points) -> None:
        self._name, self._target, self._points = name, target, points

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._target, method)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._points.reach(f"before {self._name}.{method}")
            result = await found(*args, **kwargs)
            await self._points.reach(f"after {self._name}.{method}")
            return result

        return call


class Vendor:
    """What lies at the vendor; it outlives our process."""

    def __init__(self) -> None:
        self.assets: dict[str, str] = {}  # id: attempt
        self.tasks: dict[str, tuple[str, str]] = {}  # id: asset, idempotency key
        self.made: Counter[str] = Counter()  # how often each thing was created, by what it is for
        self._ids = count(1)

    @property
    def empty(self) -> bool:
        return not self.assets and not self.tasks

    def make_asset(self, attempt_id: str) -> str:
        self.made[f"asset {attempt_id}"] += 1
        asset_id = f"asset-{next(self._ids)}"
        self.assets[asset_id] = attempt_id
        return asset_id

    def make_task(self, asset_id: str, key: str) -> str:
        self.made[f"task {key}"] += 1
        task_id = f"task-{next(self._ids)}"
        self.tasks[task_id] = (asset_id, key)
        return task_id

    def delete(self, refs: VendorRefs) -> None:
        self.tasks = {
            task_id: task
            for task_id, task in self.tasks.items()
            if task_id not in refs.task_ids and task[0] != refs.asset_id
        }
        self.assets.pop(refs.asset_id or "", None)


class ScriptedEngine:
    """An engine whose vendor is in memory. It looks before it creates only when told to."""

    version = "scripted-1"

    def __init__(self, vendor: Vendor, name: EngineName = EngineName.TWELVELABS) -> None:
        self.vendor = vendor
        self.name = name
        self.assessment: Assessment = ASSESSMENT
        self.pending = 0  # how many polls find nothing yet
        self.troubles: dict[str, BaseException] = {}  # what a call raises, by its name
        self.calls: list[str] = []

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        self._called("prepare")
        if job.refs.asset_id is not None:
            return job.refs
        assert await asyncio.to_thread(job.clip.read_bytes) == BYTES
        found = [i for i, attempt in self.vendor.assets.items() if attempt == job.attempt_id]
        known = found if job.resumed else []
        refs = VendorRefs(
            asset_id=known[0] if known else self.vendor.make_asset(job.attempt_id),
            task_ids=job.refs.task_ids,
        )
        await save_refs(refs)
        return refs

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        self._called("start")
        if job.refs.task_ids:
            return job.refs
        assert job.refs.asset_id in self.vendor.assets
        key = f"{job.attempt_id}-1"
        known = [i for i, task in self.vendor.tasks.items() if task[1] == key]
        task_id = (
            known[0]
            if known and job.resumed
            else self.vendor.make_task(str(job.refs.asset_id), key)
        )
        refs = VendorRefs(asset_id=job.refs.asset_id, task_ids=(task_id,))
        await save_refs(refs)
        return refs

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:  # noqa: ARG002 - the protocol's
        self._called("poll")
        assert job.refs.task_ids[-1] in self.vendor.tasks
        self.pending -= 1
        return Pending() if self.pending >= 0 else self.assessment

    async def ended(self) -> frozenset[str] | None:
        return None

    async def discard(self, refs: VendorRefs) -> None:
        self._called("discard")
        self.vendor.delete(refs)

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:
        self._called("sweep")
        listed = dict(self.vendor.assets)
        under_way = await open_ids()
        orphans = [asset for asset, attempt in listed.items() if attempt not in under_way]
        for asset in orphans:
            self.vendor.delete(VendorRefs(asset_id=asset))
        return len(orphans)

    async def check(self) -> str:
        return "scripted"

    async def aclose(self) -> None:
        self._called("aclose")

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.troubles:
            raise self.troubles[name]


class RecordingAnnouncer:
    """An announcer that writes down what it was asked to show."""

    def __init__(self) -> None:
        self.shown: list[Attempt] = []  # progress
        self.told: list[tuple[Attempt, Attempt | None]] = []  # ends, with the attempt before
        self.trouble: Exception | None = None  # with telling the end
        self.progress_trouble: Exception | None = None
        self.edits: list[str] = []  # begun and finished ones, in order
        self.taken_back: list[int] = []  # ids of public messages that were deleted
        self.out_of_reach = False  # public messages can't be deleted
        self.editing = asyncio.Event()  # a progress edit has begun
        self.hold: asyncio.Event | None = None  # progress is not finished before this

    async def progress(self, attempt: Attempt) -> bool:
        self.edits.append("progress begins")
        self.editing.set()
        if self.progress_trouble is not None:
            raise self.progress_trouble
        if self.hold is not None:
            await self.hold.wait()
        self.shown.append(attempt)
        self.edits.append("progress ends")
        return attempt.reply is not None

    async def open_public(self, reply: ReplyAddress) -> ReplyAddress | None:
        self.edits.append("public message")
        return reply.model_copy(update={"message_id": 77})

    async def take_back(self, attempt: Attempt) -> bool:
        public = attempt.shared_message_id
        if public is None and attempt.reply is not None:
            public = attempt.reply.message_id
        if not attempt.shared or public is None:
            return True
        if self.out_of_reach:
            return False
        self.taken_back.append(public)
        self.edits.append("taken back")
        return True

    async def deliver(self, attempt: Attempt, previous: Attempt | None) -> Announced:
        if self.trouble is not None:
            raise self.trouble
        self.told.append((attempt, previous))
        self.edits.append("told")
        public = None
        if attempt.shared and attempt.assessment:
            public = (attempt.reply and attempt.reply.message_id) or PUBLIC_COPY
        return Announced(
            DeliveredVia.REPLY, message_id=public, channel_id=public and attempt.channel_id
        )


class RecordingInterviewAnnouncer:
    """An announcer of interviews that writes down what it was asked to show."""

    def __init__(self) -> None:
        self.shown: list[tuple[Course, InterviewReport | None]] = []

    async def show(self, course: Course, report: InterviewReport | None) -> None:
        self.shown.append((course, report))

    @property
    def reports(self) -> list[InterviewReport]:
        return [report for _, report in self.shown if report is not None]


class ScriptedPlaces:
    """Everybody is in channel 11, and what Discord says of them is what a test has set."""

    def __init__(self) -> None:
        self.place: Place | None = Place(
            channel_ids=frozenset({11}),
            role_ids=frozenset(),
            is_manager=False,
            may_use=True,
            channels_seen=("#practice",),
            roles_wanted=("Students",),
        )
        self.trouble: Exception | None = None
        self.looks = 0

    async def look(self, _owner: Owner, _channel_id: int, _: ServerSettings) -> Place | None:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        return self.place
