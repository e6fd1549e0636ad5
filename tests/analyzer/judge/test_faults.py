"""Whatever a judge's server does, it costs a bounded time, no memory, and nothing but its part."""

from __future__ import annotations

import asyncio
import json
import logging
import tracemalloc

import pytest

from analyzer.judge.failures import SENTENCES, JudgeFailed
from analyzer.judge.judge import CALLS_AT_ONCE, Judge
from analyzer.judge.wire import ANSWER_MAX_BYTES
from core.assessment import Metric
from tests.analyzer.judge.setup import MATERIAL, TEXTS, open_bench
from tests.fakes.judge import Fault, How, answer


async def failure_of(judge: Judge) -> JudgeFailed:
    with pytest.raises(JudgeFailed) as caught:
        await judge.read(MATERIAL, with_scores=True)
    assert caught.value.code in SENTENCES
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503, body="<html>down for maintenance</html>"),
        Fault(status=429),
        Fault(status=408, body={"error": None}),
        Fault("cut"),
        Fault("cut", after='{"confid'),
        Fault("garbage"),
        Fault("packed"),
        Fault("odd type"),
        Fault("huge"),
    ],
    ids=lambda fault: f"{fault.how} {fault.status}",
)
async def test_what_may_pass_is_tried_again(fault: Fault) -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.fail(fault)
        found = await bench.judge().read(MATERIAL, with_scores=True)
        assert len(found.scores) == 3
        assert len(bench.server.requests) == 2
        assert bench.naps == [0.5]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=500), "server_error"),
        (Fault(status=429), "busy"),
        (Fault("cut"), "cut"),
        (Fault("garbage"), "unusable"),
        (Fault("packed"), "unusable"),
        (Fault("huge"), "unusable"),
    ],
    ids=lambda given: given.how if isinstance(given, Fault) else given,
)
async def test_what_does_not_pass_fails_after_three_tries(fault: Fault, code: str) -> None:
    async with open_bench() as bench:
        bench.server.fail(*(fault for _ in range(3)))
        assert (await failure_of(bench.judge())).code == code
        assert len(bench.server.requests) == 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "key_refused"),
        (Fault(status=404), "not_found"),
        (Fault("redirect"), "redirected"),
    ],
)
async def test_what_lasts_is_not_tried_again_and_the_judge_left_alone(
    fault: Fault, code: str
) -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.fail(fault)
        judge = bench.judge()
        assert (await failure_of(judge)).code == code
        assert (await failure_of(judge)).code == "resting"
        assert len(bench.server.requests) == 1
        assert bench.server.elsewhere == []  # neither the words nor the key went there


async def test_a_short_retry_after_is_obeyed_and_a_long_one_is_not_waited_for() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.fail(Fault(status=429, headers={"Retry-After": "3"}))
        await bench.judge().read(MATERIAL, with_scores=True)
        assert bench.naps == [3.0]
        bench.server.fail(Fault(status=429, headers={"Retry-After": "100"}))
        assert (await failure_of(bench.judge())).retry_after == 100
        assert bench.naps == [3.0]


async def test_after_failures_in_a_row_it_is_left_alone_and_asked_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bench() as bench:
        bench.server.fail(*(Fault(status=500) for _ in range(9)))
        judge = bench.judge()
        for _ in range(3):
            assert (await failure_of(judge)).code == "server_error"
        assert (await failure_of(judge)).code == "resting"
        assert len(bench.server.requests) == 9
        monkeypatch.setattr(judge, "_rests_until", 0.0)
        bench.server.say(answer())
        assert (await judge.read(MATERIAL, with_scores=True)).scores
        assert judge._failures == 0
    assert "left alone for 300 s after 3 failures" in caplog.text


