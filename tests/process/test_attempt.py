"""An attempt's whole way through a real process: shown, delivered, and nothing left behind."""

from __future__ import annotations

import json

from core.models import AttemptState, DeliveredVia
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import FILE_GONE, MISSING_ACCESS, rate_limited
from tests.fakes.discord_world import EPHEMERAL, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.members import (
    FILE,
    LOOK,
    ORIGINAL,
    ask,
    ask_and_agree,
    finish,
    is_consent_card,
    is_progress,
    is_result,
    nothing_left,
    only_attempt,
)
from tests.process.operator import Operator, eventually


async def test_from_the_command_to_the_result(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    bot = await operator.run(LOG_FORMAT="json")
    asked = await ask(discord)
    assert await asked.acknowledged(within=3.0) < 3.0
    # a message and no "thinking…", which a crash might leave for ever
    assert (asked.answer["type"], asked.answer["data"]["flags"] & EPHEMERAL) == (4, EPHEMERAL)
    card = await asked.reply(is_consent_card)
    assert card["flags"] & EPHEMERAL
    assert not discord.calls("GET", FILE)  # nothing is fetched before the member agrees

    pressed = await discord.press(card, "I agree")
    await pressed.acknowledged(within=3.0)
    result = await pressed.reply(is_result)

    consent, *progress, last = [edit.json for edit in discord.calls("PATCH", ORIGINAL)]
    assert is_consent_card(consent)
    assert progress
    assert all(is_progress(edit) for edit in progress)
    assert is_result(last)
    assert result["id"] == card["id"]
    assert result["flags"] & EPHEMERAL
    assert vendor.tasks_created == 1
    await nothing_left(operator, vendor)
    attempt = await only_attempt(operator, discord)
    assert (attempt.state, attempt.delivered_via) == (AttemptState.DELIVERED, DeliveredVia.REPLY)
    assert attempt.reply is None

    await bot.kill()
    for line in bot.errors.splitlines():
        json.loads(line)
    assert attempt.id in bot.output


async def test_an_expired_link_is_told(operator: Operator, discord: DiscordStandIn) -> None:
    await operator.run()
    discord.fail("GET", FILE, FILE_GONE, times=2)
    discord.fail("POST", "/attachments/refresh-urls", MISSING_ACCESS)
    pressed = await ask_and_agree(discord)
    await pressed.reply(lambda message: "no longer serves that file" in text_of(message))


async def test_a_link_that_ended_early_is_made_fresh(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    await operator.run()
    asked = await ask(discord)
    card = await asked.reply(is_consent_card)
    for name, (_, content) in list(discord.files.items()):
        discord.files[name] = ("f" * 64, content)  # the old signature is refused from now on
    pressed = await discord.press(card, "I agree")
    await pressed.reply(is_result)
    assert [seen.status for seen in discord.calls("GET", FILE)] == [404, 200]


async def test_a_rate_limited_edit_is_sent_again(
    operator: Operator, discord: DiscordStandIn
) -> None:
    await operator.run()
    discord.fail("PATCH", ORIGINAL, rate_limited(0.2), times=2)
    pressed = await ask_and_agree(discord)
    await pressed.reply(is_result)
    assert discord.faults_left == 0


async def test_with_a_dead_token_a_private_result_waits_behind_a_button(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    bot = await operator.run()
    pressed = await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("GET", LOOK), "a look at the analysis")
    pressed.expire()
    finish(vendor)
    await bot.printed("delivered via button")
    assert not discord.calls("POST", "/channels/*/messages")  # a private result stays private
    await nothing_left(operator, vendor)

    listed = await (await discord.slash("history")).reply()
    shown = await (await discord.press(listed, "Show 1")).reply(is_result)
    assert shown["flags"] & EPHEMERAL
    assert (await only_attempt(operator, discord)).delivered_via is DeliveredVia.BUTTON
