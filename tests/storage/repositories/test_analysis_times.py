"""How long analyses took: kept by model, the latest only, for all processes."""

from __future__ import annotations

from datetime import timedelta

from storage.engine.database import Database
from storage.repositories.analysis_times import KEPT, AnalysisTimesStore, timed_analysis
from tests.storage.conftest import Clock


async def test_the_latest_of_a_model_come_back_oldest_first(
    database: Database, clock: Clock
) -> None:
    store, begun = AnalysisTimesStore(database), clock.now
    ended = [timed_analysis(30, 20 + n, clock.forward(seconds=1)) for n in range(5)]
    await store.add("one", ended[3:])
    await store.add("one", ended[:3])
    await store.add("another", [timed_analysis(60, 99, clock.now)])
    another_process = AnalysisTimesStore(database)
    assert await another_process.latest("one", 3) == ended[2:]
    since = begun + timedelta(seconds=4)
    assert await another_process.latest("one", 9, since=since) == ended[3:]


async def test_old_ones_of_the_same_model_are_forgotten(database: Database, clock: Clock) -> None:
    store = AnalysisTimesStore(database)
    await store.add("another", [timed_analysis(60, 99, clock.now)])
    ended = [timed_analysis(30, n, clock.forward(seconds=1)) for n in range(KEPT + 20)]
    await store.add("one", ended[:KEPT])
    await store.add("one", ended[KEPT:])
    assert await store.latest("one", 2 * KEPT) == ended[20:]
    assert len(await store.latest("another", 2)) == 1


async def test_what_seemed_not_to_be_kept_may_be_kept_again(
    database: Database, clock: Clock
) -> None:
    store = AnalysisTimesStore(database)
    ended = [timed_analysis(30, n, clock.forward(seconds=1)) for n in range(3)]
    await store.add("one", ended[:2])
    await store.add("one", ended)
    assert await store.latest("one", 9) == ended
