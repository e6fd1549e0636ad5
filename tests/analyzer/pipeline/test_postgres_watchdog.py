"""No attempt is forgotten: what the dead had, what is adrift, and rows without a job."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from tests.analyzer.harness import ANN, BEN
from tests.analyzer.pipeline.test_postgres_runner import LONG, Workshop, until

SHORT = 1.0
"""A silence that a test waits for, in seconds."""


async def test_a_dead_workers_attempt_is_taken_over_once(postgres_url: str) -> None:
    sleeper = Workshop(postgres_url, silence=LONG)  # it tells of itself every 100 s
    one, other = (Workshop(postgres_url, silence=SHORT) for _ in range(2))
    async with sleeper.open():
        sleeper.runner.enqueue(ANN, "a1")
        await until(lambda: sleeper.begun, "the sleeper's")
        async with one.open(), other.open():
            await until(lambda: one.begun + other.begun == ["a1"], "one of the others'")
            # what it still does with its job must not disturb who has it by now
            await sleeper.runner.stop()
            await asyncio.sleep(2 * SHORT)
            assert one.begun + other.begun == ["a1"]
            one.let_end("a1")
            other.let_end("a1")
            await until(lambda: one.ended + other.ended == ["a1"], "the attempt's end")
            assert (sleeper.stopped, sleeper.ended) == (["a1"], [])


async def test_who_was_taken_for_dead_notices_and_stops(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def say_nothing(_worker_id: int) -> None:
        """Sleep, as far as others can tell."""

    async with Workshop(postgres_url, silence=SHORT).open() as sleeper:
        manager = sleeper.runner._app.job_manager
        monkeypatch.setattr(manager, "update_heartbeat", say_nothing)
        sleeper.runner.enqueue(ANN, "a1")
        await until(lambda: sleeper.begun, "the work")
        await until(lambda: sleeper.stopped == ["a1"], "its end")
        assert "taken for dead" in caplog.text
        monkeypatch.undo()
        await until(lambda: sleeper.begun == ["a1", "a1"], "a new beginning")


async def test_who_cannot_tell_of_itself_stops_before_others_begin(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def lost(_worker_id: int) -> None:
        raise ConnectorException

    async with Workshop(postgres_url, silence=SHORT).open() as workshop:
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.begun, "the work")
        monkeypatch.setattr(workshop.runner._app.job_manager, "update_heartbeat", lost)
        await until(lambda: workshop.stopped == ["a1"], "its end")
        assert "taken for dead" not in caplog.text
        monkeypatch.undo()
        await until(lambda: workshop.begun == ["a1", "a1"], "a new beginning")


async def test_what_takes_long_is_left_to_who_has_it(postgres_url: str) -> None:
    async with (
        Workshop(postgres_url, silence=SHORT).open() as one,
        Workshop(postgres_url, silence=SHORT).open() as other,
    ):
        one.runner.enqueue(ANN, "a1")
        await until(lambda: one.begun + other.begun, "the work")
        await asyncio.sleep(2.5 * SHORT)
        assert one.begun + other.begun == ["a1"]
        assert one.stopped + other.stopped == []


async def test_a_job_that_is_said_to_run_here_and_does_not_is_put_back(postgres_url: str) -> None:
    async with Workshop(postgres_url, silence=SHORT).open() as workshop:
        worker = workshop.runner._worker
        assert worker is not None
        await until(lambda: worker.id, "a worker that is known")
        async with await psycopg.AsyncConnection.connect(
            postgres_url.replace("+psycopg", ""), autocommit=True
        ) as connection:
            await connection.execute(
                "INSERT INTO procrastinate.procrastinate_jobs"
                " (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
                " VALUES ('attempts', 'advance', '7:1', 'a1', %s, 'doing', %s)",
                ['{"guild_id": 7, "user_id": 1, "attempt_id": "a1"}', worker.id],
            )
        await until(lambda: workshop.begun == ["a1"], "the lost one")


async def test_an_attempt_without_a_job_gets_one_when_it_was_seen_twice(postgres_url: str) -> None:
    workshop = Workshop(postgres_url, silence=SHORT)
    workshop.jobless = [(ANN, "a1")]
    async with workshop.open():
        await until(lambda: workshop.looks == 1, "the first look")
        await asyncio.sleep(SHORT / 3)
        assert not workshop.begun  # its row may just have been committed
        workshop.jobless.append((BEN, "b1"))
        await until(lambda: workshop.begun == ["a1"], "the second look")
        assert workshop.looks == 2


async def test_an_attempt_with_a_job_gets_no_other(postgres_url: str) -> None:
    workshop = Workshop(postgres_url, silence=SHORT)
    workshop.jobless = [(ANN, "a1")]
    async with workshop.open():
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.looks == 3, "three looks")
        workshop.let_end("a1")
        workshop.jobless.clear()
        await until(lambda: workshop.ended == ["a1"], "its end")
        await asyncio.sleep(SHORT)
        assert workshop.begun == ["a1"]
