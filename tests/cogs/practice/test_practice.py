"""`/practice`: the question, the link into the studio, and what comes of it in Discord."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import simcord
from aiohttp import web

from app.container import Overrides
from app.gateway import create_bot
from cogs.client import GreenroomBot
from core.assessment import Metric
from core.errors import Refused
from core.models import AttemptState, ServerSettings
from demo import SAMPLE_CLIP
from demo.world import fetch_through_client
from storage.repositories.studio_links import StudioLink
from tests.cogs.questions.banks import asked, fill
from tests.cogs.simulation import (
    CLIP,
    FAST,
    SLOW,
    Simulation,
    labels_of,
    owner,
    reply,
    settings_for,
    started,
    text_of,
)
from tests.fakes.twelvelabs import TwelveLabsStandIn

T = TypeVar("T")

URL = "https://bot.example"
QUESTION = "Which knot holds best?"


class StudioSimulation(Simulation):
    """A bot with a studio that is called without HTTP."""

    inside: contextvars.Context

    def make_bot(self) -> GreenroomBot:
        overrides = Overrides(
            fetch_through=fetch_through_client, timings=self.timings, serve=self._serve
        )
        return create_bot(self.settings, overrides)

    @asynccontextmanager
    async def _serve(self, _app: web.Application, host: str, port: int) -> AsyncIterator[str]:
        self.inside = contextvars.copy_context()
        yield f"http://{host}:{port}"

    async def practise(
        self, member: simcord.MemberActor, **options: Any
    ) -> simcord.InteractionResult:
        channel = self.channel if member.guild.id == self.guild.id else self.other_channel
        return await member.slash(channel, "practice", **options)

    async def send(self, shown: simcord.InteractionResult, *, shared: bool = False) -> None:
        """Record an answer in the studio and send it in, as the page does."""
        studio = self.bot.app.studio
        assert studio is not None
        data = SAMPLE_CLIP.read_bytes()

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        async def act() -> None:
            link, _ = await studio.find(token_of(shown))
            await studio.begin_upload(link, len(data))
            link, _ = await studio.find(token_of(shown))
            assert await studio.append(link, 0, chunks()) == len(data)
            await studio.submit(link, shared=shared)

        await self.run_inside(act())
        await self.env.settle()

    async def run_inside(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the bot do something, so that SimCord takes it for the bot's own."""
        return await self.inside.copy().run(asyncio.ensure_future, work)

    async def link_of(self, shown: simcord.InteractionResult) -> StudioLink:
        studio = self.bot.app.studio
        assert studio is not None
        return (await self.run_inside(studio.find(token_of(shown))))[0]


def token_of(shown: simcord.InteractionResult) -> str:
    """The token in a card's link button."""
    urls = [b.get("url") for row in reply(shown).components for b in row["components"]]
    page, _, token = next(filter(None, urls)).partition("#")
    assert page == f"{URL}/studio"
    return str(token)


@asynccontextmanager
async def running(folder: Path, vendor: TwelveLabsStandIn, **others: Any) -> AsyncIterator[Any]:
    timings = others.pop("pace", FAST)
    settings = settings_for(folder, vendor, **others)
    async with started(StudioSimulation(settings, vendor, timings)) as sim:
        yield sim


