"""Watches one attempt's analysis: when to look next, and how long it took in the end."""

from __future__ import annotations

from analyzer.dependencies import Dependencies
from analyzer.pipeline.shared_look import SharedLook
from core.assessment import EngineName
from core.models import Attempt, VendorRefs

_CLOCKS_APART = 5.0
"""Seconds: an analysis cannot have taken longer than since the vendor took it, by our clock."""

_STILL_TOLD = 60.0
"""Seconds until whoever waits for the shared look sees whether it still goes on."""


class AnalysisWatch:
    """The looks at the analysis of one attempt, in this process.

    The vendor's engine is looked at when an analysis is likely to be ready; until that can be told,
    and with other engines, at growing intervals after a first look at once.
    """

    def __init__(
        self, deps: Dependencies, attempt: Attempt, shared: SharedLook, *, resumed: bool
    ) -> None:
        self._deps, self._attempt_id, self._shared = deps, attempt.id, shared
        facts = attempt.facts
        self._clip_seconds = 0.0 if facts is None else facts.duration_seconds
        self._learns = attempt.engine is EngineName.TWELVELABS and self._clip_seconds > 0
        self._plain = deps.timings.poll_first
        self._rang = False
        self._resumed = resumed
        self._age = self._age_before = 0.0
        self._noted: list[float | None] = []

    async def first_wait(self, refs: VendorRefs) -> float:
        """How long to wait before the first look, in seconds; after a restart until its turn."""
        if self._resumed:  # all begin at once
            return self._deps.throttle.turn(self._deps.timings.max_polls_per_second)
        if refs.analysis is None:
            return 0.0
        learned = await self._learned_wait(refs)
        return 0.0 if learned is None else learned

    async def next_wait(self, refs: VendorRefs) -> float:
        """How long to wait after a look that found nothing, in seconds."""
        learned = await self._learned_wait(refs)
        return self._plain if learned is None else learned

    async def wait(self, refs: VendorRefs, seconds: float, *, longest: float) -> None:
        """Wait so long, or until a webhook or the shared look rings.

        Where the shared look tells about this analysis, it is waited for it instead, but for no
        more than `longest` seconds.
        """
        timings, throttle = self._deps.timings, self._deps.throttle
        self._rang = await self._ring(_key(refs, self._attempt_id), seconds, longest)
        self._plain = throttle.pause(
            min(self._plain * timings.poll_growth, timings.poll_longest),
            timings.max_polls_per_second,
        )
        if self._rang:
            self._plain = min(self._plain, timings.poll_after_wakeup)

    async def _ring(self, key: str, seconds: float, longest: float) -> bool:
        wait, sleep = self._deps.wakeups.wait, self._deps.sleep
        if not self._learns:
            return await wait(key, seconds, sleep)
        longest = min(longest, self._deps.timings.alone_longest)
        async with self._shared.waiting(key):
            rang, waited = await wait(key, seconds, sleep), seconds
            while not rang and waited < longest and self._shared.tells(key):
                seconds = min(_STILL_TOLD, longest - waited)
                rang, waited = await wait(key, seconds, sleep), waited + seconds
        return rang

    def look(self, refs: VendorRefs) -> None:
        """A look begins."""
        self._age_before, self._age = self._age, self._deps.looks.age(refs.analysis)
        if self._age < self._age_before:  # it is a repeat, begun since
            self._age_before = 0.0

    def seen(self, refs: VendorRefs, *, ended: bool) -> None:
        """A look has shown whether the analysis with these ids has ended."""
        self._shared.seen(_key(refs, self._attempt_id), ended=ended)

    def note_seconds(self, seconds: float | None) -> None:
        """The look has found an analysis ready, which took so long by the vendor's clock."""
        self._noted.append(seconds)

    async def learn(self) -> None:
        """Keep what the look has shown about how long an analysis takes."""
        noted, self._noted = self._noted, []
        for seconds in noted if self._learns else ():
            if seconds is None or not 0 <= seconds <= self._age + _CLOCKS_APART:
                if self._resumed:  # it ended while nobody looked
                    continue
                seconds = (self._age_before + self._age) / 2
            await self._deps.looks.learn(self._clip_seconds, seconds)
        self._resumed = False

    async def give_up(self) -> None:
        """Remember that this analysis did not end."""
        if self._learns:
            await self._deps.looks.gave_up(self._clip_seconds)

    async def _learned_wait(self, refs: VendorRefs) -> float | None:
        if not self._learns:
            return None
        looks, timings = self._deps.looks, self._deps.timings
        await looks.refresh()
        wait = looks.wait(self._clip_seconds, looks.age(refs.analysis))
        if wait is None:
            return None
        wait = self._deps.throttle.pause(wait, timings.max_polls_per_second)
        return min(wait, timings.poll_after_wakeup) if self._rang else wait


def _key(refs: VendorRefs, attempt_id: str) -> str:
    """What rings: the latest analysis. The local engine has none, and nothing that rings."""
    return next(reversed(refs.task_ids), attempt_id)
