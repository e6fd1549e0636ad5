"""The REST part of the Discord stand-in: login, commands, callbacks, webhooks, messages, files."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aiohttp import web

from tests.fakes.discord_checks import check_callback, check_message
from tests.fakes.discord_command_checks import check_commands
from tests.fakes.discord_wire import API, SEEN, Refusal, Upload, answer, read_body, snowflake
from tests.fakes.discord_world import (
    EPHEMERAL,
    LOADING,
    Interaction,
    Message,
    World,
    unknown_message,
)

_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _MODAL = 4, 5, 6, 7, 9  # callback types
_CALLBACKS = {_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, 8, _MODAL}  # 8: autocomplete

_NO_CONTENT = HTTPStatus.NO_CONTENT


class RestRoutes:
    """Handlers over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        webhook = f"{API}/webhooks/{{application}}/{{token}}"
        webhook_message = f"{webhook}/messages/{{message}}"
        channel = f"{API}/channels/{{channel}}/messages"
        commands = f"{API}/applications/{{application}}/commands"
        return [
            web.get(f"{API}/users/@me", self._me, allow_head=False),
            web.get(f"{API}/oauth2/applications/@me", self._application, allow_head=False),
            web.get(commands, self._list_commands, allow_head=False),
            web.put(commands, self._put_commands),
            web.post(f"{API}/interactions/{{interaction}}/{{token}}/callback", self._callback),
            web.post(webhook, self._follow_up),
            web.get(webhook_message, self._show, allow_head=False),
            web.patch(webhook_message, self._edit),
            web.delete(webhook_message, self._delete),
            web.post(channel, self._send),
            web.delete(f"{channel}/{{message}}", self._delete_sent),
            web.post(f"{API}/attachments/refresh-urls", self._refresh_links),
            web.get("/ephemeral-attachments/{application}/{file}/{name}", self._file),
        ]

    async def _me(self, _: web.Request) -> web.Response:
        return answer(self._world.bot_user())

    async def _application(self, _: web.Request) -> web.Response:
        return answer(
            {
                "id": self._world.application_id,
                "name": "Greenroom",
                "description": "",
                "icon": None,
                "bot_public": True,
                "bot_require_code_grant": False,
                "owner": self._world.member.user(),
                "verify_key": "",
                "flags": 0,
            }
        )

    async def _list_commands(self, _: web.Request) -> web.Response:
        return answer(self._world.commands)

    async def _put_commands(self, request: web.Request) -> web.Response:
        body, _ = await read_body(request)
        check_commands(body["items"])
        known = {(one.get("type", 1), one["name"]): one["id"] for one in self._world.commands}
        self._world.commands[:] = [
            {
                "description": "",
                **command,
                "id": known.get((command.get("type", 1), command["name"]), snowflake()),
                "application_id": self._world.application_id,
                "version": snowflake(),
            }
            for command in body["items"]
        ]
        return answer(self._world.commands)

    async def _callback(self, request: web.Request) -> web.Response:
        body, files = await read_body(request)
        interaction = self._world.interactions.get(request.match_info["token"])
        at = request[SEEN].at
        if interaction is None or interaction.id != request.match_info["interaction"]:
            raise Refusal(404, 10062, "Unknown interaction")
        if interaction.answered_at is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if at - interaction.sent_at > self._world.ack_seconds:
            raise Refusal(404, 10062, "Unknown interaction")
        kind, data = body.get("type"), body.get("data") or {}
        if kind not in _CALLBACKS:
            raise Refusal(400, 50035, "Invalid Form Body")
        check_callback(kind, data, files=len(files))
        self._take_callback(interaction, kind, data, files)
        interaction.answered_at, interaction.answer = at, body
        self._world.watch.changed()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return web.Response(status=_NO_CONTENT)
        return answer(_callback_answer(interaction, kind))

    def _take_callback(
        self, interaction: Interaction, kind: int, data: dict[str, Any], files: list[Upload]
    ) -> None:
        flags = data.get("flags", 0) & EPHEMERAL
        if kind == _MESSAGE:
            _answer_with(interaction, self._world.new_message(data, files, flags=flags))
        elif kind == _DEFERRED:
            message = self._world.new_message({}, [], flags=flags | LOADING)
            _answer_with(interaction, message)
        elif kind in (_DEFERRED_UPDATE, _UPDATE):
            if interaction.source is None:
                raise Refusal(400, 50035, "Invalid Form Body")
            _answer_with(interaction, interaction.source)
            if kind == _UPDATE:
                self._world.edit_message(interaction.source, data, files)

    async def _follow_up(self, request: web.Request) -> web.Response:
        body, files = await read_body(request)
        interaction = self._world.live_interaction(request.match_info["token"])
        check_message(body, files=len(files))
        original = interaction.original
        if original is not None and original["flags"] & LOADING:
            # Discord takes the first follow-up of a "thinking…" reply for its edit
            self._world.edit_message(original, body, files)
            return answer(original)
        flags = body.get("flags", 0) & EPHEMERAL
        message = self._world.new_message(body, files, flags=flags)
        interaction.message_ids.add(message["id"])
        return answer(message)

    async def _show(self, request: web.Request) -> web.Response:
        return answer(self._webhook_message(request))

    async def _edit(self, request: web.Request) -> web.Response:
        body, files = await read_body(request)
        message = self._webhook_message(request)
        check_message(body, files=len(files), new=False)
        self._world.edit_message(message, body, files)
        return answer(message)

    async def _delete(self, request: web.Request) -> web.Response:
        self._world.delete_message(self._webhook_message(request))
        return web.Response(status=_NO_CONTENT)

    def _webhook_message(self, request: web.Request) -> Message:
        interaction = self._world.live_interaction(request.match_info["token"])
        wanted = request.match_info["message"]
        if wanted == "@original":
            if interaction.original is None:
                raise unknown_message()
            return interaction.original
        if wanted not in interaction.message_ids:
            raise unknown_message()
        return self._world.find_message(wanted)

    async def _send(self, request: web.Request) -> web.Response:
        body, files = await read_body(request)
        if request.match_info["channel"] != self._world.channel_id:
            raise Refusal(404, 10003, "Unknown Channel")
        check_message(body, files=len(files))
        if body.get("enforce_nonce"):
            for message in self._world.messages.values():
                if message.get("nonce") == body["nonce"]:
                    return answer(message)
        return answer(self._world.new_message(body, files))

    async def _delete_sent(self, request: web.Request) -> web.Response:
        self._world.delete_message(self._world.find_message(request.match_info["message"]))
        return web.Response(status=_NO_CONTENT)

    async def _refresh_links(self, request: web.Request) -> web.Response:
        body, _ = await read_body(request)
        links = [(link, self._world.refreshed(link)) for link in body["attachment_urls"]]
        return answer(
            {"refreshed_urls": [{"original": old, "refreshed": new} for old, new in links]}
        )

    async def _file(self, request: web.Request) -> web.Response:
        signature, content = self._world.files.get(request.match_info["file"], ("", b""))
        if not signature or request.query.get("hm") != signature:
            raise Refusal(404, 0, "This content is no longer available.")
        return web.Response(body=content)


def _answer_with(interaction: Interaction, message: Message) -> None:
    interaction.original = message
    interaction.message_ids.add(message["id"])


def _callback_answer(interaction: Interaction, kind: int) -> dict[str, Any]:
    about: dict[str, Any] = {"id": interaction.id, "type": interaction.kind}
    resource: dict[str, Any] = {"type": kind}
    message = interaction.original
    if message is not None:
        about |= {
            "response_message_id": message["id"],
            "response_message_loading": bool(message["flags"] & LOADING),
            "response_message_ephemeral": bool(message["flags"] & EPHEMERAL),
        }
        resource["message"] = message
    return {"interaction": about, "resource": resource}
