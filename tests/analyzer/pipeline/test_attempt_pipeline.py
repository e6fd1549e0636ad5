"""An attempt's way from `queued` to its end, step by step, and what the member sees of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import stamina

from analyzer.dependencies import Pace
from analyzer.engines import Job, Keep
from core.errors import ClipRefused, EngineRefused, Told
from core.models import Assessment, Attempt, AttemptState, DeliveredVia, EngineName, VendorRefs
from tests.analyzer.harness import ANN, House, journey, row
from tests.analyzer.scripted import ScriptedEngine
from tests.storage.samples import ASSESSMENT, FACTS


async def test_every_state_is_reached_by_one_committed_update(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = await journey(house)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.delivered_via is DeliveredVia.REPLY
    assert attempt.assessment == ASSESSMENT
    assert house.points.names.count("after attempts.move") == 5
    steps = [line for line in caplog.messages if " -> " in line]
    states = ["queued", "fetched", "uploaded", "analyzing", "assessed"]
    assert steps == [f"{before} -> {after}" for before, after in pairwise(states)]


async def test_vendor_ids_are_on_the_row_before_anything_waits_on_them(house: House) -> None:
    seen: dict[str, VendorRefs] = {}

    class Looking(ScriptedEngine):
        async def prepare(self, job: Job, keep: Keep) -> VendorRefs:
            async def looking_keep(refs: VendorRefs) -> None:
                await keep(refs)
                seen["after keep"] = await row_refs()

            return await super().prepare(job, looking_keep)

    async def row_refs() -> VendorRefs:
        [(owner, attempt_id)] = await house.attempts.unfinished()
        row = await house.attempts.get(owner, attempt_id)
        assert row is not None
        return row.refs

    engine = Looking(house.vendor)
    await journey(house, engines={engine.name: engine})
    assert seen["after keep"].asset_id == "asset-1"


async def test_our_copy_goes_as_soon_as_the_vendor_has_its_own(house: House) -> None:
    there: list[bool] = []

    class Looking(ScriptedEngine):
        async def start(self, job: Job, keep: Keep) -> VendorRefs:
            there.append(await asyncio.to_thread(job.clip.exists))
            return await super().start(job, keep)

    engine = Looking(house.vendor)
    await journey(house, engines={engine.name: engine})
    assert there == [False]


class KeepsNothing(ScriptedEngine):
    """Like the local engine: it reads our own copy, at the end."""

    def __init__(self, house: House) -> None:
        super().__init__(house.vendor, EngineName.LOCAL)

    async def prepare(self, job: Job, keep: Keep) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def start(self, job: Job, keep: Keep) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def poll(self, job: Job, keep: Keep) -> Assessment:  # noqa: ARG002 - the protocol's
        assert await asyncio.to_thread(job.clip.exists)
        return ASSESSMENT


async def test_an_engine_without_a_copy_of_its_own_finds_ours_until_the_end(house: House) -> None:
    engine = KeepsNothing(house)
    attempt = await journey(house, engines={engine.name: engine}, engine=engine.name)
    assert attempt.state is AttemptState.DELIVERED
    await house.assert_nothing_is_left()


async def test_a_clip_that_is_gone_after_a_restart_is_fetched_again(house: House) -> None:
    attempt = await house.submit(house.process())
    await house.attempts.move(attempt, AttemptState.FETCHED, facts=FACTS)
    await house.process().start()
    assert len(house.fetched) == 1
    ended = await row(house, attempt)
    assert ended.state is AttemptState.DELIVERED


async def test_an_engine_that_reads_our_copy_gets_one_where_another_machine_has_begun(
    house: House,
) -> None:
    engine = KeepsNothing(house)
    parts: dict[str, Any] = {"engines": {engine.name: engine}, "engine": engine.name}
    attempt = await house.submit(house.process(**parts))
    for state in (AttemptState.FETCHED, AttemptState.UPLOADED, AttemptState.ANALYZING):
        attempt = await house.attempts.move(attempt, state, facts=FACTS)
    await house.process(**parts).start()
    assert (await row(house, attempt)).state is AttemptState.DELIVERED


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (ClipRefused("clip_gone", "Attach it again."), "clip_gone"),
        (Told("clip_unreachable", "Try later."), "clip_unreachable"),
    ],
)
async def test_a_clip_that_cannot_be_had_ends_with_its_sentence_and_costs_nothing(
    house: House, trouble: Told, code: str
) -> None:
    house.fetch_trouble = trouble
    with stamina.set_testing(True, attempts=3):
        attempt = await journey(house)
    assert attempt.failure is not None
    assert (attempt.failure.code, attempt.failure.sentence) == (code, trouble.sentence)
    assert attempt.reply is None
    assert house.vendor.made.total() == 0
    assert await house.uses(ANN) == 0
    assert [shown.failure for shown, _ in house.told.told] == [attempt.failure]
    await house.assert_nothing_is_left()


async def test_waits_between_looks_grow_to_the_longest(house: House) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0 if seconds < 3600 else 3600)

    house.engine.pending = 4
    pace = Pace(poll_first=1, poll_growth=2, poll_longest=5, show_every=3600)
    await journey(house, pace=pace, sleep=sleep)
    assert [wait for wait in waits if wait < 3600] == [1, 2, 4, 5]


async def test_a_crowd_is_looked_at_less_often(house: House) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0 if seconds < 3600 else 3600)

    house.engine.pending = 3
    pace = Pace(show_every=3600, looks_a_second=0.01)
    await journey(house, pace=pace, sleep=sleep)
    assert [wait for wait in waits if wait < 3600] == [pace.poll_first, 100, 100]


async def test_an_analysis_that_never_ends_is_given_up_and_deleted(house: House) -> None:
    house.engine.pending = 1_000_000
    pace = replace(house.parts.pace, analysis_deadline=-1)
    attempt = await journey(house, pace=pace)
    assert attempt.failure is not None
    assert attempt.failure.code == "analysis_timeout"
    assert await house.uses(ANN) == 0
    await house.assert_nothing_is_left()


async def test_an_engine_that_was_switched_off_ends_the_attempt_and_keeps_its_ids(
    house: House,
) -> None:
    attempt = await house.submit(house.process())
    asset_id = house.vendor.make_asset(attempt.id)
    moved = await house.attempts.move(
        attempt,
        AttemptState.UPLOADED,
        facts=FACTS,
        refs=VendorRefs(asset_id=asset_id),
    )
    await house.process(engines={}).start()
    ended = await row(house, attempt)
    assert ended.failure is not None
    assert ended.failure.code == "engine_switched_off"
    assert (ended.refs, ended.cleaned_at) == (moved.refs, None)
    await house.process().start()  # with the engine again
    await house.assert_nothing_is_left()


async def test_only_the_first_step_of_a_start_is_told_that_it_may_have_run(house: House) -> None:
    resumed: list[tuple[str, bool]] = []

    class Listening(ScriptedEngine):
        async def prepare(self, job: Job, keep: Keep) -> VendorRefs:
            resumed.append(("prepare", job.resumed))
            return await super().prepare(job, keep)

        async def start(self, job: Job, keep: Keep) -> VendorRefs:
            resumed.append(("start", job.resumed))
            return await super().start(job, keep)

    engine = Listening(house.vendor)
    engines = {engine.name: engine}
    await journey(house, engines=engines)
    attempt = await house.submit(house.process())
    await house.attempts.move(attempt, AttemptState.FETCHED, facts=FACTS)
    await house.process(engines=engines).start()
    assert resumed == [("prepare", False), ("start", False), ("prepare", True), ("start", False)]


async def test_the_result_comes_with_the_attempt_before_it(house: House) -> None:
    first = await journey(house)
    house.clock.forward(minutes=1)
    await journey(house)
    assert [before and before.id for _, before in house.told.told] == [None, first.id]


async def test_where_a_shared_result_was_shown_is_remembered(house: House) -> None:
    process = house.process()
    attempt = await house.submit(process, shared=True)
    await process.service.advance(attempt.owner, attempt.id)
    ended = await row(house, attempt)
    assert (ended.shared_message_id, ended.shared_channel_id) == (99, 11)


@pytest.mark.expects_logged_error
async def test_a_result_that_cannot_be_shown_waits_behind_the_button(house: House) -> None:
    house.told.trouble = ValueError("an embed that is too long")
    attempt = await journey(house)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.delivered_via is DeliveredVia.BUTTON
    await house.assert_nothing_is_left()


async def test_what_cannot_be_deleted_now_is_left_to_the_sweep(house: House) -> None:
    house.engine.troubles["discard"] = EngineRefused("api_not_allowed", "No.")
    attempt = await journey(house)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.cleaned_at is None
    assert not house.vendor.empty
    house.engine.troubles.clear()
    await house.process().sweep.run()
    await house.assert_nothing_is_left()


async def test_a_journey_leaves_no_task_behind(house: House) -> None:
    before = asyncio.all_tasks()
    await journey(house)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("what", ["delete", "cancel"])
async def test_vendor_ids_that_come_too_late_for_their_row_are_left_to_the_sweep(
    house: House, what: str
) -> None:
    class Interrupted(ScriptedEngine):
        async def prepare(self, job: Job, keep: Keep) -> VendorRefs:
            await elsewhere(house, attempt, what)
            return await super().prepare(job, keep)

    engine = Interrupted(house.vendor)
    process = house.process(engines={engine.name: engine})
    attempt = await house.submit(process)
    await process.service.advance(attempt.owner, attempt.id)
    [asset_id] = house.vendor.assets
    assert asset_id in [left.refs.asset_id for left in await house.leftovers.all()]
    assert list((house.folder / "clips").glob("*")) == []


async def test_who_finds_an_attempt_cancelled_elsewhere_deletes_its_copies(house: House) -> None:
    class Interrupted(ScriptedEngine):
        async def start(self, job: Job, keep: Keep) -> VendorRefs:
            refs = await super().start(job, keep)
            await elsewhere(house, attempt, "cancel")
            return refs

    engine = Interrupted(house.vendor)
    process = house.process(engines={engine.name: engine})
    attempt = await house.submit(process)
    await process.service.advance(attempt.owner, attempt.id)
    assert (await row(house, attempt)).cleaned_at is not None
    assert house.told.told == []
    await house.assert_nothing_is_left()


async def elsewhere(house: House, attempt: Attempt, what: str) -> None:
    """What another process does to an attempt."""
    if what == "delete":
        await house.attempts.delete(attempt.owner, attempt.id)
    else:
        await house.attempts.move(await row(house, attempt), AttemptState.CANCELLED)
