"""The runner over Postgres: order, once only, trying again, cancelling, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException

from analyzer.pipeline.postgres_runner import ProcrastinateRunner
from core.errors import StorageUnavailable
from core.models import Owner
from tests.analyzer.harness import ANN, BEN
from tests.process.operator import eventually

LONG = 600.0
"""A silence that no test waits for."""


class Workshop:
    """One process's runner, and work that goes on until a test lets it end."""

    def __init__(
        self, url: str, *, silence: float = LONG, max_in_flight: int = 100, works: bool = True
    ) -> None:
        self.runner = ProcrastinateRunner(
            url, max_in_flight, tidy=self.tidy, works=works, silence_seconds=silence
        )
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.stopped: list[str] = []
        self.tidied: list[str] = []
        self.troubles: list[Exception] = []  # raised one after the other
        self.jobless: list[tuple[Owner, str]] = []
        self.looks = 0  # for attempts without a job
        self._gates: dict[str, asyncio.Event] = {}

    def let_end(self, *attempt_ids: str) -> None:
        for attempt_id in attempt_ids:
            self._gates.setdefault(attempt_id, asyncio.Event()).set()

    async def work(self, _owner: Owner, attempt_id: str) -> None:
        self.begun.append(attempt_id)
        try:
            if self.troubles:
                raise self.troubles.pop(0)  # noqa: TRY301 - an error among the work is what is meant
            await self._gates.setdefault(attempt_id, asyncio.Event()).wait()
        except BaseException:
            await asyncio.sleep(0.05)  # stopping takes its time
            self.stopped.append(attempt_id)
            raise
        self.ended.append(attempt_id)

    async def tidy(self, attempt_id: str) -> None:
        self.tidied.append(attempt_id)

    async def unfinished(self) -> list[tuple[Owner, str]]:
        self.looks += 1
        return self.jobless

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Workshop]:
        await self.runner.go_on(self.work, self.unfinished)
        try:
            yield self
        finally:
            await self.runner.stop()


async def until(look: Callable[[], object], what: str) -> None:
    """Wait for what happens in the server."""
    await eventually(look, what, within=30)


async def test_a_members_attempts_run_one_after_the_other_over_all_processes(
    postgres_url: str,
) -> None:
    async with Workshop(postgres_url).open() as one, Workshop(postgres_url).open() as other:
        one.runner.enqueue(ANN, "a1")
        await until(lambda: [*one.begun, *other.begun] == ["a1"], "the first")
        other.runner.enqueue(ANN, "a2")
        other.runner.enqueue(BEN, "b1")
        await until(lambda: "b1" in one.begun + other.begun, "another member's")
        assert "a2" not in one.begun + other.begun
        one.let_end("a1")
        other.let_end("a1")
        await until(lambda: "a2" in one.begun + other.begun, "the second")
        assert "a1" in one.ended + other.ended


async def test_an_attempt_is_not_queued_twice(postgres_url: str) -> None:
    async with (
        Workshop(postgres_url, works=False).open() as gateway,
        Workshop(postgres_url, works=False).open() as other,
    ):
        for _ in range(3):
            gateway.runner.enqueue(ANN, "a1")
            other.runner.enqueue(ANN, "a1")
            await asyncio.sleep(0.05)
        async with Workshop(postgres_url).open() as workshop:
            workshop.let_end("a1", "b1")
            await until(lambda: workshop.ended == ["a1"], "the first run")
            gateway.runner.enqueue(ANN, "b1")
            await until(lambda: "b1" in workshop.ended, "one that was queued after it")
            assert workshop.begun == ["a1", "b1"]


async def test_a_process_that_takes_none_only_queues(postgres_url: str) -> None:
    async with Workshop(postgres_url, works=False).open() as gateway:
        gateway.runner.enqueue(ANN, "a1")
        async with Workshop(postgres_url).open() as workshop:
            await until(lambda: workshop.begun, "the worker's")
            assert (gateway.runner.in_flight, workshop.runner.in_flight) == (0, 1)
        assert not gateway.begun


async def test_no_more_than_the_bound_are_worked_on(postgres_url: str) -> None:
    async with Workshop(postgres_url, max_in_flight=2).open() as workshop:
        for number in range(1, 4):
            workshop.runner.enqueue(Owner(guild_id=7, user_id=number), f"a{number}")
        await until(lambda: len(workshop.begun) == 2, "two")
        await asyncio.sleep(0.2)
        assert workshop.runner.in_flight == len(workshop.begun) == 2
        workshop.let_end(workshop.begun[0])
        await until(lambda: len(workshop.begun) == 3, "the third")


