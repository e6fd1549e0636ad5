"""The whole analyzer with the real SDK, against a vendor that keeps a plan's limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from analyzer.consent import consent_version
from analyzer.dependencies import Dependencies, Timings
from analyzer.pipeline.runner import InProcessRunner
from analyzer.services.attempts import AttemptService
from app.container import Overrides, build_dependencies
from app.discord_api import make_requester
from core.assessment import EngineName
from core.models import Attempt, Owner
from core.settings import Settings
from tests.analyzer.harness import Harness
from tests.analyzer.scripted import Points
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_plan import Plan
from tests.virtual_time import VirtualTime


@dataclass
class Bench:
    """A vendor with a plan, and processes that serve members by it."""

    vendor: TwelveLabsStandIn
    plan: Plan
    time: VirtualTime
    harness: Harness
    exits: AsyncExitStack

    async def process(self, max_in_flight: int = 4, **settings: Any) -> Process:
        """A process of the bot with these settings."""
        made = Settings(
            data_dir=self.harness.folder,
            twelvelabs_api_key=SecretStr(self.vendor.key),
            twelvelabs_base_url=self.vendor.url,
            daily_attempts_per_member=10,
            **settings,
        )
        overrides = Overrides(
            fetch_through=lambda _: self.harness.fetch,
            announcer=Points().watch("announcer", self.harness.told),
            places=self.harness.places,
            clock=self.time,
            sleep=self.time.sleep,
            timings=Timings(),
        )
        deps = await build_dependencies(
            made, self.harness.database, make_requester(), self.exits, overrides
        )
        deps = replace(deps, limits=replace(deps.limits, open_attempts=10))
        runner = InProcessRunner(max_in_flight, sleep=self.time.sleep)
        return Process(deps, runner, AttemptService(deps, runner))

    async def rest(self, *processes: Process, until: Callable[[], bool] | None = None) -> None:
        """Let time pass until nobody works or waits any more, or until then."""
        workers = _Workers(processes)
        async with asyncio.timeout(1e7):  # of this clock
            done = until or (lambda: not workers.tasks())
            await self.time.pass_until(done, workers.tasks, workers.waiting_for_a_slot)

    async def later(self, seconds: float, *processes: Process) -> None:
        """Let it be so much later, once none of them works."""
        workers = _Workers(processes)
        await self.time.pass_by(seconds, workers.tasks, workers.waiting_for_a_slot)

    async def advance(self, process: Process, attempt: Attempt) -> None:
        """Move one attempt on, without a runner: what ends it comes through."""
        task = asyncio.create_task(process.attempts.advance(attempt.owner, attempt.id))
        await self.time.pass_until(task.done, lambda: [task], lambda: 0)
        await task


@dataclass
class Process:
    """One process's life."""

    deps: Dependencies
    runner: InProcessRunner
    attempts: AttemptService

    async def start(self) -> None:
        """Go on with what is unfinished."""
        self.runner.start(self.attempts.advance, await self.attempts.unfinished())


class _Workers:
    """Who works on attempts in these processes."""

    def __init__(self, processes: Collection[Process]) -> None:
        self._runners = [process.runner for process in processes]

    def tasks(self) -> list[asyncio.Task[None]]:
        return [task for runner in self._runners for task in runner._tasks.values()]

    def waiting_for_a_slot(self) -> int:
        waiting = [runner._slots._waiters or () for runner in self._runners]
        return sum(not future.done() for futures in waiting for future in futures)


@asynccontextmanager
async def open_bench(
    monkeypatch: pytest.MonkeyPatch, harness: Harness, **plan: Any
) -> AsyncIterator[Bench]:
    """Start a vendor whose plan is this, with others of `Script`'s knobs."""
    time = VirtualTime(monkeypatch)
    harness.clock = time  # type: ignore[assignment]  # the same calls
    monkeypatch.delenv("TWELVELABS_BASE_URL", raising=False)
    monkeypatch.setattr("stamina._core._smart_sleep", time.sleep)
    knobs = {name: plan.pop(name) for name in set(plan) - set(Plan.__dataclass_fields__)}
    made = Plan(clock=time.epoch, **plan)
    async with TwelveLabsStandIn(plan=made, **knobs) as vendor, AsyncExitStack() as exits:
        yield Bench(vendor, made, time, harness, exits)


async def submit(bench: Bench, process: Process, member: int, **others: Any) -> Attempt:
    """An attempt of a member who has agreed."""
    owner = Owner(guild_id=7, user_id=member)
    consents = bench.harness.consents
    if await consents.get(owner) is None:
        await consents.agree(owner, consent_version(EngineName.TWELVELABS))
    return await bench.harness.submit(process, owner, **others)  # type: ignore[arg-type]


def clips_in(folder: Path) -> int:
    """How many clips are kept on the disk."""
    return len(list((folder / "clips").glob("*")))
