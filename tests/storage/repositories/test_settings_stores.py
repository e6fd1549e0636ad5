"""Settings of servers and members: kept apart, changed one by one, and gone with the defaults."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Table, func, select

from analyzer.policy import Policy
from core.assessment import Metric
from core.models import AttemptState, MemberSettings, Owner, ServerSettings
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.pending_deletions import PendingDeletions
from storage.repositories.server_settings import ServerSettingsStore
from storage.repositories.statistics import Statistics
from storage.tables import member_settings, server_settings
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, ANN_ELSEWHERE, BEN, REFS, admitted, an_attempt, ended

HERE, ELSEWHERE = ANN.guild_id, ANN_ELSEWHERE.guild_id
EVERYTHING = ServerSettings(
    share_by_default=True,
    channels=frozenset({2**62 + 5, 7}),
    roles=frozenset({2**62 + 9}),
    daily_attempts=3,
    retention_days=14,
    board=False,
    metrics_off=frozenset({Metric.EYE_CONTACT, Metric.VOICE_TONE}),
)
OFF = frozenset({Metric.BODY_LANGUAGE})


@pytest.fixture
def servers(database: Database) -> ServerSettingsStore:
    return ServerSettingsStore(database)


@pytest.fixture
def members(database: Database) -> MemberSettingsStore:
    return MemberSettingsStore(database)


@pytest.fixture
def policy(servers: ServerSettingsStore, members: MemberSettingsStore) -> Policy:
    return Policy(10, timedelta(days=90), servers, members)


async def rows(database: Database, table: Table) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_server_keeps_every_setting_and_only_its_own(
    servers: ServerSettingsStore,
) -> None:
    await servers.set(HERE, EVERYTHING)
    assert await servers.get(HERE) == EVERYTHING
    assert await servers.get(ELSEWHERE) == ServerSettings()


async def test_settings_outlive_the_process(servers: ServerSettingsStore, url: str) -> None:
    await servers.set(HERE, EVERYTHING)
    again = Database(url)
    await again.open()
    assert await ServerSettingsStore(again).get(HERE) == EVERYTHING
    await again.close()


async def test_the_defaults_leave_no_row(
    database: Database, servers: ServerSettingsStore, members: MemberSettingsStore
) -> None:
    await servers.set(HERE, EVERYTHING)
    await members.set(ANN, MemberSettings(metrics_off=OFF))
    await servers.set(HERE, ServerSettings())
    await members.set(ANN, MemberSettings())
    assert await rows(database, server_settings) == 0
    assert await rows(database, member_settings) == 0


async def test_changes_at_the_same_time_are_all_kept(servers: ServerSettingsStore) -> None:
    changes: list[dict[str, Any]] = [
        {"board": False},
        {"share_by_default": True},
        {"daily_attempts": 3},
        {"retention_days": 14},
        {"roles": EVERYTHING.roles},
        {"channels": EVERYTHING.channels},
        {"metrics_off": EVERYTHING.metrics_off},
    ]
    await asyncio.gather(*(servers.change(HERE, **change) for change in changes))
    assert await servers.get(HERE) == EVERYTHING


@pytest.mark.parametrize("change", [{"daily_attempts": 0}, {"retention_days": -1}])
async def test_a_value_out_of_range_changes_nothing(
    servers: ServerSettingsStore, change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        await servers.change(HERE, **change)
    assert await servers.get(HERE) == ServerSettings()


async def test_a_members_settings_are_theirs_in_this_server(members: MemberSettingsStore) -> None:
    await members.set(ANN, MemberSettings(metrics_off=OFF, last_question_id="q1"))
    changed = await members.change(ANN, last_question_id="q2")
    assert changed == MemberSettings(metrics_off=OFF, last_question_id="q2")
    assert await members.get(ANN) == changed
    assert await members.get(BEN) == MemberSettings()
    assert await members.get(ANN_ELSEWHERE) == MemberSettings()


async def test_metrics_off_are_those_of_the_server_and_of_the_member(
    servers: ServerSettingsStore, members: MemberSettingsStore, policy: Policy
) -> None:
    await servers.change(HERE, metrics_off=frozenset({Metric.EYE_CONTACT}))
    await members.change(ANN, metrics_off=OFF)

    async def off(owner: Owner) -> frozenset[Metric]:
        return (await policy.chosen(owner, await policy.servers.get(owner.guild_id))).metrics_off

    assert await off(ANN) == OFF | {Metric.EYE_CONTACT}
    assert await off(BEN) == {Metric.EYE_CONTACT}
    assert await off(ANN_ELSEWHERE) == frozenset()


async def test_a_server_narrows_the_operators_limits_and_never_widens_them(
    servers: ServerSettingsStore, policy: Policy
) -> None:
    await servers.change(HERE, daily_attempts=3, retention_days=14)
    await servers.change(ELSEWHERE, daily_attempts=500, retention_days=5000)
    assert policy.daily_attempts(await servers.get(HERE)) == 3
    assert await policy.retention(HERE) == timedelta(days=14)
    for guild_id in (ELSEWHERE, 0):
        assert policy.daily_attempts(await servers.get(guild_id)) == 10
        assert await policy.retention(guild_id) == timedelta(days=90)
    assert await policy.shorter_retentions() == {HERE: timedelta(days=14)}


async def test_the_servers_limit_counts_uses_in_this_server(
    attempts: Attempts, usage: DailyUsage, clock: Clock
) -> None:
    since = clock.now - timedelta(days=1)

    async def admit_here() -> bool:
        admission = await attempts.admit(
            an_attempt(clock.now), used_since=since, daily_limit=9, open_limit=9, server_limit=1
        )
        return admission.admitted

    await admitted(attempts, clock.now, ANN_ELSEWHERE)
    first = await admitted(attempts, clock.now)
    await attempts.delete(ANN, first.id)  # deleting gives nothing back
    assert not await admit_here()
    await usage.refund(first.id)
    assert await admit_here()


async def test_purge_of_one_server_leaves_the_others(attempts: Attempts, clock: Clock) -> None:
    await ended(attempts, clock.now, AttemptState.CANCELLED)
    kept = await ended(attempts, clock.now, AttemptState.CANCELLED, ANN_ELSEWHERE)
    now = clock.forward(days=1)
    assert await attempts.purge(now, guild_id=HERE) == 1
    assert await attempts.get(ANN_ELSEWHERE, kept.id) is not None
    assert await attempts.purge(now) == 1


async def test_the_overview_counts_without_naming_anybody(
    database: Database, attempts: Attempts, pending_deletions: PendingDeletions, clock: Clock
) -> None:
    from core.assessment import EngineName
    from core.models import Failure

    overview = Statistics(database)
    await admitted(attempts, clock.now)
    await admitted(attempts, clock.now, BEN)
    for code in ("clip_unreadable", "engine_busy", "engine_busy"):
        failure = Failure(code=code, sentence="Try again.")
        await ended(attempts, clock.now, AttemptState.FAILED, failure=failure)
    await pending_deletions.add("0" * 16, EngineName.TWELVELABS, REFS)
    assert await overview.under_way() == {AttemptState.QUEUED: 2}
    assert list((await overview.failures(clock.now)).items()) == [
        ("engine_busy", 2),
        ("clip_unreadable", 1),
    ]
    assert await overview.failures(clock.forward(seconds=1)) == {}
    assert await overview.left_to_delete() == 4
    assert await overview.database_bytes() > 10_000
