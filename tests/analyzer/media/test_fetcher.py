"""Fetching a clip: only from Discord, never too much, never a partial file; on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp
import pytest
import stamina
from aiohttp import web
from aiohttp.test_utils import TestServer

from analyzer.media.clip_limits import check_declared_size
from analyzer.media.fetcher import Fetcher, HttpFetcher
from analyzer.media.preflight import fetch_clip, opened
from core.errors import ClipRefused, UserFacingError
from core.models import ClipSource
from tests.packed import bomb

MEGABYTE = 1_000_000


@dataclass
class Cdn:
    """A stand-in for Discord's CDN on loopback."""

    seen: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.path)
        self.headers.update(request.headers)
        what = request.match_info["what"]
        if what.isdigit():
            return web.Response(status=int(what), headers={"Location": "/clip"})
        if what == "flaky":
            return web.Response(status=503 if len(self.seen) < 3 else 200, body=b"at last")
        if what == "packed":
            return web.Response(body=bomb("br", 1 << 26), headers={"Content-Encoding": "br"})
        if what == "clip":
            return web.Response(body=b"x" * (2 * MEGABYTE + 7))
        response = web.StreamResponse()
        if what == "broken":
            response.content_length = 1000
        await response.prepare(request)
        await response.write(b"x" * 500)
        if what == "hanging":
            await self.hanging.wait()
        with contextlib.suppress(ConnectionError):
            while what == "endless":
                await response.write(b"x" * 100_000)
        if what == "broken" and request.transport is not None:
            request.transport.abort()
        return response


@pytest.fixture
async def cdn() -> Cdn:
    return Cdn()


@pytest.fixture
async def server(cdn: Cdn) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/{what}", cdn.answer)
    server = TestServer(app)
    async with server:
        yield server
        cdn.hanging.set()


@pytest.fixture
async def fetcher(server: TestServer) -> AsyncIterator[HttpFetcher]:
    async with aiohttp.ClientSession() as session:
        yield HttpFetcher(session, other_origins=[str(server.make_url("/"))], idle_seconds=0.3)


@pytest.fixture(autouse=True)
def no_waiting_between_tries() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "clips" / "0123.clip"


async def fetch(
    fetcher: Fetcher, url: object, target: Path, *, declared: int = 1, most: int = 5 * MEGABYTE
) -> int:
    source = ClipSource(url=str(url), name="clip.mp4", size_bytes=declared)
    return await fetch_clip(fetcher, source, target, max_bytes=most)


def left_at(target: Path) -> tuple[int, int] | None:
    """The size and the permissions of what is there, `None` for nothing."""
    if not target.exists():
        return None
    return target.stat().st_size, stat.S_IMODE(target.stat().st_mode)


async def test_a_clip_comes_to_disk_whole_and_only_for_us(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path
) -> None:
    assert await fetch(fetcher, server.make_url("/clip"), target) == 2 * MEGABYTE + 7
    assert left_at(target) == (2 * MEGABYTE + 7, 0o600)
    assert cdn.headers["Accept-Encoding"] == "identity"


async def test_a_repeated_fetch_replaces_what_a_crash_left(
    fetcher: HttpFetcher, server: TestServer, target: Path
) -> None:
    await fetch(fetcher, server.make_url("/clip"), target)
    await fetch(fetcher, server.make_url("/flaky"), target)
    assert left_at(target) == (len(b"at last"), 0o600)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_file_that_is_gone_is_asked_for_again(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path, status: int
) -> None:
    with pytest.raises(ClipRefused) as caught:
        await fetch(fetcher, server.make_url(f"/{status}"), target)
    assert caught.value.code == "clip_gone"
    assert caught.value.sentence.endswith("Attach it again.")
    assert len(cdn.seen) == 1
    assert left_at(target) is None


@pytest.mark.parametrize("status", [301, 302, 307, 204, 206, 500])
async def test_no_redirect_is_followed_and_only_200_is_a_clip(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path, status: int
) -> None:
    with pytest.raises(UserFacingError) as caught:
        await fetch(fetcher, server.make_url(f"/{status}"), target)
    assert caught.value.code == "clip_unreachable"
    assert set(cdn.seen) == {f"/{status}"}
    assert left_at(target) is None


async def test_a_packed_answer_is_refused_and_never_unpacked(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path, unpacked: list[int]
) -> None:
    with pytest.raises(UserFacingError) as caught:
        await fetch(fetcher, server.make_url("/packed"), target, most=1 << 27)
    assert caught.value.code == "clip_unreachable"
    assert len(cdn.seen) == 3
    assert left_at(target) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/a.mp4",
        "https://cdn.discordapp.com.example.org/a.mp4",
        "https://cdn.discordapp.com:8443/a.mp4",
        "https://example.org/cdn.discordapp.com/a.mp4",
        "https://cdn.discordapp.com@example.org/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//cdn.discordapp.com/a.mp4",
        "https://[::1",
        "",
    ],
)
async def test_nothing_is_fetched_from_anywhere_but_discord(target: Path, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ClipRefused) as caught:
            await fetch(HttpFetcher(session), url, target)
    assert caught.value.code == "clip_foreign"
    assert left_at(target) is None


