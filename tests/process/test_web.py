"""What a running bot serves: webhooks that bring results sooner, health, and metrics."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from sqlalchemy import make_url

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Silence
from tests.fakes.discord_world import Interaction
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Answer
from tests.fakes.twelvelabs_script import TaskRecord
from tests.fakes.twelvelabs_webhooks import WebhookSender, event
from tests.process.members import (
    LOOK,
    ask_and_agree,
    finish,
    is_result,
    nothing_left,
    only_attempt,
)
from tests.process.operator import QUESTION, BotProcess, Operator, eventually
from tests.process.patient import patience


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Pages:
    """Where the bot serves, and what is asked of it there."""

    url: str

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def ready(self) -> tuple[int, dict[str, bool]]:
        status, text = await self.get("/readyz")
        return status, json.loads(text)


@pytest.fixture
def pages(operator: Operator) -> Pages:
    """The operator has set up pages and webhooks; nothing but a webhook ends a wait."""
    port = free_port()
    operator.program = patience(1000, 1000)
    operator.settings |= {
        "HTTP_PORT": str(port),
        "TWELVELABS_WEBHOOK_SECRET": operator.webhook_secret,
        "LOG_FORMAT": "json",
    }
    return Pages(f"http://127.0.0.1:{port}")


@pytest.fixture
def sender(pages: Pages, operator: Operator) -> WebhookSender:
    return WebhookSender(pages.url, operator.webhook_secret)


ABOUT_ATTEMPTS = ("analyzer.services.attempts", "analyzer.pipeline.attempt_pipeline", "core.logs")
"""Loggers that speak of nothing but attempts."""


def lines_of(bot: BotProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bot.errors.splitlines()]


def said_about(attempt_id: str, bot: BotProcess) -> set[str]:
    """Which loggers said something about this attempt; those for attempts name one each time."""
    lines = lines_of(bot)
    assert [
        line for line in lines if line["logger"] in ABOUT_ATTEMPTS and "attempt" not in line
    ] == []
    return {line["logger"] for line in lines if line.get("attempt") == attempt_id}


async def analyzed(discord: DiscordStandIn, vendor: TwelveLabsStandIn) -> Interaction:
    """Ask, and wait until the bot has looked at the analysis and found it unfinished."""
    vendor.task_statuses = ("processing",)
    pressed = await ask_and_agree(discord)
    await eventually(lambda: looks(vendor) == 1, "a look at the analysis")
    return pressed


def looks(vendor: TwelveLabsStandIn) -> int:
    return len([seen for seen in vendor.calls("GET", LOOK) if seen.status is not None])


def the_task(vendor: TwelveLabsStandIn) -> TaskRecord:
    [task] = vendor.tasks.values()
    return task


@pytest.mark.parametrize("style", ["json", "text"])
async def test_a_webhook_brings_the_result_and_every_line_names_the_attempt(
    style: str,
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
) -> None:
    vendor.fail("POST", "/assets", Answer(502, shape="html"))
    bot = await operator.run(LOG_FORMAT=style)
    pressed = await analyzed(discord, vendor)
    finish(vendor)
    assert await sender.send(event(the_task(vendor))) == 204
    await pressed.reply(is_result)
    assert looks(vendor) == 2
    await nothing_left(operator, vendor)

    attempt = await only_attempt(operator, discord)
    await bot.kill()
    if style == "json":
        assert said_about(attempt.id, bot) >= {
            "analyzer.engines.twelvelabs.client",
            *ABOUT_ATTEMPTS,
        }
    else:
        for logger in ABOUT_ATTEMPTS:
            lines = [line for line in bot.errors.splitlines() if f" {logger}: " in line]
            assert lines
            assert all(f" {logger}: [{attempt.id}] " in line for line in lines)


async def test_only_a_genuine_webhook_about_the_task_changes_anything(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
) -> None:
    await operator.run()
    pressed = await analyzed(discord, vendor)
    task = the_task(vendor)
    early = event(task)
    assert await sender.send(early) == 204  # sent too early, on purpose: the vendor still works
    await eventually(lambda: looks(vendor) == 2, "the look that it asked for")
    await eventually(lambda: looks(vendor) == 3, "another one a moment later")
    finish(vendor)

    assert await sender.send(early) == 204  # a replay
    assert await sender.send(event(task), secret="a guess") == 401
    assert await sender.send(event(task), age=600) == 401
    assert await sender.send(event(task), header="") == 400
    unknown = event(task)
    unknown["data"]["id"] = "0" * 24
    assert await sender.send(unknown) == 204  # says nothing about which tasks there are
    assert await sender.send(event(task) | {"type": "index.task.ready"}) == 204
    assert looks(vendor) == 3

    lies = event(task, how="failed")  # only the vendor's own answer counts
    assert await sender.send(lies) == 204
    await pressed.reply(is_result)
    assert looks(vendor) == 4


async def test_a_webhook_may_come_before_the_vendor_has_named_the_task(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
) -> None:
    async def tell(task: TaskRecord) -> None:
        assert await sender.send(event(task)) == 204

    vendor.on_create = tell
    vendor.task_statuses = ("processing", "ready")
    await operator.run()
    pressed = await ask_and_agree(discord)
    await pressed.reply(is_result)
    assert looks(vendor) == 2


async def test_a_replay_is_known_after_a_restart(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
    pages: Pages,
) -> None:
    first = await operator.run()
    await analyzed(discord, vendor)
    seen = event(the_task(vendor))
    assert await sender.send(seen) == 204
    await first.kill()
    await operator.run()
    assert await sender.send(seen) == 204
    _, metrics = await pages.get("/metrics")
    assert 'greenroom_webhooks_total{result="repeat"} 1.0' in metrics
    assert 'result="rang"' not in metrics


async def test_readiness_follows_gateway_and_engine(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn, pages: Pages
) -> None:
    bot = await operator.run()
    fine = {"ready": True, "database": True, "engine": True, "gateway": True}

    async def becomes(state: dict[str, bool]) -> None:
        for _ in range(500):
            status, found = await pages.ready()
            if found == state:
                assert status == (200 if state["ready"] else 503)
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"still {found}; it printed:\n{bot.output}")

    await becomes(fine)
    checks = len(vendor.calls("GET", "/assets"))
    assert await pages.ready() == (200, fine)
    assert len(vendor.calls("GET", "/assets")) == checks  # the check of the engine is kept

    discord.fail("GET", "/gw/resume", Silence())
    await discord.gateway.drop(4000)
    await becomes(fine | {"ready": False, "gateway": False})
    assert (await pages.get("/healthz"))[0] == 200


async def test_with_a_wrong_key_it_is_not_ready_and_without_a_secret_it_takes_no_webhooks(
    operator: Operator, pages: Pages, sender: WebhookSender
) -> None:
    bot = await operator.run(TWELVELABS_API_KEY="made-up-and-wrong", TWELVELABS_WEBHOOK_SECRET="")
    async with aiohttp.ClientSession() as session, session.post(sender.url) as answer:
        assert answer.status == 404
    status, found = await pages.ready()
    assert (status, found["engine"], found["database"]) == (503, False, True)
    assert "engine not ready: api_key_invalid" in bot.output
    assert "made-up-and-wrong" not in bot.output


async def test_a_taken_port_is_one_sentence(operator: Operator, pages: Pages) -> None:
    port = pages.url.rpartition(":")[2]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(port)))
        taken.listen()
        code, output = await operator.outcome("run", LOG_LEVEL="WARNING")
    assert code == 1
    assert f"Greenroom can't start: HTTP_PORT {port} cannot be used" in output


async def test_metrics_of_a_real_attempt_say_nothing_about_who_it_was(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
    pages: Pages,
) -> None:
    await operator.run()
    pressed = await analyzed(discord, vendor)
    _, during = await pages.get("/metrics")
    assert 'greenroom_attempts{state="analyzing"} 1.0' in during
    assert "greenroom_in_flight 1.0" in during
    finish(vendor)
    task = the_task(vendor)
    sent = event(task)
    await sender.send(sent)
    await pressed.reply(is_result)
    await nothing_left(operator, vendor)

    _, metrics = await pages.get("/metrics")
    for line in (
        'greenroom_attempts_ended_total{code="",engine="twelvelabs",outcome="delivered"} 1.0',
        'greenroom_step_seconds_count{at="analyzing",engine="twelvelabs"} 1.0',
        'greenroom_vendor_calls_total{call="look",status="ok"} 2.0',
        'greenroom_vendor_calls_total{call="upload",status="ok"} 1.0',
        'greenroom_webhooks_total{result="rang"} 1.0',
        "greenroom_database_up 1.0",
        'greenroom_build_info{version="',
        "process_resident_memory_bytes ",
    ):
        assert line in metrics, line
    attempt = await only_attempt(operator, discord)
    for private in (
        *(discord.guild_id, discord.channel_id, discord.member.id, discord.application_id),
        *(attempt.id, task.id, str(task.asset_id), sent["id"], QUESTION, str(operator.data_dir)),
        *discord.secrets(),
        *(vendor.key, operator.webhook_secret),
    ):
        assert private not in metrics, private
    # nothing else that looks like an id: our figures are small, Prometheus' are times and bytes
    labels = "".join(re.findall(r"\{[^}]*\}", metrics))
    assert not re.search(r"\d{15,}|[0-9a-f]{16,}", labels)


async def test_a_webhook_at_the_gateway_wakes_an_attempt_in_a_worker(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    sender: WebhookSender,
    postgres_url: str,
) -> None:
    # the server trusts whoever comes, so the password is there only to be kept secret
    url = make_url(postgres_url).set(password=operator.database_password)
    operator.settings["DATABASE_URL"] = url.render_as_string(hide_password=False)
    gateway = await operator.run("--no-worker")
    port = free_port()
    worker = await operator.start("worker", LOG_LEVEL="DEBUG", HTTP_PORT=str(port))
    await worker.printed("web pages at")
    await worker.printed("storage.engine.postgres_notify")
    there = Pages(f"http://127.0.0.1:{port}")
    assert await there.ready() == (200, {"ready": True, "database": True, "engine": True})
    pressed = await analyzed(discord, vendor)
    task = the_task(vendor)
    finish(vendor)
    assert await sender.send(event(task), secret="a guess") == 401
    sent = event(task)
    assert await sender.send(sent) == 204
    await pressed.reply(is_result)
    assert await sender.send(sent) == 204
    await nothing_left(operator, vendor)
    assert looks(vendor) == 2
    await worker.kill()
    await gateway.kill()
    [attempt_id] = {line["attempt"] for line in lines_of(worker) if "attempt" in line}
    assert "analyzer.pipeline.attempt_pipeline" in said_about(attempt_id, worker)
    assert "analyzer.services.attempts" in said_about(attempt_id, gateway)


async def test_a_database_that_cannot_be_reached_keeps_its_password(operator: Operator) -> None:
    code, output = await operator.outcome(
        "run",
        DATABASE_URL=f"postgresql+psycopg://ann:{operator.database_password}@127.0.0.1:9/none",
        LOG_LEVEL="DEBUG",
    )
    assert code == 1
    assert "listens at 127.0.0.1:9" in output
    assert operator.database_password not in output
