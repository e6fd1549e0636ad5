"""`/healthz`: this process lives. `/readyz`: it can also work, and if not, what is in the way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from analyzer.engines import Engine
from core.assessment import EngineName
from core.errors import EngineError, StorageUnavailable, error_location
from storage.repositories.statistics import Statistics
from web.app import RouteInstaller

log = logging.getLogger(__name__)

DATABASE_SECONDS = 2.0
ENGINE_SECONDS = 3.0
"""How long `/readyz` waits for the engine; a check that takes longer goes on and is used later."""

KEEP_SECONDS = {EngineName.TWELVELABS: 60.0, EngineName.LOCAL: 3600.0}
"""How long a check of an engine counts. At TwelveLabs it is a look at the list of clips, which
costs nothing but a request; the local engine loads its model, which keeps a processor busy."""


def health(
    overview: Statistics, engine: Engine, *, gateway: Callable[[], bool] | None = None
) -> RouteInstaller:
    """Answer how this process is.

    Args:
        overview: asks the database.
        engine: the one that new attempts use.
        gateway: whether the process is connected to Discord's gateway; `None` where it need not be.
    """
    check = EngineCheck(engine)
    database = _DatabaseLook(overview)

    async def ready(_: web.Request) -> web.Response:
        database_answers, engine_answers = await asyncio.gather(database.answers(), check.passes())
        parts = {"database": database_answers, "engine": engine_answers}
        if gateway is not None:
            parts["gateway"] = gateway()
        fine = all(parts.values())
        return web.json_response(
            {"ready": fine, **parts},
            status=200 if fine else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def closing(_: web.Application) -> AsyncIterator[None]:
        yield
        await check.stop()
        await database.stop()

    def add(app: web.Application) -> None:
        app.router.add_get("/healthz", _alive)
        app.router.add_get("/readyz", ready)
        app.cleanup_ctx.append(closing)

    return add


class EngineCheck:
    """Checks an engine when asked, at most once in a while, and one check at a time."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._keep = KEEP_SECONDS[engine.name]
        self._passed: bool | None = None
        self._checked_at = 0.0
        self._task: asyncio.Task[None] | None = None

    async def passes(self) -> bool:
        """Whether the last check was fine; waits a moment for a new one where that is old."""
        if self._passed is None or self._clock() - self._checked_at > self._keep:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._check(), name="engine check")
            await asyncio.wait([self._task], timeout=ENGINE_SECONDS)
        return self._passed or False

    async def stop(self) -> None:
        """End a check under way, and return when it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _check(self) -> None:
        problem = ""
        try:
            await self._engine.check()
        except EngineError as error:
            problem = error.code
        except Exception as error:  # noqa: BLE001 - whatever it is, the engine does not work
            problem = error_location(error)
        if problem and self._passed is not False:
            log.warning("engine not ready: %s", problem)
        self._passed, self._checked_at = not problem, self._clock()


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="alive\n", headers={"Cache-Control": "no-store"})


class _DatabaseLook:
    """Looks whether the database answers; however many ask at once, there is one look at a time."""

    def __init__(self, overview: Statistics) -> None:
        self._overview = overview
        self._task: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Whether it answered just now."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="database look")
        return await asyncio.shield(self._task)  # whoever hangs up ends it for nobody else

    async def stop(self) -> None:
        """End a look under way, and return when it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look(self) -> bool:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await self._overview.answers()
        except (StorageUnavailable, TimeoutError):
            return False
        return True
