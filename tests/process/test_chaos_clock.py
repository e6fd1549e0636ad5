"""The wall clock jumping an hour while attempts are under way."""

from __future__ import annotations

import signal

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Interaction
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.clockwork import PROGRAM
from tests.process.crowd import Crowd
from tests.process.members import CLIP, finish, is_result, nothing_left
from tests.process.operator import BotProcess, Operator, eventually


async def jumped(bot: BotProcess, number: signal.Signals, to: str) -> None:
    """Let the clock jump, and wait until it has."""
    bot.signal(number)
    await bot.printed(f"clock: {to} s\n")


async def under_way(crowd: Crowd, vendor: TwelveLabsStandIn) -> list[Interaction]:
    """Let everybody ask, and wait until the vendor is at work for each."""
    vendor.task_statuses = ("processing",)
    asked = await crowd.ask()
    await eventually(lambda: len(vendor.tasks) == len(asked), "analyses", within=30)
    return asked


async def test_back_and_to_where_it_was_nothing_changes(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 5)
    operator.program = PROGRAM
    bot = await operator.run()
    asked = await under_way(crowd, vendor)
    await jumped(bot, signal.SIGUSR2, "-3600")
    finish(vendor)
    await crowd.results(asked)
    await jumped(bot, signal.SIGUSR1, "+0")
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert vendor.tasks_created == len(asked)


async def test_forward_tokens_count_as_dead_and_results_wait_in_the_history(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    """The work's own deadlines, of half an hour and less, do not move with the wall clock."""
    crowd = await Crowd.gather(operator, discord, 5)
    operator.program = PROGRAM
    bot = await operator.run()
    asked = await under_way(crowd, vendor)
    await jumped(bot, signal.SIGUSR1, "+3600")
    finish(vendor)
    await nothing_left(operator, vendor)
    await crowd.all_delivered(via="button")
    assert vendor.tasks_created == len(asked)

    member = asked[0].member
    listed = await (await discord.slash("history", member=member)).reply()
    await (await discord.press(listed, "Show 1", member=member)).reply(is_result)
    again = await discord.slash(
        "analyze", {"question": "And today?"}, attachment=CLIP, member=member
    )
    await again.reply(is_result)  # new tokens are as good as ever
