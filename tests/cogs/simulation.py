"""The whole bot in SimCord, the real TwelveLabs SDK against the stand-in, and members to act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import simcord
from pydantic import SecretStr

from analyzer.dependencies import Timings
from app.container import Overrides
from app.gateway import create_bot
from cogs.client import GreenroomBot
from core.models import Attempt, Owner
from core.settings import Settings
from demo import SAMPLE_CLIP
from demo.world import fetch_through_client
from tests.fakes.discord_command_checks import requests_refused
from tests.fakes.twelvelabs import TwelveLabsStandIn

CLIP = ("answer.mp4", SAMPLE_CLIP.read_bytes())
QUESTION = "Tell me about yourself."

SETTLE_SECONDS = 30.0
"""How long SimCord waits, in real time, for the bot to rest after an action."""

FAST = Timings(poll_first=0.01, poll_longest=0.01, edit_every=3600.0, tell_again=())
SLOW = Timings(poll_first=60.0, poll_longest=60.0, edit_every=45.0)
"""Each wait is longer than SimCord's, so nothing moves on until a test moves the time."""


def settings_for(folder: Path, vendor: TwelveLabsStandIn, **others: Any) -> Settings:
    """Settings for a bot with its memory in `folder` and the stand-in as its vendor."""
    values: dict[str, Any] = {
        "discord_token": SecretStr("made-up-token"),
        "twelvelabs_api_key": SecretStr(vendor.key),
        "twelvelabs_base_url": vendor.url,
        "data_dir": folder,
    }
    return Settings(**(values | others))


@dataclass
class Simulation:
    """A running bot, two servers, and members in them."""

    settings: Settings
    vendor: TwelveLabsStandIn
    timings: Timings
    env: simcord.Env = field(init=False)

    def __post_init__(self) -> None:
        self.env = simcord.Env(self.make_bot(), shard_count=1, settle_timeout=SETTLE_SECONDS)

    def make_bot(self) -> GreenroomBot:
        """A bot as an operator's next start would make it."""
        overrides = Overrides(fetch_through=fetch_through_client, timings=self.timings)
        return create_bot(self.settings, overrides)

    def furnish(self) -> None:
        """Two servers; Ada and Ben are in the first, Ada also in the second."""
        self.guild = self.env.create_guild("Practice")
        self.channel = self.guild.create_text_channel("practice")
        self.ada_user = self.env.create_user("ada")
        self.ada = self.guild.add_member(self.ada_user)
        self.ben = self.guild.add_member(self.env.create_user("ben"))
        self.other_guild = self.env.create_guild("Elsewhere")
        self.other_channel = self.other_guild.create_text_channel("elsewhere")
        self.ada_elsewhere = self.other_guild.add_member(self.ada_user)

    @property
    def bot(self) -> GreenroomBot:
        """The bot of the present generation."""
        bot = self.env.bot
        assert isinstance(bot, GreenroomBot)
        return bot

    async def restart(self) -> None:
        """End the process and start the next one on the same memory; Discord stays as it is."""
        old = self.bot
        await old._stack.aclose()
        await self.env.restart_bot(self.make_bot())

    async def agree(self, member: simcord.MemberActor) -> None:
        """Let a member have agreed before."""
        from analyzer.consent import consent_version

        deps = self.bot.app.deps
        await deps.consents.agree(owner(member), consent_version(deps.engine), deps.judge_host)

    async def analyze(
        self,
        member: simcord.MemberActor,
        *,
        clip: tuple[str, bytes] = CLIP,
        question: str = QUESTION,
        **options: Any,
    ) -> simcord.InteractionResult:
        """Run `/analyze` in the member's channel."""
        channel = self.channel if member.guild.id == self.guild.id else self.other_channel
        return await member.slash(channel, "analyze", clip=clip, question=question, **options)

    async def attempts(self, member: simcord.MemberActor) -> list[Attempt]:
        """A member's assessed attempts, newest first."""
        return await self.bot.app.deps.attempts.history(owner(member), limit=100)


def owner(member: simcord.MemberActor) -> Owner:
    """Whose data a member's is."""
    return Owner(guild_id=member.guild.id, user_id=member.id)


def reply(shown: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The message that answered an interaction."""
    assert shown.response is not None
    return shown.response


def text_of(message: simcord.ResponseMessage | None) -> str:
    """All that a reply's embeds say."""
    assert message is not None
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{part.name}\n{part.value}" for part in embed.fields]
        parts.append(embed.footer.text or "")
    return "\n".join(parts)


def labels_of(message: simcord.ResponseMessage | None) -> list[str]:
    """The labels of a reply's buttons, in order."""
    assert message is not None
    return [item["label"] for row in message.components for item in row["components"]]


S = TypeVar("S", bound=Simulation)


@asynccontextmanager
async def running(
    folder: Path, vendor: TwelveLabsStandIn, *, timings: Timings = FAST, **others: Any
) -> AsyncIterator[Simulation]:
    """A stage, running, with these settings beside the usual ones."""
    async with started(Simulation(settings_for(folder, vendor, **others), vendor, timings)) as sim:
        yield sim


@asynccontextmanager
async def started(sim: S) -> AsyncIterator[S]:
    """A stage, running; at the end nothing of it is left, and nothing went wrong unseen."""
    await sim.env.start()
    try:
        sim.furnish()
        yield sim
    finally:
        await sim.bot._stack.aclose()
        await asyncio.sleep(0)
        await sim.env.shutdown()
    sim.env.raise_errors()
    sent = ((one.method, one.path, one.json) for one in sim.env.http_requests)
    assert requests_refused(sent) == []
