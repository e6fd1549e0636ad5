"""A link is older than the answer: the server's rules hold as they are when it is sent in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from limits import RateLimitItemPerMinute

from analyzer.places import not_member
from core.assessment import Metric
from core.errors import UserFacingError
from core.models import DIRECT_MESSAGES, Owner
from tests.analyzer.harness import ANN, BEN
from tests.analyzer.scripted import BYTES
from tests.web.studio.client import Answer, Bench, open_bench

STUDENTS, HERE, ELSEWHERE = 5, 11, 12
AWAY = UserFacingError("discord_away", "Discord doesn't answer just now. Try again in a minute.")


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


def say(bench: Bench, **about: Any) -> None:
    """Let Discord say something else about the place from now on."""
    assert bench.harness.places.place is not None
    bench.harness.places.place = replace(bench.harness.places.place, **about)


async def choose(bench: Bench, **settings: Any) -> None:
    """Let the server's managers choose something."""
    await bench.harness.server_settings.change(ANN.guild_id, **settings)


async def refused(bench: Bench, token: str, code: str, *, shared: bool = False) -> Answer:
    """Send an answer in, which is refused and costs nothing: it can be sent in later."""
    answer = await bench.submit(token, shared=shared)
    assert (answer.status, answer.code) == (422, code)
    session = (await bench.call("GET", "session", token)).json
    assert (session["state"], session["received_bytes"]) == ("uploading", len(BYTES))
    assert await bench.process.deps.clip_store.ids() == frozenset()
    assert await bench.harness.uses(ANN) == 0
    return answer


@pytest.mark.parametrize("shared", [False, True])
async def test_who_has_lost_the_role_cannot_send_it_in(bench: Bench, shared: bool) -> None:
    await choose(bench, roles=frozenset({STUDENTS}))
    say(bench, role_ids=frozenset({STUDENTS}))
    token = await bench.link()
    await bench.send(token)
    say(bench, role_ids=frozenset())
    answer = await refused(bench, token, "role", shared=shared)
    assert "you need one of these roles to practise: Students." in answer.json["sentence"]
    say(bench, role_ids=frozenset({STUDENTS}))
    assert (await bench.submit(token, shared=shared)).status == 202


async def test_who_may_change_the_roles_needs_none(bench: Bench) -> None:
    await choose(bench, roles=frozenset({STUDENTS}))
    say(bench, is_manager=True)
    token = await bench.link()
    await bench.send(token)
    assert (await bench.submit(token)).status == 202


