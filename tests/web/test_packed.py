"""Nothing that comes packed is unpacked on the event loop, on any path, by any method."""

from __future__ import annotations

import email.parser
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.packed import bomb
from tests.web.conftest import Serve
from tests.web.studio.client import open_bench
from tests.web.wire import Dial
from web.studio.request_bodies import PIECE_TYPE

SIZE = 1 << 26
"""Bytes that each bomb unpacks to."""


def pages(app: web.Application) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app.router.add_route("*", "/page", page)
    app.router.add_get("/only-get", page)


@pytest.mark.parametrize("encoding", ["br", "gzip", "deflate"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/page"), ("GET", "/page"), ("POST", "/only-get"), ("POST", "/no-such-page")],
)
async def test_a_packed_body_is_refused_unread_whatever_it_is_sent_to(
    serve: Serve, dial: Dial, unpacked: list[int], method: str, path: str, encoding: str
) -> None:
    url = await serve(pages)
    caller, other = await dial(url), await dial(url)
    body = bomb(encoding, SIZE)
    head = f"Content-Encoding: {encoding}"
    # the answer comes although only half of the body has
    await caller.send(
        *(f"{method} {path} HTTP/1.1", "Host: x", head, f"Content-Length: {len(body)}", ""),
        body=body[: len(body) // 2],
    )
    answer = await caller.answer()
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"Connection: close" in answer
    assert (await other.ask("/page")).startswith(b"HTTP/1.1 200 ")
    await caller.send(body=body[len(body) // 2 :])
    assert await caller.ended() == b""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Content-Encoding: BR"], 415),
        (["Content-Encoding: identity, gzip"], 415),
        (["Content-Encoding: x-anything"], 415),
        (["Content-Encoding: br", "Expect: 100-continue"], 415),
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Content-Encoding: identity"], 200),
        (["Content-Encoding:"], 200),
        (["Transfer-Encoding: chunked"], 200),
    ],
)
async def test_however_the_header_is_written(
    serve: Serve, dial: Dial, unpacked: list[int], headers: list[str], status: int
) -> None:
    caller = await dial(await serve(pages))
    chunked = any(header.startswith("Transfer") for header in headers)
    body = b"1\r\nx\r\n0\r\n\r\n" if chunked else b""
    await caller.send("POST /page HTTP/1.1", "Host: x", *headers, "", body=body)
    answer = await caller.answer()
    if answer.startswith(b"HTTP/1.1 100 "):
        answer = await caller.answer()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_the_studio_unpacks_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unpacked: list[int]
) -> None:
    async with open_bench(tmp_path, monkeypatch) as bench:
        token = await bench.link()
        await bench.begin(token)
        for path in ("upload", "submit", "no-such-call"):
            answer = await bench.call(
                "POST", path, token, data=b"x", headers={"Content-Encoding": "br"}
            )
            assert (answer.status, answer.code) == (415, "packed")
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_content_type_is_compared_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dial: Dial
) -> None:
    read: list[str] = []
    parse = email.parser.HeaderParser.parsestr

    def watched(self: email.parser.HeaderParser, text: str, *others: Any) -> Any:
        read.append(text)
        return parse(self, text, *others)

    async with open_bench(tmp_path, monkeypatch) as bench:
        token = await bench.link()
        await bench.begin(token)
        monkeypatch.setattr(email.parser.HeaderParser, "parsestr", watched)
        caller = await dial(bench.url)
        semicolons = f"Content-Type: {PIECE_TYPE}{';' * 8000}"  # 0.8 s, for who reads it
        answer = await caller.ask(
            *("/studio/api/upload", f"Authorization: Bearer {token}", "Upload-Offset: 0"),
            semicolons,
            method="PATCH",
            body=b"x",
        )
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert read == []