async def test_a_declared_size_over_the_limit_is_refused_before_anything_is_fetched(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path
) -> None:
    with pytest.raises(ClipRefused) as caught:
        await fetch(fetcher, server.make_url("/clip"), target, declared=5 * MEGABYTE + 1)
    assert caught.value.sentence == (
        "Your clip is 5.1 MB; I take up to 5 MB. Trim it or export it smaller and try again."
    )
    assert cdn.seen == []


def test_a_declared_size_at_the_limit_passes() -> None:
    source = ClipSource(url="", name="", size_bytes=MEGABYTE)
    check_declared_size(source, max_bytes=MEGABYTE)


@pytest.mark.parametrize("what", ["clip", "endless"])
async def test_more_bytes_than_the_limit_are_cut_off_whatever_was_declared(
    fetcher: HttpFetcher, server: TestServer, target: Path, what: str
) -> None:
    with pytest.raises(ClipRefused) as caught:
        await fetch(fetcher, server.make_url(f"/{what}"), target, declared=10, most=2 * MEGABYTE)
    assert caught.value.code == "clip_too_large"
    assert "over 2 MB; I take up to 2 MB" in caught.value.sentence
    assert left_at(target) is None


async def test_a_passing_trouble_is_tried_again(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path
) -> None:
    assert await fetch(fetcher, server.make_url("/flaky"), target) == len(b"at last")
    assert len(cdn.seen) == 3


@pytest.mark.parametrize("what", ["hanging", "broken"])
async def test_a_clip_that_stops_on_the_way_leaves_no_file(
    fetcher: HttpFetcher, server: TestServer, cdn: Cdn, target: Path, what: str
) -> None:
    with pytest.raises(UserFacingError) as caught:
        await fetch(fetcher, server.make_url(f"/{what}"), target)
    assert caught.value.code == "clip_unreachable"
    assert "127.0.0.1" not in caught.value.sentence
    assert len(cdn.seen) == 3
    assert left_at(target) is None


async def test_a_host_that_does_not_answer_is_told_so(target: Path) -> None:
    server = TestServer(web.Application())
    await server.start_server()
    address = server.make_url("/clip")
    await server.close()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(UserFacingError) as caught:
            await fetch(HttpFetcher(session, other_origins=[str(address)]), address, target)
    assert caught.value.code == "clip_unreachable"


async def test_cancelling_leaves_no_file(server: TestServer, cdn: Cdn, target: Path) -> None:
    async with aiohttp.ClientSession() as session:
        fetcher = HttpFetcher(session, other_origins=[str(server.make_url("/"))])
        task = asyncio.create_task(fetch(fetcher, server.make_url("/hanging"), target))
        while not cdn.seen:  # noqa: ASYNC110 - the server's list is no event
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert left_at(target) is None


async def test_memory_stays_flat_however_large_the_clip(target: Path) -> None:
    chunk = b"x" * 65_536

    @contextlib.asynccontextmanager
    async def large(url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(800):
                yield chunk

        yield chunks()

    tracemalloc.start()
    try:
        size = await fetch(large, "", target, most=60 * MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left_at(target) == (size, 0o600) == (800 * len(chunk), 0o600)
    assert peak < 5 * MEGABYTE


async def test_a_file_that_opens_while_its_opener_is_cancelled_is_closed(tmp_path: Path) -> None:
    release, files = threading.Event(), list[IO[bytes]]()

    def slowly() -> IO[bytes]:
        release.wait(10)
        files.append((tmp_path / "clip").open("wb"))
        return files[0]

    async def use() -> None:
        async with opened(slowly):
            raise AssertionError("it was cancelled before")

    task = asyncio.create_task(use())
    await asyncio.sleep(0.01)
    task.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files[0].closed


async def test_a_file_is_closed_also_when_that_is_cancelled_before_a_thread_is_free(
    tmp_path: Path,
) -> None:
    loop, release, written = asyncio.get_running_loop(), threading.Event(), asyncio.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    files = list[IO[bytes]]()

    async def use() -> None:
        async with opened(lambda: (tmp_path / "clip").open("wb")) as file:
            files.append(file)
            loop.run_in_executor(None, release.wait, 10)
            written.set()

    task = asyncio.create_task(use())
    await written.wait()
    task.cancel()
    loop.call_soon(release.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files[0].closed
