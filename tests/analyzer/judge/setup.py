"""A judge on a bench: the real SDK, a stand-in server, one answer, and no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from analyzer.judge.judge import Judge, JudgeSettings
from analyzer.judge.prompt import Material
from core.assessment import Sentence
from tests.fakes.judge import JudgeStandIn

QUESTION = "Tell me about a problem you solved."

TEXTS = (
    "Last spring our weekly report took two days, and nobody knew why.",
    "I wrote down each step for one week.",
    "Most of the time went into copying numbers between two tables.",
    "I asked both teams for one shared table, and wrote a small script for the rest.",
    "Now the report takes an hour, and the errors are gone.",
)
SAID = tuple(
    Sentence(text=text, start=5.0 * at + 0.5, end=5.0 * at + 4.5) for at, text in enumerate(TEXTS)
)
MATERIAL = Material(QUESTION, "behavioural", SAID, duration_seconds=26.0)


@dataclass
class Bench:
    """A server, and judges that speak to it."""

    server: JudgeStandIn
    naps: list[float] = field(default_factory=list)
    judges: list[Judge] = field(default_factory=list)

    def settings(self, **changes: Any) -> JudgeSettings:
        made = JudgeSettings(
            url=self.server.url,
            host="localhost",
            model=self.server.model,
            api_key="a-key-of-ours",
            seconds=10,
            calls="one",
        )
        return replace(made, **changes)

    def judge(self, **changes: Any) -> Judge:
        made = Judge(self.settings(**changes), sleep=self.nap)
        self.judges.append(made)
        return made

    async def nap(self, seconds: float) -> None:
        """Note a wait instead of waiting."""
        self.naps.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def open_bench(**options: Any) -> AsyncIterator[Bench]:
    """Start a server with these options."""
    async with JudgeStandIn(**options) as server:
        bench = Bench(server)
        try:
            yield bench
        finally:
            for judge in bench.judges:
                await judge.aclose()
