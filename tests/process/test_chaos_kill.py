"""kill -9 at random moments, over and over: each attempt ends once, and nothing is left behind."""

from __future__ import annotations

import random
import secrets

from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.crowd import Crowd
from tests.process.members import nothing_left
from tests.process.operator import Operator

ATTEMPTS, KILLS = 50, 10
CALLS_BETWEEN = (4, 45)
"""Requests after which a process is killed: counted, so that a slow machine is killed alike."""


STATUSES = ("queued", "pending", *("processing",) * 4, "ready")
"""Enough looks that none is done before the last kill."""


async def test_killed_ten_times_each_of_fifty_attempts_ends_once(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with a failure
    dice = random.Random(seed)  # noqa: S311 - no secret, only a moment
    vendor.asset_polls, vendor.task_statuses = 2, STATUSES
    crowd = await Crowd.gather(operator, discord, ATTEMPTS)

    bot = await operator.run()
    asked = await crowd.ask(every_other_shares=True)

    async def busy(calls: int, *, with_vendor: bool) -> None:
        """Wait for so many requests more: with the vendor there is progress, else any will do."""

        def seen() -> int:
            return len(vendor.requests) + (0 if with_vendor else len(discord.requests))

        enough = seen() + calls
        await bot.until(lambda: seen() >= enough, "some requests", within=90)

    stages = set[str]()
    for number in range(KILLS):
        await busy(dice.randint(*CALLS_BETWEEN), with_vendor=number % 2 == 1)
        await bot.kill()
        stages |= {row.state for row in crowd.rows()}
        bot = await operator.start("run")
    await crowd.results(asked, within=120)
    await nothing_left(operator, vendor)

    crowd.told_once(asked)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (ATTEMPTS, ATTEMPTS)
    assert {"queued", "fetched", "uploaded", "analyzing"} <= stages
