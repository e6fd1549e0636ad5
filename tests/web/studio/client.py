"""The studio over a real socket: the harness of the analyzer's tests, with a scripted engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from analyzer.consent import consent_version
from analyzer.services.studio import StudioService
from core.models import Owner, ReplyAddress
from tests.analyzer.harness import ANN, Harness, Process, open_harness
from tests.analyzer.scripted import BYTES
from web.app import make_app, serving
from web.studio.request_bodies import PIECE_TYPE, ReadTimeouts
from web.studio.routes import STATIC, studio_routes

QUESTION = "Why you?"
TYPE = "video/webm;codecs=vp8,opus"
PAGE = "<!doctype html><title>Studio</title><script type=module src=/studio/static/a.js></script>"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def code(self) -> str:
        return str(self.json["code"])


@dataclass
class Bench:
    """A running application and the browser in front of it."""

    harness: Harness
    process: Process
    studio: StudioService
    url: str
    browser: aiohttp.ClientSession

    async def link(self, owner: Owner = ANN, **others: Any) -> str:
        """Give a member who has agreed a link, and return the token in it."""
        if await self.harness.consents.get(owner) is None:
            await self.harness.consents.agree(owner, consent_version(self.harness.engine.name))
        reply = ReplyAddress(
            application_id=5,
            token="reply-token",
            dies_at=self.harness.clock() + timedelta(minutes=14),
        )
        options: dict[str, Any] = {
            "owner": owner,
            "channel_id": 11,
            "question": QUESTION,
            "shared": False,
            "reply": reply,
        }
        _, url = await self.studio.open(**(options | others))
        page, _, token = url.partition("#")
        assert page == "https://bot.example/studio"
        return token

    async def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        """Call the API, or any other path that begins with a slash; it is sent as it is written."""
        sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        target = path if path.startswith("/") else f"/studio/api/{path}"
        async with self.browser.request(
            method,
            URL(self.url + target, encoded=True),
            headers=sent | (headers or {}),
            allow_redirects=False,
            **options,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def begin(self, token: str, size: int = len(BYTES), **others: Any) -> Answer:
        body = {"size_bytes": size, "type": TYPE, "seconds": 30.0} | others
        return await self.call("POST", "upload", token, json=body)

    async def piece(self, token: str, offset: int, data: Any, **headers: str) -> Answer:
        sent = {"Upload-Offset": str(offset), "Content-Type": PIECE_TYPE} | headers
        return await self.call("PATCH", "upload", token, data=data, headers=sent)

    async def send(self, token: str, data: bytes = BYTES) -> None:
        """Send a whole recording in two pieces."""
        assert (await self.begin(token, len(data))).status == 201
        half = len(data) // 2
        assert (await self.piece(token, 0, data[:half])).json == {"received_bytes": half}
        assert (await self.piece(token, half, data[half:])).json == {"received_bytes": len(data)}

    async def submit(self, token: str, *, shared: bool = False) -> Answer:
        return await self.call("POST", "submit", token, json={"shared": shared})

    async def events(self, token: str) -> AsyncIterator[dict[str, Any]]:
        """The snapshots of a stream, until it ends."""
        async with self.browser.get(
            f"{self.url}/studio/api/events", headers={"Authorization": f"Bearer {token}"}
        ) as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    def files(self) -> list[str]:
        """All that lies on disk of recordings."""
        folders = [self.harness.folder / name for name in ("clips", "uploads", "recordings")]
        return sorted(f.name for folder in folders for f in folder.rglob("*") if f.is_file())


def small_page(folder: Path) -> Path:
    """A page of two files, and beside them what must not be served; made anew where it is there."""
    static, elsewhere = folder / "static", folder / "elsewhere"
    shutil.rmtree(static, ignore_errors=True)
    for each in (static / "steps", static / ".git", elsewhere):
        each.mkdir(parents=True, exist_ok=True)
    (static / "studio.html").write_text(PAGE)
    (static / "a.js").write_text("export const a = 1;\n")
    (static / "steps" / "b.js").write_text("export const b = 2;\n")
    for path in (
        *(static / "notes.txt", static / ".hidden.js", static / ".git" / "config.js"),
        *(static / "steps" / "notes.txt", folder / "secret.js", elsewhere / "secret.js"),
    ):
        path.write_text("not served")
    (static / "steps" / "link.js").symlink_to(folder / "secret.js")
    (static / "elsewhere").symlink_to(elsewhere)
    return static


@asynccontextmanager
async def open_bench(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    read_timeouts: ReadTimeouts | None = None,
    trusted_proxies: int = 0,
    real_page: bool = False,
    **changes: Any,
) -> AsyncIterator[Bench]:
    """A bench, running; its page is a small one, so that most tests do not hang on the real one."""
    static = STATIC if real_page else small_page(folder)
    async with open_harness(folder, monkeypatch) as harness:
        process = harness.process(**changes)
        part = studio_routes(
            process.studio,
            process.deps,
            static=static,
            read_timeouts=read_timeouts,
        )
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
            serving(make_app([part], trusted_proxies=trusted_proxies), "127.0.0.1", 0) as url,
        ):
            await process.start()
            yield Bench(harness, process, process.studio, url, browser)
            await process.runner.stop()
            assert not list(browser.cookie_jar)
