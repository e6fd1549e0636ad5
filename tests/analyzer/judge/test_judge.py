"""A judge is asked as its server wants it, one criterion a call where it is fast."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from analyzer.judge.reading import Judgement
from core.assessment import Metric, PartName
from core.errors import EngineBusy, EngineError, EngineRefused, EngineUnavailable
from tests.analyzer.judge.setup import MATERIAL, QUESTION, TEXTS, open_bench
from tests.fakes.judge import Fault, answer

ALL = [Metric.CONFIDENCE, Metric.CLARITY, Metric.RELEVANCE]


def part_of(body: dict[str, Any]) -> str:
    """Of the whole answer what this request's schema asks for."""
    asked = body["response_format"]["json_schema"]["schema"]["properties"]
    whole = json.loads(answer())
    return json.dumps({name: whole[name] for name in asked})


def whole(found: Judgement) -> None:
    assert {m: s.value for m, s in found.scores.items()} == dict(zip(ALL, (8, 7, 9), strict=True))
    assert found.scores[Metric.CLARITY].at_seconds == 20.5
    assert found.strength == "You say what came of it."
    assert found.strength_at == 20.5
    assert found.next_step
    assert found.next_step_at is None
    assert [point.at_seconds for point in found.key_points] == [5.5, 20.5]
    assert {part.name: part.at_seconds for part in found.parts} == {
        PartName.SITUATION: 0.5,
        PartName.TASK: None,
        PartName.ACTION: 15.5,
        PartName.RESULT: 20.5,
    }
    assert found.follow_up == "How did you get both teams to agree to one table?"
    assert found.better is not None
    assert found.better.quote == "I asked both teams for one shared table"


async def test_all_in_one_call() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        whole(await bench.judge().read(MATERIAL, with_scores=True))
        [seen] = bench.server.requests
        assert seen.path == "/v1/chat/completions"
        assert seen.headers["authorization"] == "Bearer a-key-of-ours"
        assert seen.body["model"] == "test-model"


async def test_one_criterion_a_call_with_an_example_each() -> None:
    async with open_bench() as bench:
        bench.server.say(part_of)
        whole(await bench.judge(calls="many").read(MATERIAL, with_scores=True))
        asked = [
            set(seen.body["response_format"]["json_schema"]["schema"]["properties"])
            for seen in bench.server.requests
        ]
        assert len(asked) == 4
        assert [{metric.value} in asked for metric in ALL] == [True] * 3
        examples = [seen for seen in bench.server.requests if "An example" in seen.prompt]
        assert len(examples) == 3
        # what all have in common comes first, so that a server that remembers reads it once
        shared = {seen.body["messages"][1]["content"].split("Score with")[0] for seen in examples}
        assert len(shared) == 1


async def test_the_first_call_tells_whether_the_judge_is_fast() -> None:
    async with open_bench() as bench:
        bench.server.say(part_of)
        judge = bench.judge(calls="auto", seconds=600)  # .3 s a token is fast for that
        whole(await judge.read(MATERIAL, with_scores=True))
        assert len(bench.server.requests) == 4
        whole(await judge.read(MATERIAL, with_scores=True))
        assert len(bench.server.requests) == 8


async def test_a_slow_judge_is_asked_for_all_the_rest_at_once() -> None:
    async with open_bench() as bench:
        bench.server.say(part_of)
        bench.server.delay = 0.15  # some 15 pieces in .15 s make 10 s for all: more than half of 5
        judge = bench.judge(calls="auto", seconds=5)
        whole(await judge.read(MATERIAL, with_scores=True))
        assert len(bench.server.requests) == 2


@pytest.mark.parametrize("knows", [{"json_object"}, set()])
async def test_a_server_without_schemas_is_asked_in_another_way_and_that_is_remembered(
    knows: set[str],
) -> None:
    async with open_bench(knows=frozenset(knows)) as bench:
        bench.server.say(f"Here is my feedback:\n```json\n{answer()}\n```\nGood luck!")
        judge = bench.judge()
        whole(await judge.read(MATERIAL, with_scores=True))
        tries = len(bench.server.requests)
        assert tries == 3 + (not knows)
        whole(await judge.read(MATERIAL, with_scores=True))
        assert len(bench.server.requests) == tries + 1


