"""The studio against whoever has no link, and against bodies that no page of ours sends."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.consent import consent_version
from analyzer.dependencies import JudgeInUse
from analyzer.services.studio_tokens import LinkTokens
from core.assessment import EngineName
from tests.analyzer.harness import ANN, BEN, STUDIO_SECRET
from tests.analyzer.scripted import BYTES
from tests.process.operator import eventually
from tests.web.studio.client import QUESTION, TYPE, Bench, open_bench
from web.studio.rate_limits import CHANGES_OF_ONE, STREAMS_OF_ONE, WRONG
from web.studio.request_bodies import ReadTimeouts

CALLS = [
    ("GET", "session"),
    ("POST", "upload"),
    ("PATCH", "upload"),
    ("POST", "submit"),
    ("GET", "attempt"),
    ("GET", "events"),
    ("POST", "cancel"),
]


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_every_call_wants_a_link_of_ours_and_says_the_same_to_all_others(
    bench: Bench, method: str, path: str
) -> None:
    token = await bench.link()
    payload, stamp, signature = token.split(".")
    foreign = LinkTokens("another bot's token", bench.harness.clock)
    unknown = LinkTokens(STUDIO_SECRET, bench.harness.clock)
    wrong: list[str | None] = [
        None,
        "",
        "x",
        token[:-1],
        token + "A",
        f"{payload}.{stamp}.{signature[::-1]}",
        f"{payload}.AAAAAA.{signature}",
        foreign.write("0123456789abcdef"),
        unknown.write("0123456789abcdef"),
        unknown.write("../../../etc/passwd"),
        "A" * 7000,
        "\u00e9" * 40,
    ]
    answers = [await bench.call(method, path, one) for one in wrong]
    assert {(answer.status, answer.body) for answer in answers} == {
        (404, answers[0].body),
    }
    assert answers[0].code == "link_unknown"


async def test_the_header_must_be_one_bearer(bench: Bench) -> None:
    token = await bench.link()
    for value in (token, f"Basic {token}", f"Bearer  {token} x", f"Token {token}"):
        answer = await bench.call("GET", "session", headers={"Authorization": value})
        assert answer.status == 404, value
    assert (await bench.call("GET", f"/studio/api/session?token={token}")).status == 404
    ok = await bench.call("GET", "session", headers={"Authorization": f"bearer {token}"})
    assert ok.status == 200


async def test_a_thousand_guesses_find_nothing_and_hinder_nobody(bench: Bench) -> None:
    token = await bench.link()
    seen: dict[int, int] = {}
    for number in range(1000):
        answer = await bench.call("GET", "session", f"{number:04}{token[4:]}")
        seen[answer.status] = seen.get(answer.status, 0) + 1
    assert set(seen) == {404, 429}
    assert seen[404] <= 2 * WRONG.amount  # the minute may turn meanwhile
    assert (await bench.call("GET", "session", token)).status == 200


async def test_a_link_ends_after_its_half_hour(bench: Bench) -> None:
    token, begun, sent = [await bench.link(question=f"Number {n}?") for n in range(3)]
    await bench.begin(begun)
    await bench.send(sent)
    await bench.submit(sent)
    await bench.process.rest()
    bench.harness.clock.forward(minutes=30)
    for method, path in CALLS:
        answer = await bench.call(method, path, token)
        assert (answer.status, answer.code) == (410, "link_expired")
    assert (await bench.piece(begun, 0, BYTES)).status == 200
    bench.harness.clock.forward(minutes=15)
    assert (await bench.submit(begun)).code == "link_expired"
    assert (await bench.call("GET", "attempt", sent)).json["ended"]
    bench.harness.clock.forward(hours=24)
    assert (await bench.call("GET", "attempt", sent)).code == "link_expired"
    await bench.process.cleanup.run()
    assert bench.files() == []
    assert await bench.harness.studio_links.ids_of(ANN) == []
    assert (await bench.call("GET", "session", sent)).code == "link_expired"


async def test_a_deleted_attempt_ends_its_link_for_good(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    await bench.process.rest()
    [attempt] = await bench.harness.attempts.history(ANN, limit=1)
    await bench.process.deletion.delete(ANN, attempt.id)
    assert (await bench.call("GET", "session", token)).code == "link_expired"
    assert (await bench.begin(token)).code == "link_expired"


async def test_without_consent_nothing_is_taken(bench: Bench) -> None:
    token = await bench.link()
    await bench.harness.consents.withdraw(ANN)
    answer = await bench.begin(token)
    assert (answer.status, answer.code) == (422, "consent_withdrawn")
    assert bench.files() == []


async def test_consent_to_another_engine_is_not_enough(bench: Bench) -> None:
    token, begun = await bench.link(), await bench.link()
    await bench.send(begun)
    # as after a restart with an engine that sends clips away
    await bench.harness.consents.agree(ANN, consent_version(EngineName.LOCAL))
    for answer in (await bench.begin(token), await bench.submit(begun)):
        assert (answer.status, answer.code) == (422, "consent_outdated")
    assert await bench.process.deps.clip_store.ids() == frozenset()
    await bench.harness.consents.agree(ANN, consent_version(EngineName.TWELVELABS))
    assert (await bench.submit(begun)).status == 202


async def test_a_judge_nobody_has_agreed_to_gets_no_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = JudgeInUse(model="some-model", host="judge.example.org")
    async with open_bench(tmp_path, monkeypatch, judge=judge) as bench:
        token = await bench.link()
        session = (await bench.call("GET", "session", token)).json
        assert session["judge_host"] == "judge.example.org"
        answer = await bench.begin(token)
        assert (answer.status, answer.code) == (422, "consent_outdated")
        version = consent_version(EngineName.TWELVELABS)
        await bench.harness.consents.agree(ANN, version, "judge.example.org")
        assert (await bench.begin(token)).status == 201


async def test_consent_withdrawn_while_the_store_takes_its_time_stops_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await bench.link()
    await bench.send(token)
    store = bench.process.deps.clip_store
    put = store.put

    async def slowly(clip_id: str, file: Path) -> None:
        await put(clip_id, file)
        await bench.harness.consents.withdraw(ANN)

    monkeypatch.setattr(store, "put", slowly)
    assert (await bench.submit(token)).code == "consent_withdrawn"
    assert await store.ids() == frozenset()
    assert await bench.harness.uses(ANN) == 0


async def test_a_clock_that_is_behind_the_one_that_dated_a_link_reads_it(bench: Bench) -> None:
    token = await bench.link()
    bench.harness.clock.forward(seconds=-5)
    assert (await bench.call("GET", "session", token)).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"null", 400, "bad_request"),
        (b"[" * 4000, 400, "bad_request"),
        (b'{"size_bytes": 1}', 400, "bad_request"),
        (b'{"size_bytes": "9", "type": "video/webm", "seconds": 1}', 400, "bad_request"),
        (b'{"size_bytes": 0, "type": "video/webm", "seconds": 1}', 400, "bad_request"),
        (b'{"size_bytes": -1, "type": "video/webm", "seconds": 1}', 400, "bad_request"),
        (b'{"size_bytes": 1e999, "type": "video/webm", "seconds": 1}', 400, "bad_request"),
        (b'{"size_bytes": 9, "type": "video/webm", "seconds": NaN}', 400, "bad_request"),
        (b'{"size_bytes": 9, "type": "video/webm", "seconds": 1, "x": 1}', 400, "bad_request"),
        (b'{"size_bytes": 1001, "type": "video/webm", "seconds": 1}', 413, "clip_too_large"),
        (b'{"size_bytes": 9, "type": "text/html", "seconds": 1}', 415, "type_unknown"),
        (b'{"size_bytes": 9, "type": "video/webm/../x", "seconds": 1}', 415, "type_unknown"),
        (b" " * 5000, 413, "clip_too_large"),
        (b"\xff\xfe\x00", 400, "bad_request"),
    ],
)
async def test_what_cannot_be_begun_is_refused(
    bench: Bench, body: bytes, status: int, code: str
) -> None:
    token = await bench.link()
    answer = await bench.call("POST", "upload", token, data=body)
    assert (answer.status, answer.code) == (status, code)
    assert bench.files() == []


@pytest.mark.parametrize("offset", ["", "-1", "1.0", "0x0", "9" * 13, " 0 0", "\u0660", "1e1"])
async def test_an_offset_is_a_plain_number(bench: Bench, offset: str) -> None:
    token = await bench.link()
    await bench.begin(token)
    answer = await bench.piece(token, 0, b"x", **{"Upload-Offset": offset})
    assert (answer.status, answer.code) == (400, "bad_request")


async def test_pieces_are_refused_where_they_do_not_fit(bench: Bench) -> None:
    token = await bench.link()
    assert (await bench.piece(token, 0, b"x")).code == "no_upload"
    assert (await bench.submit(token)).code == "no_upload"
    await bench.begin(token)
    for offset in (1, len(BYTES), 10**11):
        answer = await bench.piece(token, offset, b"x")
        assert (answer.status, answer.json["received_bytes"]) == (409, 0)
    too_much = await bench.piece(token, 0, BYTES + b"x")
    assert (too_much.status, too_much.code) == (413, "clip_too_large")
    for headers, code in (
        ({"Content-Type": "text/plain"}, "type_unknown"),
        ({"Content-Encoding": "gzip"}, "packed"),
    ):
        answer = await bench.piece(token, 0, gzip.compress(BYTES), **headers)
        assert (answer.status, answer.code) == (415, code)
    assert (await bench.call("GET", "session", token)).json["received_bytes"] == 0


async def test_an_endless_body_is_cut_at_what_was_said(bench: Bench) -> None:
    token = await bench.link()
    await bench.begin(token, 1000)
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1000
            yield b"x" * 1000
            await asyncio.sleep(0)

    with contextlib.suppress(OSError, asyncio.TimeoutError):
        async with asyncio.timeout(3):
            await bench.piece(token, 0, endless())
    assert given > 1000
    [part] = (bench.harness.folder / "uploads").glob("*")
    assert part.stat().st_size <= 1000


async def test_two_pieces_at_once_do_not_get_into_each_other(bench: Bench) -> None:
    token = await bench.link()
    await bench.begin(token, 600)

    async def slowly(letter: bytes) -> AsyncIterator[bytes]:
        for _ in range(6):
            yield letter * 100
            await asyncio.sleep(0.01)

    answers = await asyncio.gather(
        *(bench.piece(token, 0, slowly(letter)) for letter in (b"a", b"b"))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    [part] = (bench.harness.folder / "uploads").glob("*")
    assert part.read_bytes() in (b"a" * 600, b"b" * 600)
    assert part.stat().st_mode & 0o777 == 0o600


async def test_what_waits_for_one_recording_is_bounded(bench: Bench) -> None:
    token, other = await bench.link(), await bench.link(BEN)
    await bench.begin(token, 600)
    go = asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        yield b"a" * 100
        await go.wait()
        yield b"a" * 500

    pieces = [asyncio.create_task(bench.piece(token, 0, held())) for _ in range(40)]
    await eventually(
        lambda: sum(piece.done() for piece in pieces) == len(pieces) - CHANGES_OF_ONE, "refusals"
    )
    answers = [piece.result() for piece in pieces if piece.done()]
    assert {(answer.status, answer.code) for answer in answers} == {(429, "upload_busy")}
    assert (await bench.begin(token, 600)).code == "upload_busy"
    assert (await bench.submit(token)).code == "upload_busy"
    assert (await bench.begin(other)).status == 201
    go.set()
    rest = [answer for answer in await asyncio.gather(*pieces) if answer not in answers]
    assert sorted(answer.status for answer in rest) == [200, 409, 409, 409]
    assert (await bench.submit(token)).status == 202


async def test_a_body_that_trickles_or_stops_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry = ReadTimeouts(
        idle_seconds=0.2, grace_seconds=0.1, bytes_a_second=10_000, body_seconds=0.2
    )
    async with open_bench(tmp_path, monkeypatch, read_timeouts=hurry) as bench:
        token = await bench.link()
        await bench.begin(token, 1000)

        async def trickling() -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await asyncio.sleep(0.02)

        async def stopping() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.sleep(60)

        for body in (trickling(), stopping()):
            session = (await bench.call("GET", "session", token)).json
            answer = await bench.piece(token, session["received_bytes"], body)
            assert (answer.status, answer.code) == (408, "too_slow")
        answer = await bench.call("POST", "submit", token, data=stopping())
        assert (answer.status, answer.code) == (408, "too_slow")
        kept = (await bench.call("GET", "session", token)).json["received_bytes"]
        assert kept > 0


async def test_uploads_of_one_member_and_of_all_are_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = [await bench.link() for _ in range(4)]
    statuses = [(await bench.begin(token)).status for token in tokens]
    assert statuses == [201, 201, 201, 503]
    other = await bench.link(BEN)
    monkeypatch.setattr("analyzer.services.studio.UPLOAD_BYTES_AT_ONCE", 3 * len(BYTES))
    busy = await bench.begin(other)
    assert (busy.status, busy.code, busy.headers["Retry-After"]) == (503, "busy", "60")
    bench.harness.clock.forward(minutes=29)
    assert (await bench.begin(tokens[0])).status == 201  # its own, begun anew
    bench.harness.clock.forward(minutes=20)
    late = await bench.link(BEN)
    assert (await bench.begin(late)).status == 201  # the others have ended


async def test_a_full_disk_takes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await bench.link()
    monkeypatch.setattr("analyzer.media.disk_space.FREE_BYTES", 10**18)
    answer = await bench.begin(token)
    assert (answer.status, answer.code) == (507, "no_room")
    assert bench.files() == []


async def test_streams_are_bounded_and_end_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path, monkeypatch) as bench:
        bench.harness.engine.pending = 10**9
        token = await bench.link()
        await bench.send(token)
        await bench.submit(token)
        streams = [bench.events(token) for _ in range(STREAMS_OF_ONE)]
        for stream in streams:
            assert not (await anext(stream))["ended"]
        refused = await bench.call("GET", "events", token)
        assert (refused.status, refused.code) == (429, "too_many")
        reading = [asyncio.create_task(_rest_of(stream)) for stream in streams]
        await bench.process.runner.stop()
        assert not any(task.done() for task in reading)
    for task in reading:
        assert await task == []  # it has ended in an orderly way, and told nothing new


async def _rest_of(stream: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [snapshot async for snapshot in stream]


async def test_whose_address_counts_depends_on_the_trusted_proxies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def statuses(bench: Bench, forwarded: list[str]) -> set[int]:
        found = set()
        for value in forwarded:
            headers = {"X-Forwarded-For": value}
            found.add((await bench.call("GET", "session", "x", headers=headers)).status)
        return found

    many = [f"10.0.0.{number}" for number in range(3 * WRONG.amount)]
    for place, (proxies, forwarded, expected) in enumerate(
        [
            (0, many, {404, 429}),
            (1, many, {404}),
            (1, [f"{one}, 192.0.2.1" for one in many], {404, 429}),
            (2, [f"{one}, 192.0.2.1" for one in many], {404}),
            (1, [f"2001:db8::{number:x}" for number in range(len(many))], {404, 429}),
            (1, ["nonsense"] * len(many), {404, 429}),
            (1, [f"{one}:{number}" for number, one in enumerate(many, 5000)], {404}),
            (1, [f"192.0.2.1:{number}" for number in range(5000, 5090)], {404, 429}),
            (1, [f"[2001:db8:{number:x}::1]:443" for number in range(len(many))], {404}),
            (1, [f"[2001:db8::{number:x}]:{5000 + number}" for number in range(90)], {404, 429}),
        ]
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        async with open_bench(folder, monkeypatch, trusted_proxies=proxies) as bench:
            assert await statuses(bench, forwarded) == expected, (proxies, forwarded[0])


@pytest.mark.parametrize(
    "path",
    [
        "/studio/",
        "/studio/secret.js",
        "/studio/static/",
        "/studio/static/notes.txt",
        "/studio/static/..%2fsecret.js",
        "/studio/static/%2e%2e/secret.js",
        "/studio/static/....//secret.js",
        "/studio/static/%2fetc%2fpasswd",
        "/studio/static/a.js%00",
        "/studio/static/a.js/",
        "/studio/static/A.JS",
        "/studio/static/steps",
        "/studio/static/steps/",
        "/studio/static/steps/notes.txt",
        "/studio/static/steps/link.js",
        "/studio/static/elsewhere/secret.js",
        "/studio/static/.hidden.js",
        "/studio/static/.git/config.js",
        "/studio/static/steps%2fb.js",
        "/studio/static/steps%2Fb.js",
        "/studio/static/steps%5cb.js",
        "/studio/static/steps//b.js",
        "/studio/static//steps/b.js",
        "/studio/static/./steps/b.js",
        "/studio/static/steps/../a.js",
        "/studio/static/steps/..%2f..%2fsecret.js",
        "/studio/static/steps/%2e%2e/%2e%2e/secret.js",
        "/studio/static/steps/../../secret.js",
        "/studio/static/%61.js",
        "/studio/static/b.js",
        "/studio/uploads",
        "/studio/api",
    ],
)
async def test_nothing_but_the_files_of_the_list_is_served(bench: Bench, path: str) -> None:
    answer = await bench.call("GET", path)
    assert answer.status == 404
    assert b"not served" not in answer.body
    assert b"Nothing here" in answer.body
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_no_log_line_at_debug_holds_a_token_a_question_or_an_address(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token, shared=True)
    await bench.call("GET", "session", token[:-1])
    await bench.call("GET", f"/studio/{token}")
    async for _ in bench.events(token):
        pass
    await bench.process.rest()
    text = "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(("aiosqlite", "asyncio", "sqlalchemy"))
    )
    assert "queued for engine" in text
    for secret in (token, token.rsplit(".", 1)[1], QUESTION, "reply-token", "127.0.0.1", TYPE):
        assert secret not in text, secret


@pytest.mark.expects_logged_error
async def test_a_bug_is_one_sentence_and_one_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret text")

    monkeypatch.setattr(bench.studio, "received", broken)
    answer = await bench.call("GET", "session", await bench.link())
    assert (answer.status, answer.code) == (500, "internal")
    assert "secret text" not in caplog.text
    assert "RuntimeError in broken" in caplog.text
