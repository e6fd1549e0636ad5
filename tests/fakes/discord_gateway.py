"""The gateway of the Discord stand-in: HELLO, IDENTIFY, RESUME, heartbeats and events."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_server import guild
from tests.fakes.discord_wire import snowflake
from tests.fakes.discord_world import World

PATH = "/gw"
_RESUME_PATH = "/gw/resume"

_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME = 0, 1, 2, 6
_INVALID_SESSION, _HELLO, _HEARTBEAT_ACK = 9, 10, 11
_BAD_TOKEN, _PRIVILEGED = 4004, 4014  # close codes
_PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
_HEARTBEAT_MS = 41_250
_UPSTREAM_BYTES = 4096


class _Connection:
    """One WebSocket; compressed as a single stream if the client asked for that."""

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, compression: str
    ) -> None:
        self.socket = socket
        self.transport = transport
        self._compress = _compressor(compression)

    async def send(self, op: int, data: object = None, **more: object) -> None:
        """Send a payload to a client that is still there."""
        if self.socket.closed:
            return
        text = json.dumps({"op": op, "d": data, "s": None, "t": None, **more})
        if self._compress is None:
            await self.socket.send_str(text)
        else:
            await self.socket.send_bytes(self._compress(text.encode()))


def _compressor(name: str) -> Callable[[bytes], bytes] | None:
    """Make one stream for a whole connection, flushed after each payload but never ended.

    Without any, and without the package for it (Python 3.14 has its own), text is sent: clients
    take that as it is.
    """
    if name == "zlib-stream":
        zipped = zlib.compressobj()
        return lambda payload: zipped.compress(payload) + zipped.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream" and importlib.util.find_spec("zstandard"):
        import zstandard

        stream = zstandard.ZstdCompressor().compressobj()
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda payload: stream.compress(payload) + stream.flush(flush)
    return None


@dataclass(eq=False)
class _Session:
    """What a client may resume: the events it was sent, numbered from 1."""

    id: str = field(default_factory=snowflake)
    events: list[tuple[str, object]] = field(default_factory=list)
    connection: _Connection | None = None
    shard: tuple[int, int] = (0, 1)  # its number, and how many there are

    def serves(self, guild_id: str) -> bool:
        """Whether it is told about a server (Discord's documentation, "Sharding")."""
        number, count = self.shard
        return (int(guild_id) >> 22) % count == number

    async def dispatch(self, event: str, data: object) -> None:
        self.events.append((event, data))
        await self.replay(len(self.events) - 1)

    async def replay(self, after: int) -> None:
        """Send every event numbered higher than `after`."""
        if self.connection is not None:
            for number, (event, data) in enumerate(self.events[after:], start=after + 1):
                await self.connection.send(_DISPATCH, data, t=event, s=number)


class Gateway:
    """The gateway; a client tells which shard it serves."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[str, _Session] = {}
        self.identifies = 0
        """How many sessions were begun."""
        self.resumes = 0
        """How many were gone on with."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(PATH, self._serve, allow_head=False),
            web.get(_RESUME_PATH, self._serve, allow_head=False),
        ]

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self._world.url.replace("http", "ws", 1) + PATH

    @property
    def connected(self) -> bool:
        """Whether a client has been told READY, or RESUMED, and is there."""
        return any(session.connection is not None for session in self._sessions.values())

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to the newest session that is told about its server.

        One that is away gets it when it resumes.
        """
        sessions = [one for one in self._sessions.values() if one.serves(data["guild_id"])]
        assert sessions, "no bot has identified"
        await sessions[-1].dispatch(event, data)

    async def drop(self, code: int = 4000) -> None:
        """Close every connection with a code; clients resume, unless the code forbids it."""
        for connection in self._connections():
            connection.transport.resume_reading()
            await connection.socket.close(code=code)

    async def invalidate(self) -> None:
        """Tell every client that its session is over and cannot be resumed (op 9)."""
        connections = self._connections()
        self._sessions.clear()
        for connection in connections:
            await connection.send(_INVALID_SESSION, False)

    def fall_silent(self) -> None:
        """Hear nothing of what clients send any more, as after a cable was pulled."""
        for connection in self._connections():
            connection.transport.pause_reading()

    def _connections(self) -> list[_Connection]:
        sessions = self._sessions.values()
        return [session.connection for session in sessions if session.connection is not None]

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=_UPSTREAM_BYTES, compress=False)
        await socket.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        connection = _Connection(socket, request.transport, request.query.get("compress", ""))
        await connection.send(_HELLO, {"heartbeat_interval": _HEARTBEAT_MS})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(connection, json.loads(message.data))
        finally:
            for session in self._sessions.values():
                if session.connection is connection:
                    session.connection = None
            self._world.watch.changed()
        return socket

    async def _hear(self, connection: _Connection, payload: dict[str, Any]) -> None:
        op, data = payload["op"], payload["d"]
        if op == _HEARTBEAT:
            await connection.send(_HEARTBEAT_ACK)
        elif op in (_IDENTIFY, _RESUME) and data["token"] != self._world.token:
            await connection.socket.close(code=_BAD_TOKEN, message=b"Authentication failed.")
        elif op == _IDENTIFY:
            await self._identify(connection, data)
        elif op == _RESUME:
            await self._resume(connection, data)

    async def _identify(self, connection: _Connection, data: dict[str, Any]) -> None:
        if data["intents"] & _PRIVILEGED_INTENTS:
            await connection.socket.close(code=_PRIVILEGED, message=b"Disallowed intent(s).")
            return
        number, count = data.get("shard", (0, 1))
        session = _Session(connection=connection, shard=(number, count))
        self._sessions[session.id] = session
        world = self._world
        guild_ids = list(filter(session.serves, [world.guild_id, *world.other_guild_ids]))
        ready = {
            "v": 10,
            "user": world.bot_user(),
            "guilds": [{"id": guild_id, "unavailable": True} for guild_id in guild_ids],
            "session_id": session.id,
            "resume_gateway_url": f"{self.url}/resume",
            "application": {"id": world.application_id, "flags": 0},
        }
        if "shard" in data:
            ready["shard"] = data["shard"]
        await session.dispatch("READY", ready)
        for guild_id in guild_ids:
            await session.dispatch("GUILD_CREATE", guild(world, guild_id))
        self.identifies += 1
        world.watch.changed()

    async def _resume(self, connection: _Connection, data: dict[str, Any]) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None:
            await connection.send(_INVALID_SESSION, False)
            return
        session.connection = connection
        await session.replay(data["seq"])
        await session.dispatch("RESUMED", {})
        self.resumes += 1
        self._world.watch.changed()
