"""An analysis that is not usable as it is gets repeated once, and only once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from analyzer.scoring.rubric import NOT_ASSESSED
from core.assessment import Metric
from core.errors import EngineBusy, EngineRefused
from tests.analyzer.engines.twelvelabs.setup import ATTEMPT, Bench, answer, in_turn, open_bench
from tests.fakes.twelvelabs_faults import rate_limited


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, asset_polls=4) as bench:
        yield bench


async def test_a_cut_answer_is_repeated_once_with_more_room(bench: Bench) -> None:
    whole = answer()
    bench.vendor.result = in_turn(whole[: whole.index('"voice_tone"')], whole)
    bench.vendor.finish_reason = in_turn("length", "stop")
    engine = bench.engine()
    result = await bench.assess(engine)
    first, second = bench.vendor.live_tasks()
    assert second.body["max_tokens"] > first.body["max_tokens"]
    assert second.custom_id == second.idempotency_key == f"{ATTEMPT}-2"
    assert bench.refs.task_ids == (first.id, second.id)
    assert all(score.value for score in result.scores.values())
    await engine.discard(bench.refs)
    assert bench.nothing_left()


async def test_what_the_repeat_cannot_say_comes_from_the_first(bench: Bench) -> None:
    bench.vendor.result = in_turn(
        answer(clarity={"score": "8/10"}, voice_tone={"score": 11}),
        answer(clarity={"score": 9}, voice_tone={"score": 0}, relevance=None),
    )
    result = await bench.assess(bench.engine())
    assert bench.vendor.tasks_created == 2
    assert result.scores[Metric.CLARITY].value == 9
    assert result.scores[Metric.RELEVANCE].value == 7
    assert result.scores[Metric.VOICE_TONE].reason == NOT_ASSESSED


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "Here it is: {} Good luck!"])
async def test_fences_and_prose_cost_no_repeat(bench: Bench, wrap: str) -> None:
    bench.vendor.result = wrap.replace("{}", answer())
    result = await bench.assess(bench.engine())
    assert bench.vendor.tasks_created == 1
    assert result.overall == 7.0


@pytest.mark.parametrize("lost", [None, "", "You seem nervous."])
async def test_a_sentence_that_cannot_be_shown_costs_no_repeat(
    bench: Bench, lost: str | None
) -> None:
    bench.vendor.result = answer(strength=lost, next_step=lost, clarity={"score": 3})
    result = await bench.assess(bench.engine())
    assert bench.vendor.tasks_created == 1
    assert result.strength.startswith("Assured delivery scored highest.")
    assert result.next_step == (
        "Clear structure scored lowest. Aim for this: the point comes first, the steps follow in"
        " order and a closing sentence sums up."
    )


async def test_nothing_usable_twice_is_refused_and_deleted(bench: Bench) -> None:
    bench.vendor.result = "I cannot help with that."
    engine = bench.engine()
    with pytest.raises(EngineRefused) as caught:
        await bench.assess(engine)
    assert caught.value.code == "unusable_output"
    assert bench.vendor.tasks_created == 2
    await engine.discard(bench.refs)
    assert bench.nothing_left()


async def test_a_result_that_is_missing_is_repeated(bench: Bench) -> None:
    bench.vendor.nulled_keys = {"result"}
    with pytest.raises(EngineRefused, match="unusable_output"):
        await bench.assess(bench.engine())
    assert bench.vendor.tasks_created == 2


async def test_a_repeat_that_is_refused_leaves_what_the_first_gave(bench: Bench) -> None:
    bench.vendor.result = answer(clarity={"score": 11})
    engine = bench.engine()
    await bench.begin(engine)
    bench.vendor.fail("POST", "/analyze/tasks", rate_limited(40_000))
    result = await bench.finish(engine)
    assert result.scores[Metric.CLARITY].reason == NOT_ASSESSED
    assert result.scores[Metric.RELEVANCE].value == 7


async def test_a_repeat_that_is_refused_after_nothing_usable_says_why(bench: Bench) -> None:
    bench.vendor.result = "no"
    engine = bench.engine()
    await bench.begin(engine)
    bench.vendor.fail("POST", "/analyze/tasks", rate_limited(40_000))
    with pytest.raises(EngineBusy) as caught:
        await bench.finish(engine)
    assert caught.value.retry_after == 40_000


async def test_a_repeat_that_fails_leaves_what_the_first_gave(bench: Bench) -> None:
    bench.vendor.result = answer(clarity={"score": 11})
    engine = bench.engine()
    await bench.begin(engine)
    while bench.vendor.tasks_created == 1:
        await engine.poll(bench.job(), bench.save_refs)
    bench.vendor.tasks[bench.refs.task_ids[1]].statuses[:] = ["failed"]
    result = await bench.finish(engine)
    assert result.scores[Metric.RELEVANCE].value == 7


async def test_a_first_analysis_that_is_gone_leaves_the_repeat(bench: Bench) -> None:
    bench.vendor.result = in_turn("no", answer())
    engine = bench.engine()
    await bench.begin(engine)
    while bench.vendor.tasks_created == 1:
        await engine.poll(bench.job(), bench.save_refs)
    bench.vendor.tasks[bench.refs.task_ids[0]].deleted = True
    assert (await bench.finish(engine)).overall == 7.0


async def test_not_observable_is_shown_with_its_reason_and_costs_no_repeat(bench: Bench) -> None:
    bench.vendor.result = answer(eye_contact={"score": None, "not_observable": "no face is shown"})
    result = await bench.assess(bench.engine())
    assert result.scores[Metric.EYE_CONTACT].reason == "not observable: no face is shown"
    assert bench.vendor.tasks_created == 1
