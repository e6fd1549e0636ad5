"""TwelveLabs slow, down, stumbling or sending us elsewhere: nothing is lost or paid for twice."""

from __future__ import annotations

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import (
    Answer,
    Fault,
    LostAnswer,
    Redirect,
    Reset,
    rate_limited,
)
from tests.process.crowd import Crowd
from tests.process.members import LOOK, finish, nothing_left
from tests.process.operator import Operator, eventually

STUMBLES: tuple[Fault, ...] = (
    Reset(),  # of an upload: while it is sent
    LostAnswer(),
    Answer(500, shape="empty"),
    Answer(502, shape="html"),
    rate_limited(1),
)


async def test_stumbling_at_every_call_makes_nothing_twice(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.delay = 0.2
    crowd = await Crowd.gather(operator, discord, 5)
    for method, path in (
        ("POST", "/assets"),
        ("GET", "/assets/*"),
        ("POST", "/analyze/tasks"),
        ("GET", LOOK),
        ("DELETE", LOOK),
        ("DELETE", "/assets/*"),
    ):
        vendor.fail(method, path, *STUMBLES)
    await operator.run()
    asked = await crowd.ask()
    await crowd.results(asked, within=60)
    await eventually(lambda: not vendor.faults_left, "every fault", within=30)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (5, 5)


async def test_down_for_a_while_at_every_stage(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    crowd = await Crowd.gather(operator, discord, 5)
    await operator.run()
    vendor.down = True
    asked = await crowd.ask()
    uploads = "POST", "/assets"
    await eventually(lambda: len(vendor.calls(*uploads)) == len(asked), "uploads", within=30)
    tries = len(vendor.requests)
    await eventually(lambda: len(vendor.requests) > tries + len(asked), "tries", within=30)
    vendor.down = False
    await eventually(lambda: len(vendor.tasks) == len(asked), "analyses", within=30)
    vendor.down = True
    finish(vendor)
    tries = len(vendor.requests)
    await eventually(lambda: len(vendor.requests) > tries + 2 * len(asked), "tries", within=30)
    vendor.down = False
    await crowd.results(asked, within=40)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (5, 5)


async def test_the_key_does_not_follow_to_another_host(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 3)
    vendor.fail("POST", "/assets", Redirect(307))
    vendor.fail("POST", "/analyze/tasks", Redirect(308))
    vendor.fail("GET", LOOK, Redirect(302))
    await operator.run()
    asked = await crowd.ask()
    for interaction in asked:
        await interaction.reply(lambda message: "TwelveLabs isn't answering" in text_of(message))
    await nothing_left(operator, vendor)
    assert vendor.faults_left == 0
    assert vendor.elsewhere_headers == []  # neither the key nor anything else went there
