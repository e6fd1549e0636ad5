"""What members do with a running bot, and what is left of it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

from core.models import Attempt, Owner
from core.settings import Settings
from demo import SAMPLE_CLIP
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Interaction, Message, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import QUESTION, Operator, eventually

CLIP = ("answer.mp4", SAMPLE_CLIP.read_bytes())

FILE = "/ephemeral-attachments/*/*/*"
ORIGINAL = "/webhooks/*/*/messages/@original"
LOOK = "/analyze/tasks/*"
"""Requests to wait for: the clip at Discord's, an edit of a reply, a look at an analysis."""


async def ask(discord: DiscordStandIn) -> Interaction:
    """Run `/analyze` on the sample clip."""
    return await discord.slash("analyze", {"question": QUESTION}, attachment=CLIP)


async def ask_and_agree(discord: DiscordStandIn) -> Interaction:
    """Run `/analyze` for the first time, and return the press that the result will answer."""
    asked = await ask(discord)
    card = await asked.reply(is_consent_card)
    pressed = await discord.press(card, "I agree")
    await pressed.acknowledged()
    return pressed


def is_consent_card(message: Message) -> bool:
    """Whether a message asks for consent."""
    return "Before your first clip" in text_of(message)


def is_progress(message: Message) -> bool:
    """Whether a message says how far the work is."""
    return "Working on your answer" in text_of(message)


def is_result(message: Message) -> bool:
    """Whether a message is a finished result."""
    return "One strength" in text_of(message)


def finish(vendor: TwelveLabsStandIn) -> None:
    """Let analyses under way end at the next look, and later ones at once."""
    vendor.task_statuses = ("ready",)
    for task in vendor.tasks.values():
        task.statuses = ["ready"]


async def nothing_left(operator: Operator, vendor: TwelveLabsStandIn) -> None:
    """Wait until neither the vendor nor our disk has a copy of a clip."""
    await eventually(
        lambda: not (vendor.live_assets() or vendor.live_tasks() or operator.clips_on_disk()),
        "copies deleted",
    )


async def only_attempt(operator: Operator, discord: DiscordStandIn) -> Attempt:
    """The one assessed attempt that the bot remembers."""
    owner = Owner(guild_id=int(discord.guild_id), user_id=int(discord.member.id))
    database = Database(Settings(data_dir=operator.data_dir).sqlalchemy_url)
    try:
        attempts = Attempts(database, lambda: datetime.now(UTC))
        [attempt] = await attempts.history(owner, limit=10)
        return attempt
    finally:
        await database.close()
