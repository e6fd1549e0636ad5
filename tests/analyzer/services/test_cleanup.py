"""The sweep: what it deletes, what it leaves alone, and that its parts fail alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from analyzer.services.cleanup import EVERY_SECONDS
from core.assessment import EngineName
from core.errors import EngineUnavailable
from core.models import (
    Attempt,
    AttemptState,
    DeliveredVia,
    Owner,
    Request,
    VendorRefs,
    new_id,
)
from tests.analyzer.harness import ANN, BEN, CLIP, Harness
from tests.analyzer.scripted import ScriptedEngine, Vendor


class Rubbish:
    """One of everything that a sweep must delete, left by one member."""

    def __init__(self, harness: Harness, owner: Owner = ANN) -> None:
        self.harness = harness
        self.owner = owner
        self.file = harness.folder / "clips" / "0123456789abcdef.clip"

    async def spread(self) -> None:
        harness = self.harness
        self.old = await self._ended(self.owner)
        harness.clock.forward(days=91)
        self.uncleaned = await self._ended(self.owner, reply=True)
        deleted = await self._ended(BEN)
        await harness.attempts.delete(BEN, deleted.id)
        harness.vendor.make_asset("fedcba9876543210")
        await asyncio.to_thread(self._write)
        self.request = Request(
            id=new_id(),
            owner=self.owner,
            channel_id=1,
            clips=(CLIP,),
            created_at=harness.clock() - timedelta(hours=25),
        )
        await harness.requests.add(self.request)

    def _write(self) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(b"left by a crash")

    async def _ended(self, owner: Owner, *, reply: bool = False) -> Attempt:
        """An attempt that failed; its copies are at the vendor, and its member was told."""
        harness = self.harness
        attempt = await harness.submit(harness.process(), owner)
        refs = VendorRefs(asset_id=harness.vendor.make_asset(attempt.id))
        failed = await harness.attempts.move(attempt, AttemptState.FAILED, refs=refs)
        told = await harness.attempts.change(failed, delivered_via=DeliveredVia.REPLY)
        return told if reply else await harness.attempts.change(told, reply=None)

    async def left(self) -> set[str]:
        """What of it is still there."""
        harness, left = self.harness, set()
        kept = await harness.now(self.uncleaned)
        assert kept is not None
        if kept.cleaned_at is None:
            left.add("copies of an ended attempt")
        if kept.reply is not None:
            left.add("a dead token")
        if await harness.now(self.old) is not None:
            left.add("an old attempt")
        if await harness.pending_deletions.all():
            left.add("leftovers")
        if "fedcba9876543210" in harness.vendor.assets.values():
            left.add("unrecorded copies")
        if await asyncio.to_thread(self.file.exists):
            left.add("a file")
        if await harness.requests.get(self.owner, self.request.id) is not None:
            left.add("a request")
        if await harness.uses(self.owner) > 1:
            left.add("an old use")
        return left


ALL = {
    "copies of an ended attempt",
    "a dead token",
    "an old attempt",
    "leftovers",
    "unrecorded copies",
    "a file",
    "a request",
    "an old use",
}


async def test_a_sweep_deletes_everything_that_was_left(harness: Harness) -> None:
    rubbish = Rubbish(harness)
    await rubbish.spread()
    assert await rubbish.left() == ALL
    await harness.process().cleanup.run()
    assert await rubbish.left() == set()
    await harness.assert_nothing_is_left()


async def test_webhook_events_are_known_for_a_day(harness: Harness) -> None:
    events, cleanup = harness.deps.webhook_events, harness.process().cleanup
    assert await events.is_new("whe_1")
    harness.clock.forward(hours=23)
    await cleanup.run()
    assert not await events.is_new("whe_1")
    harness.clock.forward(hours=2)
    await cleanup.run()
    assert await events.is_new("whe_1")


@pytest.mark.expects_logged_error
async def test_whatever_part_fails_the_others_are_done_and_the_next_sweep_does_the_rest(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    rubbish = Rubbish(harness)
    await rubbish.spread()
    harness.points.names.clear()
    await harness.process().cleanup.run()
    points = list(harness.points.names)

    async def fail() -> None:
        raise ValueError("secret")

    for at, name in enumerate(points):
        rubbish = Rubbish(harness, Owner(guild_id=7, user_id=at + 10))
        await rubbish.spread()
        harness.points.step_in(at, fail)
        await harness.process().cleanup.run()
        # an old attempt whose copies could not be deleted leaves them to the leftovers
        assert len(await rubbish.left() - {"leftovers"}) <= 1, name
        await harness.process().cleanup.run()
        assert await rubbish.left() == set(), name
    assert "secret" not in caplog.text


async def test_what_belongs_to_attempts_under_way_is_left_alone(harness: Harness) -> None:
    attempt = await harness.submit(harness.process())
    file = harness.folder / "clips" / f"{attempt.id}.clip"
    await asyncio.to_thread(file.parent.mkdir)
    await asyncio.to_thread(file.write_bytes, b"half a clip")
    asset_id = harness.vendor.make_asset(attempt.id)
    harness.clock.forward(days=100)
    await harness.process().cleanup.run()
    assert await asyncio.to_thread(file.exists)
    assert asset_id in harness.vendor.assets
    kept = await harness.now(attempt)
    assert kept is not None
    assert kept.state is AttemptState.QUEUED


async def test_an_attempt_is_kept_until_its_retention_is_over(harness: Harness) -> None:
    process = harness.process()
    attempt = await harness.submit(process)
    await process.attempts.advance(ANN, attempt.id)
    harness.clock.forward(days=90)
    await process.cleanup.run()
    assert await harness.now(attempt) is not None
    harness.clock.forward(seconds=1)
    await process.cleanup.run()
    assert await harness.now(attempt) is None


async def test_one_engine_that_fails_does_not_keep_the_other_from_being_swept(
    harness: Harness,
) -> None:
    failing, vendor = ScriptedEngine(Vendor(), EngineName.LOCAL), Vendor()
    failing.troubles["sweep"] = EngineUnavailable("network", "Later.")
    vendor.make_asset("fedcba9876543210")
    engine = ScriptedEngine(vendor)
    await harness.process(engines={failing.name: failing, engine.name: engine}).cleanup.run()
    assert vendor.empty


async def test_copies_at_an_engine_that_is_switched_off_wait_until_it_is_back(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    rubbish = Rubbish(harness)
    await rubbish.spread()
    await harness.process(engines={}).cleanup.run()
    assert {"copies of an ended attempt", "leftovers"} <= await rubbish.left()
    assert "until it is set up again" in caplog.text
    await harness.process().cleanup.run()
    await harness.assert_nothing_is_left()


async def test_it_sweeps_at_start_and_every_hour_until_it_is_stopped(harness: Harness) -> None:
    waits: list[float] = []
    third = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            third.set()
            await asyncio.Event().wait()

    before = asyncio.all_tasks()
    cleanup = harness.process(sleep=sleep).cleanup
    cleanup.start()
    await third.wait()
    assert harness.engine.calls.count("sweep") == 3
    assert waits == [EVERY_SECONDS] * 3
    await cleanup.stop()
    assert asyncio.all_tasks() == before


async def test_stopping_a_sweep_that_was_never_started_is_no_error(harness: Harness) -> None:
    await harness.process().cleanup.stop()
    assert harness.engine.calls == []
