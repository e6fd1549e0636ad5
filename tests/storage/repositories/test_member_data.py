"""Every table that names a member is exported and erased, and nobody else's rows are touched."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from core.models import AttemptState, Owner, ServerSettings
from storage import tables
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.member_data import MemberData
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.servers import Servers
from tests.storage.conftest import Clock
from tests.storage.filling import fill
from tests.storage.samples import (
    ANN,
    ANN_ELSEWHERE,
    ASSESSMENT,
    BEN,
    REFS,
    STRANGERS,
    admitted,
    assessed,
    ended,
)

NAMING = sorted(
    (table for table in tables.metadata.tables.values() if "user_id" in table.c),
    key=lambda table: table.name,
)


@pytest.fixture
def data(database: Database, clock: Clock) -> MemberData:
    return MemberData(database, clock)


@pytest.fixture
def servers(database: Database, clock: Clock) -> Servers:
    return Servers(database, clock)


async def rows(database: Database, table: Table, owner: Owner) -> list[Any]:
    async with database.read() as connection:
        statement = select(table).where(table.c.user_id == owner.user_id)
        if "guild_id" in table.c:
            statement = statement.where(table.c.guild_id == owner.guild_id)
        return list((await connection.execute(statement)).all())


async def test_every_table_that_names_a_member_is_exported_whole(
    database: Database, data: MemberData, clock: Clock
) -> None:
    await fill(database, clock.now, NAMING)
    found = await data.export(ANN)
    assert set(found) == {table.name for table in NAMING} | {"usage"}
    for table in NAMING:
        [row] = found[table.name]
        assert row["user_id"] == str(ANN.user_id)
        assert set(row) == {c.name for c in table.c} - {"reply_token"}
    assert json.loads(json.dumps(found)) == found


async def test_after_erase_no_table_names_the_member_in_that_server(
    database: Database, data: MemberData, clock: Clock
) -> None:
    await fill(database, clock.now, NAMING)
    others = {
        (table.name, owner): await rows(database, table, owner)
        for table in NAMING
        for owner in STRANGERS
    }
    for _ in range(2):
        await data.erase(ANN)
        for table in NAMING:
            assert await rows(database, table, ANN) == [], table.name
            for owner in STRANGERS:
                assert await rows(database, table, owner) == others[table.name, owner]


async def test_every_table_without_a_member_is_known_to_name_none() -> None:
    without = {table.name for table in tables.metadata.tables.values()} - {t.name for t in NAMING}
    assert without == {
        *("leftovers", "meta", "servers", "server_settings", "questions", "vendor_usage"),
        *("vendor_minutes", "vendor_limits", "analysis_times"),
        *("board_counts", "webhook_events"),
        "usage",  # by a keyed hash: see below
    }


async def test_a_use_stays_a_day_but_leads_nowhere(
    database: Database, data: MemberData, attempts: Attempts, usage: DailyUsage, clock: Clock
) -> None:
    attempt = await admitted(attempts, clock.now)
    [exported] = (await data.export(ANN))["usage"]
    assert (exported["attempt_id"], exported["guild_id"]) == (attempt.id, str(ANN.guild_id))
    await data.erase(ANN)
    async with database.read() as connection:
        [use] = (await connection.execute(select(tables.usage))).all()
    assert (use.used_at, use.guild_id) == (clock.now, None)
    assert use.attempt_id != attempt.id
    assert len((await data.export(ANN))["usage"]) == 1
    assert (await data.export(BEN))["usage"] == []
    await usage.forget(clock.forward(hours=24, seconds=1))
    assert (await data.export(ANN))["usage"] == []


async def test_after_erase_nothing_in_the_database_is_the_members_id(
    database: Database, data: MemberData, attempts: Attempts, usage: DailyUsage, clock: Clock
) -> None:
    ann = Owner(guild_id=7_000_000_001, user_id=987_654_321_098_765_432)
    await Consents(database, clock).agree(ann, 1)
    await admitted(attempts, clock.now, ann)
    await data.erase(ann)
    async with database.read() as connection:
        for table in tables.metadata.tables.values():
            for row in (await connection.execute(select(table))).all():
                assert str(ann.user_id) not in repr(row), table.name
    used, here = await usage.used(ann, clock.now - timedelta(hours=1))
    assert (len(used), here) == (1, ())  # it still counts


async def test_each_installation_has_hashes_of_its_own(
    database: Database, attempts: Attempts, clock: Clock
) -> None:
    await admitted(attempts, clock.now, ANN)
    await admitted(attempts, clock.now, BEN)
    async with database.read() as connection:
        members = set((await connection.scalars(select(tables.usage.c.member))).all())
        key = await connection.scalar(
            select(tables.meta.c.value).where(tables.meta.c.key == "usage_key")
        )
    assert key is not None
    for one_key, ours in ((key, True), ("00" * 32, False)):
        digests = {
            hmac.new(bytes.fromhex(one_key), str(one.user_id).encode(), "sha256").hexdigest()[:32]
            for one in (ANN, BEN)
        }
        assert (digests == members) is ours


async def test_erased_attempts_leave_only_ids_that_lead_to_copies(
    data: MemberData, attempts: Attempts, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    dirty = await attempts.change(await admitted(attempts, clock.now), refs=REFS)
    await ended(attempts, clock.now, AttemptState.DELIVERED, cleaned_at=clock.now)
    await data.erase(ANN)
    [left] = await pending_deletions.all()
    assert (left.attempt_id, left.refs) == (dirty.id, REFS)


async def test_export_gives_what_is_stored_even_if_it_no_longer_fits_its_model(
    database: Database, data: MemberData, attempts: Attempts, clock: Clock
) -> None:
    attempt = await assessed(attempts, clock.now)
    async with database.write() as connection:
        await connection.exec_driver_sql("""UPDATE attempts SET assessment = '{"old": true}'""")
    [row] = (await data.export(ANN))["attempts"]
    assert (row["id"], row["assessment"]) == (attempt.id, {"old": True})


async def test_many_attempts_are_exported_in_parts_and_in_full(
    data: MemberData, attempts: Attempts, clock: Clock
) -> None:
    made = {(await assessed(attempts, clock.now)).id for _ in range(55)}
    assert {row["id"] for row in (await data.export(ANN))["attempts"]} == made


async def test_tally_counts_each_kind_of_the_owner_only(
    data: MemberData, attempts: Attempts, clock: Clock
) -> None:
    tally = await data.attempts.tally(ANN)
    assert (tally.total, tally.oldest) == (0, None)
    first = clock.now
    await admitted(attempts, first)
    last = clock.forward(days=3)
    await ended(attempts, last, AttemptState.DELIVERED, assessment=ASSESSMENT, shared=True)
    await ended(attempts, last, AttemptState.FAILED, cleaned_at=last)
    await ended(attempts, last, AttemptState.FAILED, BEN)
    tally = await data.attempts.tally(ANN)
    assert (tally.total, tally.assessed, tally.shared) == (3, 1, 1)
    assert (tally.under_way, tally.copies_left) == (1, 1)
    assert (tally.oldest, tally.newest) == (first, last)


async def test_named_attempts_are_the_owners_and_found_by_their_question(
    data: MemberData, attempts: Attempts, clock: Clock
) -> None:
    await admitted(attempts, clock.now, question="Why us?")
    newest = await ended(attempts, clock.forward(days=1), AttemptState.FAILED)
    await admitted(attempts, clock.now, BEN, question="Why not?")
    assert [one.question for one in await data.attempts.named(ANN, "WHY", 25)] == ["Why us?"]
    both = await data.attempts.named(ANN, "", 25)
    assert [one.question for one in both] == [newest.question, "Why us?"]
    assert len(await data.attempts.named(ANN, "", 1)) == 1
    assert await data.attempts.named(ANN_ELSEWHERE, "", 25) == []


async def test_the_last_consent_is_known_also_when_withdrawn(
    consents: Consents, clock: Clock
) -> None:
    assert await consents.last(ANN) is None
    await consents.agree(ANN, 3)
    at = clock.forward(days=1)
    await consents.withdraw(ANN)
    last = await consents.last(ANN)
    assert last is not None
    assert (last.version, last.withdrawn_at) == (3, at)
    assert await consents.last(BEN) is None


async def test_a_server_is_due_only_while_it_is_left(servers: Servers, clock: Clock) -> None:
    await servers.reconcile([1, 2])
    await servers.left(1)
    at = clock.forward(days=1)
    await servers.left(1)  # the first time counts
    assert await servers.due(at) == [1]
    assert await servers.due(at - timedelta(days=1)) == []
    await servers.joined(1)
    assert await servers.due(clock.forward(days=99)) == []


async def test_reconcile_makes_up_for_what_nobody_heard(servers: Servers, clock: Clock) -> None:
    await servers.joined(1)
    await servers.joined(2)
    await servers.left(2)
    await servers.reconcile([2, 3])
    assert await servers.due(clock.forward(days=1)) == [1]
    await servers.reconcile([])
    assert await servers.due(clock.forward(days=1)) == [1, 2, 3]


async def test_no_server_is_due_before_it_is_known_where_the_bot_is(
    database: Database, servers: Servers, clock: Clock
) -> None:
    await servers.joined(1)
    await servers.left(1)
    after_restart = Servers(database, clock)
    later = clock.forward(days=31)
    assert await after_restart.due(later) == []
    await after_restart.reconcile([])
    assert await after_restart.due(later) == [1]


async def test_erasing_a_server_leaves_nothing_of_it_and_all_of_others(
    database: Database, servers: Servers, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    await fill(database, clock.now, [*NAMING, tables.usage])
    async with database.write() as connection:
        settings = {"settings": ServerSettings(daily_attempts=1)}
        for guild_id in (ANN.guild_id, ANN_ELSEWHERE.guild_id):
            await connection.execute(
                insert(tables.server_settings).values(guild_id=guild_id, **settings)
            )
        for ladder, guild_id in enumerate((ANN.guild_id, ANN_ELSEWHERE.guild_id)):
            count = {"ladder": ladder, "ranking": "best", "value": 7.0, "members": 1}
            await connection.execute(insert(tables.board_counts).values(guild_id=guild_id, **count))
    await servers.reconcile([ANN_ELSEWHERE.guild_id])
    await servers.joined(ANN.guild_id)
    assert not await servers.erase(ANN.guild_id, clock.now)  # the bot is still there
    await servers.left(ANN.guild_id)
    later = clock.forward(days=31)
    assert await servers.erase(ANN.guild_id, later)
    assert not await servers.erase(ANN.guild_id, later)
    async with database.read() as connection:
        for table in tables.metadata.tables.values():
            if "guild_id" in table.c:
                found = (await connection.scalars(select(table.c.guild_id))).all()
                assert set(found) <= {ANN_ELSEWHERE.guild_id}, table.name
                assert found or table.name == "questions"
    assert await pending_deletions.all() == []  # the made-up attempts are all cleaned
