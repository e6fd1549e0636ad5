"""What the tests of `/question` share: using it, and looking at a bank behind its back."""

from __future__ import annotations

from typing import Any

import simcord

from analyzer.questions.bank import merge_into
from analyzer.questions.draft import Draft
from core.questions import Question
from tests.cogs.simulation import Simulation, owner


async def run(
    sim: Simulation, member: simcord.MemberActor, name: str, **options: Any
) -> simcord.InteractionResult:
    """Use a subcommand of `/question` in the member's channel."""
    channel = sim.channel if member.guild.id == sim.guild.id else sim.other_channel
    return await member.slash(channel, f"question {name}", **options)


async def bank_of(sim: Simulation, member: simcord.MemberActor) -> list[Question]:
    return await sim.bot.app.deps.questions.all(member.guild.id)


async def fill(sim: Simulation, member: simcord.MemberActor, *texts: str, **parts: str) -> None:
    drafts = [Draft.read(text=text, **parts) for text in texts]
    await sim.bot.app.deps.questions.change(member.guild.id, lambda bank: merge_into(bank, drafts))


async def asked(sim: Simulation, member: simcord.MemberActor) -> str | None:
    return (await sim.bot.app.deps.member_settings.get(owner(member))).last_question_id
