"""The same question again: what a link is still good for after each end, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import ClipRefused, Refused
from core.models import AttemptState
from tests.analyzer.harness import ANN, BEN
from tests.web.studio.client import QUESTION, Answer, Bench, open_bench


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


async def again(bench: Bench, token: str) -> Answer:
    return await bench.call("POST", "again", token)


async def answered(bench: Bench, token: str) -> None:
    """Send an answer in and wait for its end."""
    await bench.send(token)
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()


async def stopped(bench: Bench, token: str) -> None:
    """Send an answer in and stop it."""
    bench.harness.engine.pending = 10**9
    await bench.send(token)
    assert (await bench.submit(token)).status == 202
    assert (await bench.call("POST", "cancel", token)).json["state"] == "cancelled"
    await bench.process.rest()
    bench.harness.engine.pending = 0


async def test_what_was_stopped_leaves_the_link_good_for_a_result(bench: Bench) -> None:
    token = await bench.link()
    await stopped(bench, token)
    bench.harness.clock.forward(minutes=29)
    assert (await again(bench, token)).json == {"token": None}  # the same link goes on
    session = (await bench.call("GET", "session", token)).json
    assert (session["state"], session["attempt"], session["seconds_left"]) == ("open", None, 1800.0)
    bench.harness.clock.forward(minutes=29)
    await answered(bench, token)
    session = (await bench.call("GET", "session", token)).json
    assert session["attempt"]["state"] == "delivered"
    [attempt] = await bench.harness.attempts.history(ANN, limit=5)
    assert (attempt.id, attempt.question) == (session["attempt"]["id"], QUESTION)
    assert bench.files() == []


async def test_a_failure_leaves_it_good_too_even_where_nobody_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe(_clip: Path) -> Any:
        raise ClipRefused("clip_too_small", "Too small.")

    token = await bench.link()
    with monkeypatch.context() as patch:
        patch.setattr("analyzer.media.preflight.probe_clip", probe)
        await answered(bench, token)
    assert (await bench.call("GET", "attempt", token)).json["state"] == "failed"
    await answered(bench, token)  # sent at once, by a page that has not asked
    assert (await bench.call("GET", "attempt", token)).json["state"] == "delivered"


async def test_every_try_is_taken_once_whoever_sends_it_twice(bench: Bench) -> None:
    token = await bench.link()
    await stopped(bench, token)
    await asyncio.gather(*(again(bench, token) for _ in range(3)))
    await bench.send(token)
    answers = await asyncio.gather(*(bench.submit(token) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 200, 202]
    await bench.process.rest()
    assert len(await bench.harness.attempts.history(ANN, limit=5)) == 1


async def test_after_a_result_there_is_one_new_link_however_often_it_is_asked_for(
    bench: Bench,
) -> None:
    token = await bench.link()
    await answered(bench, token)
    assert (await bench.begin(token)).code == "submitted"
    answers = await asyncio.gather(*(again(bench, token) for _ in range(3)))
    tokens = [answer.json["token"] for answer in answers]
    found = [(await bench.studio.find(each))[0] for each in tokens]
    assert len({link.id for link in found}) == 1
    assert (found[0].owner, found[0].question, found[0].reply) == (ANN, QUESTION, None)
    bench.harness.clock.forward(minutes=1)
    await answered(bench, tokens[0])
    second, first = await bench.harness.attempts.history(ANN, limit=5)
    assert {first.question, second.question} == {QUESTION}
    # the first page leads on past what has been answered since
    third = (await again(bench, token)).json["token"]
    assert (await bench.studio.find(third))[0].id != found[0].id
    result = (await bench.call("GET", "attempt", token)).json
    assert result["id"] == first.id  # and still shows its own result


async def test_it_is_not_given_while_an_answer_is_assessed(bench: Bench) -> None:
    bench.harness.engine.pending = 10**9
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    early = await again(bench, token)
    assert (early.status, early.code) == (409, "under_way")


async def test_what_the_command_asks_is_asked_again(bench: Bench) -> None:
    token = await bench.link()
    await answered(bench, token)
    for _ in range(4):
        await bench.harness.submit(bench.process)
        await bench.process.rest()
    used_up = await again(bench, token)
    assert (used_up.status, used_up.code) == (422, "allowance")
    bench.harness.clock.forward(hours=23, minutes=59)
    await bench.harness.consents.withdraw(ANN)
    assert (await again(bench, token)).code.startswith("consent_")


async def test_a_row_of_links_ends_a_day_after_its_first(bench: Bench) -> None:
    token = await bench.link()
    await answered(bench, token)
    bench.harness.clock.forward(hours=23)
    following = (await again(bench, token)).json["token"]
    await answered(bench, following)
    bench.harness.clock.forward(hours=1)
    assert (await bench.call("GET", "attempt", following)).status == 200
    over = await again(bench, following)
    assert (over.status, over.code) == (410, "link_expired")


async def test_tries_are_counted_like_links(bench: Bench) -> None:
    token = await bench.link()
    await stopped(bench, token)
    checks = bench.studio._checks
    for _ in range(30):
        await checks.another_try(ANN)
    refused = await again(bench, token)
    assert (refused.status, refused.code) == (422, "too_many_links")
    await checks.another_try(BEN)


async def test_too_short_is_refused_before_it_is_sent(bench: Bench) -> None:
    token = await bench.link()
    short = await bench.begin(token, seconds=3.9)
    assert (short.status, short.code) == (422, "clip_too_short")
    assert (await bench.begin(token, seconds=0)).status == 201  # a file whose length is not known


async def test_a_result_can_be_looked_at_by_its_owners_link_and_nothing_else(bench: Bench) -> None:
    await answered(bench, await bench.link())
    [attempt] = await bench.harness.attempts.history(ANN, limit=5)
    await bench.harness.studio_links.erase(ANN)  # as a day later, or for a clip in Discord
    url = await bench.studio.pages.of_result(attempt)
    token = url.partition("#")[2]
    session = (await bench.call("GET", "session", token)).json
    assert (session["looks_only"], session["state"]) == (True, "submitted")
    assert session["attempt"]["result"]["strength"]
    assert session["seconds_left"] == 24 * 3600
    assert (await bench.call("GET", "attempt", token)).json["id"] == attempt.id
    for method, path in (("POST", "again"), ("POST", "cancel"), ("GET", "events")):
        refused = await bench.call(method, path, token)
        assert (refused.status, refused.code) == (403, "looks_only")
    assert (await bench.begin(token)).code == "looks_only"
    assert (await bench.submit(token)).code == "looks_only"
    forged = bench.studio.pages.results.write(BEN, attempt.id)
    assert (await bench.call("GET", "session", forged)).code == "link_expired"  # Ben has none
    with pytest.raises(Refused, match="link_unknown"):
        bench.studio.pages.links.read(token)
    bench.harness.clock.forward(hours=25)
    assert (await bench.call("GET", "session", token)).status == 410


async def test_a_result_of_the_studio_opens_where_it_was_made(bench: Bench) -> None:
    token = await bench.link()
    await answered(bench, token)
    [attempt] = await bench.harness.attempts.history(ANN, limit=5)
    shown = (await bench.studio.pages.of_result(attempt)).partition("#")[2]
    assert (await bench.studio.find(shown))[1] == attempt
    assert attempt.state is AttemptState.DELIVERED
    await bench.process.deletion.delete(ANN, attempt.id)
    assert (await bench.call("GET", "session", shown)).code == "link_expired"


async def test_the_result_says_what_changed_since_the_last_one(bench: Bench) -> None:
    token = await bench.link()
    await answered(bench, token)
    first = (await bench.call("GET", "attempt", token)).json["result"]
    assert (first["changes"], first["line"]) == ([], None)
    bench.harness.clock.forward(minutes=5)
    following = (await again(bench, token)).json["token"]
    await answered(bench, following)
    second = (await bench.call("GET", "attempt", following)).json["result"]
    assert second["changes"]
    assert len(second["line"]["values"]) == 2
    assert second["line"]["words"].startswith(f"{second['line']['title']} in your last 2 attempts")
