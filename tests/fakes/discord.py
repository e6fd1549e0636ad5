"""A stand-in for Discord, REST and gateway, on a loopback socket; a bot's process speaks to it.

It keeps Discord's rules that a bot can break (three seconds to answer, one answer, a token that
dies, limits on messages, the wrong token) and can be scripted to fail:

    async with DiscordStandIn() as discord:
        # start the bot with DISCORD_TOKEN=discord.token and DISCORD_API_URL=discord.api_url
        await discord.ready()
        asked = await discord.slash("analyze", {"question": "…"}, attachment=("a.mp4", data))
        await asked.acknowledged(within=3.0)
        card = await asked.reply(lambda message: "agree" in text_of(message))
        pressed = await discord.press(card, "I agree")
        discord.fail("PATCH", "/webhooks/*/*/messages/@original", TOKEN_EXPIRED)

Members act in one server with one channel, in which they may have roles; other servers are only
announced. What members see of each other, permissions beyond those of @everyone, and rate limits
are not reproduced; a 429 has to be scripted.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord_faults import UNAUTHORIZED, Answer, Fault, FaultQueue, Silence
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_rest import RestRoutes
from tests.fakes.discord_server import ServerRoutes, channel, member_in
from tests.fakes.discord_wire import API, SEEN, Refusal, Seen, Upload, answer
from tests.fakes.discord_world import Interaction, Member, Message, World, buttons_of
from tests.fakes.twelvelabs_faults import meant

_COMMAND, _COMPONENT = 2, 3  # interaction types
_ATTACHMENT = 11  # option type
_NEEDS_NO_TOKEN = (f"{API}/interactions/", f"{API}/webhooks/", "/gw", "/ephemeral-attachments/")
_BODY_LIMIT_BYTES = 25 * 1024 * 1024  # Discord's largest request

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DiscordStandIn(World):
    """The stand-in: what members do, what is to fail, and a record of every request.

    Args:
        knobs: any attribute of `World`.
    """

    def __init__(self, **knobs: Any) -> None:
        super().__init__(**knobs)
        self.requests: list[Seen] = []
        """Every request, in the order they came in, also those that met a fault."""
        self.gateway = Gateway(self)
        self._faults = FaultQueue()
        self._released = asyncio.Event()
        self._exits = contextlib.AsyncExitStack()

    @property
    def api_url(self) -> str:
        """What DISCORD_API_URL is set to."""
        return self.url + API

    async def ready(self, within: float = 15.0) -> None:
        """Wait until a bot is connected and has been told READY.

        Raises:
            AssertionError: none was in time.
        """
        await self.until(lambda: self.gateway.connected, within, "a connected bot")

    async def until(self, look: Callable[[], object], within: float, what: str) -> None:
        """Wait until `look` is true; it is asked again after every request and every event.

        Raises:
            AssertionError: it was not in time; the text says `what`.
        """
        await self.watch.until(look, within, what)

    async def slash(
        self,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        attachment: tuple[str, bytes] | None = None,
        member: Member | None = None,
    ) -> Interaction:
        """Let a member run a registered command; the attachment goes to its attachment option.

        A command of a group is named like "interview start".
        """
        first, _, subcommand = name.partition(" ")
        registered = command = next(one for one in self.commands if one["name"] == first)
        if subcommand:
            command = next(one for one in registered["options"] if one["name"] == subcommand)
        given, resolved = dict(options or {}), {}
        types = {option["name"]: option["type"] for option in command.get("options", [])}
        if attachment is not None:
            uploaded = self.attach(Upload(*attachment))
            option = next(name for name, kind in types.items() if kind == _ATTACHMENT)
            given[option] = uploaded["id"]
            resolved = {"attachments": {uploaded["id"]: uploaded}}
        filled: list[dict[str, object]] = [
            {"name": option, "type": types[option], "value": value}
            for option, value in given.items()
        ]
        if subcommand:
            filled = [{"name": subcommand, "type": 1, "options": filled}]
        data = {
            "id": registered["id"],
            "name": first,
            "type": 1,
            "options": filled,
            "resolved": resolved,
        }
        return await self._send(self._begin(_COMMAND, member), data)

    async def press(
        self, message: Message, label: str, *, member: Member | None = None
    ) -> Interaction:
        """Let a member press the button with this label under a message as it is now."""
        data = {"component_type": 2, "custom_id": buttons_of(message)[label]}
        return await self._send(self._begin(_COMPONENT, member, source=message), data)

    def fail(self, method: str, path: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` requests that fit meet a fault.

        `path` is below `/api/v10`, or whole outside it (`/gw`, `/ephemeral-attachments/*/*/*`);
        `*` stands for one segment. `method` may be `*`.
        """
        self._faults.add(method, path, fault, times)

    @property
    def faults_left(self) -> int:
        """How many scripted faults no request has met yet."""
        return len(self._faults)

    def calls(self, method: str, path: str) -> list[Seen]:
        """Return the requests that fit (as for `fail`), oldest first."""
        return [seen for seen in self.requests if meant(method, path, seen.method, seen.path)]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve], client_max_size=_BODY_LIMIT_BYTES)
        app.add_routes(RestRoutes(self).routes())
        app.add_routes(ServerRoutes(self).routes())
        app.add_routes(self.gateway.routes())
        app.router.add_get(f"{API}/gateway/bot", self._gateway_address, allow_head=False)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._exits.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self.gateway.drop(1001)
        await self._exits.aclose()

    def _begin(
        self, kind: int, member: Member | None, source: Message | None = None
    ) -> Interaction:
        interaction = Interaction(
            kind=kind, member=member or self.member, watch=self.watch, source=source
        )
        self.interactions[interaction.token] = interaction
        return interaction

    async def _send(self, interaction: Interaction, data: dict[str, Any]) -> Interaction:
        payload: dict[str, Any] = {
            "id": interaction.id,
            "application_id": self.application_id,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "attachment_size_limit": 10_485_760,
            "guild_id": self.guild_id,
            "channel_id": self.channel_id,
            "channel": channel(self),
            "member": member_in(self, interaction.member) | {"permissions": "0"},
            "locale": "en-US",
            "context": 0,
            "authorizing_integration_owners": {"0": self.guild_id},
            "entitlements": [],
            "data": data,
        }
        if interaction.source is not None:
            payload["message"] = interaction.source
        interaction.sent_at = time.monotonic()
        await self.gateway.dispatch("INTERACTION_CREATE", payload)
        return interaction

    async def _gateway_address(self, _: web.Request) -> web.Response:
        limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return answer({"url": self.gateway.url, "shards": 1, "session_start_limit": limits})

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        seen = Seen(request.method, request.path.removeprefix(API), time.monotonic())
        request[SEEN] = seen
        self.requests.append(seen)
        try:
            fault = self._faults.take(seen.method, seen.path)
            response = await self._meet(fault, request, handler)
        except Refusal as refusal:
            response = refusal.response()
        except _HungUp:
            return web.Response()  # nobody is left to read it
        finally:
            self.watch.changed()
        if not response.prepared:  # a WebSocket has been by now
            response.headers.update(_allowance(seen))
        seen.status = response.status
        self.watch.changed()
        return response

    async def _meet(
        self, fault: Fault | None, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Let the fault happen, after the work or instead of it."""
        if fault is None:
            return await self._work(request, handler)
        if isinstance(fault, Answer):
            await request.read()
            return fault.response()
        if isinstance(fault, Silence):
            if fault.done:
                await self._work(request, handler)
            self.watch.changed()
            await self._released.wait()
        if request.transport is not None:
            request.transport.abort()
        raise _HungUp

    async def _work(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Do what Discord would do without a fault."""
        needs_token = not request.path.startswith(_NEEDS_NO_TOKEN)
        if needs_token and request.headers.get("Authorization") != f"Bot {self.token}":
            return UNAUTHORIZED.response()
        return await handler(request)


class _HungUp(Exception):
    """The connection was ended instead of answering."""


def _allowance(seen: Seen) -> dict[str, str]:
    """Rate limit headers that leave room: without any, discord.py sends one request at a time."""
    return {
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "999",
        "X-RateLimit-Reset-After": "1.0",
        "X-RateLimit-Bucket": f"{seen.method}-{seen.path.split('/')[1]}",
    }
