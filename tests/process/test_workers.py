"""One bot that answers commands, and workers beside it: whoever dies, each attempt ends once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Silence
from tests.postgres import PostgresServer
from tests.process.members import LOOK, ask_and_agree, finish, is_progress, is_result
from tests.process.operator import Operator, eventually
from tests.process.teams import Team, TeamCrowd


@pytest.fixture
def team(operator: Operator, postgres_url: str, tmp_path: Path) -> Team:
    """On a database of its own. A worker is taken for dead after three seconds."""
    operator.settings["DATABASE_URL"] = postgres_url
    return Team(operator, tmp_path, {"WORKER_SILENCE_SECONDS": "3"})


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


async def nothing_left(team: Team, vendor: TwelveLabsStandIn) -> None:
    """Wait until neither the vendor nor any machine has a copy, and the queue is empty."""
    await eventually(
        lambda: not (vendor.live_assets() or vendor.live_tasks() or team.clips() or team.jobs()),
        "copies deleted",
    )


async def test_a_worker_does_what_the_bot_was_asked_for(
    team: Team, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    bot = await team.gateway()
    workers = [await team.worker(), await team.worker()]
    pressed = await ask_and_agree(discord)
    await pressed.reply(is_result)
    await nothing_left(team, vendor)
    assert vendor.tasks_created == 1
    assert "delivered via" not in bot.output
    assert [w.output.count("delivered via reply") for w in workers].count(1) == 1
    assert discord.gateway.identifies == 1


async def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(
    team: Team, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    crowd = await TeamCrowd.gather(team.operator, discord, 8)
    await team.gateway()
    first = await team.worker()
    asked = await crowd.ask()
    await eventually(lambda: vendor.tasks_created == 8, "all under way")
    await team.worker()
    await first.kill()
    finish(vendor)
    await crowd.results(asked)
    await nothing_left(team, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (8, 8)


async def test_a_worker_told_to_stop_hands_over_at_once(
    team: Team, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    team.settings["WORKER_SILENCE_SECONDS"] = "600"  # so nobody takes it for dead
    vendor.task_statuses = ("processing",)
    await team.gateway()
    first = await team.worker()
    pressed = await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("GET", LOOK), "a look at the analysis")
    second = await team.worker()
    first.terminate()
    assert await first.ended(within=10) == 0
    finish(vendor)
    await pressed.reply(is_result)
    await second.printed("delivered via reply")
    assert vendor.tasks_created == 1


async def test_cancelling_reaches_whichever_worker_has_it(
    team: Team, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    await team.gateway()
    worker = await team.worker()
    pressed = await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("GET", LOOK), "a look at the analysis")
    card = await pressed.reply(is_progress)
    cancelled = await discord.press(card, "Cancel")
    await cancelled.reply(lambda message: "Cancelled" in text_of(message))
    await nothing_left(team, vendor)
    assert [state for _, state, *_ in team.rows()] == ["cancelled"]
    assert "delivered" not in worker.output


async def test_a_worker_cancelled_while_it_fetches_keeps_no_clip(
    team: Team, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.fail("POST", "/assets", Silence())
    await team.gateway()
    await team.worker()
    pressed = await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("POST", "/assets"), "the upload")
    assert len(team.clips()) == 1
    cancelled = await discord.press(await pressed.reply(is_progress), "Cancel")
    await cancelled.reply(lambda message: "Cancelled" in text_of(message))
    assert team.clips() == []


async def test_with_postgres_away_for_five_seconds_all_end_well(
    operator: Operator,
    own_server: PostgresServer,
    tmp_path: Path,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
) -> None:
    operator.settings["DATABASE_URL"] = own_server.create("greenroom")
    team = Team(operator, tmp_path)
    vendor.task_statuses = ("processing",)
    crowd = await TeamCrowd.gather(operator, discord, 6)
    await team.gateway()
    await team.worker()
    await team.worker()
    asked = await crowd.ask()
    await eventually(lambda: vendor.tasks_created == 6, "all under way")
    await asyncio.to_thread(own_server.stop)
    finish(vendor)
    await asyncio.sleep(5)
    await asyncio.to_thread(own_server.start)
    await crowd.results(asked, within=40)
    await nothing_left(team, vendor)
    crowd.told_once(asked)
    await crowd.all_delivered()
    assert (len(vendor.assets), vendor.tasks_created) == (6, 6)


async def test_a_bot_on_postgres_works_on_attempts_itself(
    team: Team, operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    await bot.printed("delivered via reply")


@pytest.mark.parametrize("command", [("worker",), ("run", "--no-worker")], ids=" ".join)
async def test_on_sqlite_there_is_one_process(command: tuple[str, ...], operator: Operator) -> None:
    code, printed = await operator.outcome(*command)
    assert code == 1
    assert "SQLite file is for one process" in printed
    assert "postgresql+psycopg://" in printed
