"""The studio in a real process: from the command to the result, over sockets, across a restart."""

from __future__ import annotations

from typing import Any

import aiohttp

from core.models import AttemptState, ClipKind, DeliveredVia, ServerSettings
from core.settings import Settings
from demo import SAMPLE_CLIP
from storage.engine.database import Database
from storage.repositories.server_settings import ServerSettingsStore
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Answer
from tests.fakes.discord_world import Interaction, Message
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.browser import StudioBrowser
from tests.process.members import FILE, is_consent_card, is_result, nothing_left, only_attempt
from tests.process.operator import QUESTION, Operator


def address_in(message: Message) -> str | None:
    """The address of a card's link button."""
    rows = message.get("components", [])
    return next((b["url"] for row in rows for b in row["components"] if "url" in b), None)


async def agree_to_practise(discord: DiscordStandIn) -> tuple[str, Interaction, Message]:
    """Run `/practice`, agree, and return the studio's address, the press and the card."""
    card = await (await discord.slash("practice", {"question": QUESTION})).reply(is_consent_card)
    pressed = await discord.press(card, "I agree")
    shown = await pressed.reply(lambda message: address_in(message) is not None)
    address = address_in(shown)
    assert address is not None
    return address, pressed, shown


async def choose(operator: Operator, discord: DiscordStandIn, chosen: ServerSettings) -> None:
    """Let the server's managers choose, beside the running bot."""
    database = Database(Settings(data_dir=operator.data_dir).sqlalchemy_url)
    try:
        await ServerSettingsStore(database).set(int(discord.guild_id), chosen)
    finally:
        await database.close()


async def test_from_the_command_to_the_result_across_a_restart(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    web_settings: dict[str, str],
) -> None:
    bot = await operator.run(**web_settings)
    address, pressed, shown = await agree_to_practise(discord)
    data = SAMPLE_CLIP.read_bytes()
    async with aiohttp.ClientSession() as session:
        browser = StudioBrowser(session, address)
        begin = {"size_bytes": len(data), "type": "video/mp4", "seconds": 27}
        await browser.call("POST", "upload", json=begin)
        received = await browser.piece(data, 0)

        await bot.kill()  # in the middle of the upload
        after = await operator.run(**web_settings)
        assert (await browser.call("GET", "session"))["received_bytes"] == received
        while received < len(data):
            received = await browser.piece(data, received)
        assert (await browser.call("POST", "submit", json={"shared": False}))["attempt"]
        told = await browser.last_event()
        assert told["state"] == "delivered"
        assert told["result"]["question"] == QUESTION
        result = await pressed.reply(is_result)

    assert result["id"] == shown["id"]
    assert vendor.tasks_created == 1
    assert not discord.calls("GET", FILE)
    await nothing_left(operator, vendor)
    folders = [operator.data_dir / name for name in ("uploads", "recordings")]
    assert [file for folder in folders for file in folder.rglob("*") if file.is_file()] == []
    attempt = await only_attempt(operator, discord)
    assert (attempt.state, attempt.source.kind) == (AttemptState.DELIVERED, ClipKind.STUDIO)
    assert attempt.delivered_via is DeliveredVia.REPLY
    for process in (bot, after):
        assert browser.token not in process.output
        assert browser.token.rsplit(".", 1)[1] not in process.output
        assert "127.0.0.1 [" not in process.output  # no line about who has called


async def test_who_loses_the_role_publishes_nothing_and_loses_nothing(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    web_settings: dict[str, str],
) -> None:
    discord.roles["77"], discord.roles_of[discord.member.id] = "Students", {"77"}
    await operator.run(**web_settings)
    await choose(operator, discord, ServerSettings(roles=frozenset({77})))
    address, _, _ = await agree_to_practise(discord)
    data = SAMPLE_CLIP.read_bytes()
    async with aiohttp.ClientSession() as session:
        browser = StudioBrowser(session, address)
        begin = {"size_bytes": len(data), "type": "video/mp4", "seconds": 27}
        await browser.call("POST", "upload", json=begin)
        received = 0
        while received < len(data):
            received = await browser.piece(data, received)

        async def submit() -> Any:
            return await browser.call("POST", "submit", json={"shared": True})

        discord.roles_of.clear()
        refused = await submit()
        assert (refused["code"], "Students" in refused["sentence"]) == ("role", True)
        discord.roles_of[discord.member.id] = {"77"}
        discord.fail("GET", "/guilds/*/members/*", Answer(503))
        assert (await submit())["code"] == "discord_away"
        discord.left.add(discord.member.id)
        assert (await submit())["code"] == "not_member"
        assert vendor.tasks_created == 0
        assert not any(is_result(message) for message in discord.messages.values())
        discord.left.clear()
        assert (await submit())["attempt"]
        assert (await browser.last_event())["state"] == "delivered"
    assert (await only_attempt(operator, discord)).shared
    assert any(is_result(message) for message in discord.messages.values())
