"""The operator's caps on what may be spent: when they are near or used up, and what then happens.

An attempt that is queued already when a cap is used up waits where that is for a day at most: it
has a place and a clip that can be had again, and its member is told the time. Until next month
nobody waits: then it ends with a sentence, and costs its member nothing of their allowance.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.assessment import EngineName
from core.errors import EngineRefused, OverCap, Refused
from storage.repositories.vendor_usage import Caps, CapWarning, Period, VendorUsage

log = logging.getLogger(__name__)

AtTheCap = Literal["wait", "local"]

SHORTEST_CLIP_SECONDS = 4.0
"""Where less than this is left of a cap, it is used up for every clip."""

LONGEST_WAIT = timedelta(days=1)

NAMES = {Period.DAY: "VENDOR_MINUTES_PER_DAY", Period.MONTH: "VENDOR_MINUTES_PER_MONTH"}


@dataclass(frozen=True, slots=True)
class Spending:
    """What is left to spend, and what new attempts get where it is nothing."""

    usage: VendorUsage
    caps: Caps
    at_the_cap: AtTheCap
    clock: Callable[[], datetime]

    async def goes_on_at(self) -> datetime | None:
        """When the vendor may be used again; `None`: now."""
        if not self.caps:
            return None
        now = self.clock()
        used = await self.usage.used(now)
        ends = [
            period.ends(now)
            for period in Period
            if (cap := self.caps.of(period)) is not None
            and used[period] + SHORTEST_CLIP_SECONDS > cap
        ]
        return max(ends, default=None)

    async def engine(self, chosen: EngineName) -> EngineName:
        """What assesses new attempts now, where the operator has `chosen` one.

        Raises:
            Refused: `vendor_cap`; a cap is used up, and nothing takes the vendor's place.
        """
        if chosen is not EngineName.TWELVELABS or (until := await self.goes_on_at()) is None:
            return chosen
        if self.at_the_cap == "local":
            return EngineName.LOCAL
        raise Refused(
            "vendor_cap",
            "This bot has used up what it may spend on assessing answers for now.",
            next_at=until,
        )

    async def lines(self) -> list[str]:
        """For the operator: how much of each cap is used, the nearly used ones marked."""
        if not self.caps:
            return []
        used = await self.usage.used(self.clock())
        lines = []
        for period in Period:
            if (cap := self.caps.of(period)) is not None:
                percent = int(100 * used[period] / cap)
                mark = "⚠ " if percent >= 80 else ""
                lines.append(
                    f"{mark}This {period}: {used[period] / 60:.1f} of {cap / 60:g} minutes "
                    f"({percent} %)"
                )
        return lines


@dataclass(frozen=True, slots=True)
class AttemptBill:
    """One attempt's analyses, counted before they are asked for. See `Bill`."""

    spending: Spending
    attempt_id: str
    seconds: float  # of the clip

    async def begin(self, number: int) -> bool:
        """Count the analysis with this number; whether it had not been counted before.

        Raises:
            OverCap: a cap lets it begin only later, within a day.
            EngineRefused: not within a day; the sentence says when.
        """
        usage, caps, now = self.spending.usage, self.spending.caps, self.spending.clock()
        reserved = await usage.reserve(self.attempt_id, number, self.seconds, now=now, caps=caps)
        for warning in reserved.warnings:
            log.warning("%s", _told(warning))
        if reserved.over is None:
            return reserved.is_new
        until = reserved.over.ends(now)
        if until - now <= LONGEST_WAIT:
            raise OverCap((until - now).total_seconds(), until)
        raise EngineRefused(
            "vendor_cap",
            "This bot has used up what it may spend on assessing answers this month. Try again "
            f"from {until:%B} 1 on; this attempt doesn't count.",
        )

    async def nothing_arrived(self, number: int) -> None:
        """Take it back: the vendor certainly got nothing."""
        await self.spending.usage.release(self.attempt_id, number)


def _told(warning: CapWarning) -> str:
    used, cap = warning.used / 60, warning.cap / 60
    if warning.percent < 100:
        return f"{warning.percent} % of {NAMES[warning.period]} are used: {used:.1f} of {cap:g}"
    return (
        f"{NAMES[warning.period]} is used up ({used:.1f} of {cap:g}): no clip goes to TwelveLabs "
        f"until the next {warning.period} begins"
    )
