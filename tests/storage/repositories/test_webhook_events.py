"""Webhook events: each is new once, whoever asks, and forgotten after a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from storage.engine.database import Database
from storage.repositories.webhook_events import WebhookEvents
from tests.storage.conftest import Clock


@pytest.fixture
def events(database: Database, clock: Clock) -> WebhookEvents:
    return WebhookEvents(database, clock)


async def test_of_many_who_ask_at_once_one_is_told_that_it_is_new(
    events: WebhookEvents, database: Database, clock: Clock
) -> None:
    others = WebhookEvents(database, clock)
    answers = await asyncio.gather(
        *(one.is_new("whe_1") for one in (events, others) for _ in range(4))
    )
    assert sorted(answers) == [False] * 7 + [True]
    assert await events.is_new("whe_2")
    assert await events.is_new("w" * 80)
    assert not await events.is_new("whe_1")


async def test_old_ones_are_forgotten(events: WebhookEvents, clock: Clock) -> None:
    await events.is_new("old")
    clock.forward(hours=25)
    await events.is_new("young")
    assert await events.forget(clock.now - timedelta(days=1)) == 1
    assert await events.is_new("old")
    assert not await events.is_new("young")
