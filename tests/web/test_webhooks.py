"""Webhooks: what the vendor has signed wakes an attempt, once; everything else changes nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StorageUnavailable
from core.telemetry import REGISTRY
from storage.engine.database import Database
from storage.repositories.webhook_events import WebhookEvents
from tests.fakes.twelvelabs_script import TaskRecord
from tests.fakes.twelvelabs_webhooks import HEADER, WebhookSender, event, event_id, signature
from tests.process.operator import eventually
from tests.web.conftest import Serve
from web.webhooks import twelvelabs_webhooks

SECRET = "made-up-webhook-secret"
LARGEST = 64 * 1024


def a_task() -> TaskRecord:
    return TaskRecord("ours", 1, {"custom_id": "0123456789abcdef-1"}, None, None, [])


class Endpoint:
    """The endpoint, who sends to it, and the bells it rang."""

    def __init__(self, events: WebhookEvents) -> None:
        self.events = events
        self.rang: list[str] = []

    async def wake(self, key: str) -> None:
        self.rang.append(key)

    async def open(self, serve: Serve, **options: Any) -> None:
        part = twelvelabs_webhooks(SECRET, self.events, self.wake, **options)
        self.sender = WebhookSender(await serve(part), SECRET)


@pytest.fixture
async def endpoint(database: Database, serve: Serve) -> Endpoint:
    endpoint = Endpoint(WebhookEvents(database, lambda: datetime.now(UTC)))
    await endpoint.open(serve)
    return endpoint


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("greenroom_webhooks_total", {"result": result}) or 0


@pytest.mark.parametrize("how", ["ready", "failed", "canceled"])
async def test_the_end_of_an_analysis_rings_for_it(endpoint: Endpoint, how: str) -> None:
    task, before = a_task(), counted("rang")
    assert await endpoint.sender.send(event(task, how=how)) == 204
    assert endpoint.rang == [task.id]
    assert counted("rang") == before + 1


async def test_the_same_event_rings_once_also_after_a_restart(
    endpoint: Endpoint, serve: Serve
) -> None:
    sent = event(a_task())
    answers = await asyncio.gather(*(endpoint.sender.send(sent) for _ in range(5)))
    assert answers == [204] * 5
    assert len(endpoint.rang) == 1
    await endpoint.open(serve)  # another process over the same database
    assert await endpoint.sender.send(sent) == 204
    assert len(endpoint.rang) == 1


async def test_events_may_come_in_any_order(endpoint: Endpoint) -> None:
    tasks = [a_task() for _ in range(3)]
    for task in reversed(tasks):
        await endpoint.sender.send(event(task))
    assert endpoint.rang == [task.id for task in reversed(tasks)]


async def test_what_the_vendor_sends_one_day_is_taken_and_ignored(endpoint: Endpoint) -> None:
    for payload in (
        {"id": event_id(), "type": "index.task.ready", "data": ["of another shape"]},
        {"id": event_id(), "type": "analyze.task.ready.v2"},
    ):
        assert await endpoint.sender.send(payload) == 204
    more = event(a_task())
    more["data"]["result"] = {"score": 10}
    assert await endpoint.sender.send(more | {"new": None}) == 204
    assert endpoint.rang == [more["data"]["id"]]


async def test_one_of_several_signatures_is_enough(endpoint: Endpoint) -> None:
    body = json.dumps(event(a_task())).encode()
    stamp, right = signature(SECRET, body).split(",")
    header = f"{stamp}, v1={'0' * 64}, {right}, v0=00"
    assert await endpoint.sender.send(body, header=header) == 204
    assert len(endpoint.rang) == 1


@pytest.mark.parametrize("age", [-290, 290])
async def test_clocks_may_differ_a_little(endpoint: Endpoint, age: float) -> None:
    assert await endpoint.sender.send(event(a_task()), age=age) == 204


@pytest.mark.parametrize("age", [-310, 310, 1e9])
async def test_what_was_signed_at_another_time_is_refused(endpoint: Endpoint, age: float) -> None:
    assert await endpoint.sender.send(event(a_task()), age=age) == 401
    assert endpoint.rang == []


async def test_the_age_is_reckoned_by_the_clock_it_is_given(
    endpoint: Endpoint, serve: Serve
) -> None:
    await endpoint.open(serve, clock=lambda: time.time() + 1000)
    assert await endpoint.sender.send(event(a_task())) == 401
    assert await endpoint.sender.send(event(a_task()), age=-1000) == 204


async def test_what_somebody_else_has_signed_is_refused(endpoint: Endpoint) -> None:
    assert await endpoint.sender.send(event(a_task()), secret="a-guess") == 401
    assert await endpoint.sender.send(event(a_task()), secret=SECRET[:-1]) == 401
    assert endpoint.rang == []


async def test_the_operator_is_told_once_what_may_be_set_up_wrongly(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await endpoint.sender.send(event(a_task()), secret="a-guess")
        await endpoint.sender.send(event(a_task()), age=600)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("web")]
    assert [("SECRET" in line, "clock" in line) for line in told] == [(True, False), (False, True)]
    assert not any(secret in line for line in told for secret in (SECRET, "a-guess"))


async def test_a_signature_is_good_for_its_body_and_time_only(endpoint: Endpoint) -> None:
    body, other = (json.dumps(event(a_task())).encode() for _ in range(2))
    header = signature(SECRET, body)
    later = header.replace("t=", "t=0")  # the same number, written otherwise
    spaced = json.dumps(json.loads(body), indent=1).encode()  # the same JSON, other bytes
    for forged, its_header in ((other, header), (body, later), (spaced, header)):
        assert await endpoint.sender.send(forged, header=its_header) == 401
    assert endpoint.rang == []


@pytest.mark.parametrize(
    "header",
    [
        *("", "t=1", f"v1={'0' * 64}", "nonsense", "t=,v1=", "t=now,v1=00", "t=ab,v1=00"),
        *("t=1,t=1,v1=00", "t=-1,v1=00", "t=1.5,v1=00", "t=1,v1=xyz", "t=1;v1=00", "t=1,v1=00,"),
        *("t=١,v1=00", "t=1,v1=" + "0" * 2000, "t=9999999999999,v1=00"),
    ],
)
async def test_a_header_that_says_something_else_is_refused(
    endpoint: Endpoint, header: str
) -> None:
    assert await endpoint.sender.send(event(a_task()), header=header) in (400, 401)
    assert endpoint.rang == []


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b'"' + b"a" * 60_000),
        {"id": "whe_1"},
        {"type": "analyze.task.ready", "data": {"id": "64f8d2c7e4a1b37f"}},
        {"id": 1, "type": "analyze.task.ready", "data": {"id": "64f8d2c7e4a1b37f"}},
        {"id": "whe_1\n", "type": "analyze.task.ready", "data": {"id": "64f8d2c7e4a1b37f"}},
        {"id": "w" * 81, "type": "analyze.task.ready", "data": {"id": "64f8d2c7e4a1b37f"}},
        {"id": "whe_1", "type": "analyze.task.ready"},
        {"id": "whe_1", "type": "analyze.task.ready", "data": None},
        {"id": "whe_1", "type": "analyze.task.ready", "data": {"id": None}},
        {"id": "whe_1", "type": "analyze.task.ready", "data": {"id": "../assets/1"}},
        {"id": "whe_1", "type": "analyze.task.ready", "data": {"_id": "64f8d2c7e4a1b37f"}},
        {"id": "whe_1", "type": ["analyze.task.ready"]},
    ],
    ids=lambda payload: repr(payload)[:40],
)
async def test_a_body_of_another_shape_is_refused_though_signed(
    endpoint: Endpoint, payload: object
) -> None:
    assert await endpoint.sender.send(payload) == 400
    assert endpoint.rang == []


async def test_a_body_is_taken_up_to_64_kb(endpoint: Endpoint) -> None:
    small = json.dumps(event(a_task())).encode()
    assert await endpoint.sender.send(small.ljust(LARGEST)) == 204
    assert await endpoint.sender.send(small.ljust(LARGEST + 1)) == 413
    assert len(endpoint.rang) == 1


async def raw(endpoint: Endpoint, head: str, *pieces: bytes, hang_up: bool = False) -> bytes:
    """Speak HTTP by hand, and return what comes back."""
    place = urlsplit(endpoint.sender.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    sent = f"POST {place.path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode()
    writer.write(sent + b"".join(pieces))
    await writer.drain()
    if hang_up:
        writer.close()
        await writer.wait_closed()
        return b""
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_body_without_a_length_is_bounded_too(endpoint: Endpoint) -> None:
    header = signature(SECRET, b"")
    piece = f"{LARGEST:x}\r\n".encode() + b"a" * LARGEST + b"\r\n"
    head = f"{HEADER}: {header}\r\nTransfer-Encoding: chunked"
    assert b" 413 " in await raw(endpoint, head, piece, piece)


async def test_a_body_that_does_not_come_is_not_waited_for(
    endpoint: Endpoint, serve: Serve
) -> None:
    await endpoint.open(serve, body_seconds=0.05)
    head = f"{HEADER}: {signature(SECRET, b'')}\r\nContent-Length: 100"
    assert b" 408 " in await raw(endpoint, head, b"{")


async def test_who_hangs_up_in_the_middle_is_no_error(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"{HEADER}: {signature(SECRET, b'')}\r\nContent-Length: 100"
    before = counted("malformed")
    await raw(endpoint, head, b"{", hang_up=True)
    await eventually(lambda: counted("malformed") > before, "the end of the call")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_packed_body_is_refused(endpoint: Endpoint) -> None:
    body = gzip.compress(json.dumps(event(a_task())).encode())
    head = (
        f"{HEADER}: {signature(SECRET, body)}\r\n"
        f"Content-Encoding: gzip\r\nContent-Length: {len(body)}"
    )
    assert b" 415 " in await raw(endpoint, head, body)
    assert endpoint.rang == []


async def test_two_signature_headers_are_refused(endpoint: Endpoint) -> None:
    body = json.dumps(event(a_task())).encode()
    header = f"{HEADER}: {signature(SECRET, body)}"
    assert b" 400 " in await raw(
        endpoint, f"{header}\r\n{header}\r\nContent-Length: {len(body)}", body
    )
    assert b" 204 " in await raw(endpoint, f"{header}\r\nContent-Length: {len(body)}", body)


async def test_without_a_database_the_vendor_is_asked_to_come_again(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_new(_: str) -> bool:
        raise StorageUnavailable("SQLITE_BUSY")

    sent = event(a_task())
    with monkeypatch.context() as broken:
        broken.setattr(endpoint.events, "is_new", is_new)
        assert await endpoint.sender.send(sent) == 503
    assert endpoint.rang == []
    assert await endpoint.sender.send(sent) == 204
    assert len(endpoint.rang) == 1


async def test_other_ways_to_ask_are_not_there(endpoint: Endpoint) -> None:
    place = urlsplit(endpoint.sender.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"GET {place.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert b" 405 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "type", "data", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payload=anything | st.binary(max_size=300), header=st.none() | st.text(max_size=60))
async def test_no_body_and_no_header_breaks_it(
    endpoint: Endpoint, payload: object, header: str | None
) -> None:
    if header is not None:
        header = "".join(c for c in header if c.isprintable()) or "t"
    assert await endpoint.sender.send(payload, header=header) in (204, 400, 401)
    assert endpoint.rang == []
