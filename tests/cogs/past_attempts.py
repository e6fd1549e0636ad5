"""Puts finished attempts into a stage's memory, as if they had been made on earlier days."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import discord
import simcord

from core.models import Assessment, Attempt, AttemptState, DeliveredVia, Failure
from tests.cogs.simulation import QUESTION, Stage, owner
from tests.cogs.ui import samples as made


async def remember(
    stage: Stage,
    member: simcord.MemberActor,
    *,
    days_ago: float,
    question: str = QUESTION,
    assessment: Assessment | None = None,
    **others: Any,
) -> Attempt:
    """One assessed attempt of a member, whose owner has been told."""
    return await _end(
        stage,
        await _queue(stage, member, days_ago, question, **others),
        AttemptState.DELIVERED,
        assessment=assessment or made.assessment(),
        delivered_via=DeliveredVia.REPLY,
    )


async def remember_failure(stage: Stage, member: simcord.MemberActor, *, told: bool) -> Attempt:
    """One attempt that failed just now."""
    return await _end(
        stage,
        await _queue(stage, member, 0, QUESTION),
        AttemptState.FAILED,
        failure=Failure(code="made_up", sentence="Try again."),
        delivered_via=DeliveredVia.REPLY if told else None,
    )


async def _queue(
    stage: Stage, member: simcord.MemberActor, days_ago: float, question: str, **others: Any
) -> Attempt:
    now = stage.env.now()
    attempt = made.attempt(
        id=secrets.token_hex(8),
        owner=owner(member),
        question=question,
        created_at=now - timedelta(days=days_ago),
        **others,
    )
    admission = await stage.bot.tools.attempts.admit(
        attempt, used_since=now, daily_limit=1000, open_limit=1000
    )
    assert admission.admitted
    return attempt


async def _end(stage: Stage, attempt: Attempt, state: AttemptState, **changes: Any) -> Attempt:
    return await stage.bot.tools.attempts.move(
        attempt, state, cleaned_at=stage.env.now(), **changes
    )


async def post_as_bot(stage: Stage, channel: Any, *items: discord.ui.Item[Any]) -> discord.Message:
    """A public message of the bot with these buttons, as if an id had been guessed."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    await stage.bot.get_partial_messageable(channel.id).send("A made-up list", view=view)
    await stage.env.settle()
    message: discord.Message = channel.history()[-1]
    return message
