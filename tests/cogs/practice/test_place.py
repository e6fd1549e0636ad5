"""The server's rules when an answer is sent in from the studio, and when a result is shared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from core.errors import Refused
from core.models import ServerSettings
from tests.cogs.practice.test_practice import QUESTION, URL, StudioSimulation, running
from tests.cogs.simulation import Simulation, labels_of, owner, reply, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn


@pytest.fixture
async def sim(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[StudioSimulation]:
    async with running(tmp_path, vendor, http_port=8080, public_url=URL) as sim:
        yield sim


async def choose(sim: Simulation, **settings: Any) -> None:
    await sim.bot.app.deps.server_settings.set(sim.guild.id, ServerSettings(**settings))


async def refused(
    sim: StudioSimulation, shown: simcord.InteractionResult, *, shared: bool = False
) -> Refused:
    """Send an answer in, which is refused."""
    with pytest.raises(Refused) as caught:
        await sim.send(shown, shared=shared)
    assert await sim.attempts(sim.ada) == []
    assert published(sim) == []
    return caught.value


def published(sim: Simulation) -> list[str]:
    """What everybody can see of results in the channel."""
    messages = [one for one in sim.channel.history() if not one.flags.ephemeral]
    return [embed.description or "" for message in messages for embed in message.embeds]


def student(sim: StudioSimulation) -> simcord.RoleHandle:
    """A role, which Ada has."""
    role = sim.guild.create_role("Students")
    sim.env.backend.add_member_role(sim.guild.id, sim.ada.id, role.id)
    return role


async def test_who_loses_the_role_while_recording_publishes_nothing(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    role = student(sim)
    await choose(sim, roles=frozenset({role.id}))
    shown = await sim.practise(sim.ada, question=QUESTION)
    sim.env.backend.remove_member_role(sim.guild.id, sim.ada.id, role.id)
    refusal = await refused(sim, shown, shared=True)
    assert refusal.sentence == (
        "In this server, you need one of these roles to practise: Students. Ask its managers."
    )
    again = await sim.practise(sim.ada, question=QUESTION)
    assert "you need one of these roles" in text_of(again.response)  # the command says the same
    sim.env.backend.add_member_role(sim.guild.id, sim.ada.id, role.id)
    await sim.send(shown, shared=True)
    [public] = published(sim)
    assert "One strength" in public


async def test_a_manager_needs_no_role(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    manager = sim.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    sim.env.backend.add_member_role(sim.guild.id, sim.ada.id, manager.id)
    await choose(sim, roles=frozenset({sim.guild.create_role("Students").id}))
    await sim.send(await sim.practise(sim.ada, question=QUESTION))
    assert len(await sim.attempts(sim.ada)) == 1


async def test_a_thread_counts_as_its_channel_here_too(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    channel = sim.bot.get_channel(sim.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="mine", type=discord.ChannelType.public_thread)
    [thread] = sim.channel.threads
    shown = await sim.ada.slash(thread, "practice", question=QUESTION)
    elsewhere = sim.guild.create_text_channel("answers-only")
    await choose(sim, channels=frozenset({elsewhere.id}))
    refusal = await refused(sim, shown)
    assert refusal.sentence == "In this server, practise in #answers-only."
    await choose(sim, channels=frozenset({sim.channel.id}))
    await sim.send(shown)
    assert len(await sim.attempts(sim.ada)) == 1


async def test_who_is_taken_out_of_a_private_thread_sends_nothing_in_there(
    sim: StudioSimulation,
) -> None:
    await sim.agree(sim.ada)
    channel = sim.bot.get_channel(sim.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="ours", type=discord.ChannelType.private_thread)
    [thread] = sim.channel.threads
    sim.env.backend.add_thread_member(thread.id, sim.ada.id)
    shown = await sim.ada.slash(thread, "practice", question=QUESTION)
    sim.env.backend.remove_thread_member(thread.id, sim.ada.id)
    assert (await refused(sim, shown)).code == "no_access"
    sim.env.backend.add_thread_member(thread.id, sim.ada.id)
    await sim.send(shown)
    assert len(await sim.attempts(sim.ada)) == 1


async def test_who_no_longer_sees_the_channel_sends_nothing_in_there(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    channel = sim.bot.get_channel(sim.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, view_channel=False)
    assert (await refused(sim, shown)).code == "no_access"


async def test_who_left_the_server_sends_nothing_in(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    sim.guild.remove_member(sim.ada)
    with pytest.raises(Refused, match="not_member"):
        await sim.send(shown)
    assert published(sim) == []


async def test_sharing_a_private_result_later_is_under_the_same_rules(
    sim: StudioSimulation,
) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada)
    role = student(sim)
    await choose(sim, roles=frozenset({role.id}))
    sim.env.backend.remove_member_role(sim.guild.id, sim.ada.id, role.id)
    pressed = await sim.ada.click(reply(shown), label="Share")
    assert "you need one of these roles" in text_of(pressed.response)
    assert published(sim) == []
    [attempt] = await sim.attempts(sim.ada)
    assert not attempt.shared
    assert "Share" in labels_of(shown.response)
    elsewhere = sim.guild.create_text_channel("answers-only")
    await choose(sim, channels=frozenset({elsewhere.id}))
    pressed = await sim.ada.click(reply(shown), label="Share")
    assert "practise in" in text_of(pressed.response)
    assert published(sim) == []
    await choose(sim)
    await sim.ada.click(reply(shown), label="Share")
    assert len(published(sim)) == 1
    assert (await sim.bot.app.deps.attempts.history(owner(sim.ada), limit=1))[0].shared
