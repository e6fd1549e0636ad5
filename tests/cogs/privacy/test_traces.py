"""What a member deletes, and tokens that are done with, leave every file while the bot runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import simcord

from analyzer.services.cleanup import Cleanup
from analyzer.services.privacy import SERVER_KEPT
from storage.engine import scrubbing
from tests.cogs.simulation import Simulation, reply
from tests.fakes.twelvelabs_script import SPOKEN
from tests.storage.files import eventually_none, holding

QUESTION = "Which zzquark taught you the most?"
TRANSCRIPT = SPOKEN[:40]
TOKEN = "simcord_interaction_"
"""How SimCord's interaction tokens begin."""


async def delete_everything(sim: Simulation) -> None:
    shown = await sim.ada.slash(sim.channel, "privacy delete")
    await sim.ada.click(reply(shown), label="Yes, delete everything")


async def delete_by_command(sim: Simulation) -> None:
    [attempt] = await sim.attempts(sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy delete", attempt=attempt.id)
    await sim.ada.click(reply(shown), label="Yes, delete it")


async def delete_by_button(sim: Simulation) -> None:
    listed = await sim.ada.slash(sim.channel, "history")
    shown = await sim.ada.click(reply(listed), label="Show 1")
    await sim.ada.click(reply(shown), label="Delete")
    await sim.ada.click(reply(shown), label="Yes, delete it")


async def sweep(sim: Simulation, later: timedelta) -> None:
    """Let the hourly tidying come at a later day."""
    privacy = sim.bot.app.privacy
    clock = privacy._deps.clock
    object.__setattr__(privacy._deps, "clock", lambda: clock() + later)
    await Cleanup(privacy._deps, privacy, sim.bot.app.interviews).run()


async def let_retention_pass(sim: Simulation) -> None:
    await sweep(sim, timedelta(days=sim.settings.retention_days + 1))


async def leave_the_server(sim: Simulation) -> None:
    await sim.bot.app.deps.servers.left(sim.guild.id)
    await sweep(sim, SERVER_KEPT + timedelta(days=1))


WAYS = (
    *(delete_everything, delete_by_command, delete_by_button),
    *(let_retention_pass, leave_the_server),
)


@pytest.mark.parametrize("erase", WAYS, ids=lambda way: way.__name__)
async def test_what_is_erased_is_in_no_file_of_the_running_bot(
    sim: Simulation, erase: Callable[[Simulation], Awaitable[None]]
) -> None:
    folder = sim.settings.data_dir
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada, question=QUESTION)
    assert await holding(folder, QUESTION)
    assert await holding(folder, TRANSCRIPT)
    assert await holding(folder, TOKEN)
    await erase(sim)
    await sim.env.settle()
    await eventually_none(folder, QUESTION, TRANSCRIPT, TOKEN)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is done within half a minute be done at once; before a bot is started."""
    monkeypatch.setattr(scrubbing, "SOON_SECONDS", 0.01)


async def test_tokens_of_attempts_that_have_ended_are_gone_soon(
    soon: None, slow_stage: Simulation
) -> None:
    sim, folder = slow_stage, slow_stage.settings.data_dir
    for member in (sim.ada, sim.ben):
        await sim.agree(member)
        await sim.analyze(member, question=QUESTION)
    assert await holding(folder, TOKEN)
    for member in (sim.ada, sim.ben):
        await cancel_all(sim, member)
    await eventually_none(folder, TOKEN)
    assert await holding(folder, QUESTION)  # what was not erased stays


async def cancel_all(sim: Simulation, member: simcord.MemberActor) -> None:
    await member.slash(sim.channel, "privacy withdraw")
    await sim.env.settle()