@pytest.fixture
async def sim(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[StudioSimulation]:
    async with running(tmp_path, vendor, http_port=8080, public_url=URL) as sim:
        yield sim


async def test_consent_comes_first_then_the_link(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada, question=QUESTION)
    assert shown.ephemeral
    assert "Before your first clip" in text_of(shown.response)
    assert "record in the studio" in text_of(shown.response)
    await sim.restart()
    await sim.ada.click(reply(shown), label="I agree")
    assert QUESTION in text_of(shown.response)
    assert labels_of(shown.response) == ["Open the studio", "Get result", "Send a file instead"]
    link = await sim.link_of(shown)
    assert (link.owner, link.question, link.shared) == (owner(sim.ada), QUESTION, False)
    assert sim.channel.history(viewer=sim.ben) == []


async def test_not_now_makes_no_link(sim: StudioSimulation) -> None:
    shown = await sim.practise(sim.ada)
    await sim.ada.click(reply(shown), label="Not now")
    assert await sim.bot.app.deps.requests.export(owner(sim.ada)) == {"requests": []}


async def test_the_answer_comes_back_to_the_same_message(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.send(shown)
    assert "One strength" in text_of(shown.response)
    [attempt] = await sim.attempts(sim.ada)
    assert (attempt.question, attempt.shared) == (QUESTION, False)
    assert sim.channel.history(viewer=sim.ben) == []
    again = await sim.practise(sim.ada, question=QUESTION)
    link = await sim.link_of(again)
    assert link.id != attempt.id
    recordings = Path(sim.settings.data_dir)
    left = [
        f for name in ("clips", "uploads", "recordings") for f in (recordings / name).rglob("*")
    ]
    assert [f for f in left if f.is_file()] == []


async def test_a_shared_answer_is_public(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.send(shown, shared=True)
    [public] = sim.channel.history(viewer=sim.ben)
    assert "One strength" in (public.embeds[0].description or "")
    assert "for everyone" in text_of(shown.response)


async def test_a_shared_answer_whose_reply_has_died_goes_to_the_channel(
    sim: StudioSimulation,
) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.env.advance_time(20 * 60)
    await sim.send(shown, shared=True)
    [public] = sim.channel.history(viewer=sim.ben)
    assert "One strength" in (public.embeds[0].description or "")


async def test_get_result_before_and_after(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    early = await sim.ada.click(reply(shown), label="Get result")
    assert "You haven't sent in an answer yet." in text_of(early.response)
    await sim.restart()
    await sim.env.advance_time(16 * 60)
    await sim.send(shown)
    result = await sim.ada.click(reply(shown), label="Get result")
    assert result.ephemeral
    assert "One strength" in text_of(result.response)


async def test_get_result_says_when_a_link_has_expired(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.env.advance_time(31 * 60)
    pressed = await sim.ada.click(reply(shown), label="Get result")
    assert "its 30 minutes are over" in text_of(pressed.response)


async def test_another_member_or_server_learns_nothing_from_the_button(
    sim: StudioSimulation,
) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    link = await sim.link_of(shown)
    studio = sim.bot.app.studio
    assert studio is not None
    for stranger in (sim.ben, sim.ada_elsewhere):
        assert await studio.waiting(owner(stranger), link.id) is None
    assert f"gr:result:{link.id}" in str(reply(shown).components)


async def test_one_is_chosen_from_the_bank_by_tag(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    await fill(sim, sim.ada, QUESTION, "Which boat?", tags="sailing")
    first = await sim.practise(sim.ada, tag="sailing")
    before = await asked(sim, sim.ada)
    second = await sim.practise(sim.ada, tag="sailing")
    assert await asked(sim, sim.ada) != before
    shown = {(await sim.link_of(one)).question for one in (first, second)}
    assert shown == {QUESTION, "Which boat?"}
    nothing = await sim.practise(sim.ada, tag="flying")
    assert "No question fits that." in text_of(nothing.response)
    offered = await sim.ada.autocomplete(sim.channel, "practice", "question", "which kn")
    assert [choice["value"] for choice in offered] == [QUESTION]


async def test_what_would_refuse_the_answer_is_told_before_recording(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    settings = {"http_port": 8080, "public_url": URL, "daily_attempts_per_member": 1}
    async with running(tmp_path, vendor, **settings) as sim:
        await sim.agree(sim.ada)
        deps = sim.bot.app.deps
        every = frozenset(Metric)
        await deps.member_settings.change(owner(sim.ada), metrics_off=every)
        off = await sim.practise(sim.ada, question=QUESTION)
        assert "Every metric is switched off" in text_of(off.response)
        await deps.member_settings.change(owner(sim.ada), metrics_off=frozenset())
        await sim.send(await sim.practise(sim.ada, question=QUESTION))
        over = await sim.practise(sim.ada, question=QUESTION)
        assert "You have used your 1 attempts for today." in text_of(over.response)
        assert labels_of(over.response) == []


async def test_the_servers_channels_hold(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    elsewhere = sim.guild.create_text_channel("answers-only")
    chosen = ServerSettings(channels=frozenset({elsewhere.id}), share_by_default=True)
    await sim.bot.app.deps.server_settings.change(sim.guild.id, **dict(chosen))
    refused = await sim.practise(sim.ada, question=QUESTION)
    assert "practise in" in text_of(refused.response)
    shown = await sim.ada.slash(elsewhere, "practice", question=QUESTION)
    assert (await sim.link_of(shown)).shared


async def test_deleting_everything_ends_the_link_and_what_was_sent(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    studio = sim.bot.app.studio
    assert studio is not None
    link = await sim.link_of(shown)
    await sim.run_inside(studio.begin_upload(link, 1000))
    uploads = sim.settings.uploads_dir
    assert len(list(uploads.glob("*"))) == 1
    view = await sim.ada.slash(sim.channel, "privacy view")
    await sim.ada.click(reply(view), label="Details")
    assert "1 studio link." in text_of(reply(view))
    exported = await sim.bot.app.privacy.export(owner(sim.ada), limit_bytes=10**6)
    assert exported.content
    await sim.bot.app.privacy.delete_everything(owner(sim.ada))
    assert list(uploads.glob("*")) == []
    with pytest.raises(Refused, match="link_unknown"):
        await sim.link_of(shown)


async def test_withdrawing_ends_the_link(sim: StudioSimulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.practise(sim.ada, question=QUESTION)
    await sim.bot.app.privacy.withdraw(owner(sim.ada))
    with pytest.raises(Refused, match="link_unknown"):
        await sim.link_of(shown)


async def test_cancel_in_discord_stops_it(tmp_path: Path, vendor: TwelveLabsStandIn) -> None:
    vendor.task_statuses = ("processing",)
    settings = {"http_port": 8080, "public_url": URL, "pace": SLOW}
    async with running(tmp_path, vendor, **settings) as sim:
        await sim.agree(sim.ada)
        shown = await sim.practise(sim.ada, question=QUESTION)
        link = await sim.link_of(shown)
        await sim.send(shown)
        await sim.ada.click(reply(shown), label="Cancel")
        attempt = await sim.bot.app.deps.attempts.get(owner(sim.ada), link.id)
        assert attempt.state is AttemptState.CANCELLED
        assert "Cancelled" in text_of(shown.response)


async def test_without_a_studio_a_file_can_be_sent(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor) as sim:
        await sim.agree(sim.ada)
        shown = await sim.practise(sim.ada, question=QUESTION)
        assert "not set up here" in text_of(shown.response)
        assert "PUBLIC_URL" not in text_of(shown.response)
        assert labels_of(shown.response) == ["Send a file"]
        await sim.restart()
        form = await sim.ada.click(reply(shown), label="Send a file")
        answered = await sim.ada.submit_modal(form, {"clip": CLIP})
        assert "One strength" in text_of(answered.response)
        [attempt] = await sim.attempts(sim.ada)
        assert attempt.question == QUESTION


async def test_managers_are_told_what_the_studio_needs(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, public_url=URL) as sim:
        from discord import Permissions

        role = sim.guild.create_role("Manager", permissions=Permissions(manage_guild=True))
        boss = sim.guild.add_member(sim.env.create_user("boss"), roles=[role])
        shown = await sim.practise(boss, question=QUESTION)
        assert "the studio needs `HTTP_PORT`" in text_of(shown.response)
