"""Every way the vendor can go wrong ends in the right outcome, once, with nothing left behind."""

from __future__ import annotations

import logging
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import stamina

from analyzer.engines.twelvelabs.deadlines import Deadlines
from core.errors import EngineBusy, EngineError, EngineRefused, EngineUnavailable
from core.logs import quiet_retries
from core.models import VendorRefs
from demo import SAMPLE_CLIP
from tests.analyzer.engines.twelvelabs.setup import (
    ATTEMPT,
    QUESTION,
    QUICK,
    Bench,
    answer,
    open_bench,
)
from tests.fakes.twelvelabs_faults import (
    MISSING_ONCE,
    Answer,
    CloseEarly,
    Fault,
    LostAnswer,
    Redirect,
    Reset,
    Silence,
    rate_limited,
    vendor_error,
)

CLIP_BYTES = SAMPLE_CLIP.stat().st_size

PASSING: dict[str, Fault] = {
    "408": Answer(408, shape="empty"),
    "425": Answer(425, shape="html"),
    "429 empty": rate_limited(1),
    "429 flat": rate_limited(1, "flat"),
    "429 nested": rate_limited(1, "nested"),
    "429 without a time": Answer(429, shape="empty"),
    "500 flat": vendor_error("internal_server_error"),
    "500 nested": vendor_error("request_canceled_or_timed_out", "nested"),
    "502 html": Answer(502, shape="html"),
    "503 empty": Answer(503, shape="empty"),
    "200 html": Answer(200, shape="html"),
    "reset": Reset(),
    "lost answer": LostAnswer(),
    "silence": Silence(),
    "silence after the work": Silence(done=True),
}
STEPS = {
    "upload": ("POST", "/assets"),
    "asset": ("GET", "/assets/*"),
    "create": ("POST", "/analyze/tasks"),
    "look": ("GET", "/analyze/tasks/*"),
    "list": ("GET", "/analyze/tasks"),
    "delete task": ("DELETE", "/analyze/tasks/*"),
    "delete asset": ("DELETE", "/assets/*"),
}
IMPATIENT = Deadlines(each=0.15, stall=0.15, transcription=1.1)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(monkeypatch, instant=True) as bench:
        yield bench


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (step, fault)
        for step in STEPS
        for fault in PASSING
        # the SDK reads no body of a deletion: any 2xx is one
        if not (step.startswith("delete") and fault == "200 html")
    ],
)
async def test_a_passing_fault_costs_nothing_and_duplicates_nothing(
    bench: Bench, step: str, fault: str
) -> None:
    bench.vendor.fail(*STEPS[step], PASSING[fault])
    engine = bench.engine(deadlines=IMPATIENT)
    assert (await bench.assess(engine)).overall is not None
    assert len(bench.vendor.assets) == 1
    assert bench.vendor.tasks_created == 1
    await engine.discard(bench.refs)
    assert bench.nothing_left()
    assert bench.vendor.faults_left == 0


@pytest.mark.parametrize("step", ["asset", "look"])
async def test_what_was_just_created_may_be_missing_once(bench: Bench, step: str) -> None:
    bench.vendor.fail(*STEPS[step], MISSING_ONCE)
    assert (await bench.assess(bench.engine())).overall is not None


async def test_the_idempotency_key_and_the_custom_id_stay_the_same_over_retries(
    bench: Bench,
) -> None:
    bench.vendor.fail("POST", "/analyze/tasks", Answer(503, shape="empty"), rate_limited(1))
    await bench.begin(bench.engine())
    tries = bench.vendor.calls("POST", "/analyze/tasks")
    assert len(tries) == 3
    assert {seen.headers["idempotency-key"] for seen in tries} == {f"{ATTEMPT}-1"}
    assert {seen.json["custom_id"] for seen in tries} == {f"{ATTEMPT}-1"}
    assert len({seen.body_sha256 for seen in tries}) == 1


async def test_an_analysis_whose_creation_was_cut_off_is_looked_for_first(bench: Bench) -> None:
    bench.vendor.fail("POST", "/analyze/tasks", Silence(done=True))
    await bench.begin(bench.engine(deadlines=Deadlines(each=0.15)))
    assert len(bench.vendor.calls("POST", "/analyze/tasks")) == 1
    assert bench.refs.task_ids == tuple(bench.vendor.tasks)


async def test_an_upload_is_sent_whole_again_after_a_failure(bench: Bench) -> None:
    bench.vendor.fail("POST", "/assets", Answer(503, shape="empty"))
    await bench.engine().prepare(bench.job(), bench.save_refs)
    (asset,) = bench.vendor.live_assets()
    assert asset.size == CLIP_BYTES


async def test_a_short_retry_after_is_obeyed(bench: Bench) -> None:
    bench.vendor.fail("POST", "/analyze/tasks", rate_limited(1), rate_limited(31))
    await bench.begin(bench.engine())
    assert bench.naps == [1.0, 31.0]


@pytest.mark.parametrize("seconds", [31, 40_000])
@pytest.mark.parametrize("step", ["upload", "asset", "create", "look"])
async def test_a_retry_after_that_is_longer_than_the_deadline_is_busy(
    bench: Bench, step: str, seconds: int
) -> None:
    bench.vendor.fail(*STEPS[step], rate_limited(seconds))
    deadlines = Deadlines(upload=20, ready=20, start=20, poll=20)
    with pytest.raises(EngineBusy) as caught:
        await bench.assess(bench.engine(deadlines=deadlines))
    assert caught.value.retry_after == seconds
    assert caught.value.code == "too_many_requests"
    assert bench.naps == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("step", ["upload", "asset", "create", "look"])
