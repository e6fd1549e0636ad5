"""An attempt's way from `queued` to its end, step by step, and what the member sees of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import stamina

from analyzer.dependencies import Timings
from analyzer.engines import Job, SaveRefs
from analyzer.engines.work_pace import META_KEY, WorkPace
from core.assessment import Assessment, EngineName
from core.errors import ClipRefused, EngineRefused, UserFacingError
from core.models import Attempt, AttemptState, DeliveredVia, VendorRefs
from tests.analyzer.harness import ANN, Harness, row, run_attempt
from tests.analyzer.scripted import ScriptedEngine
from tests.storage.samples import ASSESSMENT, FACTS


async def test_every_state_is_reached_by_one_committed_update(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = await run_attempt(harness)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.delivered_via is DeliveredVia.REPLY
    assert attempt.assessment == ASSESSMENT
    assert harness.points.names.count("after attempts.move") == 5
    steps = [line for line in caplog.messages if " -> " in line]
    states = ["queued", "fetched", "uploaded", "analyzing", "assessed"]
    assert steps == [f"{before} -> {after}" for before, after in pairwise(states)]


async def test_vendor_ids_are_on_the_row_before_anything_waits_on_them(harness: Harness) -> None:
    seen: dict[str, VendorRefs] = {}

    class Looking(ScriptedEngine):
        async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            async def looking_keep(refs: VendorRefs) -> None:
                await save_refs(refs)
                seen["after keep"] = await row_refs()

            return await super().prepare(job, looking_keep)

    async def row_refs() -> VendorRefs:
        [(owner, attempt_id)] = await harness.attempts.unfinished()
        row = await harness.attempts.get(owner, attempt_id)
        assert row is not None
        return row.refs

    engine = Looking(harness.vendor)
    await run_attempt(harness, engines={engine.name: engine})
    assert seen["after keep"].asset_id == "asset-1"


async def test_our_copy_goes_as_soon_as_the_vendor_has_its_own(harness: Harness) -> None:
    there: list[bool] = []

    class Looking(ScriptedEngine):
        async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            there.append(await asyncio.to_thread(job.clip.exists))
            return await super().start(job, save_refs)

    engine = Looking(harness.vendor)
    await run_attempt(harness, engines={engine.name: engine})
    assert there == [False]


class KeepsNothing(ScriptedEngine):
    """Like the local engine: it reads our own copy, at the end."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness.vendor, EngineName.LOCAL)

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment:  # noqa: ARG002 - the protocol's
        assert await asyncio.to_thread(job.clip.exists)
        return ASSESSMENT


async def test_an_engine_without_a_copy_of_its_own_finds_ours_until_the_end(
    harness: Harness,
) -> None:
    engine = KeepsNothing(harness)
    attempt = await run_attempt(harness, engines={engine.name: engine}, engine=engine.name)
    assert attempt.state is AttemptState.DELIVERED
    await harness.assert_nothing_is_left()


async def test_a_clip_that_is_gone_after_a_restart_is_fetched_again(harness: Harness) -> None:
    attempt = await harness.submit(harness.process())
    await harness.attempts.move(attempt, AttemptState.FETCHED, facts=FACTS)
    await harness.process().start()
    assert len(harness.fetched) == 1
    ended = await row(harness, attempt)
    assert ended.state is AttemptState.DELIVERED


