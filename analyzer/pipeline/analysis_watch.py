"""Watches one attempt's analysis: when to look next, and how long it took in the end."""

from __future__ import annotations

from analyzer.dependencies import Dependencies
from core.assessment import EngineName
from core.models import Attempt, VendorRefs

_CLOCKS_APART = 5.0
"""Seconds: an analysis cannot have taken longer than since the vendor took it, by our clock."""


class AnalysisWatch:
    """The looks at the analysis of one attempt, in this process.

    The vendor's engine is looked at when an analysis is likely to be ready; until that can be told,
    and with other engines, at growing intervals after a first look at once.
    """

    def __init__(self, deps: Dependencies, attempt: Attempt, *, resumed: bool) -> None:
        self._deps, self._attempt_id = deps, attempt.id
        facts = attempt.facts
        self._clip_seconds = 0.0 if facts is None else facts.duration_seconds
        self._learns = attempt.engine is EngineName.TWELVELABS and self._clip_seconds > 0
        self._plain = deps.timings.poll_first
        self._rang = False
        self._resumed = resumed
        self._age = self._age_before = 0.0
        self._noted: list[float | None] = []

    async def first_wait(self, refs: VendorRefs) -> float:
        """How long to wait before the first look, in seconds; after a restart not at all."""
        if self._resumed or refs.analysis is None:
            return 0.0
        learned = await self._learned_wait(refs)
        return 0.0 if learned is None else learned

    async def next_wait(self, refs: VendorRefs) -> float:
        """How long to wait after a look that found nothing, in seconds."""
        learned = await self._learned_wait(refs)
        return self._plain if learned is None else learned

    async def wait(self, refs: VendorRefs, seconds: float) -> None:
        """Wait so long, or until a webhook rings."""
        timings, throttle = self._deps.timings, self._deps.throttle
        # a webhook names the vendor's latest task; the local engine has none, and no webhooks
        key = next(reversed(refs.task_ids), self._attempt_id)
        self._rang = await self._deps.wakeups.wait(key, seconds, self._deps.sleep)
        self._plain = throttle.pause(
            min(self._plain * timings.poll_growth, timings.poll_longest),
            timings.max_polls_per_second,
        )
        if self._rang:
            self._plain = min(self._plain, timings.poll_after_wakeup)

    def look(self, refs: VendorRefs) -> None:
        """A look begins."""
        self._age_before, self._age = self._age, self._deps.looks.age(refs.analysis)
        if self._age < self._age_before:  # it is a repeat, begun since
            self._age_before = 0.0

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
