"""Members who have practised and joined a board, and what it shows, for its tests."""

from __future__ import annotations

import re
from typing import Any

import simcord

from core.assessment import Assessment, Metric, Score
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import Simulation, text_of
from tests.cogs.ui import samples as made


def scored(value: int, **others: Any) -> Assessment:
    scores = {metric: Score(value=value) for metric in Metric}
    return made.assessment().model_copy(update={"scores": scores, **others})


async def practised(
    sim: Simulation, member: simcord.MemberActor, value: int, *, days_ago: float = 0, **others: Any
) -> None:
    """A shared attempt with this overall score.

    SimCord's time holds only inside commands: for a week or a month to be the present one, the
    member has to join, by the command, after it.
    """
    others = {"shared": True} | others
    await remember(sim, member, days_ago=days_ago, assessment=scored(value), **others)


async def board(
    sim: Simulation, member: simcord.MemberActor, name: str = "show", **options: Any
) -> simcord.InteractionResult:
    channel = sim.channel if member.guild.id == sim.guild.id else sim.other_channel
    return await member.slash(channel, f"leaderboard {name}", **options)


async def shown(sim: Simulation, member: simcord.MemberActor, **options: Any) -> str:
    return text_of((await board(sim, member, **options)).response)


def lines_of(text: str) -> list[str]:
    """The lines of the board, each with its rank."""
    return [line for line in text.splitlines() if re.match(r"\*\*\d+\.\*\*", line)]


async def crowd(sim: Simulation, count: int) -> list[simcord.MemberActor]:
    """Members who have joined, each with a score; the first is the best, and many are equal."""
    members = [
        sim.guild.add_member(sim.env.create_user(f"member{number}")) for number in range(count)
    ]
    for number, member in enumerate(members):
        await practised(sim, member, 9 - number // 4)
        await board(sim, member, "join")
    return members
