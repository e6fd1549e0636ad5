"""A small simulated server with two members, and what SimCord needs from us to run in real time."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import discord
import simcord
from aiohttp import web

from analyzer.engines import Engine, Job, Pending, SaveRefs
from analyzer.media.fetcher import Fetcher
from analyzer.services.app import App
from cogs.analyze.result_card import result_text, transcript_text
from core.assessment import Assessment, EngineName
from core.errors import ClipRefused, SettingsProblem
from core.models import Attempt, Owner, VendorRefs
from demo.page import FollowingServer
from demo.seed import MEMBERS, YOU, seed
from web.app import serving

T = TypeVar("T")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FIRST_RESULT_SECONDS = 900.0
TOPIC = "Practise interview answers. Sample members and sample attempts are made up."
_CHUNK_BYTES = 65_536


class World:
    """The demo's server, its members, and the bot inside."""

    _reply: simcord.ResponseMessage | None = None
    _studio: str | None = None

    def make_env(self, bot: discord.Client) -> simcord.Env:
        """A simulated Discord of today; SimCord alone begins on 1 January, with a TestBot."""
        self.env = simcord.Env(bot, shard_count=1, check_errors=False)
        self._set_clock()
        self.env.backend.bot_user.name = "Greenroom"
        return self.env

    def furnish(self) -> None:
        """Make the server.

        The person at the page is `you`, who manages it. `sam` shows what a newcomer sees, and the
        first of `others` a member with a past; what they have done before is for `seed` to say.
        """
        env = self.env
        guild = env.create_guild("Greenroom demo")
        self.channel = guild.create_text_channel("interview-practice", topic=TOPIC)
        manager = guild.create_role("Manager", permissions=discord.Permissions(manage_guild=True))
        self.you = guild.add_member(env.create_user("you", global_name=YOU), roles=[manager])
        self.sam = guild.add_member(_sample_user(env, "Sam"))
        self.others = [guild.add_member(_sample_user(env, name)) for name in MEMBERS]

    async def analyze(self, name: str, clip: bytes, question: str) -> Attempt | None:
        """Run `/analyze` as `you`, agree to the consent card, and wait for the end."""
        shown = await self.you.slash(self.channel, "analyze", clip=(name, clip), question=question)
        card = self._reply = shown.response
        if card is None or not any("I agree" in str(row) for row in card.components):
            return None
        await self.you.click(card, label="I agree")
        return await self._finished()

    async def _finished(self) -> Attempt | None:
        app = self._app
        async with asyncio.timeout(FIRST_RESULT_SECONDS):
            while await app.attempts.unfinished():  # noqa: ASYNC110 - the rows say when it ended
                await asyncio.sleep(0.2)
        owner = Owner(guild_id=self.you.guild.id, user_id=self.you.id)
        found = await app.deps.attempts.history(owner, limit=1)
        return found[0] if found else None

    async def seed(self, database_url: str) -> None:
        """Give `you` and the others a past, and three of them a place on the board."""
        people = zip((YOU, *MEMBERS), (self.you, *self.others), strict=True)
        await seed(
            database_url,
            {name: Owner(guild_id=one.guild.id, user_id=one.id) for name, one in people},
            channel_id=self.channel.id,
            now=self._app.deps.clock(),
        )

    def print_result(self, attempt: Attempt | None) -> int:
        """Print the result as text; returns the exit code."""
        if attempt is not None:
            print(result_text(attempt))
            print(f"\n{transcript_text(attempt)}", end="")  # a terminal has no button for it
            return 0
        for embed in self._reply.embeds if self._reply else []:
            print(embed.description, file=sys.stderr)
        return 1

    async def serve(
        self, sample: Path, *, port: int | None, open_page: Callable[[str], object] | None
    ) -> None:
        """Serve the page until its `End preview session` button or Ctrl+C."""
        page = self.env.preview(
            self.channel, viewers=[self.you, self.sam, self.others[0]], layout="channel", port=port
        )
        page._server = FollowingServer(page, page._server._requested_port)  # noqa: SLF001 - see page.py
        async with page as preview:
            print(f"Greenroom is running at {preview.url}", flush=True)
            if self._studio is not None:
                print(f"Record an answer in the studio at {self._studio}", flush=True)
            print(
                "Start with /practice there: it asks a question and leads into the studio.",
                flush=True,
            )
            print(
                f"Or type /analyze and attach a clip, your own or the sample: {sample}", flush=True
            )
            print(
                "Below the first result is a sample interview; its `New interview` begins one.",
                flush=True,
            )
            print("Ctrl+C ends the demo.", flush=True)
            print("What is marked as a sample was made up for the demo.", flush=True)
            if open_page is not None:
                await asyncio.to_thread(open_page, preview.url)
            closed = asyncio.create_task(preview.wait_closed())
            try:
                await self._keep_fresh(preview, closed)
            finally:
                closed.cancel()

    async def _keep_fresh(self, preview: simcord.Preview, closed: asyncio.Task[None]) -> None:
        """Refresh the page once a second while an attempt is under way, and once after it.

        What goes on in real time reaches the page only by a refresh. A press that meets one is
        turned away by SimCord, so there is none while nothing happens.
        """
        fresh = True
        while not closed.done():
            await asyncio.wait([closed], timeout=1.0)
            self._set_clock()
            busy = bool(await self._app.attempts.unfinished())
            if busy or not fresh:
                try:
                    await preview.refresh()
                    fresh = not busy
                except (simcord.SetupError, TimeoutError):
                    fresh = False  # somebody is pressing something; the next one will do

    def _set_clock(self) -> None:
        """Let the simulated clock go on with the real one, which the page shows by its times."""
        behind = (datetime.now(UTC) - self.env.now()).total_seconds()
        if behind > 0:
            self.env.backend.clock.advance(behind)

    @property
    def _app(self) -> App:
        app = self.env.bot.app  # type: ignore[attr-defined]  # it is a GreenroomBot
        assert isinstance(app, App)  # noqa: S101 - for the type checker
        return app

    def fetch_through(self, client: discord.Client) -> Fetcher:
        """Attachments of a simulated Discord can only be read through discord.py's own client."""
        return fetch_through_client(client)

    @asynccontextmanager
    async def serve_pages(self, app: web.Application, host: str, port: int) -> AsyncIterator[str]:
        """Serve the studio outside SimCord, which would wait for every browser that watches.

        What a POST begins may show something in Discord, so that runs inside.
        """
        inside = contextvars.copy_context()

        @web.middleware
        async def enter(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "POST":
                return await handler(request)
            return await inside.copy().run(asyncio.ensure_future, handler(request))

        app.middlewares.append(enter)
        stop, begun = asyncio.Event(), asyncio.get_running_loop().create_future()

        async def serve() -> None:
            async with serving(app, host, port) as where:
                begun.set_result(where)
                await stop.wait()

        task = _outside(serve())
        await asyncio.wait([task, begun], return_when=asyncio.FIRST_COMPLETED)
        try:
            yield begun.result() if begun.done() else await _failed(task)
        finally:
            stop.set()
            await task

    async def show_interview(self) -> None:
        """Run `/interview show` as `you`: the sample report, and a button for a new interview."""
        await self.you.slash(self.channel, "interview show")

    async def offer_studio(self, question: str) -> None:
        """Run `/practice` as `you`, and remember the address it gives."""
        shown = await self.you.slash(self.channel, "practice", question=question)
        rows = shown.response.components if shown.response else []
        urls = [item.get("url") for row in rows for item in row["components"]]
        self._studio = next(filter(None, urls), None)

    def wrap_engine(self, _client: discord.Client, engine: Engine) -> Engine:
        """Let the engine work in real time, outside SimCord's clock."""
        return RealTimeEngine(engine, lambda: self.env)


def _outside(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task in an empty context: it is nobody's for SimCord, so nothing waits for it."""
    return contextvars.Context().run(asyncio.get_running_loop().create_task, work)


def _sample_user(env: simcord.Env, name: str) -> simcord.UserHandle:
    return env.create_user(name.lower(), global_name=f"{name} (sample member)")


def fetch_through_client(client: discord.Client) -> Fetcher:
    """A fetcher that reads attachments through discord.py, where the simulated CDN answers."""

    @asynccontextmanager
    async def fetch(url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            data = await client.http.get_from_cdn(url)
        except discord.HTTPException:
            raise ClipRefused(
                "clip_gone", "Discord no longer serves that file. Attach it again."
            ) from None

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(data), _CHUNK_BYTES):
                yield data[start : start + _CHUNK_BYTES]

        yield chunks()

    return fetch


class RealTimeEngine:
    """An engine whose work SimCord does not wait for.

    SimCord waits after each action until the bot rests. An engine works for seconds or minutes, so
    its work is declared as waiting for something outside.
    """

    def __init__(self, engine: Engine, env: Callable[[], simcord.Env]) -> None:
        self._engine = engine
        self._env = env

    @property
    def name(self) -> EngineName:
        """The wrapped engine's."""
        return self._engine.name

    @property
    def version(self) -> str:
        """The wrapped engine's."""
        return self._engine.version

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """The wrapped engine's, outside."""
        return await self._outside(self._engine.prepare(job, save_refs))

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """The wrapped engine's, outside."""
        return await self._outside(self._engine.start(job, save_refs))

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        """The wrapped engine's, outside."""
        return await self._outside(self._engine.poll(job, save_refs))

    async def ended(self) -> frozenset[str] | None:
        """The wrapped engine's."""
        return await self._engine.ended()

    async def discard(self, refs: VendorRefs) -> None:
        """The wrapped engine's, outside."""
        await self._outside(self._engine.discard(refs))

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:
        """The wrapped engine's, outside."""
        return await self._outside(self._engine.sweep(open_ids))

    async def check(self) -> str:
        """The wrapped engine's."""
        return await self._engine.check()

    async def aclose(self) -> None:
        """The wrapped engine's."""
        await self._engine.aclose()

    async def _outside(self, work: Coroutine[Any, Any, T]) -> T:
        task = _outside(work)
        try:
            result: T = await self._env().external_wait(task, reason="the engine works")
        except simcord.SetupError:  # an answer from the studio: nobody waits for that anyway
            result = await task
        return result


async def _failed(task: asyncio.Task[None]) -> str:
    """Raise what has ended a task that should go on."""
    await task
    raise SettingsProblem("The studio's page could not be served.")
