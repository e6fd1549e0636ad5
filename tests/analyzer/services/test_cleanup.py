"""The sweep: what it deletes, what it leaves alone, and that its parts fail alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from analyzer.services.attempts import new_id
from analyzer.services.cleanup import EVERY_SECONDS
from core.errors import EngineUnavailable
from core.models import Attempt, AttemptState, DeliveredVia, EngineName, Owner, Request, VendorRefs
from tests.analyzer.harness import ANN, BEN, CLIP, House
from tests.analyzer.scripted import ScriptedEngine, Vendor


class Rubbish:
    """One of everything that a sweep must delete, left by one member."""

    def __init__(self, house: House, owner: Owner = ANN) -> None:
        self.house = house
        self.owner = owner
        self.file = house.folder / "clips" / "0123456789abcdef.clip"

    async def spread(self) -> None:
        house = self.house
        self.old = await self._ended(self.owner)
        house.clock.forward(days=91)
        self.uncleaned = await self._ended(self.owner, reply=True)
        deleted = await self._ended(BEN)
        await house.attempts.delete(BEN, deleted.id)
        house.vendor.make_asset("fedcba9876543210")
        await asyncio.to_thread(self._write)
        self.request = Request(
            id=new_id(),
            owner=self.owner,
            channel_id=1,
            clips=(CLIP,),
            created_at=house.clock() - timedelta(hours=25),
        )
        await house.requests.add(self.request)

    def _write(self) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(b"left by a crash")

    async def _ended(self, owner: Owner, *, reply: bool = False) -> Attempt:
        """An attempt that failed; its copies are at the vendor, and its member was told."""
        house = self.house
        attempt = await house.submit(house.process(), owner)
        refs = VendorRefs(asset_id=house.vendor.make_asset(attempt.id))
        failed = await house.attempts.move(attempt, AttemptState.FAILED, refs=refs)
        told = await house.attempts.change(failed, delivered_via=DeliveredVia.REPLY)
        return told if reply else await house.attempts.change(told, reply=None)

    async def left(self) -> set[str]:
        """What of it is still there."""
        house, left = self.house, set()
        kept = await house.now(self.uncleaned)
        assert kept is not None
        if kept.cleaned_at is None:
            left.add("copies of an ended attempt")
        if kept.reply is not None:
            left.add("a dead token")
        if await house.now(self.old) is not None:
            left.add("an old attempt")
        if await house.leftovers.all():
            left.add("leftovers")
        if "fedcba9876543210" in house.vendor.assets.values():
            left.add("unrecorded copies")
        if await asyncio.to_thread(self.file.exists):
            left.add("a file")
        if await house.requests.get(self.owner, self.request.id) is not None:
            left.add("a request")
        if await house.uses(self.owner) > 1:
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


async def test_a_sweep_deletes_everything_that_was_left(house: House) -> None:
    rubbish = Rubbish(house)
    await rubbish.spread()
    assert await rubbish.left() == ALL
    await house.process().sweep.run()
    assert await rubbish.left() == set()
    await house.assert_nothing_is_left()


async def test_webhook_events_are_known_for_a_day(house: House) -> None:
    events, sweep = house.parts.webhook_events, house.process().sweep
    assert await events.is_new("whe_1")
    house.clock.forward(hours=23)
    await sweep.run()
    assert not await events.is_new("whe_1")
    house.clock.forward(hours=2)
    await sweep.run()
    assert await events.is_new("whe_1")


@pytest.mark.expects_logged_error
async def test_whatever_part_fails_the_others_are_done_and_the_next_sweep_does_the_rest(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    rubbish = Rubbish(house)
    await rubbish.spread()
    house.points.names.clear()
    await house.process().sweep.run()
    points = list(house.points.names)

    async def fail() -> None:
        raise ValueError("secret")

    for at, name in enumerate(points):
        rubbish = Rubbish(house, Owner(guild_id=7, user_id=at + 10))
        await rubbish.spread()
        house.points.step_in(at, fail)
        await house.process().sweep.run()
        # an old attempt whose copies could not be deleted leaves them to the leftovers
        assert len(await rubbish.left() - {"leftovers"}) <= 1, name
        await house.process().sweep.run()
        assert await rubbish.left() == set(), name
    assert "secret" not in caplog.text


async def test_what_belongs_to_attempts_under_way_is_left_alone(house: House) -> None:
    attempt = await house.submit(house.process())
    file = house.folder / "clips" / f"{attempt.id}.clip"
    await asyncio.to_thread(file.parent.mkdir)
    await asyncio.to_thread(file.write_bytes, b"half a clip")
    asset_id = house.vendor.make_asset(attempt.id)
    house.clock.forward(days=100)
    await house.process().sweep.run()
    assert await asyncio.to_thread(file.exists)
    assert asset_id in house.vendor.assets
    kept = await house.now(attempt)
    assert kept is not None
    assert kept.state is AttemptState.QUEUED


async def test_an_attempt_is_kept_until_its_retention_is_over(house: House) -> None:
    process = house.process()
    attempt = await house.submit(process)
    await process.service.advance(ANN, attempt.id)
    house.clock.forward(days=90)
    await process.sweep.run()
    assert await house.now(attempt) is not None
    house.clock.forward(seconds=1)
    await process.sweep.run()
    assert await house.now(attempt) is None


async def test_one_engine_that_fails_does_not_keep_the_other_from_being_swept(
    house: House,
) -> None:
    failing, vendor = ScriptedEngine(Vendor(), EngineName.LOCAL), Vendor()
    failing.troubles["sweep"] = EngineUnavailable("network", "Later.")
    vendor.make_asset("fedcba9876543210")
    engine = ScriptedEngine(vendor)
    await house.process(engines={failing.name: failing, engine.name: engine}).sweep.run()
    assert vendor.empty


async def test_copies_at_an_engine_that_is_switched_off_wait_until_it_is_back(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    rubbish = Rubbish(house)
    await rubbish.spread()
    await house.process(engines={}).sweep.run()
    assert {"copies of an ended attempt", "leftovers"} <= await rubbish.left()
    assert "until it is set up again" in caplog.text
    await house.process().sweep.run()
    await house.assert_nothing_is_left()


async def test_it_sweeps_at_start_and_every_hour_until_it_is_stopped(house: House) -> None:
    waits: list[float] = []
    third = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            third.set()
            await asyncio.Event().wait()

    before = asyncio.all_tasks()
    sweep = house.process(sleep=sleep).sweep
    sweep.start()
    await third.wait()
    assert house.engine.calls.count("sweep") == 3
    assert waits == [EVERY_SECONDS] * 3
    await sweep.stop()
    assert asyncio.all_tasks() == before


async def test_stopping_a_sweep_that_was_never_started_is_no_error(house: House) -> None:
    await house.process().sweep.stop()
    assert house.engine.calls == []
