"""Every command that Greenroom registers keeps to Discord's documented limits."""

from __future__ import annotations

from tests.cogs.simulation import Simulation
from tests.fakes.discord_command_checks import check_commands


async def test_discord_would_take_all_commands(sim: Simulation) -> None:
    tree = sim.bot.tree
    commands = [command.to_dict(tree) for command in tree.get_commands()]
    assert len(commands) > 10
    check_commands([dict(command) for command in commands])
