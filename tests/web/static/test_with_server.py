"""The page against the real server: a recording goes all the way, and a moment of it plays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from analyzer.dependencies import Limits
from analyzer.engines import Job, SaveRefs
from analyzer.media.preflight import probe_clip
from core.assessment import Assessment, EngineName
from core.models import ClipKind, VendorRefs
from tests.analyzer.harness import ANN
from tests.analyzer.scripted import ScriptedEngine, Vendor
from tests.storage.samples import ASSESSMENT
from tests.web.static.page import BROWSER, NO_BROWSER, new_studio
from tests.web.studio.client import QUESTION, open_bench

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

LIMITS = Limits(
    daily_attempts=5,
    open_attempts=2,
    clip_bytes=10_000_000,
    clip_seconds=600,
    retention=timedelta(days=90),
)


class Watching(ScriptedEngine):
    """An engine that finds the same in every recording, and remembers what it was given."""

    jobs: tuple[Job, ...] = ()

    async def prepare(self, job: Job, keep: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def start(self, job: Job, keep: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        return job.refs

    async def poll(self, job: Job, keep: SaveRefs) -> Assessment:  # noqa: ARG002 - the protocol's
        self.jobs = (*self.jobs, job)
        return ASSESSMENT


async def test_from_the_link_to_a_played_moment(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Watching(Vendor(), EngineName.LOCAL)
    async with open_bench(
        tmp_path,
        monkeypatch,
        real_page=True,
        engines={engine.name: engine},
        engine=engine.name,
        limits=LIMITS,
    ) as bench:
        monkeypatch.setattr("analyzer.media.preflight.probe_clip", probe_clip)
        context, studio = await new_studio(browser, reduced_motion="reduce")
        link = f"{bench.url}/studio#{await bench.link()}"
        await studio.recorded(link, seconds=5)
        await studio.send()
        await studio.at("Your result")
        await expect(studio.page.get_by_text(ASSESSMENT.strength)).to_be_visible()
        moment = next(point for point in ASSESSMENT.key_points if point.at_seconds is not None)
        await studio.play(moment.text)
        await studio.open(link)  # closed and opened again
        await studio.at("Your result")
        await context.close()
        assert studio.complaints == []

        await bench.process.rest()
        (job,) = engine.jobs
        assert (job.facts.container, job.facts.has_audio) == ("webm", True)
        assert job.facts.has_duration  # Chromium's own file does not say it
        (attempt,) = await bench.harness.attempts.history(ANN, limit=5)
        assert (attempt.question, attempt.source.kind) == (QUESTION, ClipKind.STUDIO)
        assert bench.files() == []
