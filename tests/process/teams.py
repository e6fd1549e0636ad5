"""A bot and its workers on one Postgres database, and what became of each member's attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from tests.process.crowd import Crowd, Row
from tests.process.operator import BotProcess, Operator

_ROWS: LiteralString = """
SELECT user_id, state, delivered_via, cleaned_at IS NOT NULL, reply_token IS NOT NULL FROM attempts
"""
_JOBS: LiteralString = """
SELECT status, worker_id FROM procrastinate.procrastinate_jobs WHERE task_name = 'advance'
"""


class TeamCrowd(Crowd):
    """Members whose attempts lie in Postgres."""

    def rows(self) -> list[Row]:
        """What the bot remembers, as it is in its database now."""
        return rows_in(self.operator.settings["DATABASE_URL"])


@dataclass
class Team:
    """Starts a bot that answers commands, and workers, each as on a machine of its own."""

    operator: Operator
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[BotProcess] = field(default_factory=list)

    async def gateway(self) -> BotProcess:
        """Start a bot that only answers commands."""
        return await self.operator.run("--no-worker", **self.settings)

    async def worker(self) -> BotProcess:
        """Start one more worker, and wait until it works."""
        folder = self.folder / f"worker{len(self.workers)}"
        worker = await self.operator.start(
            "worker", **{"LOG_LEVEL": "DEBUG"} | self.settings | {"DATA_DIR": str(folder)}
        )
        self.workers.append(worker)
        await worker.printed("working on up to")
        return worker

    def clips(self) -> list[Path]:
        """The clips that lie on any of the machines."""
        return [*self.operator.clips_on_disk(), *self.folder.glob("worker*/clips/*")]

    def rows(self) -> list[Row]:
        """Every attempt."""
        return rows_in(self.operator.settings["DATABASE_URL"])

    def jobs(self) -> list[tuple[Any, ...]]:
        """What is in the queue: each job's status, and the number of the worker that has it."""
        return ask_database(self.operator.settings["DATABASE_URL"], _JOBS)


def rows_in(url: str) -> list[Row]:
    """Every attempt, as it is in the database now."""
    return [Row(*row) for row in ask_database(url, _ROWS)]


def ask_database(url: str, query: LiteralString) -> list[tuple[Any, ...]]:
    """Run a query that only looks."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        return connection.execute(query).fetchall()
