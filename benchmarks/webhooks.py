"""Prints how long after an analysis is ready its result is shown: asking seldom, often, being told.

Run as `python -m benchmarks.webhooks`; it takes two and a half minutes. Three bots run side by
side, each as a process of its own between its own stand-ins for Discord and TwelveLabs, and each
gets the same attempts: 50 in 75 seconds, whose analyses take 20 to 60 seconds each. Measured from
the moment the vendor could hand out the result until the edit that shows it arrives at Discord; the
network comes on top.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from benchmarks.table import Table
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import TaskRecord
from tests.fakes.twelvelabs_webhooks import WebhookSender, event
from tests.process.crowd import Crowd
from tests.process.members import CLIP, LOOK, ORIGINAL, is_result
from tests.process.operator import Operator
from tests.process.patient import patience

ATTEMPTS = 50
EVERY_SECONDS = 1.5
SHORTEST, LONGEST = 20.0, 60.0  # seconds of an analysis
LONGEST_WAIT = 60.0  # for the last analysis to begin, and for the last result

WAYS = {
    "a look every 5 s": (5.0, False),
    "our looks": (None, False),
    "our webhook": (None, True),
}
"""How each bot hears that an analysis has ended: fixed seconds between looks, or what it learns
meanwhile; and whether webhooks are sent to it."""


_MIGRATING = asyncio.Lock()  # Alembic does one migration at a time in a process


@dataclass
class Bench:
    """One bot between its stand-ins, and when its analyses became ready."""

    every: float | None
    webhooks: bool
    seconds: list[float]  # of each analysis
    discord: DiscordStandIn = field(default_factory=DiscordStandIn)
    vendor: TwelveLabsStandIn = field(
        default_factory=lambda: TwelveLabsStandIn(asset_polls=0, task_statuses=("processing",))
    )
    ready_at: dict[int, float] = field(default_factory=dict)

    async def measure(self) -> list[float]:
        """Run all attempts, and return the seconds from ready to shown."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.discord)
            await stack.enter_async_context(self.vendor)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            operator = Operator(folder, self.discord, self.vendor)
            stack.push_async_callback(operator.aclose)
            if self.every is not None:
                operator.program = patience(self.every, self.every)
            self._sender = self._set_up_webhooks(operator)
            async with _MIGRATING:
                crowd = await Crowd.gather(operator, self.discord, ATTEMPTS)
            await operator.run(LOG_LEVEL="WARNING")
            async with asyncio.TaskGroup() as self._analyses:
                self.vendor.on_create = self._begin
                tokens = await self._ask(crowd)
            await self._wait_for(lambda: len(self._shown_at()) == len(self.ready_at), "results")
            shown_at = self._shown_at()
            return [shown_at[tokens[n]] - self.ready_at[n] for n in self.ready_at]

    def _set_up_webhooks(self, operator: Operator) -> WebhookSender | None:
        if not self.webhooks:
            return None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        operator.settings |= {
            "HTTP_PORT": str(port),
            "TWELVELABS_WEBHOOK_SECRET": operator.webhook_secret,
        }
        return WebhookSender(f"http://127.0.0.1:{port}", operator.webhook_secret)

    async def _ask(self, crowd: Crowd) -> list[str]:
        """Let one member after the other ask; returns the token of each one's reply."""
        tokens = []
        for number, member in enumerate(crowd.members):
            asked = await self.discord.slash(
                "analyze",
                {"question": f"What is question number {number} about?"},
                attachment=CLIP,
                member=member,
            )
            tokens += [token for token, one in self.discord.interactions.items() if one is asked]
            await asyncio.sleep(EVERY_SECONDS)
        with contextlib.suppress(AssertionError):  # on a busy machine some fail: see the table
            await self._wait_for(lambda: len(self.vendor.tasks) == ATTEMPTS, "analyses")
        return tokens

    async def _wait_for(self, look: Callable[[], bool], what: str) -> None:
        await self.discord.until(look, LONGEST_WAIT, what)

    async def _begin(self, task: TaskRecord) -> None:
        found = re.search(r"question number (\d+) about", task.prompt)
        assert found is not None
        number = int(found[1])
        task.ready_at = task.created_at + timedelta(seconds=self.seconds[number])
        self._analyses.create_task(self._end(task, number))

    async def _end(self, task: TaskRecord, number: int) -> None:
        await asyncio.sleep(self.seconds[number])
        self.ready_at[number] = time.monotonic()
        if self._sender is not None:
            sent, status = event(task), 503
            for _ in range(30):  # as the vendor does, while the bot is too busy
                if (status := await self._sender.send(sent)) != 503:
                    break
                await asyncio.sleep(1)
            assert status == 204, f"the webhook was answered {status}"

    def _shown_at(self) -> dict[str, float]:
        """When the edit with the result came, by the token in its address."""
        edits = self.discord.calls("PATCH", ORIGINAL)
        return {edit.path.split("/")[3]: edit.at for edit in edits if is_result(edit.json)}


async def main() -> None:
    """Measure all three side by side, and print the table."""
    chance = random.Random(1)  # noqa: S311 - no secret
    seconds = [chance.uniform(SHORTEST, LONGEST) for _ in range(ATTEMPTS)]
    benches = {name: Bench(every, webhooks, seconds) for name, (every, webhooks) in WAYS.items()}
    async with asyncio.TaskGroup() as running:
        measured = {name: running.create_task(bench.measure()) for name, bench in benches.items()}
    table = Table("how it hears", "results", "p50 s", "p99 s", "looks each", label_width=24)
    for name, task in measured.items():
        cuts = statistics.quantiles(task.result(), n=100, method="inclusive")
        results = len(task.result())
        looks = len(benches[name].vendor.calls("GET", LOOK)) / results
        table.row(name, str(results), f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{looks:.1f}")


if __name__ == "__main__":
    asyncio.run(main())
