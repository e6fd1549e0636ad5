"""The engine `twelvelabs` on a bench: the real SDK, the stand-in vendor, and no waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from analyzer.engines import Job, Pending
from analyzer.engines.twelvelabs.deadlines import Deadlines
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from core.assessment import Assessment, Metric
from core.models import ClipFacts, VendorRefs
from demo import SAMPLE_CLIP
from tests.fakes.twelvelabs import TwelveLabsStandIn

DEMO = SAMPLE_CLIP
FACTS = ClipFacts(
    size_bytes=528_292,
    duration_seconds=26.86,
    width=480,
    height=360,
    has_audio=True,
    container="mov,mp4,m4a,3gp,3g2,mj2",
    video_codec="h264",
)
SILENT = FACTS.model_copy(update={"has_audio": False})
QUESTION = "Tell me about a project you are proud of."
ATTEMPT = "00112233aabbccdd"
CALM = Deadlines(transcription=1.1, each=5)
QUICK = Deadlines(
    upload=0.6, ready=0.6, start=0.6, poll=0.6, discard=0.6, check=0.6, each=0.2, stall=0.2
)
"""For faults that do not end: these deadlines pass in real time, waits in between do not."""


@dataclass
class Bench:
    """A vendor, engines that speak to it, and what they kept and slept."""

    vendor: TwelveLabsStandIn
    exits: AsyncExitStack
    naps: list[float] = field(default_factory=list)
    kept: list[VendorRefs] = field(default_factory=list)

    def engine(self, **changes: Any) -> TwelveLabsEngine:
        """Make an engine as after a start of the bot."""
        options = {
            "api_key": self.vendor.key,
            "model": "pegasus1.5",
            "installation": "test",
            "base_url": self.vendor.url,
            "deadlines": CALM,
            "sleep": self.nap,
        }
        engine = TwelveLabsEngine(**{**options, **changes})
        self.exits.push_async_callback(engine.aclose)
        return engine

    async def nap(self, seconds: float) -> None:
        """Note a wait instead of waiting."""
        self.naps.append(seconds)
        await asyncio.sleep(0)

    async def save_refs(self, refs: VendorRefs) -> None:
        """Commit vendor ids, as the service would."""
        self.kept.append(refs)

    @property
    def refs(self) -> VendorRefs:
        """What was committed last."""
        return self.kept[-1] if self.kept else VendorRefs()

    def job(self, **changes: Any) -> Job:
        """Describe the attempt as its row would now."""
        values = {
            "attempt_id": ATTEMPT,
            "question": QUESTION,
            "clip": DEMO,
            "facts": FACTS,
            "refs": self.refs,
        }
        return Job(**{**values, **changes})

    async def begin(self, engine: TwelveLabsEngine, **changes: Any) -> None:
        """Take an attempt to where its analysis can be looked at."""
        await engine.prepare(self.job(**changes), self.save_refs)
        await engine.start(self.job(**changes), self.save_refs)

    async def finish(self, engine: TwelveLabsEngine, **changes: Any) -> Assessment:
        """Look until the assessment is there."""
        for _ in range(20):
            result = await engine.poll(self.job(**changes), self.save_refs)
            if not isinstance(result, Pending):
                return result
        raise AssertionError("pending for ever")

    async def assess(self, engine: TwelveLabsEngine, **changes: Any) -> Assessment:
        """Go the whole way but for deleting."""
        await self.begin(engine, **changes)
        return await self.finish(engine, **changes)

    def nothing_left(self) -> bool:
        """Whether the vendor holds nothing any more."""
        return not self.vendor.live_assets() and not self.vendor.live_tasks()


@asynccontextmanager
async def open_bench(monkeypatch: pytest.MonkeyPatch, **knobs: Any) -> AsyncIterator[Bench]:
    """Start a vendor with some of `Script`'s knobs set."""
    monkeypatch.delenv("TWELVELABS_BASE_URL", raising=False)
    async with TwelveLabsStandIn(**knobs) as vendor, AsyncExitStack() as exits:
        bench = Bench(vendor, exits)
        # stamina takes no sleep of ours; this is the one its asynchronous retries look up
        monkeypatch.setattr("stamina._core._smart_sleep", bench.nap)
        yield bench


def answer(**changes: Any) -> str:
    """Write a model's answer with a 7 for every metric."""
    document: dict[str, Any] = {
        metric.value: {
            "score": 7,
            "not_observable": "",
            "evidence": "You looked at the camera.",
            "at_seconds": 2.0,
        }
        for metric in Metric
    }
    document |= {
        "strength": "You named the result first.",
        "next_step": "Pause before the result.",
        "key_points": [{"text": "You named your part.", "at": 3}],
    }
    return json.dumps(document | changes)


def in_turn(*answers: str) -> Callable[[Any], str]:
    """Answer the first analysis with the first, the next with the next."""
    return lambda task: answers[task.number - 1]