async def test_openais_strict_schemas_and_its_reasoning_models() -> None:
    async with open_bench(knows_lengths=False, reasoning=True) as bench:
        bench.server.say(answer())
        whole(await bench.judge().read(MATERIAL, with_scores=True))
        last = bench.server.requests[-1].body
        assert "max_tokens" not in last
        assert "temperature" not in last
        assert last["response_format"]["type"] == "json_schema"
        assert "maxLength" not in json.dumps(last)


async def test_a_server_that_never_streams() -> None:
    async with open_bench(streams=False) as bench:
        bench.server.say(answer())
        whole(await bench.judge().read(MATERIAL, with_scores=True))


async def test_what_is_switched_off_is_not_asked_for() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        off = replace(MATERIAL, off=frozenset({Metric.CONFIDENCE}))
        found = await bench.judge().read(off, with_scores=True)
        assert Metric.CONFIDENCE not in found.scores
        [seen] = bench.server.requests
        assert "- confidence:" not in seen.prompt
        assert "confidence" not in seen.body["response_format"]["json_schema"]["schema"]["required"]


async def test_the_content_alone() -> None:
    async with open_bench() as bench:
        bench.server.say(answer())
        found = await bench.judge().read(MATERIAL, with_scores=False)
        assert not found.scores
        assert found.parts
        assert "1-2" not in bench.server.requests[0].prompt


async def test_only_words_go_out_and_nothing_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "somebody-elses-key")
    monkeypatch.setenv("OPENAI_ORG_ID", "somebody")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: 1\nAuthorization: Bearer other")
    async with open_bench() as bench:
        bench.server.say(answer())
        await bench.judge(api_key=None).read(MATERIAL, with_scores=True)
        [seen] = bench.server.requests
        assert set(seen.headers) == {
            *("host", "accept", "accept-encoding", "connection", "content-type"),
            *("content-length", "user-agent"),
        }
        assert seen.headers["user-agent"] == "greenroom"
        assert set(seen.body) == {
            *("model", "messages", "stream", "response_format", "max_tokens", "temperature"),
        }
        assert QUESTION in seen.prompt
        assert all(text in seen.prompt for text in TEXTS)


async def test_check_says_how_long_one_answer_took() -> None:
    async with open_bench() as bench:
        said = {"relevance": {"quote": "within the hour", "evidence": "You act.", "score": 6}}
        bench.server.say(json.dumps(said))
        line = await bench.judge(calls="auto").check()
        assert line.startswith("The judge test-model on this machine answers: one answer took 0.")


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault(status=401), EngineRefused, "JUDGE_API_KEY"),
        (Fault(status=403), EngineRefused, "JUDGE_API_KEY"),
        (Fault(status=404, body="<html>secret page</html>"), EngineRefused, "JUDGE_MODEL"),
        (Fault(status=429, headers={"Retry-After": "99"}), EngineBusy, "429"),
        (Fault("redirect"), EngineRefused, "follows none"),
        (Fault(status=418), EngineUnavailable, "/chat/completions"),
    ],
)
async def test_check_says_what_to_do(fault: Fault, error: type[EngineError], words: str) -> None:
    async with open_bench() as bench:
        bench.server.fail(fault)
        with pytest.raises(error) as caught:
            await bench.judge().check()
        assert words in caught.value.sentence
        assert "secret" not in caught.value.sentence
        assert bench.server.elsewhere == []


async def test_check_names_a_wrong_key_and_a_wrong_model() -> None:
    async with open_bench(wants_key="right") as bench:
        with pytest.raises(EngineRefused, match="judge_key_refused"):
            await bench.judge().check()
        with pytest.raises(EngineRefused, match="judge_not_found"):
            await bench.judge(api_key="right", model="another").check()


async def test_check_tells_a_refused_connection_from_tls_that_is_none() -> None:
    async with open_bench() as bench:
        plain = bench.server.url.replace("http://", "https://")
        with pytest.raises(EngineRefused, match="judge_tls"):
            await bench.judge(url=plain).check()
        with pytest.raises(EngineUnavailable, match="judge_unreachable"):
            await bench.judge(url="http://127.0.0.1:9/v1").check()
        with pytest.raises(EngineUnavailable, match="judge_unreachable"):
            await bench.judge(url="http://judge.invalid/v1").check()
