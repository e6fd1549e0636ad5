"""Webhooks as TwelveLabs sends them, and as somebody else would."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.fakes.twelvelabs_script import TaskRecord
from tests.fakes.twelvelabs_wire import rfc3339

PATH = "/webhooks/twelvelabs"
HEADER = "TL-Signature"


def signature(secret: str, body: bytes, at: float | None = None) -> str:
    """The header for a body, signed now or at another time (seconds since 1970)."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def event_id() -> str:
    """An id as the vendor's look."""
    return f"whe_{secrets.token_hex(12)}"


def event(task: TaskRecord, *, id: str | None = None, how: str = "ready") -> dict[str, Any]:  # noqa: A002 - the vendor's own word
    """What is sent when an analysis has ended: no result is in it."""
    body: dict[str, Any] = {
        "id": id or event_id(),
        "created_at": rfc3339(datetime.now(UTC)),
        "type": f"analyze.task.{how}",
        "data": {
            "id": task.id,
            "custom_id": task.custom_id,
            "status": how,
            "created_at": rfc3339(task.created_at),
            "video_source": {"type": "asset_id", "asset_id": task.asset_id},
        },
    }
    if how != "ready":
        body["data"]["error"] = {"message": "Something went wrong."}
    return body


class WebhookSender:
    """Sends to one endpoint, as it is set up in the playground: an address and its secret."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url.rstrip("/") + PATH
        self.secret = secret

    async def send(
        self,
        payload: object,
        *,
        age: float = 0.0,
        secret: str | None = None,
        header: str | None = None,
    ) -> int:
        """Send a payload, and return the status it was answered with.

        Args:
            payload: bytes as they are, anything else as JSON.
            age: how many seconds ago it was signed.
            secret: another one than the endpoint's.
            header: in place of a signature; empty: none at all.
        """
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        if header is None:
            header = signature(secret or self.secret, body, time.time() - age)
        headers = {HEADER: header} if header else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.url,
                data=body,
                headers={"Content-Type": "application/json"} | headers,
                timeout=aiohttp.ClientTimeout(total=10),
            ) as answer,
        ):
            assert await answer.read() == b"", "an answer says nothing but its status"
            return answer.status
