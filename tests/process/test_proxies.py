"""Behind a real reverse proxy, set up as docs/operating.md says: what it stops, and what works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from demo import SAMPLE_CLIP
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_webhooks import WebhookSender, event
from tests.packed import bomb
from tests.process.browser import StudioBrowser
from tests.process.flood import flooded
from tests.process.members import (
    ask_and_agree,
    finish,
    is_consent_card,
    is_result,
    nothing_left,
    only_attempt,
)
from tests.process.operator import QUESTION, BotProcess, Operator, eventually
from tests.process.proxies import CADDY, NGINX, Proxy, in_front
from tests.process.test_flood import about_the_web, alive, send
from tests.process.test_studio import address_in
from tests.process.test_web import free_port, looks, the_task
from web.studio.rate_limits import WRONG

FLOOD = 1300


@dataclass
class Front:
    """A bot behind a proxy, and the ports of both."""

    bot: BotProcess
    port: int
    bot_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def statuses(self, *requests: bytes) -> list[int]:
        """What each of these is answered; 0 for nothing."""
        answers = await asyncio.gather(*(send(self.port, request) for request in requests))
        return [int(answer.split()[1]) if answer else 0 for answer in answers]


@pytest.fixture(params=[NGINX, CADDY], ids=lambda proxy: str(proxy.name))
async def front(
    request: pytest.FixtureRequest, operator: Operator, tmp_path: Path
) -> AsyncIterator[Front]:
    proxy: Proxy = request.param
    if proxy.program is None:
        pytest.skip(f"{proxy.name} is not installed")
    port, bot_port = free_port(), free_port()
    folder = tmp_path / proxy.name
    folder.mkdir()
    operator.settings |= {
        "HTTP_PORT": str(bot_port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "1",
        "TWELVELABS_WEBHOOK_SECRET": operator.webhook_secret,
    }
    bot = await operator.run()
    await bot.printed("web pages at")
    async with in_front(proxy, folder, port, bot_port):
        yield Front(bot, port, bot_port)


def get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


async def test_a_recording_goes_through_in_pieces_and_events_come_at_once(
    front: Front, operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.task_statuses = ("processing",)
    asked = await discord.slash("practice", {"question": QUESTION})
    pressed = await discord.press(await asked.reply(is_consent_card), "I agree")
    address = address_in(await pressed.reply(lambda message: address_in(message) is not None))
    assert address is not None
    assert address.startswith(front.url)
    data = SAMPLE_CLIP.read_bytes()
    async with aiohttp.ClientSession() as session:
        browser = StudioBrowser(session, address)
        begin = {"size_bytes": len(data), "type": "video/mp4", "seconds": 27}
        received = (await browser.call("POST", "upload", json=begin))["received_bytes"]
        while received < len(data):
            received = await browser.piece(data, received)
        await browser.call("POST", "submit", json={"shared": False})
        events = browser.events()
        first = await anext(events)
        assert not first["ended"]  # it came while there is more to come
        await eventually(lambda: looks(vendor) > 0, "a look at the analysis")
        finish(vendor)
        sender = WebhookSender(front.url, operator.webhook_secret)
        assert await sender.send(event(the_task(vendor))) == 204
        told = [first, *[snapshot async for snapshot in events]]
    assert told[-1]["result"]["question"] == QUESTION
    await pressed.reply(is_result)
    await nothing_left(operator, vendor)
    assert (await only_attempt(operator, discord)).question == QUESTION


async def test_what_strangers_send_ends_at_the_proxy(front: Front, discord: DiscordStandIn) -> None:
    await hidden_pages_stay_inside(front)
    await packed_bodies_and_no_http_stay_outside(front)
    await it_says_who_calls(front)
    async with flooded(front.port, FLOOD):
        assert await alive(front.bot_port)
        assert await front.statuses(get("/studio")) == [200]
        pressed = await ask_and_agree(discord)
        await pressed.reply(is_result)
    front.bot.terminate()
    assert await front.bot.ended() == 0
    assert about_the_web(front.bot) == []  # the bot has noticed nothing of it


async def hidden_pages_stay_inside(front: Front) -> None:
    hidden = [get(f"/{page}") for page in ("healthz", "readyz", "metrics", "", "studio-", "x/../")]
    assert await front.statuses(*hidden) == [404] * len(hidden)
    assert await front.statuses(get("/studio"), get("/studio/static/main.js")) == [200, 200]


async def packed_bodies_and_no_http_stay_outside(front: Front) -> None:
    body = bomb("br", 1 << 34)
    head = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Encoding: br\r\n"
    packed = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    paths = (b"/studio", b"/studio/api/upload", b"/webhooks/twelvelabs", b"/nothing")
    answers = await asyncio.gather(*(send(front.port, b"POST " + path + packed) for path in paths))
    # some break off while the body still comes, which the caller may notice before the answer
    assert {answer.split()[1] for answer in answers if answer} == {b"415"}
    assert not [answer for answer in answers if b'"packed"' in answer]  # what the bot would say
    long = [get("/studio", "X-Long: " + "a" * 100_000), get("/studio?" + "a" * 100_000)]
    no_http = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"no HTTP\r\n\r\n"]
    assert set(await front.statuses(*long * 20, *no_http * 20)) <= {0, 400, 414, 431}


async def it_says_who_calls(front: Front) -> None:
    """Links that are wrong are counted by address, whatever callers claim it is."""

    async def answers_to(local: str, *claims: str) -> set[int]:
        connector = aiohttp.TCPConnector(local_addr=(local, 0))
        async with aiohttp.ClientSession(front.url, connector=connector) as session:
            found = set()
            for claim in claims:
                headers = {"Authorization": "Bearer made-up", "X-Forwarded-For": claim}
                async with session.get("/studio/api/session", headers=headers) as answer:
                    found.add(answer.status)
            return found

    many = [f"192.0.2.{number}:{5000 + number}" for number in range(3 * WRONG.amount)]
    assert await answers_to("127.0.0.1", *many) == {404, 429}
    assert await answers_to("127.0.0.2", "127.0.0.1", "[2001:db8::1]:443", "nonsense") == {404}
