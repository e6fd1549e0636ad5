"""The local engine on real clips in its real child process, and what it says when that fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer.engines import Engine, Job
from analyzer.engines.local import engine as local
from analyzer.engines.local import sound as hearing
from analyzer.engines.local.content.content import without_fillers
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.local.picture.findings import HeadDirection
from analyzer.engines.local.recognition import pieces
from analyzer.engines.local.sound import Sound
from analyzer.engines.local.withheld import NO_SPEECH
from analyzer.engines.work_pace import WorkPace
from analyzer.media.preflight import UNREADABLE, probe_clip
from analyzer.media.sandbox import FEW_THREADS, ChildFailed, run_child
from analyzer.scoring.as_found import CUT_SHORT
from analyzer.scoring.rubric import (
    NO_AUDIO,
    NO_PICTURE,
    NOT_ASSESSED_LOCALLY,
    PICTURE,
    RUBRIC_VERSION,
)
from core.assessment import Assessment, EngineName, Metric, Score
from core.errors import EngineError, EngineRefused, EngineUnavailable
from core.models import ClipFacts, VendorRefs
from tests.analyzer.media.bad_clips import (
    DEMO_CLIP,
    make_clip,
    silence,
    sound_of,
    threads_settled,
    tone,
    turn_quarter,
)
from tests.analyzer.media.odd_clips import Part, Track, write

HEARD_NOTHING: dict[str, Any] = {
    "words": [],
    "fillers": [],
    "speech": [],
    "pitch_semitones": None,
    "sound_seconds": 5.0,
    "stage_seconds": {},
    "peak_bytes": None,
}
FACTS = ClipFacts(
    size_bytes=1,
    duration_seconds=30,
    width=640,
    height=360,
    has_audio=True,
    container="mov",
    video_codec="h264",
)


def job(clip: Path, facts: ClipFacts = FACTS) -> Job:
    return Job(attempt_id="0" * 16, question="?", clip=clip, facts=facts, refs=VendorRefs())


async def keep(refs: VendorRefs) -> None:
    raise AssertionError(refs)  # the local engine leaves nothing with anybody


async def assess(clip: Path) -> Assessment:
    return await LocalEngine().poll(job(clip, await probe_clip(clip)), keep)


def assessed(assessment: Assessment) -> dict[Metric, int]:
    return {
        metric: score.value
        for metric, score in assessment.scores.items()
        if score.value is not None
    }


@pytest.fixture(scope="module")
def demo() -> Assessment:
    return asyncio.run(assess(DEMO_CLIP))


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the picture out: what is tried is what becomes of the sound."""

    async def see(*_: object) -> HeadDirection:
        return HeadDirection(Score(reason="not looked at"), None)

    monkeypatch.setattr(local, "see", see)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Replaces the child by prepared answers, and returns the arguments it was given."""

    def prepare(*answers: object) -> list[list[str]]:
        waiting, calls = list(answers), []

        async def run(_: str, arguments: list[str], **__: object) -> bytes:
            calls.append(arguments)
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

        monkeypatch.setattr(local, "run_child", run)
        return calls

    return prepare


def test_it_hears_the_words(demo: Assessment) -> None:
    said = " ".join(sentence.text for sentence in demo.transcript)
    assert "software developer" in said
    assert "billing service" in said
    assert [one.start for one in demo.transcript] == sorted(one.start for one in demo.transcript)
    assert demo.transcript[-1].end <= 27


def test_it_measures_the_known_delivery(demo: Assessment) -> None:
    assert demo.delivery is not None
    assert demo.delivery.words_per_minute == pytest.approx(155, abs=15)
    (pause,) = demo.delivery.pauses
    assert pause.seconds == pytest.approx(1.45, abs=0.15)
    assert demo.delivery.words_per_minute_error == pytest.approx(9.3, abs=0.9)
    assert demo.delivery.fillers_counted
    (um,) = demo.delivery.fillers  # it also says "uh", too short to be sure of
    assert um.text == "um"
    assert um.at_seconds == pytest.approx(4.9, abs=0.2)
    assert demo.delivery.pitch_variation_semitones == pytest.approx(1.75, abs=0.1)


def test_it_scores_pace_voice_and_head_direction_and_nothing_else(demo: Assessment) -> None:
    values = assessed(demo)
    assert set(values) == {Metric.SPEECH_RATE, Metric.VOICE_TONE, Metric.EYE_CONTACT}
    assert demo.picture is not None
    assert demo.picture.face_share >= 0.8
    assert values[Metric.SPEECH_RATE] >= 9
    assert values[Metric.VOICE_TONE] <= 5
    others = set(Metric) - set(values)
    assert {demo.scores[metric].reason for metric in others} == {NOT_ASSESSED_LOCALLY}
    assert demo.overall is None


def test_it_says_what_it_measured_and_its_limits(demo: Assessment) -> None:
    evidence = demo.scores[Metric.SPEECH_RATE].evidence
    assert evidence.startswith("You spoke at a comfortable pace (")
    assert evidence.endswith(" words per minute, ±9; 140-165 is comfortable).")
    assert "semitones" in demo.scores[Metric.VOICE_TONE].evidence
    assert "pace" in demo.strength
    assert demo.next_step.startswith("Stress the one word that matters in each sentence: ")
    assert demo.next_step_at is not None
    assert demo.strength_at is not None
    assert "English was assumed." in demo.notes
    assert any(note.startswith("Words may be misheard") for note in demo.notes)
    said = {(without_fillers(line), line.start) for line in demo.transcript}
    assert {(point.text, point.at_seconds) for point in demo.key_points} <= said
    assert demo.key_points
    assert demo.engine is EngineName.LOCAL
    assert demo.engine_version == "local-2 (whisper tiny.en)"
    assert demo.rubric_version == RUBRIC_VERSION


async def test_a_longer_portrait_clip_is_heard_to_its_end(tmp_path: Path) -> None:
    sound = np.concatenate([sound_of(DEMO_CLIP)] * 2)
    clip = turn_quarter(
        make_clip(tmp_path / "a.mp4", seconds=53.5, size=(640, 360), fps=1, sound=sound)
    )
    facts = await probe_clip(clip)
    assert (facts.width, facts.height) == (360, 640)
    assessment = await LocalEngine().poll(job(clip, facts), keep)
    assert assessment.delivery is not None
    assert assessment.delivery.words_per_minute == pytest.approx(155, abs=15)
    # Whisper works in windows of 30 s: fillers must be looked for in each of them
    assert max(filler.at_seconds for filler in assessment.delivery.fillers) > 30
    assert assessment.transcript[-1].end > 50


@pytest.mark.parametrize("sound", [silence(6), tone(6)], ids=["silence", "a tone"])
async def test_without_speech_nothing_is_made_up(tmp_path: Path, sound: Sound) -> None:
    assessment = await assess(make_clip(tmp_path / "a.mp4", seconds=6, sound=sound))
    assert assessed(assessment) == {}
    assert assessment.scores[Metric.SPEECH_RATE].reason == NO_SPEECH
    assert assessment.scores[Metric.VOICE_TONE].reason == NO_SPEECH
    assert assessment.delivery is None
    assert assessment.transcript == ()


async def test_a_clip_without_audio_is_assessed_as_such_at_once(
    tmp_path: Path, child: Callable[..., list[list[str]]]
) -> None:
    calls = child()
    clip = make_clip(tmp_path / "a.mp4")
    assessment = await assess(clip)
    assert calls == []
    assert assessed(assessment) == {}
    assert assessment.scores[Metric.SPEECH_RATE].reason == NO_AUDIO
    assert assessment.scores[Metric.VOICE_TONE].reason == NO_AUDIO
    assert assessment.scores[Metric.RELEVANCE].reason == NOT_ASSESSED_LOCALLY


async def test_a_recording_without_a_picture_is_heard_and_says_so(
    tmp_path: Path, demo: Assessment
) -> None:
    track = Track([Part(sound_of(DEMO_CLIP)[None])], "libopus")
    found = await assess(write(tmp_path / "voice-message.ogg", [track]))
    assert {found.scores[metric].reason for metric in PICTURE} == {NO_PICTURE}
    assert assessed(found).keys() == assessed(demo).keys() - set(PICTURE)
    assert found.delivery is not None
    assert demo.delivery is not None
    assert found.delivery.words == pytest.approx(demo.delivery.words, abs=3)


async def test_a_clip_that_broke_off_is_called_that(
    child: Callable[..., list[list[str]]],
) -> None:
    child({"heard": HEARD_NOTHING})
    facts = FACTS.model_copy(update={"cut_short": True})
    assert CUT_SHORT in (await LocalEngine().poll(job(DEMO_CLIP, facts), keep)).notes


async def test_more_sound_than_the_clip_admits_is_not_listened_to() -> None:
    with pytest.raises(EngineRefused) as caught:
        await LocalEngine().poll(
            job(DEMO_CLIP, FACTS.model_copy(update={"duration_seconds": 5})), keep
        )
    assert (caught.value.code, caught.value.sentence) == ("clip_unreadable", UNREADABLE)


@pytest.mark.parametrize(
    ("length", "speech", "expected"),
    [
        (300, [], [(0, 300)]),
        (700, [], [(0, 300), (300, 600), (600, 700)]),  # nowhere to divide: after five minutes
        (500, [(0, 200), (201, 250), (254, 290), (291, 500)], [(0, 252), (252, 500)]),
        (500, [(0, 100), (110, 500)], [(0, 300), (300, 500)]),
    ],
)
def test_a_long_clip_is_divided_where_nobody_speaks(
    length: float, speech: list[hearing.Span], expected: list[hearing.Span]
) -> None:
    assert list(pieces(length, speech)) == expected


async def test_the_check_loads_the_model_and_names_it() -> None:
    line = await LocalEngine(device="cpu").check()
    assert line.startswith(
        "Local engine: local-2 (whisper tiny.en), English only, on the processor"
    )


@pytest.mark.parametrize(
    ("device", "compute", "code"),
    [("cuda", "auto", "local_no_card"), ("cpu", "bfloat16", "local_compute_unsupported")],
)
async def test_what_this_machine_cannot_do_is_said(device: str, compute: str, code: str) -> None:
    with pytest.raises(EngineRefused) as caught:
        await LocalEngine(device=device, compute=compute).check()
    assert caught.value.code == code
    assert caught.value.sentence.startswith("LOCAL_ASR_")


async def test_a_folder_without_a_model_is_named_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "whisper-base").mkdir()
    engine = LocalEngine(model=str(tmp_path / "whisper-base"))
    assert engine.version == "local-2 (whisper whisper-base)"
    with pytest.raises(EngineRefused) as caught:
        await engine.check()
    assert caught.value.code == "local_model_unusable"
    assert caught.value.sentence.startswith("LOCAL_ASR_MODEL ")


async def test_the_child_says_which_packages_are_missing(tmp_path: Path) -> None:
    (tmp_path / "faster_whisper.py").write_text("raise ModuleNotFoundError")
    output = await run_child(
        "analyzer.engines.local.child",
        ["check", "{}"],
        memory_bytes=local.MEMORY_BYTES,
        cpu_seconds=20,
        wall_seconds=60,
        environment={"PYTHONPATH": str(tmp_path)},
    )
    assert json.loads(output) == {"error": "not_installed"}


TROUBLES: list[tuple[object, type[EngineError], str]] = [
    ({"error": "unreadable"}, EngineRefused, "clip_unreadable"),
    ({"error": "too_long"}, EngineRefused, "clip_unreadable"),
    ({"error": "sound_unreadable"}, EngineRefused, "sound_unreadable"),
    ({"error": "memory"}, EngineUnavailable, "local_memory"),
    ({"error": "not_installed"}, EngineUnavailable, "local_not_installed"),
    ({"error": "model_changed"}, EngineUnavailable, "local_model_changed"),
    ({"error": "model_unusable"}, EngineUnavailable, "local_model_unusable"),
    (ChildFailed("timeout"), EngineUnavailable, "local_timeout"),
    (ChildFailed("exit", -9), EngineUnavailable, "local_exit"),
    (b"not json", EngineUnavailable, "local_answer"),
    ({}, EngineUnavailable, "local_answer"),
    ({"error": "else"}, EngineUnavailable, "local_answer"),
    ({"heard": HEARD_NOTHING | {"words": None}}, EngineUnavailable, "local_answer"),
]


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(("answer", "error", "code"), TROUBLES)
async def test_trouble_in_the_child_becomes_a_sentence(
    child: Callable[..., list[list[str]]], answer: object, error: type[EngineError], code: str
) -> None:
    child(answer)
    with pytest.raises(error) as caught:
        await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(
    ("answer", "advised"),
    [
        ({"error": "memory"}, True),
        (ChildFailed("timeout"), True),
        (ChildFailed("exit", -9), True),  # SIGKILL, as by Linux when memory runs out
        (ChildFailed("exit", -24), True),  # SIGXCPU
        (ChildFailed("exit", 1), False),
        (ChildFailed("exit", -11), False),
        (b"not json", False),
    ],
)
async def test_a_shorter_clip_is_advised_only_where_a_limit_was_met(
    child: Callable[..., list[list[str]]], answer: object, *, advised: bool
) -> None:
    child(answer)
    with pytest.raises(EngineUnavailable) as caught:
        await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert ("a shorter clip" in caught.value.sentence) == advised


@pytest.mark.parametrize("problem", ["not_installed", "model_missing", "model_changed"])
async def test_the_check_tells_the_operator_what_to_install(
    child: Callable[..., list[list[str]]], problem: str
) -> None:
    child(*[{"error": problem}] * 2)
    with pytest.raises(EngineRefused) as caught:
        await LocalEngine().check()
    assert caught.value.code == f"local_{problem}"
    assert "-r requirements/local.txt" in caught.value.sentence


@pytest.mark.usefixtures("unseen")
async def test_a_missing_model_is_fetched_once_and_then_used(
    child: Callable[..., list[list[str]]],
) -> None:
    calls = child({"error": "model_missing"}, {}, {"heard": HEARD_NOTHING})
    assessment = await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert [call[0] for call in calls] == ["hear", "download", "hear"]
    assert assessment.delivery is None


async def test_a_download_is_told_and_a_name_that_cannot_be_fetched_says_what_to_do(
    child: Callable[..., list[list[str]]], tmp_path: Path
) -> None:
    told: list[str] = []
    child({"error": "model_missing"}, {"error": "model_missing"})
    engine = LocalEngine(model="small", models_dir=tmp_path, tell=told.append)
    with pytest.raises(EngineRefused, match="local_model_missing") as caught:
        await engine.check()
    assert told == ["Downloading the speech model small, once."]
    assert "Connect this machine to the internet" in caught.value.sentence


@pytest.mark.usefixtures("unseen")
async def test_a_model_that_cannot_be_fetched_makes_the_engine_unavailable(
    child: Callable[..., list[list[str]]],
) -> None:
    calls = child({"error": "model_missing"}, {"error": "model_missing"})
    with pytest.raises(EngineUnavailable) as caught:
        await LocalEngine().poll(job(DEMO_CLIP), keep)
    assert caught.value.code == "local_model_missing"
    assert [call[0] for call in calls] == ["hear", "download"]


@pytest.mark.usefixtures("unseen")
async def test_a_clip_that_is_not_there_is_asked_for_again(tmp_path: Path) -> None:
    with pytest.raises(EngineRefused) as caught:
        await LocalEngine().poll(job(tmp_path / "gone"), keep)
    assert caught.value.code == "clip_missing"


@pytest.mark.usefixtures("unseen")
async def test_no_more_children_run_at_once_than_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[None] = []
    release = asyncio.Event()

    async def run(*_: object, **__: object) -> bytes:
        running.append(None)
        await release.wait()
        return json.dumps({"heard": HEARD_NOTHING}).encode()

    monkeypatch.setattr(local, "run_child", run)
    engine = LocalEngine(pace=WorkPace(at_once=2))
    async with asyncio.TaskGroup() as polls:
        for _ in range(6):
            polls.create_task(engine.poll(job(DEMO_CLIP), keep))
        await threads_settled()
        assert len(running) == 2
        release.set()
    assert len(running) == 6


async def test_it_leaves_nothing_to_discard_or_sweep() -> None:
    async def nothing_open() -> frozenset[str]:
        return frozenset()

    engine: Engine = LocalEngine()
    assert engine.name is EngineName.LOCAL
    assert await engine.prepare(job(DEMO_CLIP), keep) == VendorRefs()
    assert await engine.start(job(DEMO_CLIP), keep) == VendorRefs()
    await engine.discard(VendorRefs())
    assert await engine.sweep(nothing_open) == 0
    await engine.aclose()


@pytest.mark.parametrize("environment", [local._ENVIRONMENT, FEW_THREADS])
def test_threads_that_wait_take_no_processor_time(environment: dict[str, str]) -> None:
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