async def test_an_engine_that_reads_our_copy_gets_one_where_another_machine_has_begun(
    harness: Harness,
) -> None:
    engine = KeepsNothing(harness)
    deps: dict[str, Any] = {"engines": {engine.name: engine}, "engine": engine.name}
    attempt = await harness.submit(harness.process(**deps))
    for state in (AttemptState.FETCHED, AttemptState.UPLOADED, AttemptState.ANALYZING):
        attempt = await harness.attempts.move(attempt, state, facts=FACTS)
    await harness.process(**deps).start()
    assert (await row(harness, attempt)).state is AttemptState.DELIVERED


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (ClipRefused("clip_gone", "Attach it again."), "clip_gone"),
        (UserFacingError("clip_unreachable", "Try later."), "clip_unreachable"),
    ],
)
async def test_a_clip_that_cannot_be_had_ends_with_its_sentence_and_costs_nothing(
    harness: Harness, trouble: UserFacingError, code: str
) -> None:
    harness.fetch_trouble = trouble
    with stamina.set_testing(True, attempts=3):
        attempt = await run_attempt(harness)
    assert attempt.failure is not None
    assert (attempt.failure.code, attempt.failure.sentence) == (code, trouble.sentence)
    assert attempt.reply is None
    assert harness.vendor.made.total() == 0
    assert await harness.uses(ANN) == 0
    assert [shown.failure for shown, _ in harness.told.told] == [attempt.failure]
    await harness.assert_nothing_is_left()


async def test_waits_between_looks_grow_to_the_longest(harness: Harness) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0 if seconds < 3600 else 3600)

    harness.engine.pending = 4
    timings = Timings(poll_first=1, poll_growth=2, poll_longest=5, edit_every=3600)
    await run_attempt(harness, timings=timings, sleep=sleep)
    assert [wait for wait in waits if wait < 3600] == [1, 2, 4, 5]


async def test_a_crowd_is_looked_at_less_often(harness: Harness) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0 if seconds < 3600 else 3600)

    harness.engine.pending = 3
    timings = Timings(edit_every=3600, max_polls_per_second=0.01)
    await run_attempt(harness, timings=timings, sleep=sleep)
    assert [wait for wait in waits if wait < 3600] == [timings.poll_first, 100, 100]


async def test_an_analysis_that_never_ends_is_given_up_and_deleted(harness: Harness) -> None:
    harness.engine.pending = 1_000_000
    timings = replace(harness.deps.timings, analysis_deadline=-1)
    attempt = await run_attempt(harness, timings=timings)
    assert attempt.failure is not None
    assert attempt.failure.code == "analysis_timeout"
    assert await harness.uses(ANN) == 0
    await harness.assert_nothing_is_left()


async def test_an_engine_that_was_switched_off_ends_the_attempt_and_keeps_its_ids(
    harness: Harness,
) -> None:
    attempt = await harness.submit(harness.process())
    asset_id = harness.vendor.make_asset(attempt.id)
    moved = await harness.attempts.move(
        attempt,
        AttemptState.UPLOADED,
        facts=FACTS,
        refs=VendorRefs(asset_id=asset_id),
    )
    await harness.process(engines={}).start()
    ended = await row(harness, attempt)
    assert ended.failure is not None
    assert ended.failure.code == "engine_switched_off"
    assert (ended.refs, ended.cleaned_at) == (moved.refs, None)
    await harness.process().start()  # with the engine again
    await harness.assert_nothing_is_left()


async def test_only_the_first_step_of_a_start_is_told_that_it_may_have_run(
    harness: Harness,
) -> None:
    resumed: list[tuple[str, bool]] = []

    class Listening(ScriptedEngine):
        async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            resumed.append(("prepare", job.resumed))
            return await super().prepare(job, save_refs)

        async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            resumed.append(("start", job.resumed))
            return await super().start(job, save_refs)

    engine = Listening(harness.vendor)
    engines = {engine.name: engine}
    await run_attempt(harness, engines=engines)
    attempt = await harness.submit(harness.process())
    await harness.attempts.move(attempt, AttemptState.FETCHED, facts=FACTS)
    await harness.process(engines=engines).start()
    assert resumed == [("prepare", False), ("start", False), ("prepare", True), ("start", False)]


async def test_the_result_comes_with_the_attempt_before_it(harness: Harness) -> None:
    first = await run_attempt(harness)
    harness.clock.forward(minutes=1)
    await run_attempt(harness)
    assert [before and before.id for _, before in harness.told.told] == [None, first.id]


