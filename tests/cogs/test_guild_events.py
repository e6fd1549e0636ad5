"""Which servers the bot is in, and what happens 30 days after it has left one."""

from __future__ import annotations

from datetime import timedelta

import simcord
from simcord.backend.serializers import guild_create_payload
from sqlalchemy import select

from storage import tables
from tests.cogs.simulation import Stage, owner
from tests.fakes.twelvelabs_faults import Answer


async def noted(stage: Stage) -> dict[int, bool]:
    """By server: whether the bot is in it, as far as it has noted."""
    await stage.env.settle()
    async with stage.bot.tools.attempts._database.read() as connection:
        rows = await connection.execute(select(tables.servers))
        return {row.guild_id: row.left_at is None for row in rows}


async def invite(stage: Stage, guild: simcord.GuildHandle) -> None:
    """What the gateway says on an invitation; SimCord's own says `unavailable: false` as well."""
    backend = stage.env.backend
    payload = guild_create_payload(backend, backend.get_guild(guild.id))
    backend.emit("GUILD_CREATE", {k: v for k, v in payload.items() if k != "unavailable"})
    await stage.env.settle()


async def leave(stage: Stage) -> None:
    stage.env.backend.remove_guild(stage.guild.id)
    await stage.env.settle()


def let_it_be(stage: Stage, later: timedelta) -> None:
    """Let the work behind the bot believe that it is that much later."""
    tools = stage.bot.tools
    object.__setattr__(tools.service._parts, "clock", lambda: tools.clock() + later)


async def sweep_again(stage: Stage) -> None:
    await stage.env.advance_time(3601)


async def left_in(stage: Stage, guild_id: int) -> int:
    """How many rows are left of a server."""
    async with stage.bot.tools.attempts._database.read() as connection:
        found = [
            (await connection.execute(select(table).where(table.c.guild_id == guild_id))).all()
            for table in tables.metadata.tables.values()
            if "guild_id" in table.c
        ]
    return sum(len(rows) for rows in found)


async def test_joining_and_leaving_is_noted(stage: Stage) -> None:
    await invite(stage, stage.guild)
    await invite(stage, stage.other_guild)
    assert await noted(stage) == {stage.guild.id: True, stage.other_guild.id: True}
    await leave(stage)
    assert await noted(stage) == {stage.guild.id: False, stage.other_guild.id: True}


async def test_what_happened_while_the_bot_was_away_is_noted_at_the_start(stage: Stage) -> None:
    servers = stage.bot.tools.privacy.servers
    await servers.left(stage.other_guild.id)
    await servers.joined(4711)
    await stage.restart()
    await stage.env.settle()
    assert await noted(stage) == {
        stage.guild.id: True,
        stage.other_guild.id: True,
        4711: False,
    }


async def test_a_servers_rows_go_thirty_days_after_the_bot_left(stage: Stage) -> None:
    await stage.restart()  # it sees where it is
    for member in (stage.ada, stage.ben, stage.ada_elsewhere):
        await stage.agree(member)
        await stage.analyze(member)
    await leave(stage)
    let_it_be(stage, timedelta(days=29, hours=22))
    await sweep_again(stage)
    assert len(await stage.attempts(stage.ada)) == 1
    let_it_be(stage, timedelta(days=29, hours=23))
    await sweep_again(stage)
    assert await left_in(stage, stage.guild.id) == 0
    assert len(await stage.attempts(stage.ada_elsewhere)) == 1
    assert await stage.bot.tools.consents.get(owner(stage.ada_elsewhere)) is not None
    assert await noted(stage) == {stage.other_guild.id: True}


async def test_coming_back_in_time_keeps_everything(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await stage.analyze(stage.ada)
    servers, before = stage.bot.tools.privacy.servers, stage.bot.tools.clock()
    await servers.left(stage.guild.id)
    await servers.joined(stage.guild.id)
    assert await servers.due(before + timedelta(days=31)) == []
    assert len(await stage.attempts(stage.ada)) == 1


async def test_what_runs_in_a_left_server_is_stopped_and_its_copies_deleted(
    slow_stage: Stage,
) -> None:
    await slow_stage.agree(slow_stage.ada)
    await slow_stage.analyze(slow_stage.ada)
    assert len(slow_stage.vendor.live_tasks()) == 1
    privacy = slow_stage.bot.tools.privacy
    await privacy.servers.left(slow_stage.guild.id)
    let_it_be(slow_stage, timedelta(days=30, seconds=1))
    await privacy.erase_left_servers()
    assert slow_stage.vendor.live_tasks() == []
    assert slow_stage.vendor.live_assets() == []
    assert await slow_stage.bot.tools.service.unfinished() == []
    assert await left_in(slow_stage, slow_stage.guild.id) == 0


async def test_copies_the_vendor_keeps_are_left_to_the_sweep_without_a_name(stage: Stage) -> None:
    for _ in range(2):
        stage.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    await stage.agree(stage.ada)
    await stage.analyze(stage.ada)
    privacy = stage.bot.tools.privacy
    await privacy.servers.left(stage.guild.id)
    let_it_be(stage, timedelta(days=30, seconds=1))
    await privacy.erase_left_servers()
    assert await left_in(stage, stage.guild.id) == 0
    [left] = await privacy._parts.leftovers.all()
    assert left.refs
