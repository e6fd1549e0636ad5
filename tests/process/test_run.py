"""`python bot.py run` and `sync`: what they say, and how a start and a stop can go."""

from __future__ import annotations

import re

import pytest

from core.version import VERSION
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Answer, Silence
from tests.process.operator import Operator

_COMMANDS = "/applications/*/commands"
_PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 38
"""View channels, send messages, embed links, send messages in threads (Discord's documentation)."""


async def test_the_start_says_what_runs_and_how_to_invite_it(
    operator: Operator, discord: DiscordStandIn
) -> None:
    bot = await operator.run()
    invite = (
        f"https://discord.com/oauth2/authorize?client_id={discord.application_id}"
        f"&scope=bot+applications.commands&permissions={_PERMISSIONS}\n"
    )
    assert re.search(rf"Greenroom {VERSION} \(commit \w+\), engine twelvelabs\n", bot.output)
    assert f"{len(discord.commands)} commands registered\n" in bot.output
    assert invite in bot.output
    assert {"analyze", "Analyze clip", "history"} <= {one["name"] for one in discord.commands}


async def test_commands_are_registered_once_over_two_starts(
    operator: Operator, discord: DiscordStandIn
) -> None:
    first = await operator.run()
    await first.kill()
    second = await operator.run()
    assert "commands unchanged" in second.output
    assert len(discord.calls("PUT", _COMMANDS)) == 1


async def test_sync_registers_them_again_without_the_gateway(
    operator: Operator, discord: DiscordStandIn
) -> None:
    for times in (1, 2):
        code, output = await operator.outcome("sync")
        assert (code, output) == (0, f"{len(discord.commands)} commands registered with Discord.\n")
        assert len(discord.calls("PUT", _COMMANDS)) == times
    assert discord.gateway.identifies == 0


@pytest.mark.parametrize("command", ["run", "sync"])
async def test_a_wrong_token_ends_it_with_one_sentence(operator: Operator, command: str) -> None:
    code, output = await operator.outcome(
        command, DISCORD_TOKEN="made-up-and-wrong", LOG_LEVEL="WARNING"
    )
    assert code == 1
    [line] = output.splitlines()
    assert line.startswith("Greenroom can't start: Discord does not accept DISCORD_TOKEN.")
    assert "made-up-and-wrong" not in line


async def test_a_token_taken_back_while_it_runs_ends_it_with_one_sentence(
    operator: Operator, discord: DiscordStandIn
) -> None:
    bot = await operator.run(LOG_LEVEL="WARNING")
    discord.token = "made-up-and-new"
    await discord.gateway.drop(4004)
    assert await bot.ended() == 1
    assert bot.output.startswith("Greenroom can't start: Discord does not accept DISCORD_TOKEN.")


async def test_discord_unreachable_at_the_start_is_one_sentence(operator: Operator) -> None:
    code, output = await operator.outcome(
        "run", DISCORD_API_URL="http://127.0.0.1:9/api/v10", LOG_LEVEL="WARNING"
    )
    assert code == 1
    assert output.startswith("Greenroom can't start: Discord could not be reached.")


async def test_a_stop_is_heard_while_the_login_hangs(
    operator: Operator, discord: DiscordStandIn
) -> None:
    discord.fail("GET", "/users/@me", Silence())
    bot = await operator.start("run")
    await discord.until(lambda: discord.calls("GET", "/users/@me"), 15, "the login")
    bot.terminate()
    assert await bot.ended(within=10) == 0


async def test_the_first_connection_may_be_refused(
    operator: Operator, discord: DiscordStandIn
) -> None:
    discord.fail("GET", "/gw", Answer(503))  # discord.py waits ten seconds then
    await operator.run()
    assert discord.faults_left == 0
    await (await discord.slash("history")).acknowledged()


async def test_a_lost_connection_is_taken_up_where_it_was(
    operator: Operator, discord: DiscordStandIn
) -> None:
    await operator.run()
    await discord.gateway.drop(4000)
    asked = await discord.slash("history")  # while nobody is connected
    await asked.acknowledged()
    assert (discord.gateway.identifies, discord.gateway.resumes) == (1, 1)
