"""Whatever strangers send to the web pages costs no member anything, and fills no log."""

from __future__ import annotations

import asyncio
import contextlib
from http.client import HTTPConnection

import pytest

from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.packed import bomb
from tests.process.flood import flooded
from tests.process.members import ask, ask_and_agree, is_result, nothing_left
from tests.process.narrow import few_files
from tests.process.operator import BotProcess, Operator
from tests.process.test_web import free_port

FLOOD = 1300


@pytest.fixture
def port(operator: Operator) -> int:
    port = free_port()
    operator.settings |= {"HTTP_PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    return port


async def page(port: int, path: str) -> str:
    """Ask in a thread: what else this process plays keeps its loop busy."""

    def ask() -> str:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


async def alive(port: int) -> bool:
    return await page(port, "/healthz") == "alive\n"


async def send(port: int, data: bytes) -> bytes:
    """Send this, and return what is answered until the connection ends, however it does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = b""
    try:
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while chunk := await reader.read(65_536):
                    answer += chunk
    finally:
        writer.close()
    return answer


def about_the_web(bot: BotProcess) -> list[str]:
    """What the bot and its libraries have said about connections."""
    words = (" web.", " aiohttp", " asyncio: ")
    return [line for line in bot.errors.splitlines() if any(word in line for word in words)]


@pytest.mark.parametrize(("soft", "hard"), [(512, 512), (256, 4096)], ids=["fixed", "raised"])
async def test_a_flood_of_connections_costs_no_member_an_attempt(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    port: int,
    soft: int,
    hard: int,
) -> None:
    operator.program = few_files(soft, hard)
    bot = await operator.run()
    async with flooded(port, FLOOD):
        assert await alive(port)
        pressed = await ask_and_agree(discord)
        await pressed.reply(is_result)
        assert await alive(port)
        await nothing_left(operator, vendor)
        assert f"\nprocess_max_fds {hard}.0\n" in await page(port, "/metrics")
    bot.terminate()
    assert await bot.ended() == 0
    lines = about_the_web(bot)
    assert 1 <= len(lines) <= 3  # one a minute, and one at the end
    assert all("idle connections closed to make room" in line for line in lines)
    [where] = [line for line in bot.errors.splitlines() if "127.0.0.1" in line]
    assert f"web pages at http://127.0.0.1:{port}" in where


async def test_packed_bodies_and_long_headers_stop_nothing(
    operator: Operator, discord: DiscordStandIn, port: int
) -> None:
    bot = await operator.run()
    body = bomb("br", 1 << 34)  # 16 GB: half a minute each, for who unpacks it
    packed = b"Host: x\r\nContent-Encoding: br\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    long = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n"
    requests = [b"POST /nothing", b"GET /studio", b"POST /healthz", b"PATCH /studio/api/upload"]
    answers = asyncio.gather(
        *(send(port, request + b" HTTP/1.1\r\n" + packed) for request in requests),
        *(send(port, long) for _ in range(300)),
    )
    assert await alive(port)
    pressed = await ask_and_agree(discord)
    await pressed.reply(is_result)
    statuses = [answer.split()[1] for answer in await answers]
    assert statuses == [b"415"] * len(requests) + [b"400"] * 300
    await (await ask(discord)).reply(is_result)
    bot.terminate()
    assert await bot.ended() == 0
    lines = about_the_web(bot)
    assert 1 <= len(lines) <= 2
    told = sum(int(line.rpartition("requests that were no HTTP: ")[2]) for line in lines)
    assert told == 300
    assert all(str(port) in line for line in bot.errors.splitlines() if "127.0.0.1" in line)
