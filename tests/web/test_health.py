"""Health: alive while the loop answers, ready while gateway, database and engine do."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import aiohttp
import pytest

from analyzer.engines import Engine
from core.assessment import EngineName
from core.errors import EngineUnavailable, StorageUnavailable
from storage.engine.database import Database
from storage.repositories.statistics import Statistics
from tests.process.operator import eventually
from tests.web.conftest import Serve
from web import health as module
from web.app import make_app, serving
from web.health import KEEP_SECONDS, EngineCheck, health


class CheckedEngine:
    """An engine that counts its checks."""

    def __init__(self, name: EngineName = EngineName.TWELVELABS) -> None:
        self.name = name
        self.checks = 0
        self.trouble: Exception | None = None
        self.hold = asyncio.Event()
        self.hold.set()
        self.stopped = False

    async def check(self) -> str:
        self.checks += 1
        try:
            await self.hold.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        if self.trouble is not None:
            raise self.trouble
        return "fine"


@pytest.fixture
def checked() -> CheckedEngine:
    return CheckedEngine()


def engine(checked: CheckedEngine) -> Engine:
    return cast("Engine", checked)


async def asked(caller: aiohttp.ClientSession, url: str) -> tuple[int, dict[str, Any]]:
    async with caller.get(url) as answer:
        return answer.status, await answer.json()


async def test_ready_is_who_is_connected_remembers_and_can_assess(
    serve: Serve, caller: aiohttp.ClientSession, database: Database, checked: CheckedEngine
) -> None:
    connected = False
    url = await serve(health(Statistics(database), engine(checked), gateway=lambda: connected))
    parts = {"database": True, "engine": True}
    no = {"ready": False, **parts, "gateway": False}
    assert await asked(caller, f"{url}/readyz") == (503, no)
    connected = True
    yes = {"ready": True, **parts, "gateway": True}
    assert await asked(caller, f"{url}/readyz") == (200, yes)


async def test_a_worker_needs_no_gateway(
    serve: Serve, caller: aiohttp.ClientSession, database: Database, checked: CheckedEngine
) -> None:
    url = await serve(health(Statistics(database), engine(checked)))
    yes = {"ready": True, "database": True, "engine": True}
    assert await asked(caller, f"{url}/readyz") == (200, yes)


async def test_alive_without_a_database_and_without_an_engine(
    serve: Serve,
    caller: aiohttp.ClientSession,
    database: Database,
    checked: CheckedEngine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def answers(_: Statistics) -> None:
        raise StorageUnavailable("SQLITE_IOERR")

    monkeypatch.setattr(Statistics, "answers", answers)
    checked.trouble = EngineUnavailable("network", "private sentence")
    url = await serve(health(Statistics(database), engine(checked)))
    with caplog.at_level(logging.WARNING, logger="web.health"):
        for _ in range(2):
            no = {"ready": False, "database": False, "engine": False}
            assert await asked(caller, f"{url}/readyz") == (503, no)
    assert [record.getMessage() for record in caplog.records] == ["engine not ready: network"]
    async with caller.get(f"{url}/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "alive\n")
    async with caller.head(f"{url}/healthz") as answer:
        assert answer.status == 200


async def test_a_database_that_does_not_answer_is_not_waited_for(
    serve: Serve,
    caller: aiohttp.ClientSession,
    database: Database,
    checked: CheckedEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answers(_: Statistics) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Statistics, "answers", answers)
    monkeypatch.setattr(module, "DATABASE_SECONDS", 0.05)
    url = await serve(health(Statistics(database), engine(checked)))
    no = {"ready": False, "database": False, "engine": True}
    assert await asked(caller, f"{url}/readyz") == (503, no)


async def test_however_many_ask_at_once_the_database_is_looked_at_once(
    serve: Serve,
    caller: aiohttp.ClientSession,
    database: Database,
    checked: CheckedEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, go = 0, asyncio.Event()

    async def answers(_: Statistics) -> None:
        nonlocal looks
        looks += 1
        await go.wait()

    monkeypatch.setattr(Statistics, "answers", answers)
    url = await serve(health(Statistics(database), engine(checked)))
    asking = [asyncio.create_task(asked(caller, f"{url}/readyz")) for _ in range(50)]
    await eventually(lambda: looks == 1, "a look")
    await asyncio.sleep(0.05)  # until all have asked
    go.set()
    assert {status for status, _ in await asyncio.gather(*asking)} == {200}
    assert looks == 1
    await asked(caller, f"{url}/readyz")
    assert looks == 2


async def test_the_engine_is_checked_once_in_a_while_only(checked: CheckedEngine) -> None:
    now = 0.0
    check = EngineCheck(engine(checked), clock=lambda: now)
    assert await asyncio.gather(*(check.passes() for _ in range(5))) == [True] * 5
    now = KEEP_SECONDS[EngineName.TWELVELABS]
    assert await check.passes()
    assert checked.checks == 1
    now += 1
    checked.trouble = ValueError("private words")
    assert not await check.passes()
    assert checked.checks == 2
    now += KEEP_SECONDS[EngineName.TWELVELABS] + 1
    checked.trouble = None
    assert await check.passes()


async def test_a_slow_check_goes_on_and_counts_later(
    checked: CheckedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENGINE_SECONDS", 0.02)
    now = 0.0
    check = EngineCheck(engine(checked), clock=lambda: now)
    checked.hold.clear()
    assert not await check.passes()
    assert not await check.passes()
    checked.hold.set()
    await asyncio.sleep(0)
    assert await check.passes()
    assert checked.checks == 1
    now = 1000.0
    checked.hold.clear()
    assert await check.passes()  # what is known, until the new check has ended
    await check.stop()
    assert checked.stopped


async def test_a_check_under_way_ends_with_the_application(
    database: Database, checked: CheckedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENGINE_SECONDS", 0.02)
    checked.hold.clear()
    app = make_app([health(Statistics(database), engine(checked))])
    async with serving(app, "127.0.0.1", 0) as url, aiohttp.ClientSession() as caller:
        assert (await asked(caller, f"{url}/readyz"))[0] == 503
    assert checked.stopped
