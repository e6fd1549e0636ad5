"""`/admin`: for the bot's owner or team alone, and what it shows names no member."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest
import simcord

from core.version import VERSION
from tests.cogs.simulation import Simulation, owner, text_of


@pytest.fixture
def operator(sim: Simulation) -> simcord.MemberActor:
    """Who runs the bot, as an administrator of the server."""
    role = sim.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    member = sim.guild.add_member(sim.env.create_user("olga"), roles=[role])
    sim.bot.owner_id = member.id
    return member


async def status(sim: Simulation, member: simcord.MemberActor) -> str:
    shown = await member.slash(sim.channel, "admin status")
    assert shown.ephemeral
    return text_of(shown.response)


async def test_a_quiet_bot_says_so(sim: Simulation, operator: simcord.MemberActor) -> None:
    text = await status(sim, operator)
    for part in (
        f"{VERSION} (commit ",
        "Engine: twelvelabs",
        "in 2 servers",
        "Worked on now: 0",
        "Failures in the last 24 hours\nNone.",
        "0.0 minutes of clips",
        "Copies still to be deleted: 0",
    ):
        assert part in text
    assert "Database: 0.0 MB" not in text


async def test_work_failures_and_minutes_are_counted_without_anybodys_id(
    sim: Simulation, operator: simcord.MemberActor
) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    await sim.analyze(sim.ada)
    await sim.analyze(sim.ada, clip=("notes.mp4", b"just some text"))
    [first, second] = await sim.attempts(sim.ada)
    assert first.facts is not None
    assert second.facts is not None
    seconds = first.facts.duration_seconds + second.facts.duration_seconds
    text = await status(sim, operator)
    assert "clip\\_unreadable: 1" in text
    assert f"{seconds / 60:.1f} minutes of clips" in text
    month = f"{first.created_at:%Y-%m}"
    assert await sim.bot.app.deps.vendor_usage.of(month) == pytest.approx(seconds)
    assert str(sim.ada.id) not in text
    assert first.id not in text
    await sim.env.advance_time(25 * 3600)
    assert "Failures in the last 24 hours\nNone." in await status(sim, operator)


async def test_the_queue_and_what_is_left_to_delete_are_shown(slow_stage: Simulation) -> None:
    sim = slow_stage
    sim.bot.owner_id = sim.ada.id
    role = sim.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    sim.env.backend.add_member_role(sim.guild.id, sim.ada.id, role.id)
    await sim.agree(sim.ada)
    await sim.agree(sim.ben)
    await sim.analyze(sim.ada, question="First?")
    await sim.analyze(sim.ada, question="Second?")
    await sim.analyze(sim.ben)
    text = await status(sim, sim.ada)
    assert "Worked on now: 2" in text
    assert "analyzing: 2" in text
    assert "queued: 1" in text
    assert str(owner(sim.ben).user_id) not in text


async def test_only_this_months_minutes_are_shown(
    sim: Simulation, operator: simcord.MemberActor
) -> None:
    then = datetime(2019, 1, 7, tzinfo=UTC)
    await sim.bot.app.deps.vendor_usage.reserve("0" * 16, 1, 6000, now=then)
    assert "0.0 minutes of clips" in await status(sim, operator)


async def test_sync_registers_the_commands_and_says_how_many(
    sim: Simulation, operator: simcord.MemberActor
) -> None:
    shown = await operator.slash(sim.channel, "admin sync")
    assert shown.ephemeral
    assert f"{len(sim.bot.tree.get_commands())} commands registered." in text_of(shown.response)
    puts = [request for request in sim.env.http_requests if request.method == "PUT"]
    assert len(puts) == 2  # at the start, and now


@pytest.mark.parametrize("command", ["admin status", "admin sync"])
async def test_a_servers_administrator_who_does_not_run_the_bot_is_refused(
    sim: Simulation, operator: simcord.MemberActor, command: str
) -> None:
    assert operator.id == sim.bot.owner_id
    role = sim.guild.create_role("More", permissions=discord.Permissions(administrator=True))
    other = sim.guild.add_member(sim.env.create_user("otto"), roles=[role])
    shown = await other.slash(sim.channel, command)
    assert shown.ephemeral
    assert text_of(shown.response).strip() == "Only whoever runs this bot can use this command."


async def test_discord_is_asked_who_runs_the_bot_and_a_stranger_is_refused(sim: Simulation) -> None:
    role = sim.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    otto = sim.guild.add_member(sim.env.create_user("otto"), roles=[role])
    shown = await otto.slash(sim.channel, "admin status")
    assert "Only whoever runs this bot" in text_of(shown.response)


async def test_a_team_runs_the_bot_together(sim: Simulation) -> None:
    role = sim.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    tea = sim.guild.add_member(sim.env.create_user("tea"), roles=[role])
    sim.bot.owner_ids = {tea.id, 1}
    assert VERSION in await status(sim, tea)


async def test_ordinary_members_do_not_see_the_commands(
    sim: Simulation, operator: simcord.MemberActor
) -> None:
    assert not [name for name in sim.ada.available_commands(sim.channel) if "admin" in name]
    assert "admin status" in operator.available_commands(sim.channel)


async def test_it_works_the_same_after_a_restart(
    sim: Simulation, operator: simcord.MemberActor
) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    before = await status(sim, operator)
    assert "0.0 minutes of clips" not in before
    await sim.restart()
    sim.bot.owner_id = operator.id
    assert await status(sim, operator) == before