async def test_a_redirect_is_refused_and_the_key_does_not_follow(
    bench: Bench, step: str, status: int
) -> None:
    bench.vendor.fail(*STEPS[step], Redirect(status))
    with pytest.raises(EngineUnavailable, match="redirected"):
        await bench.assess(bench.engine())
    assert bench.vendor.elsewhere_headers == []
    assert bench.naps == []


@pytest.mark.parametrize("call", ["prepare", "start", "poll", "discard", "check", "sweep"])
async def test_a_vendor_that_stays_down_is_unavailable(bench: Bench, call: str) -> None:
    await bench.begin(bench.engine())
    engine, job = bench.engine(deadlines=QUICK), bench.job()
    fresh = bench.job(refs=VendorRefs(asset_id=bench.refs.asset_id))
    bench.vendor.down = True
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "prepare": lambda: engine.prepare(job, bench.save_refs),
        "start": lambda: engine.start(fresh, bench.save_refs),
        "poll": lambda: engine.poll(job, bench.save_refs),
        "discard": lambda: engine.discard(bench.refs),
        "check": engine.check,
        "sweep": lambda: engine.sweep(nothing_open),
    }
    # on a busy machine the short time given here is over before the refusal is seen
    with pytest.raises(EngineUnavailable, match=r"network|timeout"):
        await calls[call]()
    bench.vendor.down = False
    await bench.engine().discard(bench.refs)
    assert bench.nothing_left()


async def nothing_open() -> frozenset[str]:
    return frozenset()


async def test_a_vendor_that_never_answers_is_unavailable(bench: Bench) -> None:
    bench.vendor.fail("GET", "/analyze/tasks/*", *[Silence()] * 9)
    engine = bench.engine(deadlines=QUICK)
    await bench.begin(engine)
    with pytest.raises(EngineUnavailable, match="timeout"):
        await engine.poll(bench.job(), bench.save_refs)


async def test_an_upload_that_is_closed_early_ends_within_its_deadline(bench: Bench) -> None:
    bench.vendor.fail("POST", "/assets", *[CloseEarly()] * 500)
    with pytest.raises((EngineUnavailable, EngineRefused)) as caught:
        await bench.engine(deadlines=QUICK).prepare(bench.job(), bench.save_refs)
    assert caught.value.code in ("network", "video_filesize_too_large")


@pytest.mark.parametrize("hostile", ["../indexes?x=1", "a/b/c/d/e", "", "x" * 81, "short", None, 7])
async def test_an_id_that_does_not_fit_into_a_path_is_never_used(
    bench: Bench, hostile: object
) -> None:
    bench.vendor.extra_keys = {"_id": hostile}
    with pytest.raises(EngineUnavailable, match="unexpected_answer"):
        await bench.engine().prepare(bench.job(), bench.save_refs)
    assert bench.kept == []
    assert {seen.path for seen in bench.vendor.requests} == {"/assets"}


@pytest.mark.parametrize("key", ["created_at", "status", "task_id"])
async def test_a_schema_that_drifted_is_retried_a_few_times_and_then_unavailable(
    bench: Bench, key: str
) -> None:
    engine = bench.engine()
    await bench.begin(engine)
    bench.vendor.dropped_keys = {key}
    with pytest.raises(EngineUnavailable, match="unexpected_answer"):
        await engine.poll(bench.job(), bench.save_refs)
    assert 2 <= len(bench.vendor.calls("GET", "/analyze/tasks/*")) <= 5


async def test_keys_that_are_new_or_null_harm_nothing(bench: Bench) -> None:
    bench.vendor.extra_keys = {"shard": {"a": [1]}, "score": 3}
    bench.vendor.nulled_keys = {"custom_id", "request_params", "webhooks", "video_source", "size"}
    assert (await bench.assess(bench.engine())).overall is not None


async def test_no_key_question_or_vendor_text_reaches_a_log_or_a_trace(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "the vendor's own words"
    spoken = "Bonaventure"
    bench.vendor.result = answer(strength=f"You said {spoken}.")
    bench.vendor.words = [(spoken, 0.5, 1.0)]
    caplog.set_level(logging.DEBUG)
    quiet_retries()
    told: list[str] = []
    try:
        for step in ("upload", "asset", "create", "look", "delete task"):
            faults = [Answer(503, secret), Answer(400, secret, "nested")]
            bench.vendor.fail(*STEPS[step], *faults)
            try:
                assert spoken in (await bench.assess(bench.engine())).strength
                await bench.engine().discard(bench.refs)
            except EngineError as error:
                told += [error.sentence, *traceback.format_exception(error)]
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert len(bench.naps) >= 5
    assert len(told) >= 5
    everything = "".join(told) + "".join(str(vars(record)) for record in caplog.records)
    for private in (bench.vendor.key, secret, spoken, QUESTION):
        assert private not in everything


async def test_a_large_upload_stays_out_of_memory(bench: Bench, tmp_path: Path) -> None:
    clip = tmp_path / "large.clip"
    with clip.open("wb") as file:
        file.truncate(50_000_000)
    engine = bench.engine()
    await engine.check()  # connections and imports are made before measuring
    tracemalloc.start()
    try:
        await engine.prepare(bench.job(clip=clip), bench.save_refs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (asset,) = bench.vendor.live_assets()
    assert asset.size == 50_000_000
    assert peak < 10_000_000
