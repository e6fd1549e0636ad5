"""`/metrics`: how much is under way, how it ends and how long it takes, in Prometheus's format."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from core import telemetry
from core.assessment import EngineName
from core.errors import StorageUnavailable
from core.models import AttemptState
from storage.repositories.statistics import Statistics
from web.app import RouteInstaller

COUNT_SECONDS = 5.0
"""How old what the database says may be: however many ask, it is counted this often."""

LAG_SECONDS = 0.5
"""How often the loop's lag is measured."""

_DATABASE_SECONDS = 2.0
_UNDER_WAY = tuple(state for state in AttemptState if not state.ended)


def numbers(
    overview: Statistics,
    in_flight: Callable[[], int],
    version: Callable[[], Awaitable[str]],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> RouteInstaller:
    """Show what is counted.

    Args:
        overview: counts in the database.
        in_flight: how many attempts this process is working on.
        version: of this code.
        clock: seconds.
    """
    counts = _Counts(overview, clock)

    async def metrics(_: web.Request) -> web.Response:
        telemetry.in_flight.set(in_flight())
        await counts.refresh()
        text = await asyncio.to_thread(generate_latest, telemetry.REGISTRY)  # it reads /proc
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def measuring(_: web.Application) -> AsyncIterator[None]:
        telemetry.build.info({"version": await version()})
        for engine in EngineName:  # what has a 0 can be seen to grow
            telemetry.attempts_ended.labels(engine, AttemptState.DELIVERED, "")
        task = asyncio.create_task(_measure_lag(), name="loop lag")
        yield
        task.cancel()
        await asyncio.wait([task])

    def add(app: web.Application) -> None:
        app.router.add_get("/metrics", metrics)
        app.cleanup_ctx.append(measuring)

    return add


class _Counts:
    """What is counted in the database when somebody looks."""

    def __init__(self, overview: Statistics, clock: Callable[[], float]) -> None:
        self._overview = overview
        self._clock = clock
        self._counted_at: float | None = None
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Count again where the last time is too long ago. Without a database, nothing is shown."""
        async with self._turn:
            now = self._clock()
            if self._counted_at is not None and now - self._counted_at < COUNT_SECONDS:
                return
            self._counted_at = now
            telemetry.database_up.set(0)
            telemetry.attempts.clear()
            telemetry.left_to_delete.set(float("nan"))
            with contextlib.suppress(StorageUnavailable, TimeoutError):
                async with asyncio.timeout(_DATABASE_SECONDS):
                    await self._count()

    async def _count(self) -> None:
        under_way = await self._overview.under_way()
        left = await self._overview.left_to_delete()
        for period, seconds in (await self._overview.vendor_seconds(datetime.now(UTC))).items():
            telemetry.vendor_minutes.labels(period).set(seconds / 60)
        for state in _UNDER_WAY:
            telemetry.attempts.labels(state).set(under_way.get(state, 0))
        telemetry.left_to_delete.set(left)
        telemetry.database_up.set(1)


async def _measure_lag() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        telemetry.loop_lag.observe(max(loop.time() - due, 0))
