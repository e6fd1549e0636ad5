"""What the Discord stand-in knows: one server, one channel, its members, messages and files."""

from __future__ import annotations

import mimetypes
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from yarl import URL

from tests.fakes.discord_wire import Refusal, Upload, Watch, snowflake

MEMBERS_MAY = (1 << 10) | (1 << 11) | (1 << 31)
"""Permissions: see channels, send messages, use commands."""

EPHEMERAL, LOADING = 1 << 6, 1 << 7
"""Message flags: only one member sees it; it still says "thinking…"."""

Message = dict[str, Any]
"""A message as the API shows it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the server."""

    name: str
    id: str = field(default_factory=snowflake)

    def user(self) -> dict[str, Any]:
        """As the API shows a user."""
        return {"id": self.id, "username": self.name, "discriminator": "0", "avatar": None}


@dataclass(eq=False, kw_only=True)
class Interaction:
    """One interaction: what Discord knows of it, and what a test waits for."""

    kind: int  # 2: a command, 3: a component
    member: Member
    watch: Watch = field(repr=False)
    source: Message | None = None  # the message whose button was pressed
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: f"made-up-{secrets.token_hex(32)}", repr=False)
    sent_at: float = 0.0  # seconds, time.monotonic()
    answered_at: float | None = None
    answer: dict[str, Any] = field(default_factory=dict)  # the callback's body
    original: Message | None = None  # what `@original` means
    message_ids: set[str] = field(default_factory=set)  # what this token may edit
    expired: bool = False

    def expire(self) -> None:
        """Let the token die now, as it does after fifteen minutes."""
        self.expired = True

    async def acknowledged(self, within: float = 3.0) -> float:
        """Wait for the callback and return how long it took, in seconds.

        Raises:
            AssertionError: there was none in time.
        """
        at = await self.watch.until(lambda: self.answered_at, within, "the callback")
        return at - self.sent_at

    async def reply(
        self, wanted: Callable[[Message], object] = bool, within: float = 10.0
    ) -> Message:
        """Wait until the reply says what is `wanted`, and is no longer "thinking…".

        Raises:
            AssertionError: it did not in time.
        """

        def look() -> Message | None:
            message = self.original
            if message is None or message["flags"] & LOADING or not wanted(message):
                return None
            return message

        try:
            return await self.watch.until(look, within, "the reply")
        except AssertionError as error:
            shown = "nothing" if self.original is None else text_of(self.original)
            raise AssertionError(f"{error}; it shows: {shown}") from None


