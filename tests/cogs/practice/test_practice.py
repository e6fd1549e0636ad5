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

from bot import create_bot
from cogs.client import GreenroomBot
from cogs.ui.buttons import PracticeButton
from core.errors import Refused
from core.models import AttemptState, Metric, ServerSettings
from demo import SAMPLE_CLIP
from demo.world import fetch_through_client
from storage.repositories.studio_links import StudioLink
from tests.cogs.questions.banks import asked, fill
from tests.cogs.simulation import (
    CLIP,
    FAST,
    SLOW,
    Stage,
    labels_of,
    owner,
    reply,
    settings_for,
    text_of,
)
from tests.fakes.twelvelabs import TwelveLabsStandIn

T = TypeVar("T")

URL = "https://bot.example"
QUESTION = "Which knot holds best?"


class StudioStage(Stage):
    """A bot with a studio that is called without HTTP."""

    inside: contextvars.Context

    def make_bot(self) -> GreenroomBot:
        return create_bot(
            self.settings, fetch_through=fetch_through_client, pace=self.pace, serve=self._serve
        )

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
        studio = self.bot.tools.studio
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
        studio = self.bot.tools.studio
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
    pace = others.pop("pace", FAST)
    stage = StudioStage(settings_for(folder, vendor, **others), vendor, pace)
    await stage.env.start()
    try:
        stage.furnish()
        yield stage
    finally:
        await stage.bot._stack.aclose()
        await stage.env.shutdown()
    stage.env.raise_errors()


@pytest.fixture
async def stage(tmp_path: Path, vendor: TwelveLabsStandIn) -> AsyncIterator[StudioStage]:
    async with running(tmp_path, vendor, http_port=8080, public_url=URL) as stage:
        yield stage


async def test_consent_comes_first_then_the_link(stage: StudioStage) -> None:
    shown = await stage.practise(stage.ada, question=QUESTION)
    assert shown.ephemeral
    assert "Before your first clip" in text_of(shown.response)
    assert "record in the studio" in text_of(shown.response)
    await stage.restart()
    await stage.ada.click(reply(shown), label="I agree")
    assert QUESTION in text_of(shown.response)
    assert labels_of(shown.response) == ["Open the studio", "Get result"]
    link = await stage.link_of(shown)
    assert (link.owner, link.question, link.shared) == (owner(stage.ada), QUESTION, False)
    assert stage.channel.history(viewer=stage.ben) == []


async def test_not_now_makes_no_link(stage: StudioStage) -> None:
    shown = await stage.practise(stage.ada)
    await stage.ada.click(reply(shown), label="Not now")
    assert await stage.bot.tools.requests.export(owner(stage.ada)) == {"requests": []}