@pytest.mark.expects_logged_error
async def test_after_an_error_it_is_tried_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.pipeline.postgres_worker.RETRY_SECONDS", (0.0,))
    async with Workshop(postgres_url).open() as workshop:
        workshop.troubles = [OSError("no room"), StorageUnavailable("57P01")]
        workshop.let_end("a1")
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.ended == ["a1"], "the third try")
        assert workshop.stopped == ["a1", "a1"]


async def test_cancelling_stops_it_in_another_process(postgres_url: str) -> None:
    async with (
        Workshop(postgres_url, works=False).open() as gateway,
        Workshop(postgres_url).open() as workshop,
    ):
        gateway.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.begun, "the work")
        await gateway.runner.cancel(ANN, "a1")
        assert workshop.stopped == workshop.tidied == ["a1"]
        gateway.runner.enqueue(BEN, "b1")
        await until(lambda: workshop.begun == ["a1", "b1"], "only the next")


async def test_cancelling_takes_a_waiting_one_out_of_the_queue(postgres_url: str) -> None:
    async with Workshop(postgres_url).open() as workshop:
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.begun, "the first")
        workshop.runner.enqueue(ANN, "a2")
        await workshop.runner.cancel(ANN, "a2")
        workshop.let_end("a1", "a2", "a3")
        workshop.runner.enqueue(ANN, "a3")
        await until(lambda: "a3" in workshop.ended, "the third")
        assert workshop.begun == ["a1", "a3"]


async def test_a_cancelled_one_can_be_queued_again(postgres_url: str) -> None:
    async with Workshop(postgres_url).open() as workshop:
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.begun, "the first run")
        await workshop.runner.cancel(ANN, "a1")
        workshop.let_end("a1")
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.ended == ["a1"], "the second run")


async def test_cancelling_does_not_wait_for_ever_for_the_dead(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("analyzer.pipeline.postgres_runner.CANCEL_SECONDS", 0.3)
    dead = Workshop(postgres_url)
    async with Workshop(postgres_url, works=False).open() as gateway, dead.open():
        gateway.runner.enqueue(ANN, "a1")
        await until(lambda: dead.begun, "the work")
        dead.runner._worker._worker._handle_abort_jobs_requested = lambda _: None  # type: ignore  # noqa: PGH003 - it hears nothing more
        await gateway.runner.cancel(ANN, "a1")
        assert "did not stop in time" in caplog.text


async def test_stopping_hands_its_work_to_others_at_once(postgres_url: str) -> None:
    async with Workshop(postgres_url).open() as one:
        one.runner.enqueue(ANN, "a1")
        one.runner.enqueue(BEN, "b1")
        await until(lambda: len(one.begun) == 2, "both")
        async with Workshop(postgres_url).open() as other:
            await one.runner.stop()
            assert sorted(one.stopped) == sorted(one.tidied) == ["a1", "b1"]
            await until(lambda: sorted(other.begun) == ["a1", "b1"], "the other's")
    assert one.runner.in_flight == 0


async def test_before_it_begins_and_after_it_stopped_nothing_is_queued(postgres_url: str) -> None:
    workshop = Workshop(postgres_url)
    workshop.runner.enqueue(ANN, "a1")
    await workshop.runner.cancel(ANN, "a1")
    async with workshop.open():
        pass
    workshop.runner.enqueue(ANN, "a1")
    await workshop.runner.cancel(ANN, "a1")
    await workshop.runner.stop()
    assert not workshop.begun


async def test_what_cannot_be_queued_is_tried_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Workshop(postgres_url).open() as workshop:
        connector = workshop.runner._app.connector
        query, tries = connector.execute_query_all_async, []

        async def lost_at_first(*args: Any, **given: Any) -> object:
            if "jobs" in given:
                tries.append(given)
                if len(tries) == 1:
                    raise ConnectorException
            return await query(*args, **given)

        monkeypatch.setattr(connector, "execute_query_all_async", lost_at_first)
        workshop.runner.enqueue(ANN, "a1")
        await until(lambda: workshop.begun == ["a1"], "the second try")
        assert len(tries) == 2


async def test_a_member_is_told_when_cancelling_cannot_reach_the_queue(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(**_: object) -> None:
        raise ConnectorException

    async with Workshop(postgres_url, works=False).open() as gateway:
        monkeypatch.setattr(gateway.runner._app.job_manager, "list_jobs_async", lost)
        with pytest.raises(StorageUnavailable):
            await gateway.runner.cancel(ANN, "a1")
        monkeypatch.undo()
