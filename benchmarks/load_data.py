"""Fills a bot's memory and both stand-ins with attempts that wait for the vendor, before it starts.

What the bot finds is what an earlier process of its own has left: a thousand clips fetched and
probed one after another would take minutes and say nothing about waiting.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from analyzer.consent import consent_version
from cogs.shared.interactions import REPLY_LIFE
from core.assessment import EngineName
from core.models import (
    Attempt,
    AttemptState,
    ClipFacts,
    ClipSource,
    Owner,
    ReplyAddress,
    VendorRefs,
)
from core.settings import Settings
from storage.engine.database import Database
from storage.mapping import row_of
from storage.tables import attempts, consents
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import EPHEMERAL, Interaction, Member
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import AssetRecord, ClipMetadata, TaskRecord
from tests.process.operator import QUESTION

SIGNED_URL_CHARACTERS = 300  # about as long as Discord's links are

FACTS = ClipFacts(
    size_bytes=25_000_000,
    duration_seconds=93.4,
    width=1280,
    height=720,
    has_audio=True,
    container="mov,mp4,m4a,3gp,3g2,mj2",
    video_codec="h264",
)


def members(count: int, name: str = "member") -> list[Member]:
    """As many members."""
    return [Member(f"{name}{number}") for number in range(count)]


async def fill(
    data_dir: Path,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    *,
    waiting: Sequence[Member],
    agreed: Iterable[Member] = (),
) -> None:
    """Make an attempt in `analyzing` for each of `waiting`; they and `agreed` have consented."""
    now, guild = datetime.now(UTC), int(discord.guild_id)
    rows = [_row(discord, vendor, member, number, now) for number, member in enumerate(waiting)]
    agreements = [
        {
            "guild_id": guild,
            "user_id": int(member.id),
            "version": consent_version(EngineName.TWELVELABS),
            "agreed_at": now,
        }
        for member in (*waiting, *agreed)
    ]
    database = Database(Settings(data_dir=data_dir).sqlalchemy_url)
    try:
        await database.open()
        async with database.write() as connection:
            for table, made in ((attempts, rows), (consents, agreements)):
                if made:
                    await connection.execute(insert(table), made)
    finally:
        await database.close()


def _row(
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    member: Member,
    number: int,
    now: datetime,
) -> dict[str, object]:
    attempt = Attempt(
        id=f"{number:016x}",
        owner=Owner(guild_id=int(discord.guild_id), user_id=int(member.id)),
        channel_id=int(discord.channel_id),
        question=QUESTION,
        shared=False,
        source=ClipSource(
            url="https://cdn.discordapp.com/".ljust(SIGNED_URL_CHARACTERS, "x"),
            name="answer.mp4",
            size_bytes=FACTS.size_bytes,
        ),
        engine=EngineName.TWELVELABS,
        state=AttemptState.ANALYZING,
        created_at=now - timedelta(seconds=1),
        reply=_reply(discord, member, now),
        facts=FACTS,
        refs=_begun(vendor, f"{number:016x}"),
    )
    return row_of(attempt) | {"state": AttemptState.ANALYZING, "updated_at": now}


def _reply(discord: DiscordStandIn, member: Member, now: datetime) -> ReplyAddress:
    """Let Discord know an interaction that was answered with "thinking…" just now."""
    asked = Interaction(kind=2, member=member, watch=discord.watch)
    asked.sent_at = asked.answered_at = time.monotonic()
    asked.original = discord.new_message({}, [], flags=EPHEMERAL)
    asked.message_ids.add(asked.original["id"])
    discord.interactions[asked.token] = asked
    return ReplyAddress(
        application_id=int(discord.application_id), token=asked.token, dies_at=now + REPLY_LIFE
    )


def _begun(vendor: TwelveLabsStandIn, attempt_id: str) -> VendorRefs:
    """Let the vendor know an analysis that takes its time."""
    asset = AssetRecord(
        account="ours",
        clip=ClipMetadata(),
        polls_left=0,
        failure=None,
        transcription_statuses=["ready"],
        filename=f"greenroom-seeded-{attempt_id}.mp4",
    )
    task = TaskRecord(
        account="ours",
        number=len(vendor.tasks) + 1,
        body={
            "video": {"type": "asset_id", "asset_id": asset.id},
            "prompt": QUESTION,
            "custom_id": f"{attempt_id}-1",
        },
        idempotency_key=None,
        asset=asset,
        statuses=list(vendor.task_statuses),
    )
    vendor.assets[asset.id] = asset
    vendor.tasks[task.id] = task
    return VendorRefs(asset_id=asset.id, task_ids=(task.id,))
