"""Who only holds connections open loses them; who asks is answered; and the log stays short."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import socket
from dataclasses import replace

import pytest
from aiohttp import web

from core.telemetry import REGISTRY
from tests.process.operator import eventually
from tests.web.conftest import Serve
from tests.web.wire import Dial, Wire
from web.app import make_app, serving
from web.callers import network
from web.complaints import Complaint, Complaints
from web.connections import Bounds

FEW = Bounds(in_all=8, of_one=8, requests_of_one=2)
ALIVE = b"HTTP/1.1 200 "
HALF = ("GET /alive HTTP/1.1", "Host: x", "X-Begun: ")


class Pages:
    """A page that answers at once, one that waits, one that is large, and one that is broken."""

    def __init__(self) -> None:
        self.waiting = 0
        self.go = asyncio.Event()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/alive", self.alive)
        app.router.add_get("/waits", self.waits)
        app.router.add_get("/large", self.large)
        app.router.add_get("/broken", self.broken)
        app.router.add_post("/reads", self.reads)

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def waits(self, _: web.Request) -> web.Response:
        self.waiting += 1
        await self.go.wait()
        self.waiting -= 1
        return web.Response(text="at last")

    async def large(self, _: web.Request) -> web.Response:
        return web.Response(body=bytes(50_000_000))

    async def reads(self, request: web.Request) -> web.Response:
        self.waiting += 1
        try:
            return web.Response(body=await request.read())
        finally:
            self.waiting -= 1

    async def broken(self, _: web.Request) -> web.Response:
        raise RuntimeError("private words")


@pytest.fixture
def pages() -> Pages:
    return Pages()


def turned_away(complaint: Complaint) -> float:
    labels = {"why": complaint.value}
    return REGISTRY.get_sample_value("greenroom_web_turned_away_total", labels) or 0


def web_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is logged by whoever speaks of connections."""
    ours = ("web", "aiohttp", "asyncio")
    return [r.getMessage() for r in caplog.records if r.name.startswith(ours)]


@pytest.mark.parametrize(
    ("begun", "rest"), [((), (*HALF, "", "")), (HALF, ("", ""))], ids=["idle", "half-sent"]
)
async def test_who_holds_connections_open_loses_the_oldest_to_who_asks(
    serve: Serve, dial: Dial, pages: Pages, begun: tuple[str, ...], rest: tuple[str, ...]
) -> None:
    url = await serve(pages.add_to, bounds=FEW)
    held = [await dial(url) for _ in range(FEW.in_all)]
    for wire in held:
        await wire.send(*begun)
    asking = await dial(url)
    assert (await asking.ask("/alive")).startswith(ALIVE)
    assert await held[0].ended() == b""
    await held[-1].send(*rest)  # the others can go on
    assert (await held[-1].answer()).startswith(ALIVE)


async def test_nobody_is_listened_to_any_more_however_serving_ends(
    dial: Dial, pages: Pages
) -> None:
    with pytest.raises(RuntimeError):
        async with serving(make_app([pages.add_to]), "127.0.0.1", 0) as url:
            raise RuntimeError
    with pytest.raises(ConnectionRefusedError):
        await dial(url)


async def test_a_request_under_way_is_never_closed_for_another(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=FEW)
    busy = await dial(url)
    await busy.send("GET /waits HTTP/1.1", "Host: x", "", "")
    await eventually(lambda: pages.waiting == 1, "a request under way")
    for _ in range(3 * FEW.in_all):
        await dial(url)
    await eventually(lambda: turned_away(Complaint.CROWDED_OUT) > 0, "some that are closed")
    assert (await (await dial(url)).ask("/alive")).startswith(ALIVE)
    pages.go.set()
    assert (await busy.answer()).endswith(b"at last")


async def test_where_all_are_busy_the_new_one_is_refused(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=FEW)
    busy = [await dial(url) for _ in range(FEW.in_all)]
    for wire in busy:
        await wire.send("GET /waits HTTP/1.1", "Host: x", "", "")
    await eventually(lambda: pages.waiting == FEW.in_all, "all busy")
    refused = await dial(url)
    assert await refused.ended() == b""
    pages.go.set()
    for wire in busy:
        assert (await wire.answer()).endswith(b"at last")
    assert (await (await dial(url)).ask("/alive")).startswith(ALIVE)


async def test_one_address_cannot_close_anothers_connections(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=replace(FEW, of_one=4))
    other = await dial(url, local="127.0.0.2")
    assert (await other.ask("/alive")).startswith(ALIVE)
    held = [await dial(url) for _ in range(4 * FEW.in_all)]
    assert await held[0].ended() == b""
    assert (await held[-1].ask("/alive")).startswith(ALIVE)
    assert (await other.ask("/alive")).startswith(ALIVE)


