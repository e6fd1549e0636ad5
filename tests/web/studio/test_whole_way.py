"""An answer's way through the studio: recorded, sent in pieces, watched, and gone."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

import aiohttp
import pytest

from analyzer.media import upload_store as uploads
from core.errors import ClipRefused, StorageUnavailable
from core.models import AttemptState, ClipKind
from tests.analyzer.harness import ANN, BEN
from tests.analyzer.scripted import BYTES
from tests.web.studio.client import QUESTION, Bench, open_bench


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


async def test_from_the_link_to_the_result(bench: Bench) -> None:
    token = await bench.link()
    session = (await bench.call("GET", "session", token)).json
    assert session["question"] == QUESTION
    assert (session["state"], session["received_bytes"], session["attempt"]) == ("open", None, None)
    assert (session["seconds_left"], session["max_bytes"]) == (1800.0, 1000)
    assert (session["answer_seconds"], session["longest_seconds"]) == (120, 600)

    await bench.send(token)
    assert (await bench.call("GET", "session", token)).json["state"] == "uploading"
    sent = await bench.submit(token)
    assert sent.status == 202
    assert sent.json["attempt"]["state"] == "queued"
    shown = [snapshot async for snapshot in bench.events(token)]
    assert shown[-1]["ended"]
    assert shown[-1]["state"] == "delivered"
    result = shown[-1]["result"]
    assert result["question"] == QUESTION
    assert result["scores"][0]["metric"] == "confidence"
    assert result["footer"] == "AI estimate for practice. Not a hiring assessment."

    await bench.process.rest()
    assert bench.files() == []
    [attempt] = await bench.harness.attempts.history(ANN, limit=5)
    assert attempt.source.kind is ClipKind.STUDIO
    assert attempt.reply is None
    assert bench.harness.fetched == []
    [told] = [attempt.reply for attempt, _ in bench.harness.told.told]
    assert told is not None
    assert told.token == "reply-token"


async def test_a_lost_answer_does_not_send_it_twice(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    first, second = await asyncio.gather(bench.submit(token), bench.submit(token))
    assert {first.status, second.status} == {202, 200}
    await bench.process.rest()
    assert (await bench.submit(token)).status == 200
    assert len(await bench.harness.attempts.history(ANN, limit=5)) == 1
    for answer in (await bench.begin(token), await bench.piece(token, 0, b"x")):
        assert (answer.status, answer.code) == (409, "submitted")


async def test_an_upload_that_breaks_goes_on_where_it_stopped(bench: Bench) -> None:
    token = await bench.link()
    await bench.begin(token)

    async def broken() -> AsyncIterator[bytes]:
        yield BYTES[:4]
        await asyncio.sleep(0.05)
        raise ConnectionError

    with contextlib.suppress(Exception):
        await bench.piece(token, 0, broken())
    async with asyncio.timeout(5):
        while (await bench.call("GET", "session", token)).json["received_bytes"] != 4:
            pass
    early = await bench.submit(token)
    assert (early.status, early.code, early.json["received_bytes"]) == (409, "incomplete", 4)
    again = await bench.piece(token, 0, BYTES)
    assert (again.status, again.code, again.json["received_bytes"]) == (409, "offset", 4)
    assert (await bench.piece(token, 4, BYTES[4:])).json == {"received_bytes": len(BYTES)}
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()
    assert len(await bench.harness.attempts.history(ANN, limit=5)) == 1


async def test_a_restart_loses_nothing_that_has_come(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await bench.link()
    await bench.begin(token)
    await bench.piece(token, 0, BYTES[:3])
    async with open_bench(tmp_path, monkeypatch) as next_one:
        session = (await next_one.call("GET", "session", token)).json
        assert (session["state"], session["received_bytes"]) == ("uploading", 3)
        assert (await next_one.piece(token, 3, BYTES[3:])).status == 200
        assert (await next_one.submit(token)).status == 202


async def test_beginning_anew_drops_what_was_there(bench: Bench) -> None:
    token = await bench.link()
    await bench.begin(token)
    await bench.piece(token, 0, b"old")
    assert (await bench.begin(token, 5)).json == {"received_bytes": 0}
    assert (await bench.piece(token, 0, b"abcde")).json == {"received_bytes": 5}


async def test_a_refused_answer_can_be_sent_in_later(bench: Bench) -> None:
    bench.harness.engine.pending = 10**9
    for number in range(2):
        first = await bench.harness.submit(bench.process, question=f"Number {number}?")
    token = await bench.link()
    await bench.send(token)
    refused = await bench.submit(token)
    assert (refused.status, refused.code) == (422, "waiting")
    assert [name for name in bench.files() if name.endswith(".part")]
    session = (await bench.call("GET", "session", token)).json
    assert (session["state"], session["received_bytes"]) == ("uploading", len(BYTES))
    await bench.process.attempts.cancel(ANN, first.id)
    assert (await bench.submit(token)).status == 202


async def test_shared_gets_a_public_message_while_the_reply_lives(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    assert (await bench.submit(token, shared=True)).status == 202
    await bench.process.rest()
    assert "public message" in bench.harness.told.edits
    [(attempt, _)] = bench.harness.told.told
    assert attempt.shared
    assert attempt.reply is not None
    assert attempt.reply.message_id == 77


async def test_a_reply_that_has_died_is_not_used(bench: Bench) -> None:
    token = await bench.link()
    bench.harness.clock.forward(minutes=20)
    await bench.send(token)
    await bench.submit(token, shared=True)
    await bench.process.rest()
    assert "public message" not in bench.harness.told.edits
    [(attempt, _)] = bench.harness.told.told
    assert attempt.reply is None


async def test_cancelling_stops_it_and_tells_discord(bench: Bench) -> None:
    bench.harness.engine.pending = 10**9
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    cancelled = await bench.call("POST", "cancel", token)
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    again = await bench.call("POST", "cancel", token)
    assert again.json["state"] == "cancelled"
    await bench.process.rest()
    [(shown, _)] = bench.harness.told.told
    assert shown.state is AttemptState.CANCELLED
    assert bench.files() == []


async def test_a_clip_at_fault_is_told_on_the_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe(_clip: Path) -> Any:
        raise ClipRefused("clip_too_short", "Your clip is too short.")

    monkeypatch.setattr("analyzer.media.preflight.probe_clip", probe)
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    last = [snapshot async for snapshot in bench.events(token)][-1]
    assert (last["state"], last["failure"]) == ("failed", "Your clip is too short.")
    await bench.process.rest()
    assert bench.files() == []


async def test_a_link_leads_to_its_own_attempt_only(bench: Bench) -> None:
    tokens = {owner: await bench.link(owner, question=f"{owner}") for owner in (ANN, BEN)}
    await bench.send(tokens[ANN])
    await bench.submit(tokens[ANN])
    assert (await bench.call("GET", "attempt", tokens[BEN])).code == "not_submitted"
    assert (await bench.call("GET", "events", tokens[BEN])).status == 404
    assert (await bench.call("POST", "cancel", tokens[BEN])).status == 404


async def test_the_sweep_takes_what_nobody_waits_for_and_nothing_else(bench: Bench) -> None:
    bench.harness.engine.pending = 10**9
    sent, open_link = await bench.link(), await bench.link()
    await bench.send(sent)
    await bench.submit(sent)
    await bench.begin(open_link)
    store, file = bench.process.deps.clip_store, bench.harness.folder / "orphan"
    await asyncio.to_thread(file.write_bytes, BYTES)
    await store.put("f" * 16, file)
    await bench.process.cleanup.run()
    assert await store.ids() == {(await bench.studio.find(sent))[0].id}
    assert (await bench.call("GET", "session", open_link)).json["received_bytes"] == 0


async def test_a_broken_write_is_not_repeated_at_its_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.media.upload_store._BLOCK_BYTES", 4)
    whole = uploads._write_all

    def half(file: IO[bytes], block: bytes) -> int:
        if not block:
            return 0
        whole(file, block[:2])
        raise OSError(errno.ENOSPC, "full")

    token = await bench.link()
    await bench.begin(token)
    monkeypatch.setattr("analyzer.media.upload_store._write_all", half)
    full = await bench.piece(token, 0, BYTES)
    assert (full.status, full.code) == (507, "no_room")
    monkeypatch.setattr("analyzer.media.upload_store._write_all", whole)
    assert (await bench.call("GET", "session", token)).json["received_bytes"] == 2
    assert (await bench.piece(token, 2, BYTES[2:])).json == {"received_bytes": len(BYTES)}
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()
    assert len(await bench.harness.attempts.history(ANN, limit=5)) == 1


@pytest.mark.expects_logged_error
async def test_a_stream_that_breaks_ends_and_says_no_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench.harness.engine.pending = 10**9
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    stream = bench.events(token)
    assert not (await anext(stream))["ended"]

    async def broken(*_: object) -> None:
        raise RuntimeError("secret text")

    monkeypatch.setattr(bench.studio, "attempt", broken)
    with contextlib.suppress(aiohttp.ClientError):
        assert [snapshot async for snapshot in stream] == []
    assert "events ended: RuntimeError in broken" in caplog.text
    assert "secret text" not in caplog.text


async def test_a_database_that_is_away_for_a_moment_is_something_to_wait_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await bench.link()

    async def away(_: str) -> None:
        raise StorageUnavailable("SQLITE_BUSY")

    with monkeypatch.context() as patch:
        patch.setattr(bench.process.deps.studio_links, "get", away)
        answer = await bench.call("GET", "session", token)
    assert (answer.status, answer.code) == (503, "storage_unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert (await bench.call("GET", "session", token)).status == 200