async def test_a_channel_that_is_no_longer_for_practice_takes_nothing(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    await choose(bench, channels=frozenset({ELSEWHERE}))
    answer = await refused(bench, token, "channel")
    assert answer.json["sentence"] == "In this server, practise in #practice."
    say(bench, channel_ids=frozenset({HERE, ELSEWHERE}))  # as for a thread of it
    assert (await bench.submit(token)).status == 202


@pytest.mark.parametrize("shared", [False, True])
async def test_whom_discord_would_not_let_use_a_command_there_sends_nothing_in(
    bench: Bench, shared: bool
) -> None:
    token = await bench.link()
    await bench.send(token)
    say(bench, may_use=False)
    await refused(bench, token, "no_access", shared=shared)


async def test_who_has_left_the_server_is_told(bench: Bench) -> None:
    token = await bench.link()
    await bench.send(token)
    bench.harness.places.trouble = not_member()
    answer = await refused(bench, token, "not_member")
    assert "You are no longer in the server where you began" in answer.json["sentence"]


@pytest.mark.parametrize(
    ("rules", "shared"),
    [
        ({}, True),
        ({"roles": frozenset({STUDENTS})}, False),
        ({"channels": frozenset({HERE})}, False),
    ],
    ids=["public", "role", "channel"],
)
async def test_where_discord_does_not_answer_nothing_goes_in_that_it_would_have_to_allow(
    bench: Bench, rules: dict[str, frozenset[int]], shared: bool
) -> None:
    say(bench, role_ids=frozenset({STUDENTS}))
    await choose(bench, **rules)
    token = await bench.link()
    bench.harness.places.trouble = AWAY
    await bench.send(token)  # this much goes without
    for _ in range(2):
        answer = await bench.submit(token, shared=shared)
        assert (answer.status, answer.code) == (503, "discord_away")
        assert answer.headers["Retry-After"] == "60"
    assert await bench.process.deps.clip_store.ids() == frozenset()
    bench.harness.places.trouble = None
    assert (await bench.submit(token, shared=shared)).status == 202


async def test_where_discord_does_not_answer_a_private_answer_under_no_rule_goes_in(
    bench: Bench,
) -> None:
    bench.harness.places.trouble = AWAY
    token = await bench.link()
    await bench.send(token)
    assert (await bench.submit(token)).status == 202


async def test_in_direct_messages_nobody_is_looked_up(bench: Bench) -> None:
    bench.harness.places.trouble = AWAY
    token = await bench.link(Owner(guild_id=DIRECT_MESSAGES, user_id=1))
    await bench.send(token)
    assert (await bench.submit(token, shared=True)).status == 202
    assert bench.harness.places.looks == 0


async def test_after_the_bot_has_left_a_server_nothing_is_shared_there(bench: Bench) -> None:
    await bench.harness.servers.joined(ANN.guild_id)
    token = await bench.link()
    await bench.send(token)
    bench.harness.places.place = None
    answer = await refused(bench, token, "bot_gone", shared=True)
    assert "Send it in without sharing" in answer.json["sentence"]
    await choose(bench, roles=frozenset({STUDENTS}))
    answer = await refused(bench, token, "bot_gone")
    assert "Use /practice in another server" in answer.json["sentence"]
    await choose(bench, roles=frozenset())
    assert (await bench.submit(token)).status == 202


async def test_where_the_bot_never_was_its_rules_are_no_obstacle(bench: Bench) -> None:
    bench.harness.places.place = None  # a member has installed the app for themselves
    token = await bench.link()
    await bench.send(token)
    assert (await bench.submit(token, shared=True)).status == 202


async def test_a_rule_that_changes_while_the_store_takes_its_time_holds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await bench.link()
    await bench.send(token)
    put = bench.process.deps.clip_store.put

    async def slowly(clip_id: str, file: Path) -> None:
        await put(clip_id, file)
        await choose(bench, roles=frozenset({STUDENTS}))

    monkeypatch.setattr(bench.process.deps.clip_store, "put", slowly)
    await refused(bench, token, "role")


async def test_who_may_not_practise_is_told_before_sending(bench: Bench) -> None:
    token = await bench.link()
    await choose(bench, roles=frozenset({STUDENTS}))
    assert (await bench.begin(token)).code == "role"
    assert bench.files() == []


async def test_limits_and_metrics_of_the_server_are_read_anew(bench: Bench) -> None:
    await bench.harness.submit(bench.process)
    await bench.process.rest()
    token = await bench.link()
    await bench.send(token)
    await choose(bench, daily_attempts=1)
    assert (await bench.submit(token)).code == "server_allowance"
    await choose(bench, daily_attempts=None, metrics_off=frozenset(Metric))
    assert (await bench.submit(token)).code == "all_off"
    await choose(bench, metrics_off=frozenset({Metric.EYE_CONTACT}))
    bench.harness.clock.forward(seconds=1)  # the history has the latest first
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()
    [latest, _] = await bench.harness.attempts.history(ANN, limit=5)
    assert latest.metrics_off == {Metric.EYE_CONTACT}


async def test_sharing_by_default_ends_for_links_that_are_open(bench: Bench) -> None:
    await choose(bench, share_by_default=True)
    token = await bench.link(shared=True)
    assert (await bench.call("GET", "session", token)).json["shared"]
    await choose(bench, share_by_default=False)
    assert not (await bench.call("GET", "session", token)).json["shared"]


async def test_one_member_does_not_use_up_what_may_be_asked_of_discord(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = RateLimitItemPerMinute(3, namespace="few")
    monkeypatch.setattr("analyzer.services.studio_checks.LOOKS", few)
    bench.harness.engine.pending = 10**9
    for number in range(2):
        first = await bench.harness.submit(bench.process, question=f"Number {number}?")
    token = await bench.link()
    await bench.send(token)
    answers = [await bench.submit(token, shared=True) for _ in range(3 * few.amount)]
    assert {answer.code for answer in answers} == {"waiting", "too_many"}
    assert answers[-1].status == 429
    assert bench.harness.places.looks <= 2 * few.amount  # the minute may turn meanwhile
    await bench.process.attempts.cancel(ANN, first.id)
    assert (await bench.submit(token)).status == 202  # private, and under no rule
    theirs = await bench.link(BEN)
    await bench.send(theirs)
    assert (await bench.submit(theirs, shared=True)).status == 202
