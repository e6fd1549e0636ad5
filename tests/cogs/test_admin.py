"""`/admin`: for the bot's owner or team alone, and what it shows names no member."""

from __future__ import annotations

import discord
import pytest
import simcord

from core.version import VERSION
from tests.cogs.simulation import Stage, owner, text_of


@pytest.fixture
def operator(stage: Stage) -> simcord.MemberActor:
    """Who runs the bot, as an administrator of the server."""
    role = stage.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    member = stage.guild.add_member(stage.env.create_user("olga"), roles=[role])
    stage.bot.owner_id = member.id
    return member


async def status(stage: Stage, member: simcord.MemberActor) -> str:
    shown = await member.slash(stage.channel, "admin status")
    assert shown.ephemeral
    return text_of(shown.response)


async def test_a_quiet_bot_says_so(stage: Stage, operator: simcord.MemberActor) -> None:
    text = await status(stage, operator)
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
    stage: Stage, operator: simcord.MemberActor
) -> None:
    await stage.agree(stage.ada)
    await stage.analyze(stage.ada)
    await stage.analyze(stage.ada)
    await stage.analyze(stage.ada, clip=("notes.mp4", b"just some text"))
    [first, second] = await stage.attempts(stage.ada)
    assert first.facts is not None
    assert second.facts is not None
    seconds = first.facts.duration_seconds + second.facts.duration_seconds
    text = await status(stage, operator)
    assert "clip\\_unreadable: 1" in text
    assert f"{seconds / 60:.1f} minutes of clips" in text
    month = f"{first.created_at:%Y-%m}"
    assert await stage.bot.tools.vendor_usage.of(month) == pytest.approx(seconds)
    assert str(stage.ada.id) not in text
    assert first.id not in text
    await stage.env.advance_time(25 * 3600)
    assert "Failures in the last 24 hours\nNone." in await status(stage, operator)


async def test_the_queue_and_what_is_left_to_delete_are_shown(slow_stage: Stage) -> None:
    stage = slow_stage
    stage.bot.owner_id = stage.ada.id
    role = stage.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    stage.env.backend.add_member_role(stage.guild.id, stage.ada.id, role.id)
    await stage.agree(stage.ada)
    await stage.agree(stage.ben)
    await stage.analyze(stage.ada, question="First?")
    await stage.analyze(stage.ada, question="Second?")
    await stage.analyze(stage.ben)
    text = await status(stage, stage.ada)
    assert "Worked on now: 2" in text
    assert "analyzing: 2" in text
    assert "queued: 1" in text
    assert str(owner(stage.ben).user_id) not in text


async def test_only_this_months_minutes_are_shown(
    stage: Stage, operator: simcord.MemberActor
) -> None:
    await stage.bot.tools.vendor_usage.add("2019-01", 6000)
    assert "0.0 minutes of clips" in await status(stage, operator)


async def test_sync_registers_the_commands_and_says_how_many(
    stage: Stage, operator: simcord.MemberActor
) -> None:
    shown = await operator.slash(stage.channel, "admin sync")
    assert shown.ephemeral
    assert f"{len(stage.bot.tree.get_commands())} commands registered." in text_of(shown.response)
    puts = [request for request in stage.env.http_requests if request.method == "PUT"]
    assert len(puts) == 2  # at the start, and now


@pytest.mark.parametrize("command", ["admin status", "admin sync"])
async def test_a_servers_administrator_who_does_not_run_the_bot_is_refused(
    stage: Stage, operator: simcord.MemberActor, command: str
) -> None:
    assert operator.id == stage.bot.owner_id
    role = stage.guild.create_role("More", permissions=discord.Permissions(administrator=True))
    other = stage.guild.add_member(stage.env.create_user("otto"), roles=[role])
    shown = await other.slash(stage.channel, command)
    assert shown.ephemeral
    assert text_of(shown.response).strip() == "Only whoever runs this bot can use this command."


async def test_discord_is_asked_who_runs_the_bot_and_a_stranger_is_refused(stage: Stage) -> None:
    role = stage.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    otto = stage.guild.add_member(stage.env.create_user("otto"), roles=[role])
    shown = await otto.slash(stage.channel, "admin status")
    assert "Only whoever runs this bot" in text_of(shown.response)


async def test_a_team_runs_the_bot_together(stage: Stage) -> None:
    role = stage.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    tea = stage.guild.add_member(stage.env.create_user("tea"), roles=[role])
    stage.bot.owner_ids = {tea.id, 1}
    assert VERSION in await status(stage, tea)


async def test_ordinary_members_do_not_see_the_commands(
    stage: Stage, operator: simcord.MemberActor
) -> None:
    assert not [name for name in stage.ada.available_commands(stage.channel) if "admin" in name]
    assert "admin status" in operator.available_commands(stage.channel)


async def test_it_works_the_same_after_a_restart(
    stage: Stage, operator: simcord.MemberActor
) -> None:
    await stage.agree(stage.ada)
    await stage.analyze(stage.ada)
    before = await status(stage, operator)
    assert "0.0 minutes of clips" not in before
    await stage.restart()
    stage.bot.owner_id = operator.id
    assert await status(stage, operator) == before
