"""A bot over a restored backup goes on with what was under way, and leaves no copy anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from analyzer.engines import Job, Pending, SaveRefs
from core.assessment import Assessment
from core.errors import EngineRefused
from core.models import Attempt, AttemptState, VendorRefs
from storage.engine.database import Database
from storage.maintenance.backup import back_up, restore
from tests.analyzer.harness import BEN, Harness, open_harness
from tests.analyzer.scripted import ScriptedEngine
from tests.storage.files import holding
from tests.storage.samples import FACTS


class ForgetfulEngine(ScriptedEngine):
    """Its vendor answers for a task that was deleted as the real one does."""

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        if job.refs.task_ids[-1] not in self.vendor.tasks:
            raise EngineRefused("resource_not_exist", "Send your clip again.")
        return await super().poll(job, save_refs)


@asynccontextmanager
async def restored(
    folder: Path, harness: Harness, attempt: Attempt
) -> AsyncIterator[tuple[Harness, Attempt]]:
    """The harness over a backup of this moment, after what came later; and the attempt in there."""
    url = f"sqlite+aiosqlite:///{folder / 'greenroom.sqlite3'}"
    await back_up(url, folder / "backup")
    await harness.process().attempts.advance(attempt.owner, attempt.id)  # it ends, and is cleaned
    unknown = await harness.submit(harness.process(), BEN)
    harness.vendor.make_asset(unknown.id)
    await harness.database.close()
    await restore(folder / "backup", url)
    again = Harness(Database(url), folder, vendor=harness.vendor, told=harness.told)
    await again.build()
    try:
        now = await again.now(attempt)
        assert now is not None
        yield again, now
        assert await again.now(unknown) is None
        await again.assert_nothing_is_left()
    finally:
        await again.database.close()


async def test_in_the_replaced_database_nothing_lives_longer_than_it_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_harness(tmp_path, monkeypatch) as harness:
        url = f"sqlite+aiosqlite:///{tmp_path / 'greenroom.sqlite3'}"
        await back_up(url, tmp_path / "backup")
        await harness.submit(harness.process(), question="zzquark")  # under way, with a token
        await harness.database.close()
        kept = (await restore(tmp_path / "backup", url)).kept
        assert kept is not None
        again = Harness(Database(url), tmp_path, clock=harness.clock)
        await again.build()
        try:
            harness.clock.forward(minutes=16)
            await again.process().cleanup.run()
            assert await holding(tmp_path, "zzquark", "reply-token") == {kept.name}
            assert await holding(tmp_path, "reply-token") == set()
            harness.clock.forward(days=91)
            await again.process().cleanup.run()
            assert await holding(tmp_path, "zzquark") == set()
        finally:
            await again.database.close()


async def test_what_was_under_way_goes_on_and_copies_from_after_the_backup_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_harness(tmp_path, monkeypatch) as harness:
        attempt = await harness.submit(harness.process())
        async with restored(tmp_path, harness, attempt) as (again, now):
            assert (now.state, now.reply) == (AttemptState.QUEUED, None)
            await again.process().start()
            ended = await again.now(attempt)
            assert ended is not None
            assert ended.state is AttemptState.DELIVERED
            assert await again.uses(attempt.owner) == 1


async def test_an_attempt_whose_copies_are_gone_by_now_fails_with_a_sentence_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_harness(tmp_path, monkeypatch) as harness:
        attempt = await harness.submit(harness.process())
        asset = harness.vendor.make_asset(attempt.id)
        refs = VendorRefs(asset_id=asset, task_ids=(harness.vendor.make_task(asset, attempt.id),))
        attempt = await harness.attempts.move(
            attempt, AttemptState.ANALYZING, facts=FACTS, refs=refs
        )
        async with restored(tmp_path, harness, attempt) as (again, now):
            assert (now.state, now.refs) == (AttemptState.ANALYZING, refs)
            engine = ForgetfulEngine(again.vendor)
            await again.process(engines={engine.name: engine}).start()
            ended = await again.now(attempt)
            assert ended is not None
            assert ended.failure is not None
            assert ended.failure.code == "resource_not_exist"
            assert await again.uses(attempt.owner) == 0
