"""`python bot.py calibrate`: the real SDK against a vendor whose scores can be told to be noisy."""

from __future__ import annotations

import json
from typing import Any

from tests.analyzer.engines.twelvelabs.setup import answer
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import Operator


def noisy(vendor: TwelveLabsStandIn, *values: int) -> None:
    """Answer one analysis after the other with these scores for clarity, and a steady 7 else."""
    left = list(values)

    def result(_task: Any) -> str:
        document = json.loads(answer())
        value = left.pop(0) if left else 7
        document["clarity"]["score"] = value
        return json.dumps(document)

    vendor.result = result


async def test_a_noisy_model_is_found_out_and_nothing_stays_at_the_vendor(
    operator: Operator, vendor: TwelveLabsStandIn
) -> None:
    noisy(vendor, 5, 9, 7)
    code, output = await operator.outcome("calibrate", "--runs", "2", "--yes")
    assert code == 0, output
    [clarity] = [line for line in output.splitlines() if line.startswith("Clarity ")]
    assert clarity.split()[1] == "4"
    assert "give or take 2" in clarity
    [pace] = [line for line in output.splitlines() if line.startswith("Speech rate ")]
    assert "one number" in pace
    assert "no-sound was scored" not in output  # the engine asks for nothing a clip can't show
    assert "Eye contact: no-face was scored, and does not show it." in output
    assert "good does not beat off-topic" in output
    assert "minutes of video were assessed." in output
    assert vendor.tasks_created == 12
    assert not vendor.live_assets()
    assert not vendor.live_tasks()


async def test_nothing_is_billed_that_nobody_agreed_to(
    operator: Operator, vendor: TwelveLabsStandIn
) -> None:
    code, output = await operator.outcome("calibrate")
    assert code == 1
    assert "--yes" in output
    assert vendor.tasks_created == 0


async def test_a_number_of_runs_that_makes_no_sense_is_refused(operator: Operator) -> None:
    for runs in ("0", "21", "two"):
        code, output = await operator.outcome("calibrate", "--runs", runs)
        assert code == 2
        assert "a whole number from 1 to 20" in output
