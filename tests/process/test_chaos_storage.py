"""The database locked by somebody else, or without room: told in a sentence, and nothing lost."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing

import pytest

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Interaction, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.crowd import Crowd
from tests.process.members import CLIP, finish, is_result, nothing_left
from tests.process.operator import QUESTION, BotProcess, Operator, eventually

EARLY = 8
"""Attempts under way. Each waits five seconds for a locked file, but not one after the other."""

TOLD_WITHIN = 30.0


@asynccontextmanager
async def locked(operator: Operator, _: BotProcess) -> AsyncIterator[None]:
    """Another process is writing, for longer than ours waits."""
    file = operator.data_dir / "greenroom.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield


@asynccontextmanager
async def full(_: Operator, bot: BotProcess) -> AsyncIterator[None]:
    """No file of the bot's can grow: its limit on file sizes fails writes as a full disk does."""
    limits = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("broken", [locked, full], ids=["locked", "full"])
async def test_members_are_told_and_everything_ends_afterwards(
    broken: Callable[[Operator, BotProcess], AbstractAsyncContextManager[None]],
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
) -> None:
    vendor.task_statuses = ("processing",)
    crowd = await Crowd.gather(operator, discord, EARLY + 1)
    bot = await operator.run()
    early = Crowd(operator, discord, crowd.members[:EARLY])
    asked = await early.ask()
    await eventually(
        lambda: {row.state for row in crowd.rows()} == {"analyzing"}, "analyses", within=30
    )
    late = crowd.members[EARLY]

    async def another() -> Interaction:
        return await discord.slash("analyze", {"question": QUESTION}, attachment=CLIP, member=late)

    async with broken(operator, bot):
        finish(vendor)
        await bot.until(
            lambda: all(task.status == "ready" for task in vendor.tasks.values()),
            "results to be written",
        )
        refused = await another()
        await refused.acknowledged()
        await refused.reply(
            lambda message: "can't reach my memory" in text_of(message), TOLD_WITHIN
        )

    taken = await another()
    await taken.reply(is_result, within=60)
    await early.results(asked, within=60)
    await nothing_left(operator, vendor)
    everybody = [*asked, taken]
    crowd.told_once(everybody)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (EARLY + 1,) * 2
    assert "CRITICAL" not in bot.errors


async def test_a_second_bot_on_one_file_refuses_and_the_first_goes_on(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 1)
    first = await operator.run()
    code, output = await operator.outcome("run", LOG_LEVEL="WARNING")
    assert code == 1
    [line] = output.splitlines()
    assert line.startswith("Greenroom can't start: Another Greenroom is already running")
    [asked] = await crowd.ask()
    await first.kill()
    await operator.run()  # a lock that outlived its process would refuse this one
    await crowd.results([asked])
    assert discord.gateway.identifies == 2
