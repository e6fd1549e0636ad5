"""The studio's page and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.studio.client import PAGE, Bench, open_bench
from web.studio.routes import STATIC, _read


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


async def test_the_page_is_the_same_for_everybody(bench: Bench) -> None:
    answer = await bench.call("GET", "/studio")
    assert (answer.status, answer.body.decode()) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    head = await bench.call("HEAD", "/studio")
    assert (head.status, head.body) == (200, b"")
    again = await bench.call("GET", "/studio", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_a_module_has_its_type(bench: Bench) -> None:
    answer = await bench.call("GET", "/studio/static/a.js")
    assert answer.body == b"export const a = 1;\n"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/studio", 200),
        ("GET", "/studio/static/a.js", 200),
        ("GET", "/studio/nothing", 404),
        ("DELETE", "/studio", 405),
        ("GET", "/studio/api/session", 404),
        ("PUT", "/studio/api/upload", 405),
        ("GET", "/studio/api/nothing", 404),
    ],
)
async def test_every_answer_is_safe(bench: Bench, method: str, path: str, status: int) -> None:
    answer = await bench.call(method, path)
    assert answer.status == status
    headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"].startswith("camera=(self), microphone=(self)")
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    if "/api/" in path:
        assert headers["Cache-Control"] == "no-store"
        assert answer.code


async def test_the_stream_of_events_is_safe_too(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    answer = await bench.call("GET", "events", token)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_files_in_folders_are_served_by_their_path(bench: Bench) -> None:
    answer = await bench.call("GET", "/studio/static/steps/b.js")
    assert answer.body == b"export const b = 2;\n"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    again = await bench.call(
        "GET", "/studio/static/steps/b.js", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status, again.body) == (304, b"")


async def test_what_is_served_was_read_at_the_start(bench: Bench) -> None:
    folder = bench.harness.folder / "static"
    (folder / "a.js").write_text("changed")
    (folder / "steps" / "late.js").write_text("added")
    assert (await bench.call("GET", "/studio/static/a.js")).body == b"export const a = 1;\n"
    assert (await bench.call("GET", "/studio/static/steps/late.js")).status == 404


def test_every_file_of_the_real_page_is_served() -> None:
    files = _read(STATIC)
    assert set(files) == {
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()
    }
    page = files["studio.html"].body.decode()
    named = re.findall(r"(?:src|href)=\"/?(?:studio/)?static/([^\"#]+)", page)
    assert named
    assert set(named) <= set(files)