async def test_behind_a_proxy_requests_are_counted_by_whom_it_names(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=replace(FEW, of_one=1), trusted_proxies=1)

    def named(number: int) -> str:
        return f"X-Forwarded-For: 10.9.9.9, 192.0.2.{number}:{5000 + number}"

    async def ask(path: str, number: int) -> Wire:
        wire = await dial(url)  # of_one says nothing about the proxy's own address
        await wire.send(f"GET {path} HTTP/1.1", "Host: x", named(number), "", "")
        return wire

    busy = [await ask("/waits", 1) for _ in range(FEW.requests_of_one)]
    await eventually(lambda: pages.waiting == FEW.requests_of_one, "requests under way")
    refused = await (await ask("/alive", 1)).answer()
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 5" in refused
    assert b'"code": "too_many"' in refused
    assert (await (await ask("/alive", 2)).answer()).startswith(ALIVE)
    pages.go.set()
    for wire in busy:
        assert (await wire.answer()).endswith(b"at last")
    assert (await (await ask("/alive", 1)).answer()).startswith(ALIVE)


async def test_a_head_that_does_not_end_is_not_waited_for(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=replace(FEW, head_seconds=0.15))
    silent, half, again = [await dial(url) for _ in range(3)]
    await half.send(*HALF)
    assert (await again.ask("/alive")).startswith(ALIVE)
    await asyncio.sleep(0.2)  # longer than a head may take, so this one is only idle
    await again.send(*HALF)
    for wire in (silent, half, again):
        assert await wire.ended() == b""
    slow = await dial(url)
    await slow.send("GET /waits HTTP/1.1", "Host: x", "", "")
    await eventually(lambda: pages.waiting == 1, "a request under way")
    await asyncio.sleep(0.2)  # an answer may take longer than a head
    pages.go.set()
    assert (await slow.answer()).endswith(b"at last")


@pytest.mark.parametrize("before", ["nothing", "a request", "a refused expectation", "a body"])
async def test_a_head_of_many_lines_is_cut_off(
    serve: Serve, dial: Dial, pages: Pages, before: str
) -> None:
    wire = await dial(await serve(pages.add_to))
    if before == "a request":
        await wire.ask("/alive")
    elif before == "a refused expectation":
        await wire.ask("/alive", "Expect: a miracle")
    elif before == "a body":
        await wire.ask("/reads", method="POST", body=bytes(500_000))
    with contextlib.suppress(ConnectionError):
        await wire.send("GET /alive HTTP/1.1", "Host: x", *["X: " + "a" * 8000] * 5, "X-Begun: ")
        assert await wire.ended() == b""


