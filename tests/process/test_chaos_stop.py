"""Told to stop while something hangs, it ends in time with exit code 0, and nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import NamedTuple

import pytest

from core.assessment import EngineName
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Silence, rate_limited
from tests.fakes.discord_world import Interaction
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Silence as VendorSilence
from tests.process.crowd import Crowd
from tests.process.members import CLIP, LOOK, ORIGINAL, finish, nothing_left
from tests.process.operator import QUESTION, BotProcess, Operator, eventually

IN_TIME = 18.0
"""Seconds to wait for the end: ten are promised, but this machine may be busy. What hangs here
would take twenty or more."""


class Scene(NamedTuple):
    """What a moment is set up with."""

    bot: BotProcess
    crowd: Crowd
    discord: DiscordStandIn
    vendor: TwelveLabsStandIn


async def analyzing(scene: Scene) -> list[Interaction]:
    """Let everybody ask, and wait until the vendor is at work for each."""
    scene.vendor.task_statuses = ("processing",)
    asked = await scene.crowd.ask()
    await eventually(lambda: len(scene.vendor.tasks) == len(asked), "analyses", within=30)
    return asked


async def a_look_never_answered(scene: Scene) -> list[Interaction]:
    scene.vendor.fail("GET", LOOK, *[VendorSilence()] * 3)
    asked = await analyzing(scene)
    await eventually(lambda: not scene.vendor.faults_left, "silence")
    return asked


async def an_upload_in_the_middle(scene: Scene) -> list[Interaction]:
    scene.vendor.fail("POST", "/assets", *[VendorSilence()] * 3)
    asked = await scene.crowd.ask()
    await eventually(lambda: not scene.vendor.faults_left, "silence", within=30)
    return asked


async def a_reply_that_hangs(scene: Scene) -> list[Interaction]:
    asked = await analyzing(scene)
    scene.discord.fail("PATCH", ORIGINAL, Silence(), times=3)
    await eventually(lambda: not scene.discord.faults_left, "silence")
    return asked


async def a_reply_that_must_wait(scene: Scene) -> list[Interaction]:
    asked = await analyzing(scene)
    scene.discord.fail("PATCH", ORIGINAL, rate_limited(18.0), times=3)
    await eventually(lambda: not scene.discord.faults_left, "rate limits")
    return asked


async def a_silent_gateway(scene: Scene) -> list[Interaction]:
    asked = await analyzing(scene)
    scene.discord.gateway.fall_silent()
    return asked


@pytest.mark.parametrize(
    "hanging",
    [
        a_look_never_answered,
        an_upload_in_the_middle,
        a_reply_that_hangs,
        a_reply_that_must_wait,
        a_silent_gateway,
    ],
    ids=lambda moment: moment.__name__,
)
async def test_it_ends_in_time_and_the_next_start_goes_on(
    hanging: Callable[[Scene], Awaitable[list[Interaction]]],
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
) -> None:
    crowd = await Crowd.gather(operator, discord, 3)
    bot = await operator.run()
    asked = await hanging(Scene(bot, crowd, discord, vendor))
    bot.terminate()
    assert await bot.ended(within=IN_TIME) == 0
    assert "CRITICAL" not in bot.errors
    assert "ERROR" not in bot.errors

    finish(vendor)
    await operator.run()
    await crowd.results(asked)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert vendor.tasks_created == len(asked)


async def test_it_ends_in_time_while_its_database_is_locked(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 3)
    bot = await operator.run()
    asked = await analyzing(Scene(bot, crowd, discord, vendor))
    with closing(sqlite3.connect(operator.data_dir / "greenroom.sqlite3")) as database:
        database.execute("BEGIN IMMEDIATE")
        await discord.slash("analyze", {"question": QUESTION}, attachment=CLIP)  # it must write too
        bot.terminate()
        assert await bot.ended(within=IN_TIME) == 0
    finish(vendor)
    await operator.run()
    await crowd.results(asked)
    await nothing_left(operator, vendor)
    crowd.told_once(asked)


async def test_the_local_engine_s_child_ends_too(
    operator: Operator, discord: DiscordStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 1, engine=EngineName.LOCAL)
    bot = await operator.run(ENGINE="local")
    await crowd.ask()
    await bot.until(lambda: bot.forked("local.hearing"), "a child at work")
    children = [*bot.children("local.hearing"), *bot.forked("local.hearing")]
    bot.terminate()
    assert await bot.ended(within=IN_TIME) == 0
    await eventually(lambda: not any(child.exists() for child in children), "the child's end")
    [row] = crowd.rows()
    assert (row.state, row.reachable) == ("analyzing", True)


async def test_told_twice_it_ends_at_once(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    crowd = await Crowd.gather(operator, discord, 3)
    bot = await operator.run()
    scene = Scene(bot, crowd, discord, vendor)
    asked = await a_reply_that_must_wait(scene)
    await a_silent_gateway(scene)
    bot.terminate()
    await bot.printed("stopping")
    bot.terminate()
    assert await bot.ended(within=2.0) == 0  # what hangs would take longer
    assert "told to stop twice" in bot.output
    finish(vendor)
    await operator.run()
    await crowd.results(asked)
