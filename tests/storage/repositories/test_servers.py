"""Servers where several processes share a database, each told only about its own."""

from __future__ import annotations

from storage.engine.database import Database
from storage.repositories.servers import Servers
from tests.storage.conftest import Clock


def even(guild_id: int) -> bool:
    return guild_id % 2 == 0


def odd(guild_id: int) -> bool:
    return guild_id % 2 == 1


async def test_no_process_judges_the_servers_of_another(database: Database, clock: Clock) -> None:
    one, other = Servers(database, clock), Servers(database, clock)
    await one.reconcile([2, 4], even)
    await other.reconcile([1, 3], odd)
    await one.reconcile([2, 4], even)
    assert await one.due(clock.forward(days=99)) == []
    assert await other.due(clock.forward(days=99)) == []


async def test_a_server_that_was_left_is_due_for_its_own_process_only(
    database: Database, clock: Clock
) -> None:
    one, other, worker = (Servers(database, clock) for _ in range(3))
    await one.reconcile([2, 4], even)
    await other.reconcile([1, 3], odd)
    await one.reconcile([2], even)
    await other.reconcile([1], odd)
    later = clock.forward(days=1)
    assert await one.due(later) == [4]
    assert await other.due(later) == [3]
    assert await worker.due(later) == []  # nobody tells it which servers the bot is in


async def test_a_server_is_known_until_its_rows_are_erased(
    database: Database, clock: Clock
) -> None:
    servers = Servers(database, clock)
    assert not await servers.knows(2)
    await servers.joined(2)
    assert await servers.knows(2)
    await servers.left(2)
    assert await servers.knows(2)
    assert await servers.erase(2, clock.forward(days=31))
    assert not await servers.knows(2)
