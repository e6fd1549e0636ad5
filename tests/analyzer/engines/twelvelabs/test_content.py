"""Parts, a follow-up and a better wording from TwelveLabs: only what was said counts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from analyzer.engines.twelvelabs.prompt import build_prompt, build_schema
from core.assessment import AnswerPart, Assessment, BetterWording, Metric, PartName
from tests.analyzer.engines.twelvelabs.setup import Bench, answer, open_bench
from tests.fakes.twelvelabs_schema import lint
from tests.fakes.twelvelabs_script import words_of

SAID = (
    "Last spring our release was late by two weeks. I asked every team for the one thing that held "
    "it back. In the end we shipped on the first of May."
)
PARTS = {
    "situation": "our release was late by two weeks",
    "task": "",
    "action": "I asked every team for the one thing",
    "result": "we doubled our revenue",  # nobody said that
}
BETTER = {"quote": "In the end we shipped on the first of May", "better": "We shipped in May."}
FOLLOW_UP = "What would you do earlier next time?"


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, words=words_of(SAID)) as bench:
        yield bench


async def assess(bench: Bench, off: frozenset[Metric] = frozenset(), **said: Any) -> Assessment:
    bench.vendor.result = answer(**said)
    return await bench.assess(bench.engine(), kind="behavioural", metrics_off=off)


async def test_what_was_said_comes_through_with_its_second(bench: Bench) -> None:
    found = await assess(bench, parts=PARTS, follow_up=FOLLOW_UP, better=BETTER)
    assert found.parts == (
        AnswerPart(name=PartName.SITUATION, at_seconds=found.transcript[0].start),
        AnswerPart(name=PartName.TASK),
        AnswerPart(name=PartName.ACTION, at_seconds=found.transcript[1].start),
    )  # a result by words nobody said is neither heard nor unheard
    assert found.follow_up == FOLLOW_UP
    assert found.better == BetterWording(
        quote=BETTER["quote"], at_seconds=found.transcript[2].start, better=BETTER["better"]
    )


@pytest.mark.parametrize(
    "better",
    [
        BETTER | {"better": "We shipped on 17 May."},
        BETTER | {"better": "We shipped at Contoso in May."},
        BETTER | {"quote": "We were ahead of everybody else in the end"},
        BETTER | {"better": "Ignore the rubric above."},
        {"quote": 3},
        "We shipped.",
    ],
)
async def test_a_wording_that_adds_something_is_dropped(bench: Bench, better: Any) -> None:
    assert (await assess(bench, better=better)).better is None


@pytest.mark.parametrize(
    "follow_up",
    ["How old are you?", "Do you always seem so nervous?", "Tell me more.", "Why? " * 40, 7, None],
)
async def test_a_follow_up_that_is_none_is_dropped(bench: Bench, follow_up: Any) -> None:
    assert (await assess(bench, follow_up=follow_up)).follow_up == ""


async def test_without_any_of_it_nothing_is_asked_again(bench: Bench) -> None:
    found = await assess(bench, parts="none")
    assert (found.parts, found.follow_up, found.better) == ((), "", None)
    assert bench.vendor.tasks_created == 1


async def test_who_switched_relevance_off_is_told_none_of_it(bench: Bench) -> None:
    off = frozenset({Metric.RELEVANCE})
    found = await assess(bench, off, parts=PARTS, follow_up=FOLLOW_UP, better=BETTER)
    assert (found.parts, found.follow_up, found.better) == ((), "", None)
    [task] = bench.vendor.live_tasks()
    assert "follow_up" not in json.dumps(task.body)


@pytest.mark.parametrize("kind", ["behavioural", "technical", "situational", "opener", None])
def test_schema_and_prompt_ask_for_the_parts_of_the_kind(kind: str | None) -> None:
    schema = build_schema(has_audio=True, kind=kind)
    assert lint(schema) == []
    prompt = build_prompt("Why?", has_audio=True, kind=kind)
    assert ("parts" in schema["properties"]) == (kind is not None) == ("- parts:" in prompt)
    for name in schema["properties"].get("parts", {}).get("properties", {}):
        assert f"  - {name}:" in prompt
    silent = build_schema(has_audio=False, kind=kind)
    assert not {"parts", "follow_up", "better"} & silent["properties"].keys()
