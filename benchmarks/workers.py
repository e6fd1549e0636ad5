"""Prints attempts per second with 1, 2 and 4 workers, against stand-ins that answer at once.

Run as `python -m benchmarks.workers`. A bot that only answers commands, the workers and Postgres
are processes of their own; the stand-ins for Discord and TwelveLabs are in this one. The workers
are held (SIGSTOP) while members submit, and let go together: from there to the last result shown.
So a figure holds all a worker does for an attempt: fetch, probe, upload, analysis, delivery.

All of them share this machine's processor cores, so more workers than cores gain nothing here. The
last column is what holds on other machines too: the workers' own processor time for an attempt,
child processes included.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped] # psutil carries no types

from benchmarks.table import Table
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.postgres import PostgresServer
from tests.process.operator import BotProcess, Operator
from tests.process.teams import Team, TeamCrowd

WORKERS = (1, 2, 4)
ATTEMPTS = 50
PATIENCE_SECONDS = 300.0


async def main() -> None:
    """Measure each number of workers on a database of its own, and print the table."""
    print(f"{ATTEMPTS} attempts, {os.cpu_count()} processor cores for everything")
    table = Table("workers", "seconds", "attempts/s", "CPU ms/attempt")
    with PostgresServer() as server:
        for count in WORKERS:
            seconds, cpu = await measure(server.create(f"workers{count}"), count)
            figures = (seconds, ATTEMPTS / seconds, 1000 * cpu / ATTEMPTS)
            table.row(str(count), *(f"{figure:.1f}" for figure in figures))


async def measure(url: str, count: int) -> tuple[float, float]:
    """Return the seconds that so many workers took, and their own seconds of processor time."""
    async with DiscordStandIn() as discord, TwelveLabsStandIn(instant=True) as vendor:
        with tempfile.TemporaryDirectory() as folder:
            operator = Operator(Path(folder), discord, vendor)
            operator.settings["DATABASE_URL"] = url
            # held workers must not be taken for dead
            held = {"WORKER_SILENCE_SECONDS": "600", "LOG_LEVEL": "INFO"}
            team = Team(operator, Path(folder), held)
            try:
                crowd = await TeamCrowd.gather(operator, discord, ATTEMPTS)
                await team.gateway()
                for _ in range(count):
                    os.kill((await team.worker()).pid, signal.SIGSTOP)
                asked = await crowd.ask()
                cpu_before = sum(map(cpu_seconds, team.workers))
                begun = time.monotonic()
                for worker in team.workers:
                    os.kill(worker.pid, signal.SIGCONT)
                await crowd.results(asked, within=PATIENCE_SECONDS)
                seconds = time.monotonic() - begun
                return seconds, sum(map(cpu_seconds, team.workers)) - cpu_before
            finally:
                await operator.aclose()


def cpu_seconds(worker: BotProcess) -> float:
    """The processor time of a process so far, with the child processes it has waited for."""
    return float(sum(psutil.Process(worker.pid).cpu_times()[:4]))


if __name__ == "__main__":
    asyncio.run(main())