@dataclass(kw_only=True, eq=False)
class World:
    """Everything the routes and the gateway share."""

    ack_seconds: float = 3.0
    """How long an interaction may go unanswered."""
    token_seconds: float = 900.0
    """How long its token lives."""

    token: str = field(default_factory=lambda: f"made-up-{secrets.token_hex(24)}", repr=False)
    application_id: str = field(default_factory=snowflake)
    guild_id: str = field(default_factory=snowflake)
    channel_id: str = field(default_factory=snowflake)
    other_guild_ids: list[str] = field(default_factory=list)
    """Servers that the bot is in beside the one where members act."""
    member: Member = field(default_factory=lambda: Member("ada"))
    """Who acts when a test names nobody."""
    everyone_may: int = MEMBERS_MAY
    """Permissions of @everyone."""
    roles: dict[str, str] = field(default_factory=dict)
    """The server's other roles: id to name."""
    roles_of: dict[str, set[str]] = field(default_factory=dict)
    """Ids of the roles that members have, by the ids of their users."""
    left: set[str] = field(default_factory=set)
    """Ids of users who are not in the server any more."""
    silenced: dict[str, str] = field(default_factory=dict)
    """Until when a timeout silences members, by the ids of their users."""
    other_channel_ids: list[str] = field(default_factory=list)
    """Channels of the server in which nobody acts."""
    url: str = ""  # known once it runs; without a path
    watch: Watch = field(default_factory=Watch, repr=False)

    commands: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """What is registered; it outlives the bot's process."""
    messages: dict[str, Message] = field(default_factory=dict, repr=False)
    """Every message there is; a deleted one is gone."""
    interactions: dict[str, Interaction] = field(default_factory=dict, repr=False)
    """Every interaction by its token, oldest first."""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)
    """What the CDN serves: an attachment's id to its link's signature and its bytes."""

    def bot_user(self) -> dict[str, Any]:
        """The bot as the API shows it."""
        return {**Member("greenroom", self.application_id).user(), "bot": True}

    def new_message(
        self, payload: dict[str, Any], files: Sequence[Upload], *, flags: int = 0
    ) -> Message:
        """Keep a message of the bot's in the channel."""
        message: Message = {
            "id": snowflake(),
            "channel_id": self.channel_id,
            "application_id": self.application_id,
            "author": self.bot_user(),
            "content": "",
            "embeds": [],
            "components": [],
            "attachments": [],
            "flags": flags,
            "type": 0,
            "timestamp": datetime.now(UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
        }
        if "nonce" in payload:
            message["nonce"] = payload["nonce"]
        self.messages[message["id"]] = message
        self._fill(message, payload, files)
        return message

    def edit_message(
        self, message: Message, payload: dict[str, Any], files: Sequence[Upload]
    ) -> None:
        """Put what is given in the place of what was there; it is no longer "thinking…"."""
        message["flags"] &= ~LOADING
        message["edited_timestamp"] = datetime.now(UTC).isoformat()
        self._fill(message, payload, files)

    def delete_message(self, message: Message) -> None:
        """Forget a message."""
        del self.messages[message["id"]]
        for interaction in self.interactions.values():
            if interaction.original is message:
                interaction.original = None
        self.watch.changed()

    def find_message(self, message_id: str) -> Message:
        """Look a message up.

        Raises:
            Refusal: 10008, there is none.
        """
        if message_id not in self.messages:
            raise unknown_message()
        return self.messages[message_id]

    def live_interaction(self, token: str) -> Interaction:
        """Look an answered interaction up by the token in a webhook's address.

        Raises:
            Refusal: 10015 before the callback, 50027 after the token's death.
        """
        interaction = self.interactions.get(token)
        if interaction is None or interaction.answered_at is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        if interaction.expired or time.monotonic() > interaction.sent_at + self.token_seconds:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return interaction

    def attach(self, upload: Upload) -> dict[str, Any]:
        """Put a file on the CDN, and return the attachment with its signed link."""
        attachment_id, signature = snowflake(), secrets.token_hex(32)
        self.files[attachment_id] = (signature, upload.content)
        path = f"/ephemeral-attachments/{self.application_id}/{attachment_id}/{quote(upload.name)}"
        link = f"{self.url}{path}?ex=6f000000&is=6e000000&hm={signature}"
        return {
            "id": attachment_id,
            "filename": upload.name,
            "size": len(upload.content),
            "url": link,
            "proxy_url": link,
            "content_type": mimetypes.guess_type(upload.name)[0] or "application/octet-stream",
            "ephemeral": True,
        }

    def refreshed(self, link: str) -> str:
        """The same attachment's link with the signature it has now."""
        signature, _ = self.files.get(URL(link).parts[-2], ("", b""))
        return str(URL(link).update_query(hm=signature))

    def secrets(self) -> set[str]:
        """Everything a bot must never print: its token, interaction tokens, links' signatures."""
        signatures = {signature for signature, _ in self.files.values()}
        return {self.token} | set(self.interactions) | signatures

    def _fill(self, message: Message, payload: dict[str, Any], files: Sequence[Upload]) -> None:
        for name in ("content", "embeds", "components"):
            if name in payload:
                message[name] = payload[name] or ("" if name == "content" else [])
        if files:
            message["attachments"] = [self.attach(upload) for upload in files]
        self.watch.changed()


def unknown_message() -> Refusal:
    """Make the refusal for a message that is gone or was never there."""
    return Refusal(404, 10008, "Unknown Message")


def text_of(message: Message) -> str:
    """All that a message, or an edit of one, says: line by line."""
    lines = [message.get("content") or ""]
    for embed in message.get("embeds", []):
        lines += [embed.get("title", ""), embed.get("description", "")]
        for entry in embed.get("fields", []):
            lines += [entry["name"], entry["value"]]
        lines.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(line for line in lines if line)


def buttons_of(message: Message) -> dict[str, str]:
    """A message's buttons: label to custom id."""
    items = [item for row in message["components"] for item in row["components"]]
    return {item["label"]: item["custom_id"] for item in items if item["type"] == 2}
