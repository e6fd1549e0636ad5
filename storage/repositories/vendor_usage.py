"""How many seconds of clips the vendor was asked to analyze, by month and by day.

A row is written before each analysis that may be billed, so a process that dies at any moment has
never counted less than the bill says. It is taken back only where the vendor certainly got nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.database import Database
from storage.tables import meta, vendor_minutes, vendor_usage

_TURN = -2  # no member's id, and nobody else's turn

_WARN_AT = 0.8

_DAYS_KEPT = timedelta(days=62)
"""An attempt waits for a day at most, so rows as old as this are asked for by nobody."""


_MINE = (vendor_minutes.c.attempt_hash == bindparam("of_attempt")) & (
    vendor_minutes.c.number == bindparam("of_number")
)
_RESERVED = select(vendor_minutes.c.day).where(_MINE)
_TAKEN_BACK = delete(vendor_minutes).where(_MINE).returning(vendor_minutes)
_NEW = insert(vendor_minutes)
_OF_DAY = select(func.sum(vendor_minutes.c.seconds)).where(
    vendor_minutes.c.day == bindparam("of_day")
)
_OF_MONTH = select(vendor_usage.c.seconds).where(vendor_usage.c.month == bindparam("of_month"))
_MORE = (
    update(vendor_usage)
    .where(vendor_usage.c.month == bindparam("of_month"))
    .values(seconds=vendor_usage.c.seconds + bindparam("more"))
)


class Period(StrEnum):
    """What a cap is for. Both are calendar ones, in UTC."""

    DAY = "day"
    MONTH = "month"

    def named(self, now: datetime) -> str:
        """The one that `now` is in, as it is written in rows: `2026-11-30` or `2026-11`."""
        return f"{now:%Y-%m-%d}" if self is Period.DAY else f"{now:%Y-%m}"

    def ends(self, now: datetime) -> datetime:
        """When the next one begins."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Period.DAY:
            return today + timedelta(days=1)
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most seconds of clips in a period; `None`: no cap."""

    day: float | None = None
    month: float | None = None

    def of(self, period: Period) -> float | None:
        """The one for a period."""
        return self.day if period is Period.DAY else self.month

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.day is not None or self.month is not None


@dataclass(frozen=True, slots=True)
class CapWarning:
    """A cap that is nearly, or wholly, used: the operator is told once in each period."""

    period: Period
    percent: int  # 80, or 100
    used: float  # seconds
    cap: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """What became of asking for an analysis's seconds."""

    is_new: bool = False  # false also where it has been reserved before
    over: Period | None = None  # the cap that they would pass, the later one to end; not reserved
    warnings: tuple[CapWarning, ...] = ()


class VendorUsage:
    """The repository of what the vendor was used for. A month is written like `2026-11`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self,
        attempt_id: str,
        number: int,
        seconds: float,
        *,
        now: datetime,
        caps: Caps = Caps(),
    ) -> Reservation:
        """Count an analysis (the attempt's first, second, …) before it is asked for, once.

        Past a cap nothing is counted.
        """
        day, month = Period.DAY.named(now), Period.MONTH.named(now)
        mine = _analysis(attempt_id, number)
        async with self._database.write(turn=_TURN) as connection:
            if await connection.scalar(_RESERVED, mine) is not None:
                return Reservation()
            used = await _used(connection, now)
            over = [
                period
                for period in Period
                if (cap := caps.of(period)) is not None and used[period] + seconds > cap
            ]
            if over:
                told = [await _note(connection, p, 100, used[p], caps, now) for p in over]
                last = max(over, key=lambda period: period.ends(now))
                return Reservation(over=last, warnings=tuple(filter(None, told)))
            row = {
                "attempt_hash": _hash_of(attempt_id),
                "number": number,
                "day": day,
                "seconds": seconds,
            }
            await connection.execute(_NEW, row)
            await _add(connection, month, seconds)
            told = [
                await _note(connection, period, 80, used[period] + seconds, caps, now)
                for period in Period
            ]
        return Reservation(is_new=True, warnings=tuple(filter(None, told)))

    async def release(self, attempt_id: str, number: int) -> None:
        """Take back what was reserved for an analysis that the vendor was never asked for."""
        mine = _analysis(attempt_id, number)
        async with self._database.write(turn=_TURN) as connection:
            row = (await connection.execute(_TAKEN_BACK, mine)).one_or_none()
            if row is not None:
                await _add(connection, row.day[:7], -row.seconds)

    async def of(self, month: str) -> float:
        """The seconds of that month."""
        async with self._database.read() as connection:
            return await _of_month(connection, month)

    async def used(self, now: datetime) -> dict[Period, float]:
        """The seconds of the day and of the month that `now` is in."""
        async with self._database.read() as connection:
            return await _used(connection, now)

    async def forget(self, now: datetime) -> None:
        """Delete rows that nobody asks for any more; the months' sums stay."""
        before = Period.DAY.named(now - _DAYS_KEPT)
        async with self._database.write(turn=_TURN) as connection:
            await connection.execute(delete(vendor_minutes).where(vendor_minutes.c.day < before))


def _hash_of(attempt_id: str) -> str:
    return hashlib.sha256(attempt_id.encode()).hexdigest()[:32]


def _analysis(attempt_id: str, number: int) -> dict[str, Any]:
    """Which row is an attempt's analysis."""
    return {"of_attempt": _hash_of(attempt_id), "of_number": number}


async def _used(connection: AsyncConnection, now: datetime) -> dict[Period, float]:
    of_day = await connection.scalar(_OF_DAY, {"of_day": Period.DAY.named(now)})
    return {
        Period.DAY: of_day or 0.0,
        Period.MONTH: await _of_month(connection, Period.MONTH.named(now)),
    }


async def _of_month(connection: AsyncConnection, month: str) -> float:
    return await connection.scalar(_OF_MONTH, {"of_month": month}) or 0.0


async def _add(connection: AsyncConnection, month: str, seconds: float) -> None:
    more = {"of_month": month, "more": seconds}
    if (await connection.execute(_MORE, more)).rowcount == 0:
        await connection.execute(insert(vendor_usage).values(month=month, seconds=seconds))


async def _note(
    connection: AsyncConnection,
    period: Period,
    percent: int,
    used: float,
    caps: Caps,
    now: datetime,
) -> CapWarning | None:
    """Whether the operator has to be told that so much of a cap is used: once in each period."""
    cap = caps.of(period)
    if cap is None or (percent < 100 and used < _WARN_AT * cap):
        return None
    key, told = f"vendor cap told {period} {percent}", period.named(now)
    mine = meta.c.key == key
    if await connection.scalar(select(meta.c.value).where(mine)) == told:
        return None
    change = update(meta).where(mine).values(value=told)
    if (await connection.execute(change)).rowcount == 0:
        await connection.execute(insert(meta).values(key=key, value=told))
    return CapWarning(period, percent, used, cap)