async def test_where_a_shared_result_was_shown_is_remembered(harness: Harness) -> None:
    process = harness.process()
    attempt = await harness.submit(process, shared=True)
    await process.attempts.advance(attempt.owner, attempt.id)
    ended = await row(harness, attempt)
    assert (ended.shared_message_id, ended.shared_channel_id) == (99, 11)


@pytest.mark.expects_logged_error
async def test_a_result_that_cannot_be_shown_waits_behind_the_button(harness: Harness) -> None:
    harness.told.trouble = ValueError("an embed that is too long")
    attempt = await run_attempt(harness)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.delivered_via is DeliveredVia.BUTTON
    await harness.assert_nothing_is_left()


async def test_what_cannot_be_deleted_now_is_left_to_the_sweep(harness: Harness) -> None:
    harness.engine.troubles["discard"] = EngineRefused("api_not_allowed", "No.")
    attempt = await run_attempt(harness)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.cleaned_at is None
    assert not harness.vendor.empty
    harness.engine.troubles.clear()
    await harness.process().cleanup.run()
    await harness.assert_nothing_is_left()


async def test_a_journey_leaves_no_task_behind(harness: Harness) -> None:
    before = asyncio.all_tasks()
    await run_attempt(harness)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("what", ["delete", "cancel"])
async def test_vendor_ids_that_come_too_late_for_their_row_are_left_to_the_sweep(
    harness: Harness, what: str
) -> None:
    class Interrupted(ScriptedEngine):
        async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            await elsewhere(harness, attempt, what)
            return await super().prepare(job, save_refs)

    engine = Interrupted(harness.vendor)
    process = harness.process(engines={engine.name: engine})
    attempt = await harness.submit(process)
    await process.attempts.advance(attempt.owner, attempt.id)
    [asset_id] = harness.vendor.assets
    assert asset_id in [left.refs.asset_id for left in await harness.pending_deletions.all()]
    assert list((harness.folder / "clips").glob("*")) == []


async def test_who_finds_an_attempt_cancelled_elsewhere_deletes_its_copies(
    harness: Harness,
) -> None:
    class Interrupted(ScriptedEngine):
        async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
            refs = await super().start(job, save_refs)
            await elsewhere(harness, attempt, "cancel")
            return refs

    engine = Interrupted(harness.vendor)
    process = harness.process(engines={engine.name: engine})
    attempt = await harness.submit(process)
    await process.attempts.advance(attempt.owner, attempt.id)
    assert (await row(harness, attempt)).cleaned_at is not None
    assert harness.told.told == []
    await harness.assert_nothing_is_left()


async def elsewhere(harness: Harness, attempt: Attempt, what: str) -> None:
    """What another process does to an attempt."""
    if what == "delete":
        await harness.attempts.delete(attempt.owner, attempt.id)
    else:
        await harness.attempts.move(await row(harness, attempt), AttemptState.CANCELLED)


async def test_how_long_measuring_takes_is_on_the_row_before_it_begins_and_kept_for_the_next_start(
    harness: Harness,
) -> None:
    seen: list[float | None] = []
    pace = WorkPace("0.5")

    class Measuring(ScriptedEngine):
        async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment:  # noqa: ARG002
            seen.append(job.facts.expected_seconds)
            pace.learn(10, 8)
            return ASSESSMENT

    engine = Measuring(harness.vendor, EngineName.LOCAL)
    attempt = await run_attempt(
        harness, engines={engine.name: engine}, engine=engine.name, work_pace=pace
    )
    assert seen == [pytest.approx(FACTS.duration_seconds * 0.5, abs=0.1)]
    assert attempt.state is AttemptState.DELIVERED
    assert await harness.deps.metadata.get(META_KEY) == "0.5,0.8"
    await harness.build()
    assert harness.deps.work_pace.expected(100) == pytest.approx(65)


async def test_a_vendors_work_has_no_such_estimate(harness: Harness) -> None:
    attempt = await run_attempt(harness)
    assert attempt.facts is not None
    assert attempt.facts.expected_seconds is None
    assert await harness.deps.metadata.get(META_KEY) is None
