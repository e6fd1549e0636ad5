"""The engine looks while it listens; a picture that fails costs one metric, sound the attempt."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyzer.engines import Job
from analyzer.engines.local import engine as local
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.local.picture import findings, networks
from analyzer.engines.local.picture import see as seeing
from analyzer.media.preflight import probe_clip
from analyzer.media.sandbox import ChildFailed
from analyzer.scoring.rubric import NO_AUDIO, NO_PICTURE, SWITCHED_OFF
from core.assessment import Metric, Score
from core.errors import EngineUnavailable
from core.models import VendorRefs
from demo import SAMPLE_CLIP as DEMO_CLIP
from tests.analyzer.engines.local.picture.portraits import portrait, write_clip
from tests.analyzer.engines.local.test_engine import FACTS, HEARD_NOTHING, job, keep

Child = Callable[..., Any]

LOOKED = findings.HeadDirection(Score(reason="not looked at"), None)


def printing(answer: object) -> Child:
    """A child that prints this, or fails."""

    async def run(*_: object, **__: object) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()

    return run


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        (ChildFailed("timeout"), "timeout"),
        (ChildFailed("exit", -9), "exit -9"),
        ({"error": "model_changed"}, "has another checksum: install this version"),
        ({"error": "not_installed"}, "pip install -r requirements/local.txt"),
        ({"error": "unreadable"}, "unreadable"),
        ({"seen": {"pictures": 3}}, "answer"),
        ({}, "no answer"),
    ],
)
async def test_a_picture_that_cannot_be_looked_at_costs_its_metric_and_is_logged(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: object,
    logged: str,
) -> None:
    monkeypatch.setattr(local, "run_child", printing({"heard": HEARD_NOTHING}))
    monkeypatch.setattr(seeing, "run_child", printing(answer))
    with caplog.at_level(logging.WARNING):
        found = await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert found.scores[Metric.EYE_CONTACT].reason == findings.NOT_LOOKED_AT
    assert found.picture is None
    (record,) = caplog.records
    assert record.getMessage().startswith("head direction not assessed: ")
    assert logged in record.getMessage()


async def test_a_clip_of_sound_alone_is_said_to_have_no_picture(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(local, "run_child", printing({"heard": HEARD_NOTHING}))
    monkeypatch.setattr(seeing, "run_child", printing({"error": "no_picture"}))
    found = await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert found.scores[Metric.EYE_CONTACT].reason == NO_PICTURE
    assert not caplog.records


async def test_sound_and_picture_are_worked_on_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = asyncio.Barrier(2)  # one alone would wait for ever

    def meeting(answer: object) -> Child:
        async def run(*_: object, **__: object) -> bytes:
            async with asyncio.timeout(20):
                await both.wait()
            return json.dumps(answer).encode()

        return run

    monkeypatch.setattr(local, "run_child", meeting({"heard": HEARD_NOTHING}))
    monkeypatch.setattr(seeing, "run_child", meeting({"error": "no_picture"}))
    found = await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert found.scores[Metric.EYE_CONTACT].reason == NO_PICTURE


@pytest.mark.parametrize("end", ["sound fails", "cancelled"])
async def test_no_looking_is_left_behind(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    looking, ended = asyncio.Event(), asyncio.Event()

    async def look(*_: object) -> findings.HeadDirection:
        looking.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return LOOKED

    async def hear(*_: object, **__: object) -> bytes:
        await looking.wait()
        if end == "cancelled":
            await asyncio.Event().wait()
        raise ChildFailed("timeout")

    monkeypatch.setattr(local, "see", look)
    monkeypatch.setattr(local, "run_child", hear)
    poll = asyncio.create_task(LocalEngine().poll(job(DEMO_CLIP), keep))
    await looking.wait()
    if end == "cancelled":
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
    else:
        with pytest.raises(EngineUnavailable):
            await poll
    assert ended.is_set()


async def test_where_the_metric_is_off_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "run_child", printing({"heard": HEARD_NOTHING}))
    monkeypatch.setattr(seeing, "run_child", printing(AssertionError()))
    asked = Job(
        attempt_id="0" * 16,
        question="?",
        clip=DEMO_CLIP,
        facts=FACTS,
        refs=VendorRefs(),
        metrics_off=frozenset({Metric.EYE_CONTACT}),
    )
    found = await LocalEngine().poll(asked, keep)
    assert found.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF
    assert found.picture is None


async def test_a_clip_without_sound_still_has_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "run_child", printing(AssertionError()))
    clip = write_clip(tmp_path / "a.mp4", [portrait()])
    found = await LocalEngine().poll(job(clip, await probe_clip(clip)), keep)
    assert found.scores[Metric.EYE_CONTACT].value == 10
    assert found.scores[Metric.SPEECH_RATE].reason == NO_AUDIO
    assert found.strength == "You kept your head toward the camera (100% of the pictures)."
    assert found.strength_at == 0
    assert "microphone" in found.next_step
    assert findings.HEAD_ONLY in found.notes


async def test_the_check_loads_the_networks_and_says_what_is_wrong_with_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert await seeing.check_networks({}) == ""
    monkeypatch.setattr(seeing, "run_child", printing({"error": "model_missing"}))
    line = await seeing.check_networks({})
    assert line.startswith(
        "; no head direction: a file of analyzer/engines/local/models is missing"
    )


async def test_without_its_packages_the_child_says_so(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ModuleNotFoundError")
    line = await seeing.check_networks({"PYTHONPATH": str(tmp_path)})
    assert line.endswith("pip install -r requirements/local.txt")


def test_the_networks_are_part_of_the_image() -> None:
    kept_out = (networks.FOLDER.parents[3] / ".dockerignore").read_text().split()
    assert "!analyzer" in kept_out
    assert not any(line.endswith((".onnx", "models")) for line in kept_out)
