"""Discord stumbling while attempts are under way: each result arrives, once."""

from __future__ import annotations

from core.models import DeliveredVia
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import BAD_GATEWAY, Answer, Fault, Reset, rate_limited
from tests.fakes.discord_world import EPHEMERAL, Interaction
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.crowd import Crowd
from tests.process.members import finish, is_progress, is_result, nothing_left
from tests.process.operator import Operator, eventually

FAULTS: tuple[tuple[Fault, ...], ...] = (
    (rate_limited(0.5),) * 3,
    (rate_limited(0.5, everywhere=True),),
    (Answer(500),) * 2,
    (BAD_GATEWAY,) * 2,
    (Reset(),) * 3,
)
"""What the next requests for one member meet, one after another."""


async def test_a_dropped_and_then_invalid_session_disturbs_nothing(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    crowd = await Crowd.gather(operator, discord, 5)
    await operator.run()
    asked = await crowd.ask()
    await discord.gateway.drop(4000)
    await (await discord.slash("history")).acknowledged(within=10)
    assert (discord.gateway.identifies, discord.gateway.resumes) == (1, 1)

    await discord.gateway.invalidate()
    await discord.until(lambda: discord.gateway.identifies == 2, 20, "a session of its own")
    await (await discord.slash("history")).acknowledged()
    finish(vendor)
    await crowd.results(asked)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()


async def test_every_kind_of_fault_on_every_kind_of_message(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    """Two members for each kind of fault: one has a private result, the other a public one."""
    vendor.task_statuses = ("processing",)
    crowd = await Crowd.gather(operator, discord, 2 * len(FAULTS))
    await operator.run()

    def stumble(asked: list[Interaction]) -> None:
        for number, interaction in enumerate(asked):
            for fault in FAULTS[number // 2]:
                discord.fail("*", f"/webhooks/*/{interaction.token}/messages/*", fault)

    discord.fail("POST", "/webhooks/*/*", BAD_GATEWAY)
    discord.fail("POST", "/webhooks/*/*", rate_limited(0.3))
    asked = await crowd.ask(every_other_shares=True)
    assert discord.faults_left == 0
    stumble(asked)  # over showing progress
    await eventually(lambda: not discord.faults_left, "progress", within=30)
    stumble(asked)  # over showing the result
    finish(vendor)
    await crowd.results(asked, within=40)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()


async def test_a_public_result_survives_its_token(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    """It is sent to the channel, where Discord stumbles at first; a private one waits."""
    vendor.task_statuses = ("processing",)
    crowd = await Crowd.gather(operator, discord, 2)
    await operator.run()
    private, public = asked = await crowd.ask(every_other_shares=True)
    for interaction in asked:
        interaction.expire()
    for fault in (rate_limited(0.3, everywhere=True), BAD_GATEWAY, Reset()):
        discord.fail("POST", "/channels/*/messages", fault)
    finish(vendor)
    await nothing_left(operator, vendor)
    await eventually(
        lambda: (
            {row.delivered_via for row in crowd.rows()}
            == {DeliveredVia.BUTTON, DeliveredVia.CHANNEL}
        ),
        "both delivered",
        within=30,
    )
    sent = [message for message in discord.messages.values() if is_result(message)]
    assert len(sent) == 1
    assert not sent[0]["flags"] & EPHEMERAL
    assert sent[0]["id"] not in public.message_ids
    assert discord.faults_left == 0

    assert any(map(is_progress, crowd.seen_by(private)))  # nothing could be told there any more
    listed = await (await discord.slash("history", member=private.member)).reply()
    pressed = await discord.press(listed, "Show 1", member=private.member)
    assert (await pressed.reply(is_result))["flags"] & EPHEMERAL
