"""The server in the Discord stand-in: its roles, its channel and its members, over REST."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.discord_wire import API, Refusal, answer
from tests.fakes.discord_world import Member, World


class ServerRoutes:
    """Handlers over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        server = f"{API}/guilds/{{guild}}"
        return [
            web.get(server, self._guild, allow_head=False),
            web.get(f"{server}/channels", self._channels, allow_head=False),
            web.get(f"{server}/members/{{user}}", self._member, allow_head=False),
            web.get(f"{API}/channels/{{channel}}", self._channel, allow_head=False),
        ]

    async def _guild(self, request: web.Request) -> web.Response:
        self._check_guild(request)
        shown = guild(self._world, self._world.guild_id)
        return answer({name: shown[name] for name in shown if name not in ("channels", "members")})

    async def _channels(self, request: web.Request) -> web.Response:
        self._check_guild(request)
        return answer(_channels(self._world))

    async def _member(self, request: web.Request) -> web.Response:
        self._check_guild(request)
        user_id = request.match_info["user"]
        if user_id in self._world.left:
            raise Refusal(404, 10007, "Unknown Member")
        return answer(member_in(self._world, Member("somebody", user_id)))

    async def _channel(self, request: web.Request) -> web.Response:
        if request.match_info["channel"] != self._world.channel_id:
            raise Refusal(404, 10003, "Unknown Channel")
        return answer(channel(self._world))

    def _check_guild(self, request: web.Request) -> None:
        if request.match_info["guild"] != self._world.guild_id:
            raise Refusal(404, 10004, "Unknown Guild")


def guild(world: World, guild_id: str) -> dict[str, Any]:
    """A server as the gateway shows it; the API leaves out its channels and members."""
    everyone = _role(guild_id, "@everyone", world.everyone_may)
    return {
        "id": guild_id,
        "name": "Practice",
        "owner_id": "1",
        "member_count": 2,
        "channels": _channels(world),
        "roles": [everyone, *(_role(role_id, name, 0) for role_id, name in world.roles.items())],
        "members": [],
    }


def _channels(world: World) -> list[dict[str, Any]]:
    shown = channel(world)
    others = [shown | {"id": each, "name": "elsewhere"} for each in world.other_channel_ids]
    return [shown, *others]


def channel(world: World) -> dict[str, Any]:
    """The channel, as servers and interactions show it."""
    return {
        "id": world.channel_id,
        "guild_id": world.guild_id,
        "type": 0,
        "name": "practice",
        "position": 0,
        "parent_id": None,
        "permission_overwrites": [],
    }


def member_in(world: World, member: Member) -> dict[str, Any]:
    """A member of the server."""
    return {
        "user": member.user(),
        "roles": sorted(world.roles_of.get(member.id, ())),
        "flags": 0,
        "joined_at": "2026-01-01T00:00:00+00:00",
        "communication_disabled_until": world.silenced.get(member.id),
    }


def _role(role_id: str, name: str, permissions: int) -> dict[str, Any]:
    return {
        "id": role_id,
        "name": name,
        "permissions": str(permissions),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
