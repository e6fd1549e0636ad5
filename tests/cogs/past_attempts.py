"""Puts finished attempts into a stage's memory, as if they had been made on earlier days."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import discord
import simcord

from core.assessment import Assessment
from core.models import Attempt, AttemptState, DeliveredVia, Failure
from tests.cogs.simulation import QUESTION, Simulation, owner
from tests.cogs.ui import samples as made


async def remember(
    sim: Simulation,
    member: simcord.MemberActor,
    *,
    days_ago: float,
    question: str = QUESTION,
    assessment: Assessment | None = None,
    **others: Any,
) -> Attempt:
    """One assessed attempt of a member, whose owner has been told."""
    return await _end(
        sim,
        await _queue(sim, member, days_ago, question, **others),
        AttemptState.DELIVERED,
        assessment=assessment or made.assessment(),
        delivered_via=DeliveredVia.REPLY,
    )


async def remember_failure(sim: Simulation, member: simcord.MemberActor, *, told: bool) -> Attempt:
    """One attempt that failed just now."""
    return await _end(
        sim,
        await _queue(sim, member, 0, QUESTION),
        AttemptState.FAILED,
        failure=Failure(code="made_up", sentence="Try again."),
        delivered_via=DeliveredVia.REPLY if told else None,
    )


async def _queue(
    sim: Simulation, member: simcord.MemberActor, days_ago: float, question: str, **others: Any
) -> Attempt:
    now = sim.env.now()
    attempt = made.attempt(
        id=secrets.token_hex(8),
        owner=owner(member),
        question=question,
        created_at=now - timedelta(days=days_ago),
        **others,
    )
    admission = await sim.bot.app.deps.attempts.admit(
        attempt, used_since=now, daily_limit=1000, open_limit=1000
    )
    assert admission.admitted
    return attempt


async def _end(sim: Simulation, attempt: Attempt, state: AttemptState, **changes: Any) -> Attempt:
    return await sim.bot.app.deps.attempts.move(attempt, state, cleaned_at=sim.env.now(), **changes)


async def post_as_bot(
    sim: Simulation, channel: Any, *items: discord.ui.Item[Any]
) -> discord.Message:
    """A public message of the bot with these buttons, as if an id had been guessed."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    await sim.bot.get_partial_messageable(channel.id).send("A made-up list", view=view)
    await sim.env.settle()
    message: discord.Message = channel.history()[-1]
    return message
