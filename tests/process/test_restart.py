"""A process that ends in the middle of an attempt: the next one finishes it, exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from core.models import AttemptState, DeliveredVia
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Silence
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Silence as VendorSilence
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


class Scene(NamedTuple):
    """What a moment is set up with."""

    discord: DiscordStandIn
    vendor: TwelveLabsStandIn


async def while_the_clip_is_fetched(scene: Scene) -> None:
    scene.discord.fail("GET", FILE, Silence())
    await ask_and_agree(scene.discord)
    await eventually(lambda: scene.discord.calls("GET", FILE), "the fetch")


async def when_the_upload_arrived_unheard(scene: Scene) -> None:
    scene.vendor.fail("POST", "/assets", VendorSilence(done=True))
    await ask_and_agree(scene.discord)
    await eventually(lambda: scene.vendor.assets, "the upload")


async def when_the_analysis_began_unheard(scene: Scene) -> None:
    scene.vendor.fail("POST", "/analyze/tasks", VendorSilence(done=True))
    await ask_and_agree(scene.discord)
    await eventually(lambda: scene.vendor.tasks, "the analysis")


async def while_it_is_analyzed(scene: Scene) -> None:
    scene.vendor.task_statuses = ("processing",)
    await ask_and_agree(scene.discord)
    await eventually(lambda: scene.vendor.calls("GET", LOOK), "a look at the analysis")
    finish(scene.vendor)


async def when_the_result_was_shown_unheard(scene: Scene) -> None:
    scene.vendor.task_statuses = ("processing",)
    pressed = await ask_and_agree(scene.discord)
    await eventually(lambda: scene.vendor.calls("GET", LOOK), "a look at the analysis")
    await pressed.reply(is_progress)
    scene.discord.fail("PATCH", ORIGINAL, Silence(done=True))
    finish(scene.vendor)
    await pressed.reply(is_result)


@pytest.mark.parametrize(
    "until_the_moment",
    [
        while_the_clip_is_fetched,
        when_the_upload_arrived_unheard,
        when_the_analysis_began_unheard,
        while_it_is_analyzed,
        when_the_result_was_shown_unheard,
    ],
    ids=lambda moment: moment.__name__,
)
async def test_killed_in_the_middle_the_next_start_finishes_it_once(
    until_the_moment: Callable[[Scene], Awaitable[None]],
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
) -> None:
    first = await operator.run()
    await until_the_moment(Scene(discord, vendor))
    await first.kill()
    await operator.run()

    pressed = list(discord.interactions.values())[-1]
    await pressed.reply(is_result)
    await nothing_left(operator, vendor)
    attempt = await only_attempt(operator, discord)
    assert (attempt.state, attempt.delivered_via) == (AttemptState.DELIVERED, DeliveredVia.REPLY)
    assert (len(vendor.assets), vendor.tasks_created) == (1, 1)
    assert discord.faults_left == vendor.faults_left == 0


async def test_killed_before_the_member_agreed_the_card_still_works(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    first = await operator.run()
    card = await (await ask(discord)).reply(is_consent_card)
    await first.kill()
    await operator.run()
    await (await discord.press(card, "I agree")).reply(is_result)
    assert vendor.tasks_created == 1


async def test_told_to_stop_it_ends_in_time_and_the_next_start_goes_on(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    first = await operator.run()
    pressed = await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("GET", LOOK), "a look at the analysis")
    first.terminate()
    assert await first.ended(within=10) == 0
    assert not is_result(await pressed.reply())
    finish(vendor)
    await operator.run()
    await pressed.reply(is_result)
    assert vendor.tasks_created == 1