@pytest.mark.parametrize("how", ["silence", "endless"])
async def test_a_judge_that_does_not_come_to_an_end_takes_its_time_and_no_more(how: How) -> None:
    loop = asyncio.get_running_loop()
    async with open_bench() as bench:
        bench.server.fail(*(Fault(how) for _ in range(5)))
        began = loop.time()
        tracemalloc.start()
        try:
            failed = await failure_of(bench.judge(seconds=1.0))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert loop.time() - began < 5
        assert failed.code in ("timeout", "unusable")
        assert peak < 4 * ANSWER_MAX_BYTES


async def test_what_came_before_the_time_was_up_is_used() -> None:
    """A slow judge has given its scores before the rest."""
    text = answer()
    async with open_bench() as bench:
        bench.server.fail(
            Fault("cut", after=text[: text.index('"next_step"')]),
            *(Fault("cut") for _ in range(2)),
        )
        found = await bench.judge().read(MATERIAL, with_scores=True)
        assert len(found.scores) == 3
        assert found.strength
        assert not found.next_step


async def test_cancelling_ends_the_call_at_once() -> None:
    async with open_bench() as bench:
        bench.server.fail(Fault("silence"))
        task = asyncio.create_task(bench.judge().read(MATERIAL, with_scores=True))
        await bench.server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_one_call_of_several_that_fails_costs_only_its_part() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.fail(Fault(status=401))
        found = await bench.judge(calls="many").read(MATERIAL, with_scores=True)
        assert len(found.scores) == 2
        assert found.strength


async def test_an_answer_without_usable_scores_is_asked_for_once_more() -> None:
    async with open_bench() as bench:
        bench.server.say("I would give it an 8!", answer())
        found = await bench.judge().read(MATERIAL, with_scores=True)
        assert len(found.scores) == 3
        assert len(bench.server.requests) == 2
        bench.server.say("I would give it an 8!")
        assert (await failure_of(bench.judge())).code == "unusable"


async def test_nobodys_words_nor_the_key_are_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.fail(
            Fault(status=500, body={"error": {"message": f"a-key-of-ours {TEXTS[0]}"}}),
            Fault(status=401, body={"error": {"message": f"a-key-of-ours {TEXTS[0]}"}}),
        )
        await failure_of(bench.judge())
        await bench.judge().read(MATERIAL, with_scores=True)
    assert "judge: server_error" in caplog.text
    for secret in ("a-key-of-ours", "weekly report", "127.0.0.1"):
        assert secret not in caplog.text


async def test_calls_at_once_are_bounded() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        bench.server.delay = 0.05
        judge = bench.judge()
        async with asyncio.TaskGroup() as group:
            for _ in range(3 * CALLS_AT_ONCE):
                group.create_task(judge.read(MATERIAL, with_scores=True))
        assert bench.server.most_at_once == CALLS_AT_ONCE
        assert len(bench.server.requests) == 3 * CALLS_AT_ONCE


@pytest.mark.expects_logged_error
async def test_a_bug_costs_the_judges_part_and_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_bench() as bench:
        judge = bench.judge()

        async def broken(*_: object, **__: object) -> object:
            return json.loads("[]")[Metric.CLARITY]

        monkeypatch.setattr(judge, "_judgement", broken)
        assert (await failure_of(judge)).code == "internal"


async def test_an_answer_that_is_too_long_for_a_judge_changes_nothing_for_the_next() -> None:
    too_long = {"error": {"message": "This model's maximum context length is 4096 tokens."}}
    async with open_bench() as bench:
        bench.server.say(answer())
        judge = bench.judge()
        bench.server.fail(Fault(status=400, body=too_long))
        assert (await judge.read(MATERIAL, with_scores=True)).scores  # with less room to answer
        bench.server.fail(*(Fault(status=400, body=too_long) for _ in range(3)))
        assert (await failure_of(judge)).code == "request_refused"
        assert (await judge.read(MATERIAL, with_scores=True)).scores
        asked = [seen.body for seen in bench.server.requests]
        assert [body["max_tokens"] for body in asked] == [5000, 2500, 5000, 2500, 1250, 5000]
        assert {body["response_format"]["type"] for body in asked} == {"json_schema"}
