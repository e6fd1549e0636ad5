"""A vendor and a running bot for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import simcord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.shared import replies
from tests.cogs.simulation import SLOW, Simulation, running
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_client import Listener, Meeting, connected
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


@pytest.fixture
async def meeting(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meeting]:
    """The real discord.py, connected to the stand-in over a socket."""
    monkeypatch.setattr(replies, "EDIT_SECONDS", 0.3)  # Discord is here at once, or never
    async with DiscordStandIn() as stand_in:
        monkeypatch.setattr(Route, "BASE", stand_in.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(stand_in.gateway.url))
        async with connected(stand_in, Listener(discord.Intents(guilds=True))) as meeting:
            yield meeting