@pytest.mark.parametrize("size", [10, 30_000, 900_000])
async def test_a_body_is_no_head_however_it_comes(
    serve: Serve, dial: Dial, pages: Pages, size: int
) -> None:
    url = await serve(pages.add_to)
    for path, status in (("/reads", b"200"), ("/no", b"404"), ("/reads", b"200")):
        wire = await dial(url)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
        for part in (head[:-2], head[-2:]):  # the last line may be split
            await wire.send(body=part.encode())
            await asyncio.sleep(0)
        for _ in range(10):
            await wire.send(body=bytes(size // 10))
            await asyncio.sleep(0)
        assert (await wire.answer()).split()[1] == status
        assert (await wire.ask("/alive")).startswith(ALIVE)


async def test_who_is_idle_or_does_not_read_the_answer_is_not_waited_for(
    serve: Serve, dial: Dial, pages: Pages
) -> None:
    url = await serve(pages.add_to, bounds=replace(FEW, idle_seconds=0.15))
    idle, deaf = await dial(url), await dial(url)
    assert (await idle.ask("/alive")).startswith(ALIVE)
    await deaf.send("GET /large HTTP/1.1", "Host: x", "", "")
    assert await idle.ended() == b""
    await asyncio.sleep(0.3)  # it has asked for 50 MB and reads nothing of it
    assert len(await deaf.ended()) < 50_000_000


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["header", "line", "headers", "TLS", "no host", "two lengths"],
)
async def test_however_often_something_else_than_http_comes_it_is_one_line_without_an_address(
    dial: Dial, pages: Pages, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    before = turned_away(Complaint.UNREADABLE)
    async with serving(make_app([pages.add_to]), "127.0.0.1", 0) as url:
        for _ in range(30):
            wire = await dial(url)
            await wire.send(body=sent)
            came = await wire.ended()
            assert came.startswith(b"HTTP/1.0 400 ")
            assert b"server:" not in came.lower()
            assert b"aaaa" not in came
    assert turned_away(Complaint.UNREADABLE) == before + 30
    assert web_lines(caplog) == ["web pages: requests that were no HTTP: 30"]
    assert "127.0.0.1" not in caplog.text


@pytest.mark.expects_logged_error
async def test_no_answer_says_what_serves_it_nor_a_trace_who_has_asked(
    serve: Serve, dial: Dial, pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    url = await serve(pages.add_to)
    statuses = []
    for method, path, headers in (
        ("GET", "/alive", []),
        ("GET", "/no", []),
        ("POST", "/alive", []),
        ("GET", "/alive", ["Content-Encoding: br"]),
        ("GET", "/alive", ["Expect: a miracle"]),
        ("GET", "/broken", []),
        ("GET", "/alive", ["X: " + "a" * 20_000]),
    ):
        came = await (await dial(url)).ask(path, *headers, method=method)
        statuses.append(int(came.split()[1]))
        assert b"server:" not in came.lower()
        assert b"private words" not in came
    assert statuses == [200, 404, 405, 415, 417, 500, 400]
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert errors[0].startswith("not answered: RuntimeError in broken")


async def test_who_hangs_up_in_the_middle_of_a_body_is_no_error(
    dial: Dial, pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(make_app([pages.add_to]), "127.0.0.1", 0) as url:
        wire = await dial(url)
        await wire.send("POST /reads HTTP/1.1", "Host: x", "Content-Length: 9", "", body=b"x")
        await eventually(lambda: pages.waiting == 1, "a request under way")
        await wire.close()
        await eventually(lambda: pages.waiting == 0, "its end")
    assert web_lines(caplog) == []


async def test_a_flood_is_one_line_a_minute_at_most(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(first_seconds=0.02, between_seconds=3600)
    for _ in range(1000):
        complaints.add(Complaint.CROWDED_OUT)
    complaints.add(Complaint.REFUSED)
    await eventually(lambda: web_lines(caplog), "the first line")
    for _ in range(1000):
        complaints.add(Complaint.UNREADABLE)
        await asyncio.sleep(0)
    assert web_lines(caplog) == [
        "web pages: idle connections closed to make room: 1000; "
        "connections refused, all others were busy: 1"
    ]
    complaints.tell()  # when the process stops
    complaints.tell()
    assert web_lines(caplog)[1:] == ["web pages: requests that were no HTTP: 1000"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_where_no_file_is_left_it_is_one_line_and_who_waits_is_answered(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(make_app([pages.add_to]), "127.0.0.1", 0) as url:
        await use_up_files(url)
    [line] = web_lines(caplog)
    assert "no file descriptor was free for a connection" in line


async def use_up_files(url: str) -> None:
    """Call while no file is left, and expect the answers once there are some again."""
    host, _, port = url.removeprefix("http://").partition(":")
    loop, before = asyncio.get_running_loop(), turned_away(Complaint.NO_FILES)
    callers = [socket.socket() for _ in range(3)]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe.fileno(), limits[1]))
    probe.close()
    filled = []
    try:
        with contextlib.suppress(OSError):  # no more files
            while True:
                filled.append(socket.socket())
        for caller in callers:
            caller.setblocking(False)
            await loop.sock_connect(caller, (host, int(port)))
            await loop.sock_sendall(caller, b"GET /alive HTTP/1.1\r\nHost: x\r\n\r\n")
        await eventually(lambda: turned_away(Complaint.NO_FILES) > before, "no file")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for one in filled:
            one.close()
    for caller in callers:
        assert (await loop.sock_recv(caller, 100)).startswith(ALIVE)
        caller.close()


@pytest.mark.parametrize(
    ("files", "bounds"),
    [(64, (16, 8, 4)), (256, (64, 32, 16)), (1024, (256, 128, 64)), (10_240, (1000, 500, 250))],
)
def test_most_files_are_left_for_other_work(files: int, bounds: tuple[int, int, int]) -> None:
    made = Bounds.within(files)
    assert (made.in_all, made.of_one, made.requests_of_one) == bounds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:5678 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:1", "192.0.2.1"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::7]", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::8]:443", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("[fe80::1%eth0]:443", "fe80::/64"),
        *((garbage, "") for garbage in ("", "unknown", "_hidden", "192.0.2.1:", ":443", "[]:1")),
        *((garbage, "") for garbage in ("192.0.2.1:port", "192.0.2.256", "[192.0.2.1", "a:b:c:d")),
        *((garbage, "") for garbage in ("192.0.2.1:123456", "1.2.3.4:5:6", "\u0661.2.3.4")),
    ],
)
def test_an_address_is_read_with_and_without_a_port(text: str, expected: str) -> None:
    assert network(text) == expected
