"""What the tests of interviews share: a vendor that asks back, and a member who answers."""

from __future__ import annotations

import json
from typing import Any

import simcord

from analyzer.interviews.course import Course
from tests.cogs.simulation import CLIP, Simulation, owner, reply, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import TaskRecord, example_result

FOLLOW_UP = "What came of it in the end?"

CARD = ["Answer it", "Skip", "Finish", "Stop"]
"""The buttons of a question where there is no studio."""


def ask_back(vendor: TwelveLabsStandIn) -> None:
    """Let the vendor find something missing in every answer."""

    def result(task: TaskRecord) -> str:
        return json.dumps(json.loads(example_result(task)) | {"follow_up": FOLLOW_UP})

    vendor.result = result


def release(vendor: TwelveLabsStandIn) -> None:
    """Let every analysis be ready at the next look."""
    vendor.task_statuses = ("ready",)
    for task in vendor.tasks.values():
        task.statuses[:] = ["ready"]


async def begin(sim: Simulation, **options: Any) -> simcord.ResponseMessage:
    """Begin an interview of Ada's; returns the message with the first question."""
    return reply(await sim.ada.slash(sim.channel, "interview start", **options))


async def answer(
    sim: Simulation, card: simcord.ResponseMessage, *, label: str = "Answer it"
) -> simcord.ResponseMessage:
    """Send a file in; returns the message below, in which the interview goes on."""
    form = await sim.ada.click(card, label=label)
    sent = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert sent.followups, text_of(sent.response)
    return sent.followups[-1]


async def latest(sim: Simulation) -> Course:
    """Ada's latest interview."""
    course = await sim.bot.app.interviews.last(owner(sim.ada))
    assert course is not None
    return course
