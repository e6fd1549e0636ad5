"""When to look at an analysis, from what all processes have learned of the vendor."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from analyzer.engines.analysis_times import KEPT, AnalysisTimes
from analyzer.engines.look_plan import LONGEST, Growing
from core.errors import StorageUnavailable
from core.models import AnalysisUnderWay
from storage.repositories.analysis_times import AnalysisTimesStore, TimedAnalysis, timed_analysis

_OVERLAP = timedelta(minutes=1)
"""Read again each time: what another process commits may have ended a little earlier."""


class HowToLook(Protocol):
    """The part of `Timings` that is about looks, in seconds."""

    @property
    def poll_first(self) -> float:
        """Between the first two looks, until enough was learned."""
        ...

    @property
    def poll_growth(self) -> float:
        """By how much the next wait is longer."""
        ...

    @property
    def poll_longest(self) -> float:
        """The longest wait until enough was learned."""
        ...

    @property
    def look_cost(self) -> float:
        """How many seconds of a member's waiting a look is worth; 0: nothing is learned."""
        ...

    @property
    def look_longest(self) -> float:
        """The longest wait of learned looks."""
        ...

    @property
    def learn_every(self) -> float:
        """How often the database is read and written for this, at most."""
        ...


class Looks:
    """The looks at one model's analyses. Cheap to ask: the database is read now and then."""

    def __init__(
        self,
        store: AnalysisTimesStore,
        model: str,
        timings: HowToLook,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._model, self._timings, self._clock = store, model, timings, clock
        plain = Growing(timings.poll_first, timings.poll_growth, timings.poll_longest)
        self._times = AnalysisTimes(plain, timings.look_cost, timings.look_longest)
        self._plain = plain
        self._unsaved: deque[TimedAnalysis] = deque(maxlen=KEPT)
        self._taken_in: OrderedDict[str, None] = OrderedDict()
        self._latest: datetime | None = None
        self._next_exchange = -math.inf  # of what is learned, with the database

    async def refresh(self) -> None:
        """Write what was learned here and read what was learned anywhere, if it is time.

        It never raises what the database raises: looks are then as they were.
        """
        loop = asyncio.get_running_loop()
        if self._timings.look_cost <= 0 or loop.time() < self._next_exchange:
            return
        self._next_exchange = math.inf  # one at a time
        try:
            with suppress(StorageUnavailable):
                await self._write()
                since = None if self._latest is None else self._latest - _OVERLAP
                await self._take_in(await self._store.latest(self._model, KEPT, since=since))
        finally:
            self._next_exchange = loop.time() + self._timings.learn_every

    async def learn(self, clip_seconds: float, seconds: float) -> None:
        """Take into account how long an analysis took, or after how long it was given up."""
        if self._timings.look_cost > 0:
            self._unsaved.append(timed_analysis(clip_seconds, seconds, self._clock()))
            await self.refresh()

    async def gave_up(self, clip_seconds: float) -> None:
        """Take into account that an analysis did not end."""
        await self.learn(clip_seconds, LONGEST)

    def under_way(
        self, clip_seconds: float, *, before: AnalysisUnderWay | None = None
    ) -> AnalysisUnderWay:
        """An analysis that the vendor takes now, with what is expected of it.

        One that repeats the analysis `before` is not said to take longer than that one was.
        """
        seconds, latest = self._times.expected(clip_seconds)
        if before is not None:
            seconds = min(seconds, before.expected_seconds)
        return AnalysisUnderWay(
            since=self._clock(),
            expected_seconds=round(seconds, 1),
            latest_seconds=round(max(seconds, latest), 1),
        )

    def age(self, analysis: AnalysisUnderWay | None) -> float:
        """How many seconds ago the vendor took an analysis."""
        if analysis is None:  # begun by a version that did not write it down
            return 0.0
        return max(0.0, (self._clock() - analysis.since).total_seconds())

    def wait(self, clip_seconds: float, age: float) -> float | None:
        """How long to wait before the next look, in seconds; `None` while too little is known."""
        if self._timings.look_cost <= 0:
            return None
        schedule = self._times.schedule(clip_seconds)
        return None if schedule is self._plain else max(0.0, schedule.after(age) - age)

    async def _write(self) -> None:
        unsaved = list(self._unsaved)
        await self._store.add(self._model, unsaved)
        for analysis in unsaved:
            with suppress(ValueError):  # so many came meanwhile that it was dropped
                self._unsaved.remove(analysis)

    async def _take_in(self, ended: list[TimedAnalysis]) -> None:
        for analysis in ended:
            if analysis.id in self._taken_in:
                continue
            self._taken_in[analysis.id] = None
            self._times.learn(analysis.clip_seconds, analysis.seconds)
            self._latest = max(self._latest or analysis.ended_at, analysis.ended_at)
            await asyncio.sleep(0)  # each takes a few milliseconds
        while len(self._taken_in) > 2 * KEPT:
            self._taken_in.popitem(last=False)
