"""Consents, requests and the installation's small facts."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from core.models import Consent, Request
from storage import tables
from storage.engine.database import Database
from storage.repositories.consents import Consents
from storage.repositories.metadata import Metadata
from storage.repositories.pending_requests import PendingRequests
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, BEN, CLIP, STRANGERS


def a_request(clock: Clock, number: int = 1) -> Request:
    return Request(
        id=f"{number:016x}",
        owner=ANN,
        channel_id=2**61,
        question=None,
        clips=(CLIP, CLIP.model_copy(update={"name": "other.mp4"})),
        shared=True,
        created_at=clock.now,
    )


async def test_consent_is_the_latest_version_agreed_to(consents: Consents, clock: Clock) -> None:
    assert await consents.get(ANN) is None
    await consents.agree(ANN, 1)
    assert await consents.get(ANN) == Consent(version=1, agreed_at=clock.now)
    clock.forward(days=1)
    await consents.agree(ANN, 2)
    assert await consents.get(ANN) == Consent(version=2, agreed_at=clock.now)


async def test_consent_holds_for_one_member_in_one_server(consents: Consents) -> None:
    await consents.agree(ANN, 1)
    for stranger in STRANGERS:
        assert await consents.get(stranger) is None
        await consents.withdraw(stranger)
    assert await consents.get(ANN) is not None


async def test_withdrawing_ends_every_version_until_agreed_again(
    consents: Consents, clock: Clock
) -> None:
    await consents.agree(ANN, 1)
    await consents.agree(ANN, 2)
    await consents.withdraw(ANN)
    assert await consents.get(ANN) is None
    clock.forward(days=1)
    await consents.agree(ANN, 2)
    assert await consents.get(ANN) == Consent(version=2, agreed_at=clock.now)


async def test_every_agreement_and_withdrawal_stays_visible(
    consents: Consents, database: Database, clock: Clock
) -> None:
    first = clock.now
    await consents.agree(ANN, 1)
    withdrawn = clock.forward(days=1)
    await consents.withdraw(ANN)
    again = clock.forward(days=1)
    await consents.agree(ANN, 2)
    await consents.withdraw(BEN)
    table = tables.consents
    async with database.read() as connection:
        rows = await connection.execute(
            select(table.c.version, table.c.agreed_at, table.c.withdrawn_at).order_by(table.c.id)
        )
        assert rows.all() == [(1, first, withdrawn), (2, again, None)]


async def test_request_comes_back_whole_to_its_owner_only(
    requests: PendingRequests, clock: Clock
) -> None:
    request = a_request(clock)
    await requests.add(request)
    for stranger in STRANGERS:
        assert await requests.get(stranger, request.id) is None
        assert await requests.take(stranger, request.id) is None
    assert await requests.get(ANN, request.id) == request
    assert await requests.take(ANN, request.id) == request
    assert await requests.get(ANN, request.id) is None


async def test_one_of_two_takers_gets_the_request(requests: PendingRequests, clock: Clock) -> None:
    for number in range(5):
        request = a_request(clock, number)
        await requests.add(request)
        taken = await asyncio.gather(*(requests.take(ANN, request.id) for _ in range(2)))
        assert sorted(taken, key=bool) == [None, request]


async def test_old_requests_are_purged(requests: PendingRequests, clock: Clock) -> None:
    await requests.add(a_request(clock, 1))
    clock.forward(hours=1)
    await requests.add(a_request(clock, 2))
    assert await requests.purge(clock.now) == 1
    assert await requests.get(ANN, f"{1:016x}") is None
    assert await requests.get(ANN, f"{2:016x}") is not None


async def test_fact_is_replaced(meta: Metadata) -> None:
    assert await meta.get("commands") is None
    await meta.set("commands", "one")
    await meta.set("other", "else")
    await meta.set("commands", "two")
    assert await meta.get("commands") == "two"
    assert await meta.get("other") == "else"


async def test_installation_is_made_once_even_when_asked_together(meta: Metadata) -> None:
    answers = await asyncio.gather(*(meta.installation() for _ in range(5)))
    assert len({*answers, await meta.installation()}) == 1
    assert len(answers[0]) == 8
    assert int(answers[0], 16) >= 0


async def test_installations_differ(meta: Metadata, database: Database, clock: Clock) -> None:
    first = await meta.installation()
    async with database.write() as connection:
        await connection.execute(tables.meta.delete())
    assert await meta.installation() != first
