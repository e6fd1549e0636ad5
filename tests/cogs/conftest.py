"""A vendor and a running bot for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import simcord

from tests.cogs.simulation import SLOW, Simulation, running
from tests.fakes.twelvelabs import TwelveLabsStandIn


@pytest.fixture
async def vendor() -> AsyncIterator[TwelveLabsStandIn]:
    async with TwelveLabsStandIn(instant=True) as stand_in:
        yield stand_in


@pytest.fixture
async def sim(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[Simulation]:
    """A bot whose vendor answers at once."""
    async with running(tmp_path, vendor) as running_stage:
        yield running_stage


@pytest.fixture
async def slow_stage(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[Simulation]:
    """A bot whose vendor never finishes until the test says so."""
    vendor.task_statuses = ("processing",)
    async with running(tmp_path, vendor, timings=SLOW) as running_stage:
        yield running_stage


@pytest.fixture
def env(sim: Simulation) -> simcord.Env:
    """For SimCord's plugin: it shows what happened when a test fails."""
    return sim.env