async def test_the_answer_comes_back_to_the_same_message(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    await stage.send(shown)
    assert "One strength" in text_of(shown.response)
    [attempt] = await stage.attempts(stage.ada)
    assert (attempt.question, attempt.shared) == (QUESTION, False)
    assert stage.channel.history(viewer=stage.ben) == []
    again = await stage.practise(stage.ada, question=QUESTION)
    link = await stage.link_of(again)
    assert link.id != attempt.id
    recordings = Path(stage.settings.data_dir)
    left = [
        f for name in ("clips", "uploads", "recordings") for f in (recordings / name).rglob("*")
    ]
    assert [f for f in left if f.is_file()] == []


async def test_a_shared_answer_is_public(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    await stage.send(shown, shared=True)
    [public] = stage.channel.history(viewer=stage.ben)
    assert "One strength" in (public.embeds[0].description or "")
    assert "for everyone" in text_of(shown.response)


async def test_a_shared_answer_whose_reply_has_died_goes_to_the_channel(
    stage: StudioStage,
) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    await stage.env.advance_time(20 * 60)
    await stage.send(shown, shared=True)
    [public] = stage.channel.history(viewer=stage.ben)
    assert "One strength" in (public.embeds[0].description or "")


async def test_get_result_before_and_after(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    early = await stage.ada.click(reply(shown), label="Get result")
    assert "You haven't sent in an answer yet." in text_of(early.response)
    await stage.restart()
    await stage.env.advance_time(16 * 60)
    await stage.send(shown)
    result = await stage.ada.click(reply(shown), label="Get result")
    assert result.ephemeral
    assert "One strength" in text_of(result.response)


async def test_get_result_says_when_a_link_has_expired(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    await stage.env.advance_time(31 * 60)
    pressed = await stage.ada.click(reply(shown), label="Get result")
    assert "its 30 minutes are over" in text_of(pressed.response)


async def test_another_member_or_server_learns_nothing_from_the_button(
    stage: StudioStage,
) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    link = await stage.link_of(shown)
    studio = stage.bot.tools.studio
    assert studio is not None
    for stranger in (stage.ben, stage.ada_elsewhere):
        assert await studio.waiting(owner(stranger), link.id) is None
    assert PracticeButton("result", link.id).custom_id in str(reply(shown).components)


async def test_one_is_chosen_from_the_bank_by_tag(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    await fill(stage, stage.ada, QUESTION, "Which boat?", tags="sailing")
    first = await stage.practise(stage.ada, tag="sailing")
    before = await asked(stage, stage.ada)
    second = await stage.practise(stage.ada, tag="sailing")
    assert await asked(stage, stage.ada) != before
    shown = {(await stage.link_of(one)).question for one in (first, second)}
    assert shown == {QUESTION, "Which boat?"}
    nothing = await stage.practise(stage.ada, tag="flying")
    assert "No question fits that." in text_of(nothing.response)
    offered = await stage.ada.autocomplete(stage.channel, "practice", "question", "which kn")
    assert [choice["value"] for choice in offered] == [QUESTION]


async def test_what_would_refuse_the_answer_is_told_before_recording(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    settings = {"http_port": 8080, "public_url": URL, "daily_attempts_per_member": 1}
    async with running(tmp_path, vendor, **settings) as stage:
        await stage.agree(stage.ada)
        stores = stage.bot.tools
        every = frozenset(Metric)
        await stores.member_settings.change(owner(stage.ada), metrics_off=every)
        off = await stage.practise(stage.ada, question=QUESTION)
        assert "Every metric is switched off" in text_of(off.response)
        await stores.member_settings.change(owner(stage.ada), metrics_off=frozenset())
        await stage.send(await stage.practise(stage.ada, question=QUESTION))
        over = await stage.practise(stage.ada, question=QUESTION)
        assert "You have used your 1 attempts for today." in text_of(over.response)
        assert labels_of(over.response) == []


async def test_the_servers_channels_hold(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    elsewhere = stage.guild.create_text_channel("answers-only")
    chosen = ServerSettings(channels=frozenset({elsewhere.id}), share_by_default=True)
    await stage.bot.tools.server_settings.change(stage.guild.id, **dict(chosen))
    refused = await stage.practise(stage.ada, question=QUESTION)
    assert "practise in" in text_of(refused.response)
    shown = await stage.ada.slash(elsewhere, "practice", question=QUESTION)
    assert (await stage.link_of(shown)).shared


async def test_deleting_everything_ends_the_link_and_what_was_sent(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    studio = stage.bot.tools.studio
    assert studio is not None
    link = await stage.link_of(shown)
    await stage.run_inside(studio.begin_upload(link, 1000))
    uploads = stage.settings.uploads_dir
    assert len(list(uploads.glob("*"))) == 1
    view = await stage.ada.slash(stage.channel, "privacy view")
    assert "1 studio link." in text_of(view.response)
    exported = await stage.bot.tools.privacy.export(owner(stage.ada), limit_bytes=10**6)
    assert exported.content
    await stage.bot.tools.privacy.delete_everything(owner(stage.ada))
    assert list(uploads.glob("*")) == []
    with pytest.raises(Refused, match="link_unknown"):
        await stage.link_of(shown)


async def test_withdrawing_ends_the_link(stage: StudioStage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.practise(stage.ada, question=QUESTION)
    await stage.bot.tools.privacy.withdraw(owner(stage.ada))
    with pytest.raises(Refused, match="link_unknown"):
        await stage.link_of(shown)


async def test_cancel_in_discord_stops_it(tmp_path: Path, vendor: TwelveLabsStandIn) -> None:
    vendor.task_statuses = ("processing",)
    settings = {"http_port": 8080, "public_url": URL, "pace": SLOW}
    async with running(tmp_path, vendor, **settings) as stage:
        await stage.agree(stage.ada)
        shown = await stage.practise(stage.ada, question=QUESTION)
        link = await stage.link_of(shown)
        await stage.send(shown)
        await stage.ada.click(reply(shown), label="Cancel")
        attempt = await stage.bot.tools.attempts.get(owner(stage.ada), link.id)
        assert attempt.state is AttemptState.CANCELLED
        assert "Cancelled" in text_of(shown.response)


async def test_without_a_studio_a_file_can_be_sent(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor) as stage:
        await stage.agree(stage.ada)
        shown = await stage.practise(stage.ada, question=QUESTION)
        assert "not set up here" in text_of(shown.response)
        assert "PUBLIC_URL" not in text_of(shown.response)
        assert labels_of(shown.response) == ["Send a file"]
        await stage.restart()
        form = await stage.ada.click(reply(shown), label="Send a file")
        answered = await stage.ada.submit_modal(form, {"clip": CLIP})
        assert "One strength" in text_of(answered.response)
        [attempt] = await stage.attempts(stage.ada)
        assert attempt.question == QUESTION


async def test_managers_are_told_what_the_studio_needs(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, public_url=URL) as stage:
        from discord import Permissions

        role = stage.guild.create_role("Manager", permissions=Permissions(manage_guild=True))
        boss = stage.guild.add_member(stage.env.create_user("boss"), roles=[role])
        shown = await stage.practise(boss, question=QUESTION)
        assert "the studio needs `HTTP_PORT`" in text_of(shown.response)
