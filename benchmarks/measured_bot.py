"""Runs `python bot.py run` as a process that can be asked how it is, while it works.

The process is the bot as its operator starts it, with one addition: a sampler that asks for 10 ms
of sleep again and again, and notes how much later the event loop has woken it. `Bot.report` asks
for the figures since the last time it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil  # type: ignore[import-untyped] # psutil carries no types

from core.settings import ROOT, Settings

SAMPLE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Report:
    """How the process is. Lag and processor time count from the report before."""

    rss_bytes: int
    cpu_seconds: float
    tasks: int
    lag_p50: float  # milliseconds, like the next two
    lag_p99: float
    lag_max: float


class Bot:
    """The process, from outside; make it with `running`."""

    def __init__(self, process: Process, log: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._log = log

    async def under_way(self, attempts: int) -> None:
        """Wait until it works on so many attempts: each has a task."""
        async with asyncio.timeout(120):
            while (await self.report()).tasks < attempts:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.5)

    async def report(self) -> Report:
        """Ask how it is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        async with asyncio.timeout(60):
            return Report(**json.loads(await self._process.stdout.readline()))

    def errors(self) -> int:
        """How many errors it has logged."""
        lines = self._log.read_text().splitlines()
        return sum(" ERROR " in line or " CRITICAL " in line for line in lines)

    def lines(self, text: str) -> int:
        """How many lines of its log hold a text."""
        return sum(text in line for line in self._log.read_text().splitlines())


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    settings: dict[str, str],
    *,
    sample: bool = True,
) -> AsyncIterator[Bot]:
    """Run the bot with these settings until the block ends; its log goes to a file.

    Args:
        folder: where the log goes.
        settings: the bot's environment.
        sample: without it this is `python bot.py run` and nothing else; it gives no reports.
    """
    options = ["-m", "benchmarks.measured_bot"]
    log = folder / "log.txt"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *(options if sample else [str(ROOT / "bot.py"), "run"])),
            cwd=ROOT,
            env={"PATH": os.defpath, **settings},
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
        )
    try:
        yield Bot(process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        else:  # by itself: the log says why
            print(log.read_text()[-2000:], file=sys.stderr)


async def _measured(run: Coroutine[Any, Any, int]) -> int:
    """Sample the event loop, and answer each line of standard input, while the bot runs."""
    process, lags, loop = psutil.Process(), list[float](), asyncio.get_running_loop()
    counted = [0.0]

    def answer() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            os._exit(1)  # whoever measures has gone
        cpu = sum(process.cpu_times()[:2])
        report = _report(process, lags, cpu - counted[0])
        print(json.dumps(asdict(report)), flush=True)
        counted[0] = sum(process.cpu_times()[:2])
        lags.clear()

    loop.add_reader(sys.stdin.fileno(), answer)
    sampler = asyncio.create_task(_sample(lags))
    try:
        return await run
    finally:
        sampler.cancel()
        await asyncio.wait({sampler})


async def _sample(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        lags.append(1000 * (loop.time() - due))


def _report(process: psutil.Process, lags: list[float], cpu: float) -> Report:
    cuts = statistics.quantiles(lags, n=100) if len(lags) > 1 else [0.0] * 99
    return Report(
        rss_bytes=process.memory_info().rss,
        cpu_seconds=cpu,
        tasks=len(asyncio.all_tasks()),
        lag_p50=cuts[49],
        lag_p99=cuts[98],
        lag_max=max(lags, default=0.0),
    )


def main() -> None:
    """Run the bot in this process."""
    import bot
    from app import gateway

    original = gateway.run

    async def run(settings: Settings, **how: Any) -> int:
        return await _measured(original(settings, **how))

    with patch.object(gateway, "run", run):
        sys.exit(bot.main(["run"]))


if __name__ == "__main__":
    main()
