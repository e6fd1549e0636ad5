"""Which servers the bot is in, and what happens 30 days after it has left one."""

from __future__ import annotations

from datetime import timedelta

import discord
import simcord
from simcord.backend.serializers import guild_create_payload
from sqlalchemy import select

from storage import tables
from tests.cogs.simulation import Simulation, owner
from tests.fakes.twelvelabs_faults import Answer


async def noted(sim: Simulation) -> dict[int, bool]:
    """By server: whether the bot is in it, as far as it has noted."""
    await sim.env.settle()
    async with sim.bot.app.deps.attempts._database.read() as connection:
        rows = await connection.execute(select(tables.servers))
        return {row.guild_id: row.left_at is None for row in rows}


async def invite(sim: Simulation, guild: simcord.GuildHandle) -> None:
    """What the gateway says on an invitation; SimCord's own says `unavailable: false` as well."""
    backend = sim.env.backend
    payload = guild_create_payload(backend, backend.get_guild(guild.id))
    backend.emit("GUILD_CREATE", {k: v for k, v in payload.items() if k != "unavailable"})
    await sim.env.settle()


async def leave(sim: Simulation) -> None:
    sim.env.backend.remove_guild(sim.guild.id)
    await sim.env.settle()


def let_it_be(sim: Simulation, later: timedelta) -> None:
    """Let the work behind the bot believe that it is that much later."""
    object.__setattr__(sim.bot.app.deps, "clock", lambda: discord.utils.utcnow() + later)


async def sweep_again(sim: Simulation) -> None:
    await sim.env.advance_time(3601)


async def left_in(sim: Simulation, guild_id: int) -> int:
    """How many rows are left of a server."""
    async with sim.bot.app.deps.attempts._database.read() as connection:
        found = [
            (await connection.execute(select(table).where(table.c.guild_id == guild_id))).all()
            for table in tables.metadata.tables.values()
            if "guild_id" in table.c
        ]
    return sum(len(rows) for rows in found)


async def test_joining_and_leaving_is_noted(sim: Simulation) -> None:
    await invite(sim, sim.guild)
    await invite(sim, sim.other_guild)
    assert await noted(sim) == {sim.guild.id: True, sim.other_guild.id: True}
    await leave(sim)
    assert await noted(sim) == {sim.guild.id: False, sim.other_guild.id: True}


async def test_what_happened_while_the_bot_was_away_is_noted_at_the_start(sim: Simulation) -> None:
    servers = sim.bot.app.deps.servers
    await servers.left(sim.other_guild.id)
    await servers.joined(4711)
    await sim.restart()
    await sim.env.settle()
    assert await noted(sim) == {
        sim.guild.id: True,
        sim.other_guild.id: True,
        4711: False,
    }


async def test_a_servers_rows_go_thirty_days_after_the_bot_left(sim: Simulation) -> None:
    await sim.restart()  # it sees where it is
    for member in (sim.ada, sim.ben, sim.ada_elsewhere):
        await sim.agree(member)
        await sim.analyze(member)
    await leave(sim)
    let_it_be(sim, timedelta(days=29, hours=22))
    await sweep_again(sim)
    assert len(await sim.attempts(sim.ada)) == 1
    let_it_be(sim, timedelta(days=29, hours=23))
    await sweep_again(sim)
    assert await left_in(sim, sim.guild.id) == 0
    assert len(await sim.attempts(sim.ada_elsewhere)) == 1
    assert await sim.bot.app.deps.consents.get(owner(sim.ada_elsewhere)) is not None
    assert await noted(sim) == {sim.other_guild.id: True}


async def test_coming_back_in_time_keeps_everything(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    servers, before = sim.bot.app.deps.servers, sim.bot.app.deps.clock()
    await servers.left(sim.guild.id)
    await servers.joined(sim.guild.id)
    assert await servers.due(before + timedelta(days=31)) == []
    assert len(await sim.attempts(sim.ada)) == 1


async def test_what_runs_in_a_left_server_is_stopped_and_its_copies_deleted(
    slow_stage: Simulation,
) -> None:
    await slow_stage.agree(slow_stage.ada)
    await slow_stage.analyze(slow_stage.ada)
    assert len(slow_stage.vendor.live_tasks()) == 1
    privacy = slow_stage.bot.app.privacy
    await slow_stage.bot.app.deps.servers.left(slow_stage.guild.id)
    let_it_be(slow_stage, timedelta(days=30, seconds=1))
    await privacy.erase_left_servers()
    assert slow_stage.vendor.live_tasks() == []
    assert slow_stage.vendor.live_assets() == []
    assert await slow_stage.bot.app.attempts.unfinished() == []
    assert await left_in(slow_stage, slow_stage.guild.id) == 0


async def test_copies_the_vendor_keeps_are_left_to_the_sweep_without_a_name(
    sim: Simulation,
) -> None:
    for _ in range(2):
        sim.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    privacy = sim.bot.app.privacy
    await sim.bot.app.deps.servers.left(sim.guild.id)
    let_it_be(sim, timedelta(days=30, seconds=1))
    await privacy.erase_left_servers()
    assert await left_in(sim, sim.guild.id) == 0
    [left] = await privacy._deps.pending_deletions.all()
    assert left.refs
