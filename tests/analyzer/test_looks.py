"""Looks: learned together by all processes, and never a reason for an attempt to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from analyzer.dependencies import WITH_WEBHOOKS, Timings
from analyzer.looks import Looks
from core.errors import StorageUnavailable
from core.models import AnalysisUnderWay
from storage.repositories.analysis_times import AnalysisTimesStore, TimedAnalysis
from tests.analyzer.harness import Harness

AT_ONCE = Timings(learn_every=0)


def open_looks(harness: Harness, timings: Timings = AT_ONCE, model: str = "pegasus") -> Looks:
    """The looks of a process that has just begun."""
    return Looks(AnalysisTimesStore(harness.database), model, timings, harness.clock)


async def learn(harness: Harness, looks: Looks, *seconds: float, clip: float = 30) -> None:
    for one in seconds:
        harness.clock.forward(seconds=1)
        await looks.learn(clip, one)


async def test_what_one_process_learns_another_knows(harness: Harness) -> None:
    one, another = open_looks(harness), open_looks(harness)
    await another.refresh()
    assert another.wait(30, 0) is None
    await learn(harness, one, *(40.0, 41.0, 39.0, 42.0, 38.0) * 4)
    await another.refresh()
    assert 36 <= 30 + (another.wait(30, 30) or 0) <= 43
    of_another_model = open_looks(harness, model="another")
    await of_another_model.refresh()
    assert of_another_model.wait(30, 0) is None
    assert another.under_way(30).expected_seconds == pytest.approx(40, abs=2)


async def test_the_next_look_depends_on_how_long_it_has_gone_on(harness: Harness) -> None:
    looks = open_looks(harness)
    await learn(harness, looks, *(40.0, 41.0, 39.0, 42.0, 38.0) * 4)
    early, later = looks.wait(30, 10), looks.wait(30, 30)
    assert early is not None
    assert later is not None
    assert early - later == pytest.approx(20, abs=2)
    assert (looks.wait(30, 300) or 0) > 10  # it is a rare one: nobody knows


async def test_longer_clips_are_looked_at_later(harness: Harness) -> None:
    looks = open_looks(harness)
    for clip in (20, 40, 60, 80, 100, 120) * 4:
        await learn(harness, looks, 10 + clip / 2, clip=clip)
    short, long = looks.under_way(30), looks.under_way(110)
    assert short.expected_seconds == pytest.approx(25, abs=2)
    assert long.expected_seconds == pytest.approx(65, abs=4)


async def test_odd_ones_are_not_believed(harness: Harness) -> None:
    looks = open_looks(harness)
    await learn(harness, looks, *(40.0, 41.0, 39.0, 700.0, 0.0, 42.0, 38.0) * 4)
    await looks.gave_up(30)
    assert looks.under_way(30).expected_seconds == pytest.approx(40, abs=2)


async def test_before_the_first_analysis_there_is_an_expectation_all_the_same(
    harness: Harness,
) -> None:
    assert 20 <= open_looks(harness).under_way(60).expected_seconds <= 60


async def test_with_webhooks_looks_are_fewer(harness: Harness) -> None:
    one = open_looks(harness)
    told = open_looks(harness, Timings(look_cost=WITH_WEBHOOKS.look_cost, learn_every=0))
    await learn(harness, one, *(range(20, 60, 2)))
    await told.refresh()

    def count(looks: Looks) -> int:
        age, looked = 0.0, 0
        while age < 70:
            wait = looks.wait(30, age)
            assert wait is not None
            age, looked = age + wait, looked + 1
        return looked

    assert count(told) <= count(one) / 2


async def test_a_repeat_is_not_said_to_take_longer_than_the_first(harness: Harness) -> None:
    looks = open_looks(harness)
    first = looks.under_way(60)
    await learn(harness, looks, *[600.0] * 10)
    assert looks.under_way(60, before=first).expected_seconds == first.expected_seconds
    assert looks.under_way(60).expected_seconds > 500


async def test_the_age_survives_since_the_row_has_it(harness: Harness) -> None:
    begun = open_looks(harness).under_way(30)
    harness.clock.forward(seconds=33)
    kept = AnalysisUnderWay.model_validate_json(begun.model_dump_json())
    assert open_looks(harness).age(kept) == 33


class Unavailable(AnalysisTimesStore):
    """A database that cannot be used now."""

    away = True

    async def add(self, model: str, ended: Iterable[TimedAnalysis]) -> None:
        if self.away:
            raise StorageUnavailable("busy")
        await super().add(model, ended)

    async def latest(
        self, model: str, count: int, *, since: datetime | None = None
    ) -> list[TimedAnalysis]:
        if self.away:
            raise StorageUnavailable("busy")
        return await super().latest(model, count, since=since)


async def test_what_cannot_be_kept_now_is_kept_later(harness: Harness) -> None:
    store = Unavailable(harness.database)
    looks = Looks(store, "pegasus", AT_ONCE, harness.clock)
    await learn(harness, looks, 40.0, 41.0)
    store.away = False
    await looks.refresh()
    assert [one.seconds for one in await store.latest("pegasus", 9)] == [40.0, 41.0]
    harness.clock.now += timedelta(hours=1)
    await looks.refresh()
    assert len(await store.latest("pegasus", 9)) == 2


async def test_many_that_end_at_once_are_each_kept_once(harness: Harness) -> None:
    looks = open_looks(harness)
    await asyncio.gather(*(looks.learn(30, float(n)) for n in range(5)))
    await looks.refresh()
    kept = await AnalysisTimesStore(harness.database).latest("pegasus", 9)
    assert sorted(one.seconds for one in kept) == [0, 1, 2, 3, 4]
