"""Attempts and what belongs to them, made up for these tests."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.assessment import (
    Assessment,
    EngineName,
    KeyPoint,
    Metric,
    Score,
    Sentence,
)
from core.models import (
    Attempt,
    AttemptState,
    ClipFacts,
    ClipSource,
    Owner,
    ReplyAddress,
    VendorRefs,
)
from storage.engine.database import Database
from storage.repositories.attempts import Admission, Attempts
from storage.tables import attempts as table

ANN = Owner(guild_id=2**62 + 1, user_id=2**62 + 2)  # as large as a snowflake may become
ANN_ELSEWHERE = Owner(guild_id=7, user_id=ANN.user_id)
BEN = Owner(guild_id=ANN.guild_id, user_id=3)
STRANGERS = (ANN_ELSEWHERE, BEN)

CLIP = ClipSource(url="https://cdn.example/clip.mp4?ex=1", name="clip.mp4", size_bytes=1000)
REFS = VendorRefs(asset_id="asset-1", task_ids=("task-1", "task-2"))
FACTS = ClipFacts(
    size_bytes=1000,
    duration_seconds=12.5,
    width=1280,
    height=720,
    has_audio=True,
    container="mp4",
    video_codec="h264",
)
ASSESSMENT = Assessment(
    engine=EngineName.TWELVELABS,
    engine_version="pegasus1.5",
    rubric_version=1,
    scores={metric: Score(value=7, evidence="seen", at_seconds=1.5) for metric in Metric}
    | {Metric.EYE_CONTACT: Score(value=2), Metric.RELEVANCE: Score(reason="no audio track")},
    strength="A clear opening.",
    next_step="Look up.",
    key_points=(KeyPoint(text="Names the goal — “démarche”", at_seconds=2.0),),
    transcript=(Sentence(text="Hello.", start=0.1, end=0.9),),
)


def reply(dies_at: datetime) -> ReplyAddress:
    return ReplyAddress(application_id=2**60, token="interaction-token", dies_at=dies_at)


def an_attempt(now: datetime, owner: Owner = ANN, **fields: Any) -> Attempt:
    defaults: dict[str, Any] = {
        "id": secrets.token_hex(8),
        "channel_id": 11,
        "question": "Tell me about yourself",
        "shared": False,
        "source": CLIP,
        "engine": EngineName.TWELVELABS,
        "state": AttemptState.QUEUED,
        "created_at": now,
        "reply": reply(now + timedelta(minutes=15)),
    }
    return Attempt(owner=owner, **(defaults | fields))


async def admit(attempts: Attempts, attempt: Attempt, limit: int = 1000) -> Admission:
    """Admit with limits that matter only where a test names one."""
    return await attempts.admit(
        attempt,
        used_since=attempt.created_at - timedelta(days=1),
        daily_limit=limit,
        open_limit=1000,
    )


async def admitted(attempts: Attempts, now: datetime, owner: Owner = ANN, **fields: Any) -> Attempt:
    attempt = an_attempt(now, owner, **fields)
    assert (await admit(attempts, attempt)).admitted
    return attempt


async def assessed(attempts: Attempts, now: datetime, owner: Owner = ANN, **fields: Any) -> Attempt:
    attempt = await admitted(attempts, now, owner, **fields)
    return await attempts.move(attempt, AttemptState.ASSESSED, assessment=ASSESSMENT)


async def columns(database: Database, attempt: Attempt) -> dict[str, Any]:
    async with database.read() as connection:
        found = await connection.execute(select(table).where(table.c.id == attempt.id))
        return dict(found.mappings().one())


async def ended(
    attempts: Attempts, now: datetime, state: AttemptState, owner: Owner = ANN, **changes: Any
) -> Attempt:
    return await attempts.move(await admitted(attempts, now, owner), state, **changes)
